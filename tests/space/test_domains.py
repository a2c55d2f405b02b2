import copy
import enum
import functools
import itertools
import math
import pickle
import re
import time
import warnings
from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import config_context
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._space.domains.base import is_enumerable
from sklearn_natsel._space.domains.make import make_domain
from sklearn_natsel._space.domains.steps import step_length
from sklearn_natsel._space.equality import same_value

try:
    import pandas as pd
except ImportError:
    pd = None

RandomState = np.random.RandomState


class Rvs:
    """An object with rvs alone, as RandomizedSearchCV takes it."""

    def __init__(self, *values):
        self.values = values

    def rvs(self, random_state=None):
        return self.values[random_state.randint(len(self.values))]


LISTS = {
    "strings": ["linear", "rbf"],
    "None beside others": [None, 1, "auto", 0.5],
    "1, 1.0 and True": [1, 1.0, True],
    "0, 0.0 and False": [False, 0.0, 0],
    "dicts": [{"a": 1}, {"a": 2}, {}],
    "lists": [[1], [1, 2], []],
    "tuples": [(1,), (2, 3), ()],
    "sets": [{1}, {1, 2}],
    "estimators": [SVC(), LogisticRegression(), SVC(C=2)],
    "estimators, None and a string": [StandardScaler(), None, "passthrough"],
    "classes": [SVC, LogisticRegression],
    "functions": [len, max, np.mean],
    "NaN beside a string": [np.nan, "mean"],
    "infinity": [1.0, np.inf],
    "arrays": [np.array([1, 2]), np.array([1]), np.array([[1, 2]])],
    "one value": ["only"],
    "tuple": (1, "a"),
    "range": range(3, 9, 2),
    "integer array": np.arange(3),
    "float array": np.logspace(-2, 2, 5),
    "string array": np.array(["a", "b"]),
    "object array": np.array([None, "x", 2], dtype=object),
}
if pd is not None:
    LISTS |= {
        "series with another index": pd.Series([3, 1, 2], index=[7, 8, 9]),
        "series of strings": pd.Series(["a", "b"], index=["b", "a"]),
        "categorical series": pd.Series(["u", "v"], dtype="category"),
        "index": pd.Index([5, 6, 7]),
    }

DISTRIBUTIONS = {
    "loguniform": stats.loguniform(1e-3, 1e3),
    "uniform": stats.uniform(-2, 5),
    "norm": stats.norm(10, 2),
    "expon": stats.expon(scale=3),
    "cauchy": stats.cauchy(),
    "randint": stats.randint(1, 11),
    "randint of one value": stats.randint(4, 5),
    "binom": stats.binom(8, 0.3),
    "poisson": stats.poisson(3),
    "geom": stats.geom(0.2),
    "negative integers": stats.randint(-5, -1),
    "shifted poisson": stats.poisson(2, loc=-4),
    "gaps": stats.rv_discrete(values=([1, 5, 10], [0.2, 0.3, 0.5])),
}
CONTINUOUS = ["loguniform", "uniform", "norm", "expon", "cauchy"]
DISCRETE = [name for name in DISTRIBUTIONS if name not in CONTINUOUS]


