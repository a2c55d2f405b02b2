"""Candidates are evaluated in workers; results stream back, and are kept."""

import math
import os
import time
from functools import partial

import numpy as np
import pytest

from sklearn_natsel._evaluation import Interrupts, Pool
from sklearn_natsel._evaluation.evaluator import Evaluator
from sklearn_natsel._evaluation.function_call import FunctionCall
from sklearn_natsel._evaluation.task import Procedure
from sklearn_natsel._evolution import WHOLE, Candidate, Ladder
from sklearn_natsel._memory import open_store
from sklearn_natsel._space import Space

SPACE = Space({"x": range(1000)})


def candidates_of(*values):
    return [Candidate(i, (x,), {"x": x}, 0, "random", ()) for i, x in enumerate(values)]


def part(x, split):
    time.sleep(0.002)
    return {"value": x + 1000 * split, "seconds": 0.5, "fit_error": None}


class InThreeParts(Procedure):
    """Three fits, which tell what they were asked."""

    n_splits = 3
    times = ("seconds",)

    def __init__(self):
        self.shared = []

    def prepare(self, task):
        return part, {"x": task.candidate.params["x"], "split": task.split}

    def failure(self, error):
        raise error


def value_of(results):
    return float(np.mean([result["value"] for result in results]))


def square(x):
    return x**2


def evaluated(
    candidates, procedure, n_jobs=1, store=None, deadline=math.inf, goes_on=lambda: True, n=None
):
    """Evaluate candidates; return what was yielded, and the evaluator."""
    with (
        Interrupts() as interrupts,
        Pool(n_jobs, "2*n_jobs", None, interrupts, shared=procedure.shared) as pool,
    ):
        evaluator = Evaluator(
            procedure, Ladder([procedure.n_splits]), value_of, pool, store, deadline, goes_on
        )
        assert evaluator.is_parallel is (n_jobs > 1)
        return [evaluation[:3] for evaluation in evaluator.evaluate(candidates, n)], evaluator


@pytest.mark.parametrize("n", [None, 7])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_each_candidate_comes_once_with_its_fitness_and_all_its_fits(n_jobs, n):
    candidates = candidates_of(5, 3, 8, 1, 9, 2, 7)
    came, evaluator = evaluated(candidates, InThreeParts(), n_jobs, n=n)
    assert sorted(came, key=lambda evaluation: evaluation[0].index) == [
        (candidate, candidate.params["x"] + 1000.0, 1.5) for candidate in candidates
    ]
    assert evaluator.fitness == {candidate: fitness for candidate, fitness, _ in came}
    for candidate, results in evaluator.results.items():
        values = [result["value"] for result in results]
        assert values == [candidate.params["x"] + 1000 * split for split in range(3)]


def test_with_one_job_each_comes_before_the_next_one_is_taken():
    taken = []

    def source():
        for candidate in candidates_of(1, 2, 3):
            taken.append(candidate.index)
            yield candidate

    with Interrupts() as interrupts, Pool(1, "2*n_jobs", None, interrupts) as pool:
        evaluator = Evaluator(
            FunctionCall(square, math.nan), WHOLE, value_of, pool, None, math.inf, lambda: True
        )
        seen = []
        for candidate, fitness, *_ in evaluator.evaluate(source()):
            seen.append((candidate.index, fitness, list(taken)))
    assert seen == [(0, 1, [0]), (1, 4, [0, 1]), (2, 9, [0, 1, 2])]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_when_it_is_too_late_only_the_first_candidate_is_evaluated(n_jobs):
    came, evaluator = evaluated(
        candidates_of(5, 3, 8), InThreeParts(), n_jobs, deadline=time.time() - 1
    )
    assert [candidate.index for candidate, *_ in came] == [0]
    assert len(evaluator.results) == 1


def test_what_is_asked_for_to_end_at_once_is_not_complete():
    """After five fits two remain of the second candidate, which so has no result."""
    answers = iter([True] * 5)
    came, evaluator = evaluated(
        candidates_of(5, 3, 8), InThreeParts(), goes_on=lambda: next(answers, False)
    )
    assert [candidate.index for candidate, *_ in came] == [0]
    assert list(evaluator.results) == [came[0][0]]


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path, SPACE, {"function": square}, [((), ())])


def n_kept(tmp_path):
    return len(list(tmp_path.rglob("*.json")))


def test_what_is_known_is_not_run_again(tmp_path, store):
    procedure = FunctionCall(square, math.nan)
    first, _ = evaluated(candidates_of(5, 3), procedure, store=store)
    assert n_kept(tmp_path) == 2

    class Alarming(FunctionCall):
        def prepare(self, task):
            assert task.candidate.params["x"] == 8
            return super().prepare(task)

    again, _ = evaluated(candidates_of(5, 8, 3), Alarming(square, math.nan), store=store)
    assert {c.params["x"]: fitness for c, fitness, _ in again} == {5: 25, 8: 64, 3: 9}
    # The times are those of the first call.
    times = {candidate.params["x"]: seconds for candidate, _, seconds in first}
    assert {c.params["x"]: seconds for c, _, seconds in again if c.params["x"] != 8} == times
    assert n_kept(tmp_path) == 3


