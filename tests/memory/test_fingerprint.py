"""Fingerprints of all kinds of values: equal of equal ones, different of different ones."""

import collections
import copy
import datetime
import decimal
import enum
import functools
import itertools
import logging
import os
import re
import struct
import subprocess
import sys
import threading
import weakref
from contextvars import ContextVar
from types import FunctionType, MappingProxyType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from sklearn import config_context
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, make_scorer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sklearn_natsel._memory.digest import UnstableError
from sklearn_natsel._memory.fingerprint import fingerprint

DATA = np.arange(20.0).reshape(10, 2), np.arange(10) % 2


def predictions(X, model):
    return model.predict(X)[:, np.newaxis]


def test_fingerprints_of_distributions_leave_out_their_generator():
    histogram = np.histogram([1, 2, 3, 4, 4])
    other_histogram = np.histogram([1, 2, 3, 4, 5])
    distributions = [
        stats.loguniform(0.1, 10),
        stats.loguniform(0.1, 11),
        stats.randint(0, 4),
        stats.randint(0, 5),
        stats.poisson(3),
        stats.rv_discrete(values=([1, 2], [0.5, 0.5])),
        stats.rv_discrete(values=([1, 3], [0.5, 0.5])),
        stats.rv_histogram(histogram),
        stats.rv_histogram(other_histogram),
        stats.norm,
    ]
    before = [fingerprint(distribution) for distribution in distributions]
    for distribution in distributions[:-1]:
        distribution.random_state = 3
        distribution.rvs()
    assert [fingerprint(distribution) for distribution in distributions] == before
    assert len(set(before)) == len(before)


def test_fingerprints_tell_apart_what_clone_tells_apart():
    X, y = DATA
    fitted = LogisticRegression().fit(X, y)
    other = LogisticRegression().fit(X, 1 - y)
    assert fingerprint(fitted) == fingerprint(other) == fingerprint(clone(fitted))
    assert fingerprint(FrozenEstimator(fitted)) != fingerprint(FrozenEstimator(other))
    assert fingerprint(StandardScaler()) != fingerprint(
        StandardScaler().set_output(transform="pandas")
    )
    values = [1, 1.0, True, "1", b"1", (1,), [1], {1}, {1: 1}, np.int64(1), np.array(1), None]
    assert len({fingerprint(value) for value in values}) == len(values)
    shared = (1, 2)
    assert fingerprint([shared, shared]) == fingerprint([(1, 2), tuple([1, 2])])
    functions = [functools.partial(predictions, model=model) for model in (fitted, other)]
    assert len({fingerprint(FunctionTransformer(function)) for function in functions}) == 2


@pytest.mark.parametrize(
    "holder",
    [
        lambda model: make_pipeline(StandardScaler(), model),
        lambda model: [model],
        lambda model: (1, model),
        lambda model: {"model": model},
        lambda model: {model},
        lambda model: frozenset({model}),
    ],
)
def test_a_fitted_model_counts_as_a_new_one_within_all_that_clone_goes_through(holder):
    model = LogisticRegression()
    held = holder(model)
    before = fingerprint(held)
    model.fit(*DATA)
    assert fingerprint(held) == before
    assert fingerprint(held, cloned=False) != before


def test_fingerprints_tell_apart_what_is_requested():
    X, y = DATA
    for metadata in ({"sample_weight": True}, {"sample_weight": "weight"}):
        with config_context(enable_metadata_routing=True):
            asking = LogisticRegression().set_fit_request(**metadata)
            scorer = make_scorer(accuracy_score).set_score_request(**metadata)
            frozen = FrozenEstimator(LogisticRegression().set_fit_request(**metadata).fit(X, y))
            silent = FrozenEstimator(LogisticRegression().fit(X, y))
        assert fingerprint(asking) == fingerprint(clone(asking)) != fingerprint(clone(frozen))
        assert fingerprint(asking) != fingerprint(LogisticRegression())
        assert fingerprint(scorer) != fingerprint(make_scorer(accuracy_score))
        assert fingerprint(frozen) != fingerprint(silent)


def weighted(y, p, weight=1, *, power=2):
    return weight * accuracy_score(y, p) ** power


