"""Calls become groups: evenly, by candidate, and none that ends too late."""

import math
import time

import pytest

from sklearn_natsel._evaluation.groups import Groups
from sklearn_natsel._evaluation.task import Procedure, Task
from sklearn_natsel._evaluation.workers import Call, Group, Known
from sklearn_natsel._evolution import Candidate


class OfEvenSplits(Procedure):
    """Tasks of even splits can be run as one."""

    has_joint_tasks = True

    def prepare(self, task):
        raise AssertionError("the calls are given")

    def prepare_many(self, tasks):
        return tuple, {"tasks": tasks}

    def is_joint(self, task):
        return task.split % 2 == 0

    def failure(self, error):
        raise error


class Wrapping:
    """A store that marks what it guards."""

    def guarded(self, function):
        return ("guarded", function)


def calls_of(n_candidates, splits, deadline=math.inf):
    candidates = [Candidate(i, (i,), {}, 0, "random", ()) for i in range(n_candidates)]
    return [
        Call((Task(candidate, split), None), print, {}, deadline)
        for candidate in candidates
        for split in splits
    ]


def groups_of(store=None, deadline=math.inf, goes_on=lambda: True):
    return Groups(OfEvenSplits(), store, deadline, goes_on)


def names(call):
    """Return the candidates and splits of a group."""
    return [
        (one.key[0].candidate.index, one.key[0].split) for one in getattr(call, "calls", [call])
    ]


def test_what_cannot_be_joined_comes_first_and_as_it_is():
    calls = calls_of(2, [0, 1, 2])
    known = Known("key", "outcome")
    joined = list(groups_of().join([*calls, known], n_groups=1))
    assert joined[:3] == [calls[1], calls[4], known]
    assert names(joined[3]) == [(0, 0), (0, 2), (1, 0), (1, 2)]
    assert len(joined) == 4


def test_a_group_is_what_the_procedure_makes_of_its_tasks():
    calls = calls_of(2, [0, 2], deadline=7.0)
    (group,) = groups_of(Wrapping()).join(calls, n_groups=1)
    assert isinstance(group, Group)
    assert group.function == ("guarded", tuple)
    assert group.kwargs == {"tasks": [call.key[0] for call in calls]}
    assert group.deadline == 7.0


@pytest.mark.parametrize(
    ("n_candidates", "n_splits", "n_groups", "sizes"),
    [(4, 3, 1, [12]), (4, 3, 2, [6, 6]), (1, 5, 2, [3, 2]), (5, 2, 3, [4, 4, 2]), (1, 1, 2, [1])],
)
def test_groups_are_of_one_size(n_candidates, n_splits, n_groups, sizes):
    calls = calls_of(n_candidates, range(0, 2 * n_splits, 2))
    joined = list(groups_of().join(calls, n_groups))
    assert [len(names(group)) for group in joined] == sizes
    assert sorted(name for group in joined for name in names(group)) == sorted(
        name for call in calls for name in names(call)
    )


def test_neighbours_are_dealt_to_different_groups_and_splits_stay_together():
    joined = groups_of().join(calls_of(4, [0, 2]), n_groups=2)
    assert [[name for name, _ in names(group)] for group in joined] == [[0, 0, 2, 2], [1, 1, 3, 3]]


def test_what_is_fitted_at_once_fits_into_memory():
    joined = list(groups_of().join(calls_of(100, [0, 2, 4]), n_groups=1))
    assert [len(names(group)) for group in joined] == [100, 100, 100]


def test_a_call_alone_is_no_group():
    (call,) = calls_of(1, [0])
    assert list(groups_of().join([call], n_groups=2)) == [call]


def test_groups_end_before_the_deadline():
    groups = groups_of(deadline=time.time() + 100)
    joined = groups.join(calls_of(60, [0, 2]), n_groups=1)
    assert len(names(next(joined))) == 1  # nothing is known of how long it takes
    groups.learn(2.0)
    groups.learn(10.0)
    groups.learn(math.nan)
    assert len(names(next(joined))) == 9
    groups.learn(1000.0)
    assert len(names(next(joined))) == 1


def test_no_group_begins_after_the_end():
    answers = iter([True, True])
    joined = groups_of(goes_on=lambda: next(answers, False)).join(calls_of(8, [0]), n_groups=4)
    assert len(list(joined)) == 2
