"""Nested parts of the training data, with all classes and whole groups."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_natsel._evaluation.samples import NestedSamples, positions

ROWS = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 3), min_size=n, max_size=n),
        st.lists(st.integers(0, 6), min_size=n, max_size=n),
    )
)


@given(rows=ROWS, seed=st.integers(0, 5), with_groups=st.booleans())
def test_parts_are_nested_and_the_last_one_is_all(rows, seed, with_groups):
    classes, groups = map(np.array, rows)
    train = np.random.RandomState(seed).permutation(len(classes))
    samples = NestedSamples(train, classes, groups if with_groups else None)
    assert len(samples) == len(train)
    before = set()
    for n in range(1, len(train) + 3):
        part = samples.take(n)
        assert len(part) == len(set(part.tolist()))
        assert before <= set(part.tolist()) <= set(train.tolist())
        assert len(part) >= min(n, len(train))
        if not with_groups:
            assert len(part) == min(n, len(train))
        before = set(part.tolist())
    np.testing.assert_array_equal(samples.take(len(train)), train)


@given(rows=ROWS)
def test_all_classes_are_in_the_smallest_part_that_has_room_for_them(rows):
    classes, _ = map(np.array, rows)
    n_classes = len(np.unique(classes))
    part = NestedSamples(np.arange(len(classes)), classes).take(n_classes)
    assert len(np.unique(classes[part])) == n_classes


@given(rows=ROWS)
def test_groups_are_whole_and_bring_new_classes_first(rows):
    classes, groups = map(np.array, rows)
    samples = NestedSamples(np.arange(len(classes)), classes, groups)
    for n in range(1, len(classes) + 1):
        part = samples.take(n)
        rest = np.setdiff1d(np.arange(len(classes)), part)
        assert not set(groups[part]) & set(groups[rest])
        assert set(classes[part]) == set(classes)
    # No more than it takes for that, and for what was asked for.
    assert len(np.unique(groups[samples.take(1)])) <= len(np.unique(classes))


def test_classes_have_their_shares():
    y = np.repeat([0, 1, 2], [600, 300, 100])
    part = NestedSamples(np.arange(1000), y).take(100)
    np.testing.assert_allclose(np.bincount(y[part]), [60, 30, 10], atol=2)


def test_parts_are_in_the_order_of_the_data_but_no_beginning_of_them():
    part = NestedSamples(np.arange(100)).take(20)
    assert (np.diff(part) > 0).all()
    assert part.max() > 50
    assert part.tolist() != list(range(20))


@pytest.mark.parametrize("classes", [None, np.array(list("abab"))])
def test_marks_are_taken_for_positions(classes):
    marked = NestedSamples(np.array([True, False, True, True]), classes)
    numbered = NestedSamples(np.array([0, 2, 3]), classes)
    assert len(marked) == 3
    for n in (1, 2, 3):
        np.testing.assert_array_equal(marked.take(n), numbered.take(n))


def test_the_same_rows_have_the_same_parts():
    y = np.arange(50) % 3
    first, second = (NestedSamples(np.arange(5, 45), y).take(10) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("groups", [None, np.repeat(range(6), 2)])
def test_a_column_of_classes_is_like_a_row(groups):
    y = np.arange(12) % 3
    row, column = (NestedSamples(np.arange(12), labels, groups) for labels in (y, y[:, None]))
    for n in range(1, 13):
        np.testing.assert_array_equal(row.take(n), column.take(n))


def test_rows_are_named_by_position_or_by_a_mask():
    assert positions([3, 1]).tolist() == [3, 1]
    assert positions([False, True, False, True]).tolist() == [1, 3]
