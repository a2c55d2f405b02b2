"""Climbs by the signs of slopes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sklearn_natsel._evolution.surrogate.climb import climb

TOP = np.array([0.3, 0.8, 0.5])


def bowl(rows):
    """Return a hill whose slopes differ by orders of magnitude, and are next to nothing."""
    scales = 1e-12 * np.array([1.0, 1e4, 1e-4])
    distance = np.nan_to_num(rows - TOP)
    return -(scales * distance**2).sum(axis=1), -2 * scales * distance


@pytest.mark.parametrize("start", [[0.0, 0.0, 0.0], [1.0, 0.2, 0.9], [0.3, 0.8, 0.5]])
def test_a_climb_comes_to_the_top_however_faint_its_slopes_are(start):
    assert_allclose(climb(np.array([start]), [0, 1, 2], bowl), [TOP], atol=0.01)


def test_each_climbs_its_own_hill():
    def waves(rows):
        return np.cos(4 * np.pi * rows[:, 0]), -np.sin(4 * np.pi * rows)

    found = climb(np.array([[0.1], [0.4], [0.6], [0.9]]), [0], waves)
    assert_allclose(found, [[0.0], [0.5], [0.5], [1.0]], atol=0.01)


def test_only_what_is_movable_moves_and_what_is_inactive_stays_so():
    starts = np.array([[0.9, 0.1, np.nan], [0.9, np.nan, 0.1]])
    found = climb(starts, [0, 2], bowl)
    assert_allclose(found[:, 0], TOP[0], atol=0.01)
    assert_array_equal(found[:, 1], starts[:, 1])
    assert np.isnan(found[0, 2])
    assert found[1, 2] == pytest.approx(TOP[2], abs=0.01)


def test_nobody_leaves_the_unit_interval():
    def rising(rows):
        assert ((rows >= 0) & (rows <= 1)).all()
        return rows[:, 0] - rows[:, 1], np.array([[1.0, -1.0]] * len(rows))

    assert_array_equal(climb(np.array([[0.4, 0.4]]), [0, 1], rising), [[1.0, 0.0]])


def test_the_highest_place_is_kept_and_the_starts_are_not_changed():
    """A slope that is wrong leads down."""
    starts = np.array([[0.5], [0.7]])
    found = climb(starts, [0], lambda rows: (rows[:, 0], -np.ones_like(rows)))
    assert_array_equal(found, [[0.5], [0.7]])
    assert_array_equal(starts, [[0.5], [0.7]])