def with_defaults(function, weight, power):
    code, name = function.__code__, function.__name__
    copied = FunctionType(code, function.__globals__, name, (weight,))
    copied.__kwdefaults__ = {"power": power}
    return copied


def test_fingerprints_tell_apart_the_defaults_of_functions():
    copies = [with_defaults(weighted, *defaults) for defaults in [(1, 2), (1, 3), (2, 2)]]
    digests = [fingerprint(function) for function in (weighted, *copies)]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


class Color(enum.Enum):
    RED = 1
    BLUE = 2


Point = collections.namedtuple("Point", "x y")


class Scale:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return x * self.factor


class Text(str):
    """As the version of torch: its own class, of a package that has one for its version."""


def times(factor):
    return lambda x: factor * x


def make_values():
    """Return values that are all different; each call makes new ones."""
    ring = [1]
    ring.append(ring)
    knot = [2]
    knot.append(knot)
    used, fresh = np.random.default_rng(0), np.random.default_rng(0)
    used.random()
    return [
        *(None, ..., True, 1, 1.0, 1j, "1", b"1", -0.0, 0.0, 10**5000, float("nan")),
        *((1,), [1], {1}, frozenset({1}), {1: 1}, range(1), slice(1), (), [], {}),
        *(np.int64(1), np.float64(1), np.array(1), np.array([1]), np.array([1.0]), np.str_("1")),
        *({"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a", "b", None, 3}, {None: 1, "a": 2, 3: (4,)}),
        *(Color.RED, Color.BLUE, Point(1, 2), Point(2, 1), Text("1"), datetime.date(2020, 1, 1)),
        *(decimal.Decimal("1.0"), decimal.Decimal("1.00"), re.compile("a"), re.compile("a", re.I)),
        *(collections.OrderedDict(a=1), collections.Counter("a"), collections.deque([1])),
        *(SimpleNamespace(a=1), SimpleNamespace(a=2), MappingProxyType({"a": 1})),
        *(len, np.log1p, special.expit, np.dot, np.float64, Color, Point, accuracy_score, f1_score),
        *(functools.partial(accuracy_score, normalize=False), make_scorer(accuracy_score)),
        *(Scale, Scale(1), Scale(2), Scale(1).__call__, Scale(2).__call__, [].append, [1].append),
        *(times(1), times(2), (lambda x: x), (lambda x: -x), functools.lru_cache(times)),
        *(np.random.RandomState(0), np.random.RandomState(1), used, fresh),
        *(stats.loguniform(1, 10), stats.loguniform(1, 11), stats.norm, stats.randint(0, 4)),
        *(ring, knot, [ring], logging.getLogger("a"), logging.getLogger("b")),
        *(int | None, list[int], np.vectorize(times), copy.copy, datetime.UTC),
    ]


def test_every_value_has_a_fingerprint_of_its_own():
    first, second = ([fingerprint(v) for v in make_values()] for _ in range(2))
    assert first == second
    assert len(set(first)) == len(first)


def test_fingerprints_are_the_same_in_every_process():
    code = (
        "import sys; from tests.memory.test_fingerprint import make_values, fingerprint; "
        "print([fingerprint(value) for value in make_values()])"
    )
    own = str([fingerprint(value) for value in make_values()])
    for seed in "123":
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code]
        assert subprocess.check_output(command, env=environment, text=True).strip() == own


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary()
nested = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2) | st.integers(), inner, max_size=3)
        | st.frozensets(st.integers() | st.text(max_size=2), max_size=3)
    ),
    max_leaves=8,
)


def spelled_out(value):
    """Return a text that two values share only if they are the same to the last bit."""
    if isinstance(value, frozenset):
        return f"frozenset{sorted(map(repr, value))}"
    if isinstance(value, dict):
        return f"dict{[(spelled_out(k), spelled_out(v)) for k, v in value.items()]}"
    if isinstance(value, (list, tuple)):
        return f"{type(value)}{[spelled_out(member) for member in value]}"
    return repr(value if value == value else np.float64(value).tobytes())


@given(nested, nested)
def test_values_are_equal_if_their_fingerprints_are(one, two):
    same = spelled_out(one) == spelled_out(two)
    assert (fingerprint(one) == fingerprint(two)) is same
    assert fingerprint(copy.deepcopy(one)) == fingerprint(one)
    assert (fingerprint([one, one]) == fingerprint([one, two])) is same