def sometimes(x):
    if x == 3:
        raise RuntimeError("not today")
    return x


def test_failures_are_not_kept(tmp_path, store):
    evaluated(candidates_of(5, 3, 8), FunctionCall(sometimes, math.nan), store=store)
    assert n_kept(tmp_path) == 2


def deadly(x):
    if x == 3:
        os._exit(1)
    return x


@pytest.mark.filterwarnings("ignore:A worker process has died")
def test_a_death_is_what_the_procedure_makes_of_it():
    came, evaluator = evaluated(candidates_of(5, 3, 8), FunctionCall(deadly, -1.0), n_jobs=2)
    assert {c.params["x"]: fitness for c, fitness, _ in came} == {5: 5, 3: -1, 8: 8}
    (error,) = {r["fit_error"] for (r,) in evaluator.results.values()} - {None}
    assert "WorkerDiedError" in error


def slowly(x, folder):
    time.sleep(0.05 * x)
    (folder / str(x)).touch()
    return x


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_what_came_back_before_an_error_is_kept(tmp_path, n_jobs):
    store = open_store(tmp_path / "memory", SPACE, {"function": slowly}, [((), ())])
    done = tmp_path / "done"
    done.mkdir()
    procedure = FunctionCall(partial(slowly, folder=done), math.nan)
    with (
        Interrupts() as interrupts,
        Pool(n_jobs, "2*n_jobs", None, interrupts, shared=procedure.shared) as pool,
    ):
        evaluator = Evaluator(
            procedure, Ladder([procedure.n_splits]), value_of, pool, store, math.inf, lambda: True
        )
        evaluations = evaluator.evaluate(candidates_of(1, 2, 3))
        next(evaluations)
        if n_jobs == 2:
            while len(list(done.iterdir())) < 3:
                time.sleep(0.01)
            time.sleep(0.5)  # the others come back, and are not looked at
        evaluator.keep_arrived()
    assert n_kept(tmp_path / "memory") == (1 if n_jobs == 1 else 3)


# Tasks that are run as one


def parts(tasks):
    """Return the values of tasks, by which a test sees which ones were run as one."""
    names = [(task.candidate.index, task.split) for task in tasks]
    return [{"value": names, "seconds": 0.5, "fit_error": None} for _ in tasks]


class InGroups(InThreeParts):
    """Fits that can be made together, and tell with whom."""

    has_joint_tasks = True

    def prepare_many(self, tasks):
        return parts, {"tasks": tasks}


def groups_of(candidates, n, n_jobs=1, timeout=None, open_context=None):
    """Return the groups in which candidates were evaluated, by candidate and split."""
    ladder, procedure = Ladder([3]), InGroups()
    groups = []

    def fitness(results):
        groups.extend(r["value"] for r in results if r["value"] not in groups)
        return 0.0

    with Interrupts() as interrupts, Pool(n_jobs, "2*n_jobs", timeout, interrupts) as pool:
        limits = math.inf, lambda: True
        evaluator = Evaluator(procedure, ladder, fitness, pool, None, *limits, open_context)
        assert len(list(evaluator.evaluate(candidates, n))) == len(evaluator.results) == 4
    return sorted(groups)


def test_a_generation_is_a_group_whatever_the_order_is():
    candidates = candidates_of(5, 3, 8, 1)
    everything = [[(i, split) for i in range(4) for split in range(3)]]
    assert groups_of(candidates, 4) == everything
    assert groups_of(candidates[::-1], 4) == everything


def test_each_worker_has_a_group_whatever_the_order_is():
    candidates = candidates_of(5, 3, 8, 1)
    expected = [[(i, split) for i in own for split in range(3)] for own in [(0, 2), (1, 3)]]
    assert groups_of(candidates, 4, n_jobs=2) == expected
    assert groups_of(candidates[::-1], 4, n_jobs=2) == expected


def test_where_more_may_be_bred_each_candidate_is_a_group():
    expected = [[(i, split) for split in range(3)] for i in range(4)]
    assert groups_of(iter(candidates_of(5, 3, 8, 1)), None) == expected


@pytest.mark.filterwarnings("ignore:The 'fit_timeout' parameter has no effect")
@pytest.mark.parametrize("options", [{"timeout": 60}, {"open_context": lambda *place: None}])
def test_what_is_limited_or_watched_is_run_alone(options):
    values = [x + 1000.0 * split for x in (5, 3, 8, 1) for split in range(3)]
    assert groups_of(candidates_of(5, 3, 8, 1), 4, **options) == sorted(values)
