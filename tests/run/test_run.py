"""The loop around the evolution: what ends it, what is told and recorded on the way."""

import itertools
import json
import math
import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext

import numpy as np
import pytest
from number_estimator import Number, X, assert_fitted, search_of, y
from plain_evaluator import PlainEvaluator, one_by_one, run_plain, score

from sklearn_natsel._evolution import Evolution
from sklearn_natsel._run import SCHEDULES, History, Stopping, run
from sklearn_natsel._space import Space

WIDE = {"x": range(1000), "y": range(1000)}


def make_evolution(param_space=WIDE):
    rng, options = np.random.RandomState(0), {"n_offspring": 4, "surrogate": False}
    return Evolution(Space(param_space), rng, population_size=6, **options)


def evolve(evaluate=one_by_one, on_generation=None, param_space=WIDE, **limits):
    """Run an evolution in generations to its end; return the reason, it, and the history."""
    evolution, schedule = make_evolution(param_space), SCHEDULES["generational"]()
    reason, history = run_plain(evolution, schedule, evaluate, on_generation, **limits)
    return reason, evolution, history


def told(evolution):
    return [candidate for candidate in evolution.candidates if candidate.fitness is not None]


@pytest.mark.parametrize("n_generations", [1, 2, 5])
def test_ends_after_the_generations(n_generations):
    reason, evolution, history = evolve(n_generations=n_generations)
    assert reason == "n_generations"
    assert len(history.rows) == n_generations
    assert [row["n_evaluated"] for row in history.rows] == ([6] + [4] * 4)[:n_generations]
    assert len(told(evolution)) == len(evolution.candidates) == history.n_evaluations
    assert all(candidate.fitness == score(candidate) for candidate in evolution.candidates)


@pytest.mark.parametrize("max_evaluations", [1, 4, 6, 7, 10, 13])
def test_never_exceeds_the_evaluations(max_evaluations):
    reason, evolution, history = evolve(max_evaluations=max_evaluations)
    assert reason == "max_evaluations"
    assert len(evolution.candidates) == history.n_evaluations == max_evaluations


def test_ends_at_the_target_score():
    reason, evolution, history = evolve(target_score=1500, n_generations=200)
    assert reason == "target_score"
    assert evolution.population[0].fitness >= 1500
    assert history.rows[-1]["best"] >= 1500
    assert all(row["best"] < 1500 for row in history.rows[:-1])


def test_ends_when_patience_is_exhausted():
    def constant(candidates, n):
        return [(candidate, 1.0, 0.1) for candidate in candidates]

    reason, _, history = evolve(constant, patience=3, n_generations=50)
    assert reason == "patience"
    assert len(history.rows) == 4


def test_ends_when_the_time_is_up():
    def slow(candidates, n):
        for candidate in candidates:
            time.sleep(0.005)
            yield candidate, 1.0, 0.1

    started = time.time()
    reason, _, history = evolve(slow, max_time=0.4)
    assert time.time() - started >= 0.4
    assert reason == "max_time"
    assert len(history.rows) > 1
    assert all(row["seconds"] < 0.4 for row in history.rows[:-1])


def test_ends_when_the_space_is_exhausted():
    reason, evolution, history = evolve(
        param_space={"x": range(4), "y": range(5)}, n_generations=99
    )
    assert reason == "space_exhausted"
    assert history.n_evaluations == len(evolution.candidates) == 20
    assert history.best == 3 + 4
    assert history.rows[-1]["n_evaluated"] > 0


def test_ends_when_an_observer_says_so_and_gives_it_every_row():
    rows = []

    def on_generation(row):
        rows.append(row)
        return row["generation"] == 2

    reason, _, history = evolve(on_generation=on_generation, n_generations=10)
    assert reason == "callback"
    assert rows == history.rows
    assert len(rows) == 3


def test_an_observer_sees_the_generation_that_reaches_a_limit():
    rows = []
    reason, _, history = evolve(on_generation=rows.append, n_generations=3)
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

    reason, evolution, history = evolve(interrupted, n_generations=10)
    assert reason == "interrupted"
    assert len(told(evolution)) == history.n_evaluations == interrupted_at
    assert sum(row["n_evaluated"] for row in history.rows) == interrupted_at
    best = max(map(score, told(evolution)))
    assert history.best == evolution.population[0].fitness == best
    generations = [row["generation"] for row in history.rows]
    assert generations == sorted({candidate.generation for candidate in told(evolution)})


