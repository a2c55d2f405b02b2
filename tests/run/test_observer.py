"""What is told how a run goes."""

import numpy as np
import pytest
from plain_evaluator import PlainEvaluator, one_by_one

from sklearn_natsel._evolution import Evolution
from sklearn_natsel._run.history import History
from sklearn_natsel._run.run import run
from sklearn_natsel._run.schedules import SCHEDULES
from sklearn_natsel._run.stopping import Stopping
from sklearn_natsel._space import Space


class Diary:
    """An observer that writes down all that it is told."""

    def __init__(self, stopping=None, end_at=None):
        self.stopping = stopping
        self.end_at = end_at
        self.pages = []

    def begin_generation(self, n):
        self.pages.append(("begin", n))

    def evaluated(self, candidate):
        self.pages.append(("evaluated", candidate.index))

    def end_generation(self, row):
        self.pages.append(("end", row["generation"]))
        if row["generation"] == self.end_at:
            self.stopping.request()


def observed(schedule, n_generations, **diary):
    evolution = Evolution(
        Space({"x": range(1000)}), np.random.RandomState(0), population_size=3, n_offspring=2
    )
    stopping, history = Stopping(n_generations=n_generations), History()
    diaries = [Diary(stopping, **diary), Diary()]
    schedule = SCHEDULES[schedule]()
    run(evolution, PlainEvaluator(one_by_one), schedule, stopping, history, diaries)
    first, second = (diary.pages for diary in diaries)
    assert first == second
    return first


@pytest.mark.parametrize(("schedule", "size"), [("generational", 2), ("steady-state", 3)])
def test_each_observer_is_told_of_generations_and_of_all_in_them(schedule, size):
    first, later = [0, 1, 2], [3, 4, 5][:size]
    assert observed(schedule, n_generations=2) == [
        ("begin", 3),
        *[("evaluated", index) for index in first],
        ("end", 0),
        ("begin", size),
        *[("evaluated", index) for index in later],
        ("end", 1),
    ]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_an_observer_may_end_the_run(schedule):
    assert observed(schedule, n_generations=9, end_at=1)[-1] == ("end", 1)
