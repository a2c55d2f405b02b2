"""Programs are kept while there are few."""

import jax

from sklearn_natsel.keras._population import programs
from sklearn_natsel.keras._population.programs import program_for


def test_memory_of_many_programs_is_given_back(monkeypatch):
    dropped = []
    monkeypatch.setattr(programs, "_programs", {})
    monkeypatch.setattr(programs, "_MOST_PROGRAMS", 2)
    monkeypatch.setattr(jax, "clear_caches", lambda: dropped.append(len(programs._programs)))
    made = [program_for(key, object) for key in "abaabc"]
    assert made[0] is made[2] is made[3] is not made[1]
    assert dropped == [0]
    assert list(programs._programs) == ["c"]