def is_same(a, b):
    """Whether two values are the same to a user, by a rule of the test's own."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return type(a) is type(b) and a.shape == b.shape and bool((a == b).all())
    return type(a) is type(b) and (a is b or a == b)


def alleles_of(domain):
    return list(domain.alleles())


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


def test_estimators_in_a_list_are_found_by_class_and_parameters():
    domain = make_domain("a", [SVC(), SVC(C=2), LogisticRegression(), SVC])
    assert domain.encode(SVC(C=2)) == 1
    assert domain.encode(clone(domain.decode(2))) == 2
    assert domain.encode(SVC) == 3
    with pytest.raises(ValueError, match="SVC"):
        domain.encode(SVC(C=3))


def test_nested_estimators_in_a_list_are_found_by_class_and_parameters():
    choices = [make_pipeline(StandardScaler(), SVC()), make_pipeline(StandardScaler(), SVC(C=2))]
    domain = make_domain("a", choices)
    assert [domain.encode(clone(choice)) for choice in choices] == [0, 1]


def test_a_value_of_the_same_type_is_preferred_and_an_equal_number_accepted():
    domain = make_domain("a", [True, 1, 1.0, 2])
    assert [domain.encode(value) for value in (True, 1, 1.0, 2.0)] == [0, 1, 2, 3]
    assert domain.encode(np.float64(2)) == 3
    assert make_domain("a", np.array([1, 2])).encode(2) == 1


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


def test_data_frames_are_no_lists_but_may_be_compared():
    pd = pytest.importorskip("pandas")
    a, b = pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})
    with pytest.raises(InvalidParameterError, match=r"one-dimensional.*\(1, 1\)"):
        make_domain("p", a)
    with pytest.raises(ValueError, match="b"):
        make_domain("p", ["a"]).encode(b)
    assert same_value(a, a.copy())
    for other in (b, SVC()):
        assert not same_value(a, other)
        assert not same_value(other, a)


@pytest.mark.parametrize(
    ("values", "distinct"),
    [
        ([1, 2, 1, 1], [1, 2]),
        (["a", "b", "a"], ["a", "b"]),
        ([None, None], [None]),
        ([1, True, 1.0, True], [1, True, 1.0]),
        (np.array([1, 1, 3]), [1, 3]),
        ([[1], [2], [1]], [[1], [2]]),
        ([{"a": 1}, {"a": 1}], [{"a": 1}]),
    ],
    ids=repr,
)
def test_repeated_values_are_one_value(values, distinct):
    domain = make_domain("a", values)
    assert domain.size == len(distinct)
    assert [domain.decode(allele) for allele in domain.alleles()] == distinct


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


def test_copies_find_values_that_can_not_be_hashed():
    domain = make_domain("a", [Unhashable(1), Unhashable(2)])
    copied = pickle.loads(pickle.dumps(domain))
    assert [copied.encode(copied.decode(i)) for i in (0, 1)] == [0, 1]
    assert copied.encode(Unhashable(2)) == 1


class Unhashable:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return self.value == other.value


class Named:
    """Has a part that is no state."""

    def __new__(cls, name):
        named = super().__new__(cls)
        named.name = name
        return named

    def __getnewargs__(self):
        return (self.name,)

    def __getstate__(self):
        return {"unit": "m"}


class Splitters:
    def rvs(self, random_state):
        return KFold(2 + random_state.randint(2))


def test_equal_objects_that_python_compares_by_identity_are_one_value():
    values = [KFold(2), KFold(3), KFold(2), StratifiedKFold(2), functools.partial(max, 1), max]
    domain = make_domain("cv", values)
    assert domain.size == 5
    assert domain.encode(KFold(3)) == 1
    assert make_domain("cv", [functools.partial(max, 1), functools.partial(max, 1)]).size == 2
    assert make_domain("cv", [object(), object()]).size == 2
    assert make_domain("unit", [Named("a"), Named("b")]).size == 2
    rng, drawn = RandomState(0), make_domain("cv", Splitters())
    assert len({drawn.draw(rng) for _ in range(20)}) == 2


def test_equal_objects_that_are_not_cloned_are_values_by_themselves():
    first, second = KFold(2), KFold(2)
    domain = make_domain("cv", [first, second, first], cloned=False)
    assert domain.size == 2
    assert [domain.encode(splitter) for splitter in (first, second)] == [0, 1]


class Node:
    def __init__(self, parent=None):
        self.parent, self.children = parent, []


def test_objects_that_hold_each_other_are_values_by_themselves():
    roots = [Node(), Node()]
    for root in roots:
        root.children += [Node(root) for _ in range(3)]
    domain = make_domain("tree", [*roots, roots[0]])
    assert [domain.decode(allele) for allele in domain.alleles()] == roots


def test_equal_estimators_are_one_value():
    domain = make_domain("a", [SVC(), SVC(C=2), SVC()])
    assert [domain.decode(allele).C for allele in domain.alleles()] == [1.0, 2]


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


@given(size=st.integers(3, 60), allele=st.integers(0, 59), seed=st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_a_step_in_a_list_moves_at_least_one_and_at_most_half_the_range(size, allele, seed):
    domain = make_domain("a", range(size))
    allele %= size
    moved = domain.step(allele, RandomState(seed))
    assert 0 <= moved < size
    assert 1 <= abs(moved - allele) <= max(1, math.ceil((size - 1) / 2))


def test_steps_reach_both_neighbours_and_farther_values():
    domain = make_domain("a", range(101))
    rng = RandomState(0)
    moves = np.array([domain.step(50, rng) - 50 for _ in range(1000)])
    assert {-1, 1} <= set(moves)
    assert np.median(np.abs(moves)) < 10
    assert np.abs(moves).max() > 25
    assert 400 < (moves > 0).sum() < 600


def test_step_lengths_are_spread_over_the_scales():
    rng = RandomState(0)
    lengths = [step_length(0.001, 1.0, rng) for _ in range(2000)]
    assert min(lengths) >= 0.001
    assert max(lengths) <= 1.0
    decades = np.histogram(np.log10(lengths), bins=[-3, -2, -1, 0])[0]
    assert stats.chisquare(decades).pvalue > 1e-3


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_continuous_distribution_is_drawn_by_its_quantiles(name):
    distribution = DISTRIBUTIONS[name]
    domain = make_domain("a", distribution)
    rng = RandomState(0)
    values = [domain.decode(domain.draw(rng)) for _ in range(500)]
    assert all(type(value) is float for value in values)
    assert stats.kstest(values, distribution.cdf).pvalue > 1e-3
    assert domain.ordered
    assert domain.size == math.inf


@pytest.mark.parametrize("name", CONTINUOUS)
@pytest.mark.parametrize("quantile", [0.0, 1.0, 0.5])
def test_extreme_draws_of_a_continuous_distribution_are_finite(name, quantile):
    class Fixed:
        def random_sample(self):
            return quantile

    domain = make_domain("a", DISTRIBUTIONS[name])
    allele = domain.draw(Fixed())
    assert math.isfinite(domain.decode(allele))
    for _ in range(3):
        allele = domain.step(allele, Fixed())
        assert math.isfinite(domain.decode(allele))


@pytest.mark.parametrize("name", CONTINUOUS)
def test_a_given_value_of_a_continuous_distribution_comes_back_exactly(name):
    distribution = DISTRIBUTIONS[name]
    for value in [*distribution.ppf(np.linspace(0.01, 0.99, 20)), distribution.mean()]:
        if math.isnan(value):  # the Cauchy distribution has no mean
            continue
        domain = make_domain("a", distribution)
        assert domain.decode(domain.encode(value)) == value


@given(quantile=st.floats(1e-6, 1 - 1e-6))
@settings(max_examples=50, deadline=None)
def test_encoding_a_drawn_continuous_value_finds_its_quantile(quantile):
    for name in CONTINUOUS:
        domain = make_domain("a", DISTRIBUTIONS[name])
        assert domain.encode(domain.decode(quantile)) == pytest.approx(quantile, rel=1e-6)


def test_the_ends_of_a_continuous_distribution_are_inside_it():
    domain = make_domain("a", stats.loguniform(1e-3, 1e3))
    alleles = [domain.encode(value) for value in (1e-3, 1e3, 1)]
    assert [domain.decode(allele) for allele in alleles] == [1e-3, 1e3, 1.0]
    for value in (0.99e-3, 1.01e3, -1, 0):
        with pytest.raises(ValueError, match=r"between 0\.001 and 1000"):
            domain.encode(value)


def test_given_values_far_out_in_a_tail_stay_apart():
    # Their quantiles round to the same number.
    domain = make_domain("a", stats.norm())
    near, far = domain.encode(20.0), domain.encode(30.0)
    assert domain.decode(near) == 20.0
    assert domain.decode(far) == 30.0


def test_a_given_value_survives_copies_and_is_no_other():
    domain = make_domain("a", stats.loguniform(1e-3, 1e3))
    allele = domain.encode(123.456)
    for copied in (copy.deepcopy(allele), pickle.loads(pickle.dumps(allele))):
        assert domain.decode(copied) == 123.456
        assert copied == allele
        assert {allele: "found"}[copied] == "found"
    assert allele != domain.encode(123.457)
    assert domain.coordinate(allele) == pytest.approx(stats.loguniform(1e-3, 1e3).cdf(123.456))


def test_integers_that_no_float_holds_are_given_as_the_nearest_one():
    domain = make_domain("a", stats.loguniform(1, 2.0**80))
    assert domain.decode(domain.encode(2**53 + 1)) == 2.0**53
    with pytest.raises(ValueError, match="is not between"):
        make_domain("a", stats.norm()).encode(10**400)


class Rounded:
    """Uniform from 0 to 10, rounded: what it draws are the integers, but it does not say so."""

    def ppf(self, quantile):
        return np.round(10 * np.asarray(quantile))

    def cdf(self, value):
        return np.clip(np.asarray(value) / 10, 0, 1)


class RoundedOneByOne:
    """The same, for numbers but not for arrays."""

    def ppf(self, quantile):
        return round(10 * quantile)

    def cdf(self, value):
        return min(max(value / 10, 0), 1)


@pytest.mark.parametrize("distribution", [Rounded(), RoundedOneByOne()])
def test_quantiles_of_one_value_are_one_allele(distribution):
    domain = make_domain("a", distribution)
    rng = RandomState(0)
    alleles = [domain.draw(rng) for _ in range(500)]
    alleles += [domain.step(allele, rng) for allele in alleles]
    assert len({domain.decode(allele) for allele in alleles}) == len(set(alleles)) == 11
    assert {domain.encode(domain.decode(allele)) for allele in alleles} == set(alleles)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("stranger", ["a", None, True, math.nan, [1.0]])
def test_a_distribution_encodes_numbers_only(name, stranger):
    with pytest.raises(ValueError, match=re.escape(repr(stranger))):
        make_domain("a", DISTRIBUTIONS[name]).encode(stranger)


@pytest.mark.parametrize("name", ["loguniform", "uniform", *DISCRETE])
@pytest.mark.parametrize("stranger", [math.inf, -math.inf, np.float64("inf")])
def test_infinity_is_neither_an_integer_nor_within_bounds(name, stranger):
    with pytest.raises(ValueError, match="inf"):
        make_domain("a", DISTRIBUTIONS[name]).encode(stranger)


def test_loguniform_is_stepped_on_its_log_scale():
    domain = make_domain("a", stats.loguniform(1e-4, 1e4))
    rng = RandomState(0)
    start = domain.encode(1e-2)
    decades = [abs(math.log10(domain.decode(domain.step(start, rng))) + 2) for _ in range(500)]
    # The range has 8 decades, a step covers at most half of it, and often little.
    assert 0 < min(decades) < 0.05
    assert 2 < max(decades) <= 4.01
    assert 0.005 < np.median(decades) < 1


@given(quantile=st.floats(0.0, 1.0), seed=st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_a_step_of_a_continuous_gene_stays_inside_and_moves(quantile, seed):
    domain = make_domain("a", stats.uniform())
    start = domain.encode(quantile)
    moved = domain.step(start, RandomState(seed))
    assert 0 < moved < 1
    assert moved != start
    assert abs(moved - start) <= 0.5


@pytest.mark.parametrize("name", DISCRETE)
def test_a_discrete_distribution_is_drawn_as_it_says(name):
    distribution = DISTRIBUTIONS[name]
    domain = make_domain("a", distribution)
    rng = RandomState(0)
    values = [domain.decode(domain.draw(rng)) for _ in range(1000)]
    assert all(type(value) is int for value in values)
    kinds, counts = np.unique(values, return_counts=True)
    expected = distribution.pmf(kinds) * 1000
    assert (expected > 0).all()
    # Within five standard deviations of the binomial.
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected) + 1).all()


@pytest.mark.parametrize("name", DISCRETE)
def test_moves_of_a_discrete_gene_stay_in_the_support(name):
    distribution = DISTRIBUTIONS[name]
    domain = make_domain("a", distribution)
    rng = RandomState(0)
    allele = domain.draw(rng)
    for _ in range(100):
        stepped, redrawn = domain.step(allele, rng), domain.redraw(allele, rng)
        assert distribution.pmf([stepped, redrawn]).min() > 0
        assert domain.encode(domain.decode(stepped)) == stepped
        allele = stepped


@pytest.mark.parametrize("name", ["randint", "binom", "poisson", "negative integers"])
def test_moves_of_a_discrete_gene_without_gaps_always_move(name):
    domain = make_domain("a", DISTRIBUTIONS[name])
    rng = RandomState(0)
    for allele in [domain.draw(rng) for _ in range(100)]:
        assert domain.step(allele, rng) != allele
        assert domain.redraw(allele, rng) != allele


def test_a_step_of_a_discrete_gene_covers_at_most_half_the_range():
    domain = make_domain("a", stats.randint(0, 101))
    rng = RandomState(0)
    steps = np.array([abs(domain.step(50, rng) - 50) for _ in range(500)])
    assert steps.min() == 1
    assert 25 < steps.max() <= 50
    assert np.median(steps) < 10


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("randint", list(range(1, 11))),
        ("randint of one value", [4]),
        ("binom", list(range(9))),
        ("negative integers", [-5, -4, -3, -2]),
        ("gaps", [1, 5, 10]),
    ],
)
def test_a_finite_discrete_distribution_lists_its_values(name, values):
    domain = make_domain("a", DISTRIBUTIONS[name])
    assert alleles_of(domain) == values
    assert domain.size == len(values)


@pytest.mark.parametrize("name", ["poisson", "geom", "shifted poisson"])
def test_the_size_of_an_infinite_discrete_distribution_is_infinite(name):
    assert make_domain("a", DISTRIBUTIONS[name]).size == math.inf


def test_a_discrete_distribution_encodes_only_integers_that_it_draws():
    domain = make_domain("a", stats.randint(1, 5))
    assert [domain.encode(value) for value in (1, 4, 3.0, np.int64(2))] == [1, 4, 3, 2]
    assert type(domain.encode(3.0)) is int
    for stranger in (0, 5, 2.5):
        with pytest.raises(ValueError, match=str(stranger)):
            domain.encode(stranger)


@pytest.mark.parametrize("values", [[0.1, 0.5], [1, 1.5, 2], [1, 2, 2.5, 3], [0.5, 1, 2, 3]])
def test_a_discrete_distribution_of_fractions_is_drawn_as_it_says(values):
    distribution = stats.rv_discrete(values=(values, [1 / len(values)] * len(values)))
    domain = make_domain("a", distribution)
    rng = RandomState(0)
    assert {domain.decode(domain.draw(rng)) for _ in range(100)} == set(values)
    assert domain.decode(domain.encode(values[1])) == values[1]


@pytest.mark.parametrize("distribution", [stats.randint(0, 10**9), stats.geom(1e-8)])
def test_very_many_integers_are_drawn_and_stepped_without_a_list_of_them(distribution):
    domain, rng = make_domain("a", distribution), RandomState(0)
    alleles = [domain.draw(rng) for _ in range(50)]
    assert len(set(alleles)) == 50
    for allele in alleles:
        moved = domain.step(allele, rng)
        assert moved != allele
        assert domain.encode(domain.decode(moved)) == moved
    by_value = [domain.coordinate(allele) for allele in sorted(alleles)]
    assert by_value == sorted(by_value)
    assert by_value[0] >= 0
    with pytest.raises(ValueError, match="no list"):
        domain.alleles()


class Percent:
    """Has ppf and cdf, but neither support nor any other method of scipy's."""

    def ppf(self, q):
        return 100 * q

    def cdf(self, x):
        return x / 100


