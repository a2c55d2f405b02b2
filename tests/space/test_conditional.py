import copy
import pickle

import numpy as np
import pytest
from scipy import stats
from sklearn.gaussian_process.kernels import RBF, Matern
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC
from spaces import CHAIN, RandomState, is_text

from sklearn_natsel import Conditional
from sklearn_natsel._space.space import Space


@pytest.mark.parametrize(
    ("condition", "holding", "failing"),
    [
        ("rbf", ["rbf"], ["linear", None, ["rbf"], "r"]),
        (1, [1, 1.0, np.int64(1)], [True, 2, "1", None]),
        (True, [True, np.bool_(True)], [1, False, "True"]),
        (False, [False], [0, None, ""]),
        (None, [None], [False, 0, "None", np.nan]),
        (0.5, [0.5, np.float64(0.5)], [0, 1]),
        (["rbf", "poly"], ["rbf", "poly"], ["linear", None]),
        (("rbf", None), ["rbf", None], ["linear", False]),
        ({"rbf", 1}, ["rbf", 1, 1.0], ["linear", True]),
        (frozenset(["rbf"]), ["rbf"], ["linear"]),
        ({"rbf": 1}.keys(), ["rbf"], ["linear"]),
        (range(2, 4), [2, 3, 3.0], [1, 4, 2.5, None, "2"]),
        (np.array(["rbf", "poly"]), ["rbf"], ["linear", 1]),
        (np.array([1, 2]), [1, 2.0], [3, True, None]),
        ([True], [True], [1]),
        ([], [], [None, 1, []]),
        ([[1, 2]], [[1, 2]], [1, 2, [1]]),
        ([is_text], [is_text], ["a text"]),
        (SVC, [SVC(), SVC(C=2)], [LogisticRegression(), SVC, "SVC"]),
        (str, ["a"], [1, None]),
        (is_text, ["a"], [1, None]),
        (lambda value: value, [1, "a"], [0, "", None]),
        (SVC(C=2), [SVC(C=2)], [SVC(), SVC]),
        ([SVC(), None], [SVC(), None], [SVC(C=2), LogisticRegression()]),
        (RBF(2.0), [RBF(2.0)], [RBF(), Matern(2.0), None]),  # can be called
    ],
)
def test_a_condition_holds_for_what_it_describes(condition, holding, failing):
    conditional = Conditional([1], "parent", condition)
    assert [conditional.holds(value) for value in holding] == [True] * len(holding)
    assert [conditional.holds(value) for value in failing] == [False] * len(failing)


def test_a_condition_may_be_a_series_or_an_index():
    pd = pytest.importorskip("pandas")
    series = Conditional([1], "parent", pd.Series([1, 2], index=[7, 8]))
    assert [series.holds(value) for value in (1, 2, 3, 7)] == [True, True, False, False]
    index = Conditional([1], "parent", pd.Index(["rbf"]))
    assert [index.holds(value) for value in ("rbf", "linear")] == [True, False]


def test_a_condition_is_asked_only_about_values_of_its_parent():
    asked = []

    def remember(value):
        asked.append(value)
        return True

    space = Space(
        {
            "a": [0, 1],
            "b": Conditional([5, 6], "a", 1),
            "c": Conditional([7], "b", remember),
        }
    )
    rng = RandomState(0)
    assert {len(space.decode(space.random(rng))) for _ in range(50)} == {1, 3}
    assert set(asked) == {5, 6}


def test_what_depends_on_an_absent_parameter_is_absent():
    space = Space(CHAIN)
    rng = RandomState(0)
    for _ in range(200):
        setting = space.decode(space.random(rng))
        assert ("layer_2" in setting) == (setting["layer_1"] is not None)
        assert ("dropout" in setting) == (setting.get("layer_2") is not None)


@pytest.mark.parametrize("copier", [copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))])
@pytest.mark.parametrize(
    "condition", ["rbf", ["rbf", 1], {"rbf"}, range(3), str, is_text, SVC(C=2)]
)
def test_a_copied_conditional_holds_for_the_same_values(condition, copier):
    original = Conditional(stats.loguniform(1e-3, 1), "kernel", condition)
    copied = copier(original)
    assert copied.parent == "kernel"
    for value in ["rbf", "linear", 1, 5, None, SVC(C=2), SVC()]:
        assert copied.holds(value) == original.holds(value)


def test_repr_of_a_conditional_shows_how_to_make_it():
    conditional = Conditional([2, 3], "kernel", ["poly", None])
    assert repr(conditional) == "Conditional([2, 3], parent='kernel', condition=['poly', None])"
    again = eval(repr(conditional))
    assert again.values == [2, 3]
    assert again.holds(None)
