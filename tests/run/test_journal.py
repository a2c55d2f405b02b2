"""A steady-state evolution is taken up where its journal ends."""

import json
import math

import numpy as np
import pytest

from sklearn_natsel._evolution.evolution import Evolution
from sklearn_natsel._run.history import History
from sklearn_natsel._run.journal import Journal
from sklearn_natsel._run.schedules import evolve
from sklearn_natsel._run.stopping import Stopping
from sklearn_natsel._space.space import Space

SPACE = Space({"x": range(1000), "y": range(1000)})


def fitness_of(candidate):
    return math.nan if candidate.index % 7 == 3 else float(sum(candidate.params.values()))


def workers(n, order):
    """Evaluate n candidates at once; the random order decides which one is finished next."""
    rng = np.random.RandomState(order)

    def evaluate(candidates, size):
        running = []
        for candidate in candidates:
            running.append(candidate)
            if len(running) == n:
                finished = running.pop(rng.randint(n))
                yield finished, fitness_of(finished), 0.1
        for candidate in running:
            yield candidate, fitness_of(candidate), 0.1

    return evaluate


def run(path, evaluate, n, seed=0):
    """Evolve n candidates with a journal; return the evolution."""
    evolution = Evolution(SPACE, np.random.RandomState(seed), population_size=6)
    arguments = Stopping(max_evaluations=n), History(), lambda row: False, "steady-state"
    evolve(evolution, evaluate, *arguments, Journal(path))
    assert [c.fitness for c in evolution.candidates] == pytest.approx(
        [fitness_of(c) for c in evolution.candidates], nan_ok=True
    )
    return evolution


def settings(evolution):
    return [candidate.params for candidate in evolution.candidates]


@pytest.mark.parametrize(("n_before", "n_after"), [(4, 1), (4, 3), (1, 4), (4, 4)])
def test_a_longer_run_begins_with_all_of_the_shorter_one(tmp_path, n_before, n_after):
    path = tmp_path / "journal"
    first = run(path, workers(n_before, order=0), 40)
    assert len(path.read_text().splitlines()) == 40
    second = run(path, workers(n_after, order=1), 60)
    assert settings(second)[:40] == settings(first)
    assert len(path.read_text().splitlines()) == 60
    again = run(path, workers(2, order=2), 60)
    assert settings(again) == settings(second)
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(entries) == 60
    told = [index for _, news in entries for index, *_ in news]
    assert len(set(told)) == len(told)


def test_a_run_through_a_whole_space_is_repeated(tmp_path):
    path, runs = tmp_path / "journal", []
    for order in range(2):
        evolution = Evolution(Space({"x": range(9)}), np.random.RandomState(0), population_size=3)
        arguments = Stopping(max_evaluations=30), History(), lambda row: False, "steady-state"
        evolve(evolution, workers(2, order), *arguments, Journal(path))
        runs.append(settings(evolution))
    assert runs[0] == runs[1]
    assert len(runs[0]) == len(path.read_text().splitlines()) == 9


def test_without_a_journal_the_order_decides():
    assert settings(run(None, workers(4, order=0), 40)) != settings(
        run(None, workers(4, order=1), 40)
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-20],
        lambda text: text + "no entry\n",
        lambda text: text + json.dumps(["key", [[99, 0.0, 0.1]]]) + "\n",
        lambda text: text + "[" * 9000,
    ],
)
def test_what_cannot_be_read_is_done_anew(tmp_path, spoil):
    path = tmp_path / "journal"
    first = run(path, workers(4, order=0), 30)
    path.write_text(spoil(path.read_text()))
    second = run(path, workers(4, order=1), 40)
    assert settings(second)[:29] == settings(first)[:29]
    assert settings(run(path, workers(1, order=2), 40)) == settings(second)


def test_the_journal_of_another_search_is_left_as_soon_as_it_differs(tmp_path):
    path = tmp_path / "journal"
    run(path, workers(4, order=0), 30, seed=1)
    mine = run(path, workers(1, order=0), 30)
    assert settings(mine) == settings(run(None, workers(1, order=0), 30))
    assert settings(run(path, workers(5, order=3), 30)) == settings(mine)


def test_a_full_disk_is_told_and_the_search_goes_on(tmp_path):
    errors = []
    evolution = Evolution(SPACE, np.random.RandomState(0), population_size=6)
    (tmp_path / "file").touch()
    journal = Journal(tmp_path / "file" / "journal", on_error=errors.append)
    for _ in range(10):
        candidate = journal.ask_one(evolution)
        journal.tell(evolution, candidate, 1.0, 0.1)
    assert len(errors) == 10
    assert all(isinstance(error, OSError) for error in errors)


def test_of_two_equal_searches_at_once_the_later_one_keeps_its_journal(tmp_path):
    path, later = tmp_path / "journal", []

    def interrupted_by_another(candidates, size):
        for i, evaluated in enumerate(workers(3, order=0)(candidates, size)):
            if i == 10:
                later.append(settings(run(path, workers(2, order=1), 40)))
            yield evaluated

    run(path, interrupted_by_another, 30)
    assert len(path.read_text().splitlines()) == 40
    assert [settings(run(path, workers(1, order=0), 40))] == later


def test_a_journal_ends_where_the_disk_was_full(tmp_path, monkeypatch):
    """What would be written behind a gap can't be repeated, and would hide what can."""
    path, errors, lines = tmp_path / "journal", [], []

    def line(entry):
        lines.append(entry)
        if len(lines) == 11:
            raise OSError("no space left on device")
        return json.dumps(entry) + "\n"

    monkeypatch.setattr("sklearn_natsel._run.journal._line", line)
    evolution = Evolution(SPACE, np.random.RandomState(0), population_size=6)
    arguments = Stopping(max_evaluations=30), History(), lambda row: False, "steady-state"
    evolve(evolution, workers(2, order=0), *arguments, Journal(path, on_error=errors.append))
    assert len(errors) == 1
    assert len(path.read_text().splitlines()) == 10