def test_ppf_and_cdf_alone_make_a_distribution():
    domain = make_domain("a", Percent())
    rng = RandomState(0)
    assert domain.ordered
    assert 40 < np.mean([domain.decode(domain.draw(rng)) for _ in range(500)]) < 60
    assert domain.decode(domain.encode(25)) == 25


def test_rvs_alone_is_drawn_with_the_given_generator():
    values = [f"value {i}" for i in range(100)]
    domain = make_domain("a", Rvs(*values))
    first, second = RandomState(7), RandomState(7)
    drawn = [domain.decode(domain.draw(first)) for _ in range(20)]
    assert drawn == [Rvs(*values).rvs(random_state=second) for _ in range(20)]
    assert not domain.ordered
    assert domain.size == math.inf


def test_rvs_alone_mutates_by_drawing():
    domain = make_domain("a", Rvs("a", "b", "c"))
    rng = RandomState(0)
    for move in (domain.redraw, domain.step):
        assert {domain.decode(move("a", rng)) for _ in range(50)} == {"a", "b", "c"}


@pytest.mark.parametrize(
    "values",
    [
        (1, 2.5, "a"),
        ((1, 2), (3,)),
        ([1, 2], [3]),
        ({"a": 1}, {"a": 2}),
        (np.array([1, 2]), np.array([1, 3])),
        (np.float64(0.5), np.float64(0.25)),
        (SVC, len),
        (None, 3),
        (True, 1, 1.0),
    ],
    ids=repr,
)
def test_values_of_rvs_alone_round_trip_and_stay_apart(values):
    domain = make_domain("a", Rvs(*values))
    rng = RandomState(0)
    alleles = {domain.draw(rng) for _ in range(100)}
    # None as an allele would mean an inactive gene.
    assert None not in alleles
    assert len(alleles) == len(values)
    decoded = [domain.decode(allele) for allele in alleles]
    assert all(any(is_same(value, found) for found in decoded) for value in values)
    assert all(domain.encode(domain.decode(allele)) == allele for allele in alleles)


