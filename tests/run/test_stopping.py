"""Limits by themselves, and as they end a search: a fitted one, that says why."""

import math
import time

import numpy as np
import pytest
from number_estimator import Number, X, assert_fitted, search_of, y

from sklearn_natsel._run.history import History
from sklearn_natsel._run.stopping import Stopping

NAN, INF = math.nan, math.inf


def history_of(*best, evaluations_each=10):
    """Make a history whose generations had these best scores."""
    history = History()
    so_far = NAN
    for generation, score in enumerate(best):
        so_far = score if math.isnan(so_far) else max(so_far, score)
        history.rows.append(
            {
                "generation": generation,
                "best": score,
                "best_so_far": so_far,
                "n_evaluations": (generation + 1) * evaluations_each,
            }
        )
    return history


def reasons(stopping, *best):
    """Give the reason after each of the generations with these best scores."""
    return [stopping.reason(history_of(*best[: n + 1])) for n in range(len(best))]


def test_without_limits_nothing_ends():
    stopping = Stopping()
    assert reasons(stopping, 1, 1, NAN, 1, INF) == [None] * 5
    assert stopping.remaining(history_of(1, 2)) == INF
    assert stopping.deadline == INF
    assert stopping.reason(History()) is None


@pytest.mark.parametrize("n", [1, 2, 4])
def test_generations(n):
    assert reasons(Stopping(n_generations=n), 1, 2, 3, 4) == [
        "n_generations" if done >= n else None for done in (1, 2, 3, 4)
    ]


def test_evaluations():
    stopping = Stopping(max_evaluations=25)
    assert [stopping.remaining(history_of(*[1] * n)) for n in (0, 1, 2)] == [25, 15, 5]
    assert reasons(stopping, 1, 2, 3) == [None, None, "max_evaluations"]
    assert Stopping(max_evaluations=20).reason(history_of(1, 2)) == "max_evaluations"


@pytest.mark.parametrize(
    ("target_score", "best", "reached"),
    [
        (0.9, [0.5, 0.8, 0.9, 0.7], [False, False, True, True]),
        (-1, [-5, -1.5, -0.5], [False, False, True]),
        (0, [-1, 0], [False, True]),
        (0.9, [NAN, NAN, 0.95], [False, False, True]),
        (0.9, [INF], [True]),
        (-INF, [NAN, -INF], [False, True]),
    ],
)
def test_target_score(target_score, best, reached):
    expected = ["target_score" if is_reached else None for is_reached in reached]
    assert reasons(Stopping(target_score=target_score), *best) == expected


@pytest.mark.parametrize(
    ("patience", "tol", "best", "n_until_end"),
    [
        # No improvement at all: the first generation is the reference.
        (1, 0, [5, 5], 2),
        (3, 0, [5, 5, 5, 5], 4),
        (3, 0, [5, 1, 2, 3], 4),
        # Every improvement starts the count again.
        (2, 0, [1, 2, 3, 4, 5, 6], None),
        (2, 0, [1, 2, 2, 3, 3, 3], 6),
        (2, 0, [1, 1, 2, 2, 2], 5),
        # Improvements up to tol do not count,
        (2, 0.1, [1, 1.05, 1.1, 1.1], 3),
        (2, 0.5, [1, 1.5, 1.6], None),
        # but small ones add up.
        (3, 0.25, [1, 1.125, 1.25, 1.375, 1.5, 1.625, 1.75], None),
        # Exactly tol is no improvement above tol.
        (1, 0.5, [1, 1.5], 2),
        # Negative scores.
        (2, 0, [-5, -4, -3, -2], None),
        (2, 0.5, [-5, -4.75, -4.75], 3),
        # Failures are no improvement; the first score that is a number is one.
        (2, 0, [NAN, NAN, NAN], 3),
        (2, 0, [NAN, 1, 1, 1], 4),
        (2, 0, [1, NAN, NAN], 3),
        (3, 0, [NAN, NAN, -9, -9, -9, -9], 6),
        # Infinities.
        (2, 0, [-INF, -INF, 1, 1, 1], 5),
        (2, 0, [INF, INF, INF], 3),
    ],
)
def test_patience(patience, tol, best, n_until_end):
    found = reasons(Stopping(patience=patience, tol=tol), *best)
    first = found.index("patience") + 1 if "patience" in found else None
    assert first == n_until_end


def test_tol_without_patience_ends_nothing():
    assert reasons(Stopping(tol=1.0), 1, 1, 1, 1) == [None] * 4


def test_time():
    assert Stopping(max_time=1000).reason(history_of(1)) is None
    started_long_ago = Stopping(max_time=1000, started=time.time() - 1001)
    assert started_long_ago.reason(history_of(1)) == "max_time"
    assert started_long_ago.reason(History()) == "max_time"
    assert started_long_ago.deadline < time.time()
    assert 1000.9 < started_long_ago.seconds < 1100


def test_time_is_counted_from_the_creation():
    before = time.time()
    stopping = Stopping(max_time=0.02)
    assert before + 0.02 <= stopping.deadline <= time.time() + 0.02
    time.sleep(0.03)
    assert stopping.seconds >= 0.03
    assert stopping.reason(History()) == "max_time"
    # Each has a time of its own.
    assert Stopping().seconds < stopping.seconds


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"n_generations": 2}, "n_generations"),
        ({"n_generations": 2, "max_evaluations": 20}, "max_evaluations"),
        ({"n_generations": 2, "max_evaluations": 20, "target_score": 1}, "target_score"),
        ({"n_generations": 2, "patience": 1}, "n_generations"),
        ({"patience": 1, "max_time": 1e-9}, "patience"),
        ({"n_generations": 3, "max_evaluations": 21, "target_score": 2, "patience": 2}, None),
    ],
)
def test_of_several_limits_the_most_telling_is_given(limits, reason):
    assert Stopping(**limits).reason(history_of(1, 1)) == reason


