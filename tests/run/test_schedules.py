import itertools
import math
import time

import numpy as np
import pytest

from sklearn_natsel._evolution.evolution import Evolution
from sklearn_natsel._run.history import History
from sklearn_natsel._run.schedules import evolve
from sklearn_natsel._run.stopping import Stopping
from sklearn_natsel._space.space import Space

WIDE = {"x": range(1000), "y": range(1000)}


def make_evolution(param_space=WIDE):
    return Evolution(
        Space(param_space),
        np.random.RandomState(0),
        population_size=6,
        n_offspring=4,
        elite_fraction=1.0,
        lucky_rate=0.0,
        surrogate=False,
    )


def score(candidate):
    return float(sum(candidate.params.values()))


def evaluate(candidates, n):
    for candidate in candidates:
        yield candidate, score(candidate), 0.1


def never(row):
    return False


def run(evaluate=evaluate, on_generation=never, param_space=WIDE, **limits):
    """Run an evolution to its end; return the reason, the evolution and the history."""
    evolution, history = make_evolution(param_space), History()
    reason = evolve(evolution, evaluate, Stopping(**limits), history, on_generation)
    return reason, evolution, history


def told(evolution):
    return [candidate for candidate in evolution.candidates if candidate.fitness is not None]


@pytest.mark.parametrize("n_generations", [1, 2, 5])
def test_ends_after_the_generations(n_generations):
    reason, evolution, history = run(n_generations=n_generations)
    assert reason == "n_generations"
    assert len(history.rows) == n_generations
    assert [row["n_evaluated"] for row in history.rows] == ([6] + [4] * 4)[:n_generations]
    assert len(told(evolution)) == len(evolution.candidates) == history.n_evaluations
    assert all(candidate.fitness == score(candidate) for candidate in evolution.candidates)


@pytest.mark.parametrize("max_evaluations", [1, 4, 6, 7, 10, 13])
def test_never_exceeds_the_evaluations(max_evaluations):
    reason, evolution, history = run(max_evaluations=max_evaluations)
    assert reason == "max_evaluations"
    assert len(evolution.candidates) == history.n_evaluations == max_evaluations


def test_ends_at_the_target_score():
    reason, evolution, history = run(target_score=1500, n_generations=200)
    assert reason == "target_score"
    assert evolution.population[0].fitness >= 1500
    assert history.rows[-1]["best"] >= 1500
    assert all(row["best"] < 1500 for row in history.rows[:-1])


def test_ends_when_patience_is_exhausted():
    def constant(candidates, n):
        return [(candidate, 1.0, 0.1) for candidate in candidates]

    reason, _, history = run(constant, patience=3, n_generations=50)
    assert reason == "patience"
    assert len(history.rows) == 4


def test_ends_when_the_time_is_up():
    def slow(candidates, n):
        for candidate in candidates:
            time.sleep(0.005)
            yield candidate, 1.0, 0.1

    started = time.time()
    reason, _, history = run(slow, max_time=0.4)
    assert time.time() - started >= 0.4
    assert reason == "max_time"
    assert len(history.rows) > 1
    assert all(row["seconds"] < 0.4 for row in history.rows[:-1])


def test_ends_when_the_space_is_exhausted():
    reason, evolution, history = run(param_space={"x": range(4), "y": range(5)}, n_generations=99)
    assert reason == "space_exhausted"
    assert history.n_evaluations == len(evolution.candidates) == 20
    assert history.best == 3 + 4
    assert history.rows[-1]["n_evaluated"] > 0


def test_ends_when_a_callback_says_so_and_gives_it_every_row():
    rows = []

    def on_generation(row):
        rows.append(row)
        return row["generation"] == 2

    reason, _, history = run(on_generation=on_generation, n_generations=10)
    assert reason == "callback"
    assert rows == history.rows
    assert len(rows) == 3


def test_a_callback_sees_the_generation_that_reaches_a_limit():
    rows = []
    reason, _, history = run(on_generation=rows.append, n_generations=3)
    assert reason == "n_generations"
    assert rows == history.rows
    assert len(rows) == 3