@pytest.mark.parametrize(
    "distribution",
    [stats.zipf(1.2), stats.zipf(1.01), stats.logser(0.999), stats.yulesimon(0.5)],
    ids=lambda frozen: frozen.dist.name,
)
def test_a_tail_so_long_that_scipy_finds_no_quantiles_is_drawn_by_rvs(distribution):
    domain = make_domain("a", distribution)
    rng = RandomState(0)
    drawn = [domain.decode(domain.draw(rng)) for _ in range(100)]
    # Some versions of scipy find those of logser.
    assert not domain.ordered or distribution.dist.name == "logser"
    assert len(set(drawn)) > 20
    assert drawn == [domain.decode(allele) for allele in map(domain.encode, drawn)]


def test_nan_from_rvs_is_one_value():
    domain = make_domain("a", Rvs(math.nan, np.float64("nan"), 1))
    assert len({domain.draw(RandomState(seed)) for seed in range(20)}) == 2


def test_equal_arrays_from_rvs_are_the_same_allele():
    domain = make_domain("a", Rvs(np.array([1, 2])))
    first, second = domain.encode(np.array([1, 2])), domain.encode(np.array([1, 2]))
    assert first == second
    assert hash(first) == hash(second)
    assert first != domain.encode(np.array([1, 3]))


