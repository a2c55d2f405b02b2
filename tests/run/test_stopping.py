import math
import time

import pytest

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