@pytest.mark.parametrize("interrupted_at", [1, 4, 6, 9, 15])
def test_an_interrupt_keeps_what_has_finished(interrupted_at):
    counter = itertools.count()

    def interrupted(candidates, n):
        for candidate in candidates:
            if next(counter) == interrupted_at:
                raise KeyboardInterrupt
            yield candidate, score(candidate), 0.1

    reason, evolution, history = run(interrupted, n_generations=10)
    assert reason == "interrupted"
    assert len(told(evolution)) == history.n_evaluations == interrupted_at
    assert sum(row["n_evaluated"] for row in history.rows) == interrupted_at
    best = max(map(score, told(evolution)))
    assert history.best == evolution.population[0].fitness == best
    generations = [row["generation"] for row in history.rows]
    assert generations == sorted({candidate.generation for candidate in told(evolution)})


def test_an_interrupt_before_the_first_result_leaves_nothing():
    def interrupted(candidates, n):
        raise KeyboardInterrupt

    reason, evolution, history = run(interrupted, n_generations=10)
    assert reason == "interrupted"
    assert told(evolution) == []
    assert history.rows == []


@pytest.mark.parametrize("interrupted_in", ["callback", "ask"])
def test_an_interrupt_between_generations_loses_nothing(interrupted_in, monkeypatch):
    def interrupt_in_generation_2(row):
        if row["generation"] == 2:
            raise KeyboardInterrupt

    if interrupted_in == "ask":
        ask = Evolution.ask

        def interrupted_ask(self, limit):
            if self.generation == 2:
                raise KeyboardInterrupt
            return ask(self, limit)

        monkeypatch.setattr(Evolution, "ask", interrupted_ask)
        reason, evolution, history = run(n_generations=10)
    else:
        reason, evolution, history = run(on_generation=interrupt_in_generation_2, n_generations=10)
    assert reason == "interrupted"
    assert [row["generation"] for row in history.rows] == [0, 1, 2]
    assert history.n_evaluations == len(told(evolution)) == 14


def test_any_other_error_of_an_evaluation_is_raised():
    def broken(candidates, n):
        raise RuntimeError("no such metric")

    with pytest.raises(RuntimeError, match="no such metric"):
        run(broken, n_generations=2)


def test_results_are_told_as_they_come():
    fitness_seen = []

    def watching(candidates, n):
        for candidate in candidates:
            yield candidate, 1.0, 0.1
            fitness_seen.append([c.fitness for c in candidates])

    run(watching, n_generations=1)
    assert fitness_seen == [[1.0] * k + [None] * (6 - k) for k in range(1, 7)]


def test_the_order_of_the_results_does_not_matter():
    def backwards(candidates, n):
        return [(candidate, score(candidate), 0.1) for candidate in candidates[::-1]]

    _, evolution, history = run(n_generations=4)
    _, other, other_history = run(backwards, n_generations=4)
    assert [c.genome for c in evolution.candidates] == [c.genome for c in other.candidates]
    for row, other_row in zip(history.rows, other_history.rows):
        assert {**row, "seconds": 0} == {**other_row, "seconds": 0}


def test_candidates_may_be_missing():
    def every_other(candidates, n):
        return [(candidate, score(candidate), 0.1) for candidate in candidates[::2]]

    reason, evolution, history = run(every_other, n_generations=3)
    assert reason == "n_generations"
    assert [row["n_evaluated"] for row in history.rows] == [3, 2, 2]
    assert len(evolution.candidates) == 14
    assert history.n_evaluations == len(told(evolution)) == 7


def test_missing_candidates_do_not_use_up_the_evaluations():
    def every_other(candidates, n):
        return [(candidate, score(candidate), 0.1) for candidate in candidates[::2]]

    reason, _, history = run(every_other, max_evaluations=8)
    assert reason == "max_evaluations"
    assert history.n_evaluations == 8


def test_failures_are_candidates_like_others():
    def failing(candidates, n):
        return [(candidate, math.nan, 0.1) for candidate in candidates]

    reason, _, history = run(failing, n_generations=3)
    assert reason == "n_generations"
    assert [row["n_failed"] for row in history.rows] == [6, 4, 4]
    assert math.isnan(history.best)


def test_evaluations_that_never_give_a_result_do_not_go_on_for_ever():
    calls = itertools.count()

    def nothing(candidates, n):
        assert next(calls) < 50
        return []

    _, _, history = run(nothing, n_generations=3)
    assert history.rows == []