@pytest.mark.parametrize(
    "values", [range(5), [5, 3, 1], DISTRIBUTIONS["loguniform"], DISTRIBUTIONS["randint"]]
)
def test_coordinates_lie_between_0_and_1_and_keep_the_order(values):
    domain = make_domain("a", values)
    rng = RandomState(0)
    alleles = sorted({domain.draw(rng) for _ in range(200)})
    coordinates = [domain.coordinate(allele) for allele in alleles]
    assert coordinates == sorted(coordinates)
    assert len(set(coordinates)) == len(alleles)
    assert coordinates[0] >= 0
    assert coordinates[-1] <= 1


@pytest.mark.parametrize("values", [Rvs(1, None, "a", (1,)), ["only"], stats.randint(4, 5)])
def test_every_allele_has_a_finite_coordinate(values):
    domain = make_domain("a", values)
    rng = RandomState(0)
    assert all(math.isfinite(domain.coordinate(domain.draw(rng))) for _ in range(20))


@pytest.mark.parametrize("values", [DISTRIBUTIONS["uniform"], Rvs(1)])
def test_what_has_no_list_of_values_says_so(values):
    with pytest.raises(ValueError, match="no list of values"):
        make_domain("a", values).alleles()


@pytest.mark.parametrize("copier", [copy.deepcopy, lambda d: pickle.loads(pickle.dumps(d))])
@pytest.mark.parametrize(
    "values",
    [range(5), [None, "a"], [1, 1.0, True], *DISTRIBUTIONS.values(), Rvs(1, 2)],
    ids=lambda values: type(values).__name__,
)
def test_a_copied_domain_draws_the_same(values, copier):
    domain = make_domain("a", values)
    copied = copier(domain)
    first, second = RandomState(3), RandomState(3)
    for _ in range(20):
        allele = domain.draw(first)
        assert copied.draw(second) == allele
        assert copied.decode(allele) == domain.decode(allele)
        assert domain.step(allele, first) == copied.step(allele, second)


