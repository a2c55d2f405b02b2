import itertools
import math
import pickle
import re
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.utils._param_validation import InvalidParameterError
from spaces import LISTS, RandomState, alleles_of, is_same

from sklearn_natsel._space.domains.make import make_domain


@pytest.mark.parametrize("values", LISTS.values(), ids=LISTS)
def test_a_list_keeps_each_of_its_values(values):
    domain = make_domain("a", values)
    decoded = [domain.decode(allele) for allele in domain.alleles()]
    assert len(decoded) == len(values) == domain.size
    assert all(is_same(mine, theirs) for mine, theirs in zip(decoded, list(values)))


@pytest.mark.parametrize("values", LISTS.values(), ids=LISTS)
def test_the_alleles_of_a_list_are_hashable_distinct_and_round_trip(values):
    domain = make_domain("a", values)
    alleles = alleles_of(domain)
    assert len(set(alleles)) == domain.size
    assert [domain.encode(domain.decode(allele)) for allele in alleles] == alleles


@pytest.mark.parametrize("values", LISTS.values(), ids=LISTS)
def test_a_list_is_drawn_from_evenly(values):
    domain = make_domain("a", values)
    rng = RandomState(0)
    draws = [domain.draw(rng) for _ in range(2000)]
    counts = np.bincount(draws, minlength=int(domain.size))
    assert len(counts) == domain.size
    assert stats.chisquare(counts).pvalue > 1e-3 or domain.size == 1


@pytest.mark.parametrize("values", LISTS.values(), ids=LISTS)
def test_redrawing_a_list_gives_each_of_the_other_values(values):
    domain = make_domain("a", values)
    rng = RandomState(0)
    for allele in domain.alleles():
        others = {domain.redraw(allele, rng) for _ in range(200)}
        assert others == (set(alleles_of(domain)) - {allele} or {allele})


@pytest.mark.parametrize(
    ("values", "stranger"),
    [
        ([1, 2], 3),
        ([1, 2], True),
        ([True, False], 1),
        (["a", "b"], "c"),
        ([None, "a"], np.nan),
        ([1, 2], None),
        ([[1], [2]], [1, 2]),
        ([np.array([1, 2])], np.array([1])),
        ([np.array([1, 1])], 1),
    ],
)
def test_encoding_what_is_not_in_a_list_is_a_value_error_that_names_it(values, stranger):
    with pytest.raises(ValueError, match=re.escape(repr(stranger))):
        make_domain("a", values).encode(stranger)


def test_a_long_list_is_read_in_no_time():
    shapes = list(itertools.product(range(13), repeat=3))
    started = time.process_time()
    domain = make_domain("hidden_layer_sizes", shapes)
    assert domain.encode(domain.decode(2000)) == 2000
    assert time.process_time() - started < 1
    assert domain.size == 13**3


def test_a_very_long_range_is_not_listed():
    domain = make_domain("n", range(5, 10**12))  # no memory is large enough for the list
    assert domain.ordered
    assert domain.size == 10**12 - 5
    assert domain.decode(domain.encode(7 * 10**11)) == 7 * 10**11
    drawn = [domain.decode(domain.draw(RandomState(seed))) for seed in range(20)]
    assert all(type(value) is int and 5 <= value < 10**12 for value in drawn)
    for stranger in (4, 10**12, 5.5, "a"):
        with pytest.raises(ValueError, match=re.escape(repr(stranger))):
            domain.encode(stranger)


def test_integers_beyond_all_floats_can_be_in_order():
    domain = make_domain("a", [10**400, 10**401, 10**402])
    assert domain.ordered
    assert domain.decode(domain.encode(10**401)) == 10**401


class Unhashable:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return self.value == other.value


def test_copies_find_values_that_can_not_be_hashed():
    domain = make_domain("a", [Unhashable(1), Unhashable(2)])
    copied = pickle.loads(pickle.dumps(domain))
    assert [copied.encode(copied.decode(i)) for i in (0, 1)] == [0, 1]
    assert copied.encode(Unhashable(2)) == 1


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3],
        [3, 2, 1],
        [0.1, 1, 10],
        range(3),
        np.linspace(0, 1, 4),
        (1, 2.5, np.inf),
        [1, 2, 2, 3],
    ],
    ids=repr,
)
def test_three_distinct_numbers_in_monotone_order_are_ordered(values):
    assert make_domain("a", values).ordered


@pytest.mark.parametrize(
    "values",
    [
        [1, 2],
        [1, 2, 2],
        [1, 3, 2],
        [1, 1.0, 2],
        ["a", "b", "c"],
        [1, 2, None],
        [1, 2, 3, "auto"],
        [False, True, 2, 3],
        [(1,), (2,), (3,)],
        np.array(["1", "2", "3"]),
    ],
    ids=repr,
)
def test_any_other_list_is_categorical(values):
    assert not make_domain("a", values).ordered


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6), st.booleans(), st.integers(0, 99))
@settings(max_examples=30)
def test_long_ranges_are_not_listed(start, step, descending, seed):
    step = -step if descending else step
    values = range(start, start + 10**9 * step, step)
    domain = make_domain("x", values)
    rng = np.random.RandomState(seed)
    assert domain.size == 10**9
    assert domain.ordered
    allele = domain.draw(rng)
    for _ in range(5):
        value = domain.decode(allele)
        assert value in values
        assert type(value) is int
        assert (
            domain.encode(value)
            == domain.encode_exactly(value)
            == domain.encode(float(value))
            == allele
        )
        assert domain.coordinate(allele) == pytest.approx((value - start) / (values[-1] - start))
        allele = domain.step(allele, rng)


@pytest.mark.parametrize("value", [3, 1.5, "3", None, math.nan, math.inf, 10**400, -2, True])
def test_what_is_not_in_a_long_range(value):
    domain = make_domain("x", range(0, 10**9, 2))
    with pytest.raises(ValueError, match=re.escape(f"{value!r} is not in range(0, 1000000000, 2)")):
        domain.encode(value)


def test_long_range_of_integers_beyond_all_floats():
    domain = make_domain("x", range(10**400, 10**400 + 10**9))
    assert domain.decode(domain.encode(10**400 + 7)) == 10**400 + 7


def test_range_without_end_is_refused():
    with pytest.raises(InvalidParameterError, match=r"'x' entry .* must have less than 2\*\*63"):
        make_domain("x", range(2**63))


@pytest.mark.parametrize(
    "values",
    [[-1, np.nan], [np.nan, 1, 2, 3], np.array([np.nan, 2.0]), (np.float32("nan"), 1), [np.nan]],
    ids=repr,
)
def test_nan_is_a_category(values):
    domain = make_domain("missing_values", values)
    assert domain.size == len(values)
    assert not domain.ordered
    found = domain.decode(domain.encode(float("nan")))
    assert found != found


def test_all_nan_are_one_value():
    assert make_domain("a", [math.nan, np.float64("nan"), -1, np.nan]).size == 2
