"""In which parts evaluations are done, as the parameters say."""

import pytest
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._run.parts import (
    check_is_fixed,
    make_ladder,
    make_promotion,
    without_resource,
)
from sklearn_natsel._space import Space

NONE = {"resource": None, "min_resources": None, "max_resources": None, "factor": 3}


def steps(n_splits, **params):
    return [(r.n_splits, r.resource) for r in make_ladder(n_splits, **{**NONE, **params})]


def test_without_any_all_evaluations_are_whole():
    ladder = make_ladder(5, **NONE)
    assert ladder.is_whole
    assert ladder[0].n_splits == 5
    assert make_promotion(ladder, 3) is None


@pytest.mark.parametrize(
    ("n_splits", "factor", "expected"),
    [
        (10, 3, [1, 3, 10]),
        (5, 3, [1, 2, 5]),
        (3, 3, [1, 3]),
        (2, 3, [1, 2]),
        (1, 3, [1]),
        (4, 2, [1, 2, 4]),
    ],
)
def test_racing_takes_shares_of_the_splits(n_splits, factor, expected):
    assert [n for n, _ in steps(n_splits, racing=True, factor=factor)] == expected


def test_of_a_resource_there_are_two_smaller_amounts_unless_the_least_is_given():
    assert steps(5, resource="a", available=81) == [(5, 9), (5, 27), (5, 81)]
    assert steps(5, resource="a", available=81, factor=2) == [(5, 20), (5, 40), (5, 81)]
    assert steps(5, resource="a", available=81, min_resources=1) == [
        (5, 1),
        (5, 3),
        (5, 9),
        (5, 27),
        (5, 81),
    ]
    for available, middle in [(14, 5), (15, 5), (16, 5), (17, 6)]:
        expected = [(5, 2), (5, middle), (5, available)]
        assert steps(5, resource="a", available=available) == expected
    assert steps(5, resource="a", available=3) == [(5, 1), (5, 3)]
    assert steps(5, resource="a", available=1) == [(5, 1)]
    assert steps(5, resource="a", available=81, min_resources=81) == [(5, 81)]
    assert steps(5, resource="a", available=None, max_resources=9) == [(5, 1), (5, 3), (5, 9)]


def test_with_both_the_resource_grows_on_few_splits_first():
    assert steps(10, racing=True, resource="a", available=9) == [
        (1, 1),
        (1, 3),
        (1, 9),
        (3, 9),
        (10, 9),
    ]


@pytest.mark.parametrize("available", [None, -1, 0, 2.5, True, "auto"])
def test_what_there_is_must_be_known(available):
    with pytest.raises(InvalidParameterError, match=r"'max_resources'.*'a'.*no positive integer"):
        make_ladder(5, **{**NONE, "resource": "a"}, available=available)


def test_amounts_need_a_resource_and_must_fit_together():
    with pytest.raises(
        InvalidParameterError, match=r"'min_resources'.* without 'resource'.* Got 3"
    ):
        make_ladder(5, **{**NONE, "min_resources": 3})
    with pytest.raises(
        InvalidParameterError, match=r"'max_resources'.* without 'resource'.* Got 3"
    ):
        make_ladder(5, **{**NONE, "max_resources": 3})
    with pytest.raises(InvalidParameterError, match=r"'min_resources'.* at most 9.*'a'. Got 10"):
        make_ladder(5, **{**NONE, "resource": "a", "min_resources": 10}, available=9)


def test_a_resource_is_not_searched_as_well():
    check_is_fixed(None, Space({"a": [1, 2]}))
    check_is_fixed("b", Space({"a": [1, 2]}))
    with pytest.raises(
        InvalidParameterError, match=r"'resource' parameter names 'a'.*'param_space'"
    ):
        check_is_fixed("a", Space([{"b": [1]}, {"a": [1, 2]}]))


def test_settings_to_begin_with_have_no_resource():
    assert without_resource(None, "a") is None
    given = {"a": 1, "b": 2}
    assert without_resource(given, None) is given
    assert without_resource(given, "a") == [{"b": 2}]
    assert without_resource([given, {"b": 3}], "a") == [{"b": 2}, {"b": 3}]
    assert given == {"a": 1, "b": 2}


def test_parts_are_promoted():
    assert make_promotion(make_ladder(5, **NONE, racing=True), 3).n_rungs == 3