@pytest.mark.parametrize(
    ("values", "value", "mend"),
    [
        ("rbf", "'rbf'", "list"),
        (b"rbf", "b'rbf'", "list"),
        (3, "3", "list of one"),
        (0.5, "0.5", "list of one"),
        (None, "None", "list"),
        (True, "True", "list"),
        ({"a": 1}, "{'a': 1}", "list"),
        ({"a"}, "{'a'}", "list"),
        (frozenset("a"), "frozenset", "list"),
        ((i for i in "ab"), "generator", "list"),
        (SVC(), "SVC()", "list"),
        (len, "built-in function len", "list"),
        ([], "[]", "at least one value"),
        ((), "()", "at least one value"),
        (np.array([]), "[]", "at least one value"),
        (np.eye(2), "(2, 2)", "one-dimensional"),
        (np.array(3), "()", "one-dimensional"),
        ([1, np.nan], "nan", "must not have NaN"),
        (np.array([np.nan, 2.0]), "nan", "must not have NaN"),
        (stats.loguniform, "reciprocal_gen", "frozen distribution, for instance loguniform(1e-3"),
        (stats.randint, "randint_gen", "frozen distribution"),
        (stats.loguniform(10, 1), "NaN", "order and the sign"),
        (stats.uniform(0, -1), "NaN", "order and the sign"),
        (stats.randint(5, 1), "NaN", "order and the sign"),
    ],
    ids=lambda argument: None if isinstance(argument, str) else type(argument).__name__,
)
def test_a_bad_entry_is_an_error_that_names_parameter_value_and_mend(values, value, mend):
    with pytest.raises(InvalidParameterError) as caught:
        make_domain("svc__C", values)
    message = str(caught.value)
    assert "'svc__C'" in message
    assert "'param_space'" in message
    assert value in message
    assert mend in message