def test_an_interrupt_before_the_first_result_is_raised():
    def interrupted(candidates, n):
        raise KeyboardInterrupt

    evolution, evaluator, history = make_evolution(), PlainEvaluator(interrupted), History()
    schedule, stopping = SCHEDULES["generational"](), Stopping(n_generations=10)
    with pytest.raises(KeyboardInterrupt):
        run(evolution, evaluator, schedule, stopping, history)
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
        reason, evolution, history = evolve(n_generations=10)
    else:
        reason, evolution, history = evolve(
            on_generation=interrupt_in_generation_2, n_generations=10
        )
    assert reason == "interrupted"
    assert [row["generation"] for row in history.rows] == [0, 1, 2]
    assert history.n_evaluations == len(told(evolution)) == 14


def test_any_other_error_of_an_evaluation_is_raised():
    def broken(candidates, n):
        raise RuntimeError("no such metric")

    with pytest.raises(RuntimeError, match="no such metric"):
        evolve(broken, n_generations=2)


def test_results_are_told_as_they_come():
    fitness_seen = []

    def watching(candidates, n):
        for candidate in candidates:
            yield candidate, 1.0, 0.1
            fitness_seen.append([c.fitness for c in candidates])

    evolve(watching, n_generations=1)
    assert fitness_seen == [[1.0] * k + [None] * (6 - k) for k in range(1, 7)]


def test_the_order_of_the_results_does_not_matter():
    def backwards(candidates, n):
        return [(candidate, score(candidate), 0.1) for candidate in candidates[::-1]]

    _, evolution, history = evolve(n_generations=4)
    _, other, other_history = evolve(backwards, n_generations=4)
    assert [c.genome for c in evolution.candidates] == [c.genome for c in other.candidates]
    for row, other_row in zip(history.rows, other_history.rows):
        assert {**row, "seconds": 0} == {**other_row, "seconds": 0}


def test_candidates_may_be_missing():
    def every_other(candidates, n):
        return [(candidate, score(candidate), 0.1) for candidate in candidates[::2]]

    reason, evolution, history = evolve(every_other, n_generations=3)
    assert reason == "n_generations"
    assert [row["n_evaluated"] for row in history.rows] == [3, 2, 2]
    assert len(evolution.candidates) == 14
    assert history.n_evaluations == len(told(evolution)) == 7


def test_missing_candidates_do_not_use_up_the_evaluations():
    def every_other(candidates, n):
        return [(candidate, score(candidate), 0.1) for candidate in candidates[::2]]

    reason, _, history = evolve(every_other, max_evaluations=8)
    assert reason == "max_evaluations"
    assert history.n_evaluations == 8


def test_failures_are_candidates_like_others():
    def failing(candidates, n):
        return [(candidate, math.nan, 0.1) for candidate in candidates]

    reason, _, history = evolve(failing, n_generations=3)
    assert reason == "n_generations"
    assert [row["n_failed"] for row in history.rows] == [6, 4, 4]
    assert math.isnan(history.best)


def test_a_generation_without_a_result_is_the_last_one():
    numbers = itertools.count()

    def nothing_more(candidates, n):
        number = next(numbers)
        assert number < 9, "it went on"
        return one_by_one(candidates, n) if number < 2 else []

    _, evolution, history = evolve(nothing_more, n_generations=9)
    assert [row["n_evaluated"] for row in history.rows] == [6, 4]
    assert len(evolution.candidates) == 14


@pytest.mark.parametrize("end", ["error", "interrupt", "limit"])
def test_what_has_come_back_is_kept_however_it_ends(end):
    kept = []

    class Keeping(PlainEvaluator):
        def keep_arrived(self):
            kept.append(len(self.results))

    def ending(candidates, n):
        for candidate in candidates:
            if candidate.index == 4 and end != "limit":
                raise KeyboardInterrupt if end == "interrupt" else RuntimeError
            yield candidate, 1.0, 0.1

    arguments = SCHEDULES["generational"](), Stopping(n_generations=1), History()
    with pytest.raises(RuntimeError) if end == "error" else nullcontext():
        run(make_evolution(), Keeping(ending), *arguments)
    assert kept == [6 if end == "limit" else 4]


