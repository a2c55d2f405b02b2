"""The rungs of an evaluation: what each costs, and which fits are new on it."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_natsel._evolution.ladder import WHOLE, Ladder, geometric


def rungs_of(ladder):
    return [(rung.n_splits, rung.resource, rung.first) for rung in ladder]


def test_a_single_rung_is_a_whole_evaluation():
    assert WHOLE.is_whole
    assert Ladder([5]).is_whole
    assert Ladder([5], [81]).is_whole
    assert not Ladder([1, 5]).is_whole
    assert not Ladder([1], [9, 81]).is_whole
    assert rungs_of(Ladder([5])) == [(5, None, 0)]


def test_splits_are_added_to_those_that_were_run():
    ladder = Ladder([1, 3, 10])
    assert rungs_of(ladder) == [(1, None, 0), (3, None, 1), (10, None, 3)]
    assert [rung.effort for rung in ladder] == pytest.approx([0.1, 0.2, 0.7])


def test_with_more_of_a_resource_all_splits_are_run_again():
    ladder = Ladder([5], [9, 27, 81])
    assert rungs_of(ladder) == [(5, 9, 0), (5, 27, 0), (5, 81, 0)]
    assert [rung.effort for rung in ladder] == pytest.approx([1 / 9, 1 / 3, 1])


def test_the_resource_grows_first_and_then_the_splits():
    ladder = Ladder([2, 4], [10, 20])
    assert rungs_of(ladder) == [(2, 10, 0), (2, 20, 0), (4, 20, 2)]
    assert [rung.effort for rung in ladder] == pytest.approx([0.25, 0.5, 0.5])


@given(least=st.integers(1, 100), more=st.integers(0, 1000), factor=st.integers(2, 5))
def test_numbers_rise_by_the_factor_up_to_the_most(least, more, factor):
    most = least + more
    numbers = geometric(least, most, factor)
    assert numbers[-1] == most
    assert numbers == sorted(set(numbers))
    assert numbers[0] >= least
    # The next one would be too little, or is the same after rounding.
    assert numbers[0] == 1 or round(numbers[-1] / factor ** len(numbers)) < least
    for low, high in pairwise(numbers):
        assert abs(low * factor - high) <= factor


@given(
    splits=st.sets(st.integers(1, 20), min_size=1).map(sorted),
    resources=st.none() | st.sets(st.integers(1, 500), min_size=1).map(sorted),
)
def test_the_new_fits_of_all_rungs_are_those_that_the_last_one_needs(splits, resources):
    ladder = Ladder(splits, resources or (None,))
    done = set()
    for rung in ladder:
        new = set(product([rung.resource], range(rung.first, rung.n_splits)))
        assert not new & done
        done |= new
        assert done >= set(product([rung.resource], range(rung.n_splits)))
    if resources is None:
        assert sum(rung.effort for rung in ladder) == pytest.approx(1)