@pytest.mark.parametrize("values", [[np.nan, "mean"], [None, np.nan], [math.nan, True]], ids=repr)
def test_nan_beside_something_that_is_no_number_is_a_choice(values):
    assert make_domain("a", values).size == 2


SAME = [
    (1, 1.0),
    (np.int64(1), 1),
    (np.bool_(True), True),
    ("a", "a"),
    (None, None),
    (math.nan, float("nan")),
    ([1, 2], [1, 2]),
    ({"a": [1]}, {"a": [1]}),
    (np.array([1, 2]), np.array([1, 2])),
    ({"a": np.array([1, 2])}, {"a": np.array([1, 2])}),
    (SVC(C=2), SVC(C=2)),
    (make_pipeline(SVC()), make_pipeline(SVC())),
    (SVC, SVC),
    (KFold(2), KFold(2)),
    ({"cv": [KFold(2)]}, {"cv": [KFold(2)]}),
    (deque([[1], [2, 3]]), deque([[1], [2, 3]])),
]
DIFFERENT = [
    (1, True),
    (0, False),
    (0.0, np.bool_(False)),
    (1, "1"),
    (None, 0),
    (None, False),
    ([1, 2], [2, 1]),
    ([1], [True]),
    ((1,), [1]),
    (np.array([1, 2]), np.array([1, 3])),
    (np.array([1, 1]), np.array([1])),
    (np.array([1, 1]), 1),
    (np.array([1, 2]), "a"),
    (SVC(), SVC(C=2)),
    (SVC(), LogisticRegression()),
    (SVC(), SVC),
    (RandomForestClassifier(max_depth=1), RandomForestClassifier(max_depth=True)),
    (make_pipeline(SVC()), make_pipeline(SVC(C=2))),
    (KFold(2), KFold(3)),
    (KFold(2), StratifiedKFold(2)),
    (object(), object()),
    (functools.partial(max, 1), functools.partial(max, 2)),
    (lambda x: x, lambda x: x + 1),
]


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [(a, b, True) for a, b in SAME] + [(a, b, False) for a, b in DIFFERENT],
)
def test_same_value_tells_equal_values_from_different_ones(a, b, same):
    assert same_value(a, b) is same
    assert same_value(b, a) is same
    assert same_value(a, a)


def test_what_cannot_be_compared_is_different():
    class Incomparable:
        def __eq__(self, other):
            raise TypeError("no")

        __hash__ = None

    assert not same_value(Incomparable(), Incomparable())


def test_spaces_beyond_a_bound_are_not_enumerable():
    assert is_enumerable(1000)
    assert not is_enumerable(1e9)
    assert not is_enumerable(math.inf)


def test_no_move_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for values in [*LISTS.values(), *DISTRIBUTIONS.values(), Rvs(1, "a")]:
            domain = make_domain("a", values)
            rng = RandomState(0)
            allele = domain.redraw(domain.draw(rng), rng)
            if domain.ordered:
                allele = domain.step(allele, rng)
            domain.decode(allele)
            domain.coordinate(allele)