# Ctrl-C, in a search


class Interrupted(Number):
    """Is interrupted in a certain call of `fit`, counted from 1."""

    def __init__(self, x=-1, at=0):
        super().__init__(x)
        self.at = at

    def fit(self, X, y):
        super().fit(X, y)
        if Number.fits == self.at:
            raise KeyboardInterrupt
        return self


@pytest.mark.parametrize("at", [3, 4, 8, 9, 15])
def test_interrupted_fit_ends_the_search_with_what_there_is(at):
    Number.fits = 0
    search = search_of(Interrupted(at=at), n_generations=50, cv=2).fit(X, y)
    assert search.stop_reason_ == "interrupted"
    assert search.n_evaluations_ == (at - 1) // 2
    assert_fitted(search)


@pytest.mark.parametrize("at", [1, 2])
def test_interrupt_before_the_first_evaluation_is_raised(at):
    Number.fits = 0
    with pytest.raises(KeyboardInterrupt):
        search_of(Interrupted(at=at), n_generations=50, cv=2).fit(X, y)


def test_interrupt_between_two_generations_loses_nothing():
    # While scikit-learn's or the user's callback draws, or children are bred.
    def callback(search, record):
        if record["generation"] == 1:
            raise KeyboardInterrupt

    search = search_of(callback=callback, n_generations=50)
    try:
        search.fit(X, y)
    except KeyboardInterrupt:  # would end pytest itself
        pytest.fail("the interrupt was raised")
    assert search.stop_reason_ == "interrupted"
    assert search.n_generations_ == 2
    assert_fitted(search)


SLOW_SEARCH = """
import json, signal, sys, time
import numpy as np
from sklearn.base import BaseEstimator
from sklearn_natsel import GeneticSearchCV

class Slow(BaseEstimator):
    def __init__(self, x=0):
        self.x = x

    def fit(self, X, y):
        time.sleep(0.05)
        return self

    def score(self, X, y):
        return self.x

    def predict(self, X):
        return [self.x] * len(X)

def told(search, record):
    print("generation", record["generation"], flush=True)

if __name__ == "__main__":
    # A shell starts what it runs in the background with SIGINT ignored, tests included.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    search = GeneticSearchCV(
        Slow(), {"x": range(10**6)}, n_generations=10**6, n_jobs=int(sys.argv[1]), cv=2,
        callback=told, random_state=0,
    ).fit(np.zeros((20, 1)), np.zeros(20))
    print(json.dumps({
        "reason": search.stop_reason_,
        "n": search.n_evaluations_,
        "rows": len(search.cv_results_["params"]),
        "predicted": len(search.predict(np.zeros((20, 1)))),
    }))
"""


def assert_nobody_is_left(group, seconds=15):
    for _ in range(10 * seconds):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    pytest.fail("the search left processes behind")


# To the process of the search alone, as `kill` sends it; test_interrupts.py is a terminal.
@pytest.mark.skipif(os.name != "posix", reason="sends signals to a process group")
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_kill_int_ends_with_a_fitted_search_and_no_process_left(tmp_path, n_jobs):
    script = tmp_path / "slow_search.py"
    script.write_text(SLOW_SEARCH)
    with subprocess.Popen(
        [sys.executable, "-u", script, str(n_jobs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        try:
            assert child.stdout.readline() == "generation 0\n"
            time.sleep(0.13)  # into the next generation
            os.kill(child.pid, signal.SIGINT)
            out, err = child.communicate(timeout=60)
        except BaseException:
            os.killpg(child.pid, signal.SIGKILL)
            raise
    assert child.returncode == 0, err
    result = json.loads(out.splitlines()[-1])
    assert result["reason"] == "interrupted"
    assert result["n"] == result["rows"] >= 10
    assert result["predicted"] == 20
    assert "Traceback" not in err
    assert_nobody_is_left(child.pid)