def test_what_can_not_be_followed_is_named_with_the_way_to_it():
    lines = (line for line in "ab")

    def reads(x):
        return next(lines)

    def calls(x):
        return reads(x)

    with pytest.raises(UnstableError, match="generator can't be pickled"):
        fingerprint(lines)
    way = r"parameter 'func': variable 'reads' of \S*calls: variable 'lines' of \S*reads: generator"
    with pytest.raises(UnstableError, match=way):
        fingerprint(FunctionTransformer(calls))
    with pytest.raises(UnstableError, match="attribute 'factor': generator"):
        fingerprint(Scale(x for x in [1]))
    way = "item 'log': attribute 'factor': TextIOWrapper"
    with open(os.devnull) as file, pytest.raises(UnstableError, match=way):
        fingerprint({"log": Scale(file)})
    with pytest.raises(UnstableError, match="nobody knows what is in the ufunc"):
        fingerprint(np.frompyfunc(lambda x: x, 1, 1))
    with pytest.raises(UnstableError, match="_local can't be pickled"):
        fingerprint(threading.local())


@pytest.mark.parametrize(
    ("make", "other"),
    [
        (lambda: (threading.Lock(), threading.Event()), lambda: (threading.RLock(),)),
        (lambda: weakref.WeakValueDictionary(a=Scale), lambda: weakref.WeakValueDictionary()),
        (lambda: weakref.WeakKeyDictionary({Scale: 1}), lambda: weakref.WeakKeyDictionary()),
        (lambda: weakref.WeakSet([Scale]), lambda: weakref.WeakSet()),
        (lambda: ContextVar("a", default=1), lambda: ContextVar("a", default=2)),
        (lambda: ContextVar("a"), lambda: ContextVar("b")),
        (lambda: itertools.count(1), lambda: itertools.count(2)),
        (lambda: struct.Struct("<i"), lambda: struct.Struct("<l")),
    ],
)
def test_what_a_module_often_has_at_hand_is_taken(make, other):
    assert fingerprint(make()) == fingerprint(make()) != fingerprint(other())


def test_a_context_variable_is_refused_while_it_has_a_value_that_others_do_not_have():
    variable = ContextVar("depth", default=1)
    before = fingerprint(variable)
    token = variable.set(2)
    with pytest.raises(UnstableError, match="the context variable 'depth' is set"):
        fingerprint(variable)
    variable.reset(token)
    assert fingerprint(variable) == before


def test_a_value_that_nests_deeply_has_a_fingerprint():
    nests = []
    for _ in range(2):
        nest = ()
        for _ in range(20_000):
            nest = (nest, 1)
        nests.append(fingerprint(nest))
    assert nests[0] == nests[1] != fingerprint((nest, 1))


def test_a_cached_function_does_not_count_by_what_it_has_cached():
    @functools.lru_cache
    def double(x):
        return 2 * x

    before = fingerprint(double)
    double(3)
    assert fingerprint(double) == before


@pytest.mark.skipif(not hasattr(stats, "Normal"), reason="of SciPy 1.15")
def test_new_distributions_of_scipy_count_by_their_parameters():
    kinds = [stats.Normal(mu=0.0, sigma=s) for s in (1.0, 1.0, 2.0)]
    one, same, other = map(fingerprint, kinds)
    assert one == same != other


def test_a_callback_that_refers_to_itself_counts_by_its_state():
    class Callback:
        def __init__(self):
            self.best = None
            self.compare = functools.partial(self.better, delta=0)

        def better(self, score, delta):
            return score > delta

    one, same, other = Callback(), Callback(), Callback()
    other.best = 3
    assert fingerprint(one) == fingerprint(same) != fingerprint(other)


def test_a_function_that_numba_has_compiled_counts_by_its_code_and_options():
    numba = pytest.importorskip("numba")
    functions = [lambda x: 2.0 * x, lambda x: 2.0 * x, lambda x: 3.0 * x]
    one, same, other = (fingerprint(numba.njit(function)) for function in functions)
    assert one == same != other
    assert fingerprint(numba.njit(fastmath=True)(functions[0])) != one
    called = numba.njit(functions[0])
    called(1.0)
    assert fingerprint(called) == one
