import copy
import dataclasses
import enum
import functools
import math
from collections import OrderedDict, defaultdict, deque

import numpy as np
import pytest
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
from spaces import RandomState

from sklearn_natsel._space.domains.make import make_domain
from sklearn_natsel._space.equality import same_value

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
    (functools.partial(np.clip, a_min=[0]), functools.partial(np.clip, a_min=[0])),
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
    (functools.partial(max, 1), functools.partial(min, 1)),
    (functools.partial(max, 1), functools.partial(max, True)),
    (functools.partial(max, key=abs), functools.partial(max, key=len)),
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


class Quantity(np.ndarray):
    """An array with a unit."""

    unit = None

    def __array_finalize__(self, array):
        self.unit = getattr(array, "unit", None)


def quantity(values, unit):
    made = np.array(values).view(Quantity)
    made.unit = unit
    return made


@dataclasses.dataclass(frozen=True)
class Fraction:
    part: float


class Metres(int):
    pass


class Names(list):
    pass


@pytest.mark.parametrize(
    "values",
    [
        [{"add": 2, "mul": 3}, {"mul": 3, "add": 2}],
        [[{"add": 2, "mul": 3}], [{"mul": 3, "add": 2}]],
        [OrderedDict(a=1, b=2), OrderedDict(b=2, a=1), {"a": 1, "b": 2}],
        [{0: 1, 1: 2}, {0.0: 1, 1: 2}, {False: 1, 1: 2}],
        [defaultdict(int, a=1), defaultdict(list, a=1)],
        [quantity([1.0], "m"), quantity([1.0], "km"), np.array([1.0]), np.matrix([1.0])],
        [Fraction(1), Fraction(1.0), Fraction(True)],
        [Metres(1), 1],
        [[1], Names([1])],
    ],
    ids=str,
)
def test_values_that_may_have_another_effect_stay_apart(values):
    domain = make_domain("a", values)
    assert domain.size == len(values)
    copies = copy.deepcopy(values)
    assert [domain.encode(value) for value in copies] == list(range(len(values)))
    assert make_domain("a", values + copies).size == len(values)


def test_an_estimator_has_its_parameters_in_no_order():
    class Keywords(SVC):
        def get_params(self, deep=True):
            return self.given

    values = [Keywords(), Keywords()]
    for value, names in zip(values, ("ab", "ba")):
        value.given = dict.fromkeys(names, 1)
    assert make_domain("model", values).size == 1


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
    assert make_domain("cv", [functools.partial(max, 1), functools.partial(max, 1)]).size == 1
    assert make_domain("cv", [object(), object()]).size == 2
    assert make_domain("unit", [Named("a"), Named("b")]).size == 2
    rng, drawn = RandomState(0), make_domain("cv", Splitters())
    assert len({drawn.draw(rng) for _ in range(20)}) == 2


def test_partials_of_models_that_may_have_learned_something_else_stay_apart():
    partials = [functools.partial(max, SVC()), functools.partial(max, SVC())]
    assert not same_value(*partials)
    assert make_domain("key", partials).size == 2


class Unlasting:
    """Makes what it has, which has no hash, anew whenever it is asked."""

    def __init__(self, text):
        self.text = text

    def __getstate__(self):
        return {"text": bytearray(self.text)}


def test_objects_of_unlasting_parts_stay_apart():
    values = [Unlasting(b"a"), Unlasting(b"b"), Unlasting(b"z")]
    domain = make_domain("a", values)
    assert domain.values == values
    assert [domain.encode_exactly(value) for value in values] == [0, 1, 2]
    assert domain.encode(Unlasting(b"b")) == 1


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


class Incomparable:
    def __eq__(self, other):
        raise RuntimeError("an error of its own")

    __hash__ = object.__hash__


def test_values_that_refuse_to_be_compared_are_different():
    domain = make_domain("x", [Incomparable(), "a", None])
    assert domain.size == 3
    with pytest.raises(ValueError, match="none of the choices"):
        domain.encode(Incomparable())


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