def test_without_a_budget_the_generations_are_bounded():
    assert Stopping.bounded().n_generations == 40
    assert Stopping.bounded(patience=3, target_score=1).n_generations == 40
    assert Stopping.bounded(max_time=1).n_generations is None
    assert Stopping.bounded(max_evaluations=1).n_generations is None
    assert Stopping.bounded(n_generations=2).n_generations == 2


def test_candidates_are_bounded_by_evaluations_and_by_generations():
    history = history_of(1, 1)  # of 10 evaluations each
    assert Stopping().max_effort(history, 6) == INF
    assert Stopping(n_generations=4).max_effort(history, 6) == 24
    assert Stopping(max_evaluations=50).max_effort(history, 6) == 30
    assert Stopping(max_evaluations=50, n_generations=4).max_effort(history, 6) == 24


def test_a_request_ends_after_the_generation_or_at_once():
    stopping = Stopping(n_generations=9)
    assert stopping.reason(history_of(1)) is None
    stopping.request()
    assert stopping.reason(history_of(1)) == "callback"
    assert stopping.goes_on()
    stopping.request(at_once=True)
    assert not stopping.goes_on()
    stopping.request()
    assert not stopping.goes_on()


# In a search


def test_generations_of_a_search():
    search = search_of(n_generations=5).fit(X, y)
    assert search.stop_reason_ == "n_generations"
    assert search.n_generations_ == 5
    assert search.n_evaluations_ == 4 + 4 * 3
    assert_fitted(search)


@pytest.mark.parametrize("limit", [1, 3, 4, 5, 20])
def test_evaluations_of_a_search(limit):
    search = search_of(max_evaluations=limit).fit(X, y)
    assert search.stop_reason_ == "max_evaluations"
    assert search.n_evaluations_ == limit
    assert_fitted(search)


def test_without_a_limit_the_search_ends_all_the_same():
    search = search_of().fit(X, y)
    assert search.stop_reason_ == "n_generations"
    assert search.n_generations_ > 1
    assert_fitted(search)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_time_of_a_search(n_jobs):
    started = time.time()
    search = search_of(Number(seconds=0.02), max_time=0.4, n_jobs=n_jobs).fit(X, y)
    assert search.stop_reason_ == "max_time"
    # Workers may have to be started first, which takes no longer than some seconds.
    assert 0.4 <= time.time() - started < 20
    assert_fitted(search)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_first_candidate_is_evaluated_however_short_the_time(n_jobs):
    search = search_of(Number(seconds=0.01), max_time=1e-9, n_jobs=n_jobs, cv=3).fit(X, y)
    assert search.stop_reason_ == "max_time"
    assert search.n_evaluations_ == 1
    assert_fitted(search)


@pytest.mark.parametrize("patience", [1, 3])
def test_patience_of_a_search(patience):
    # From x = 3 on, which is the first candidate, nothing can be better.
    search = search_of(Number(x=3.0), patience=patience, n_generations=50).fit(X, y)
    assert search.stop_reason_ == "patience"
    assert search.n_generations_ == 1 + patience
    assert_fitted(search)


def test_patience_waits_for_improvements_above_tol():
    options = {"patience": 2, "n_generations": 30}
    strict = search_of(**options, tol=1000.0).fit(X, y)
    assert strict.n_generations_ == 3
    assert search_of(**options, tol=0.0).fit(X, y).n_generations_ > 3


def test_slow_improvements_add_up_to_one_above_tol():
    class Slow(Number):
        """Scores half of `tol` more in each generation."""

        def score(self, X, y):
            return Number.fits // 6 * 0.5

    Number.fits = 0
    search = search_of(Slow(), patience=3, tol=1.0, n_generations=12, n_offspring=4, cv=2)
    assert search.fit(X, y).stop_reason_ == "n_generations"


@pytest.mark.parametrize("target", [-1e9, -0.5])
def test_target(target):
    search = search_of(target_score=target, n_generations=500).fit(X, y)
    assert search.stop_reason_ == "target_score"
    best = search.evolution_history_["best_so_far"]
    assert best[-1] >= target
    assert np.all(best[:-1] < target)
    assert_fitted(search)


def test_exhausted_space():
    search = search_of(space={"x": [1, 2, 3, 4, 5]}, max_evaluations=10**6).fit(X, y)
    assert search.stop_reason_ == "space_exhausted"
    assert search.n_evaluations_ == 5
    assert_fitted(search)


class MostlyZero:
    """Repeats itself, so that generations stay small, and can't be listed."""

    def rvs(self, random_state):
        return int(random_state.randint(10**6) if random_state.rand() < 0.05 else 0)


@pytest.mark.parametrize("seed", range(6))
def test_distribution_that_repeats_itself_ends_in_good_order(seed):
    search = search_of(space={"x": MostlyZero()}, max_evaluations=8, random_state=seed).fit(X, y)
    assert search.stop_reason_ in ("space_exhausted", "max_evaluations")
    assert len({params["x"] for params in search.cv_results_["params"]}) == search.n_evaluations_
    assert_fitted(search)