class Speed(enum.IntEnum):
    SLOW = 1
    FAST = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@pytest.mark.parametrize("unit", ["D", "h", "ns"])
def test_lengths_of_time_are_values_but_no_numbers(unit):
    days = [np.timedelta64(n, unit) for n in (1, 2, 3)]
    domain = make_domain("window", [*days, 1, np.timedelta64(1, "s"), np.timedelta64("NaT", "s")])
    assert not domain.ordered
    assert domain.size == 6
    assert [domain.decode(domain.encode(day)) for day in days] == days
    assert isinstance(domain.decode(domain.encode(1)), int)


def test_members_of_enumerations_are_no_numbers():
    values = [*Speed, *Level, 1, 2]
    domain = make_domain("x", values)
    assert domain.size == 6
    assert [domain.decode(domain.encode(value)) for value in values] == values
    assert domain.decode(domain.encode(Level.HIGH)) is Level.HIGH


@pytest.mark.parametrize("value", [10**25, 10**400, -(10**400), math.inf, math.nan])
def test_what_no_integer_distribution_can_draw_is_not_in_it(value):
    for distribution in (stats.randint(1, 10), stats.geom(0.1)):
        with pytest.raises(ValueError, match="is not an integer that the distribution"):
            make_domain("x", distribution).encode(value)


def test_given_quantiles_differ_or_are_equal():
    domain = make_domain("x", stats.norm())
    near, far, again = (domain.encode(value) for value in (40.0, 50.0, 40.0))
    assert float(near) == float(far)  # so far out, the quantile is 1 but for the last bit
    assert (near == far, near != far) == (False, True)
    assert (near == again, near != again) == (True, False)


class Incomparable:
    def __eq__(self, other):
        raise RuntimeError("an error of its own")

    __hash__ = object.__hash__


def test_values_that_refuse_to_be_compared_are_different():
    domain = make_domain("x", [Incomparable(), "a", None])
    assert domain.size == 3
    with pytest.raises(ValueError, match="none of the choices"):
        domain.encode(Incomparable())


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
    with pytest.raises(ValueError, match="is not in"):
        domain.encode(value)


def test_long_range_of_integers_beyond_all_floats():
    domain = make_domain("x", range(10**400, 10**400 + 10**9))
    assert domain.decode(domain.encode(10**400 + 7)) == 10**400 + 7


def test_range_without_end_is_refused():
    with pytest.raises(InvalidParameterError, match=r"'x' entry .* must have less than 2\*\*63"):
        make_domain("x", range(2**63))


def test_discrete_distribution_of_infinite_variance_is_drawn_from():
    domain = make_domain("x", stats.zipf(2.1))
    assert domain.decode(domain.draw(np.random.RandomState(0))) >= 1
    assert not domain.ordered


def test_estimators_differ_by_what_clone_keeps_of_them():
    fitted = LogisticRegression().fit([[0], [1]], [0, 1])
    with config_context(enable_metadata_routing=True):
        weighted = StandardScaler().set_fit_request(sample_weight=True)
    choices = [
        StandardScaler(),
        StandardScaler().set_output(transform="pandas"),
        StandardScaler(),
        weighted,
        FrozenEstimator(fitted),
        FrozenEstimator(LogisticRegression().fit([[0], [1]], [1, 0])),
    ]
    domain = make_domain("x", choices)
    assert domain.values == [choice for i, choice in enumerate(choices) if i != 2]
    assert [domain.encode(clone(choice)) for choice in choices] == [0, 1, 0, 2, 3, 4]


def test_integers_of_any_size_are_compared():
    assert make_domain("x", [10**400, 10]).encode(10) == 1
    assert not same_value(10**400, 7)


class DrawsAsItLikes:
    def rvs(self, size=None):
        return 1


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (DrawsAsItLikes(), r"'x' entry .* must have a method rvs that takes .* random_state"),
        (DrawsAsItLikes, r"'x' entry .* must be a list .* or a distribution .* Got <class"),
        (type(stats.norm), r"'x' entry .* must be a list .* or a distribution .* Got <class"),
    ],
)
def test_what_cannot_be_drawn_from_is_told_with_its_name(entry, message):
    with pytest.raises(InvalidParameterError, match=message):
        make_domain("x", entry)
