import copy
import itertools
import math
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process.kernels import RBF, Matern
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel import Conditional, GeneticSearchCV
from sklearn_natsel._evolution.crossover import CROSSOVERS
from sklearn_natsel._evolution.mutation import mutate
from sklearn_natsel._space.parameter_names import check_names
from sklearn_natsel._space.space import Space

RandomState = np.random.RandomState


def is_text(value):
    return isinstance(value, str)


def is_positive(value):
    return isinstance(value, (int, float)) and value > 0


def never(value):
    return False


class Rvs:
    """An object with rvs alone, as RandomizedSearchCV takes it."""

    def __init__(self, *values):
        self.values = values

    def rvs(self, random_state=None):
        return self.values[random_state.randint(len(self.values))]


KERNELS = {
    "kernel": ["linear", "rbf", "poly"],
    "C": [1, 10],
    "gamma": Conditional([0.1, 1, 10], "kernel", ["rbf", "poly"]),
    "degree": Conditional([2, 3], "kernel", "poly"),
}
CHAIN = {
    "dropout": Conditional([0.1, 0.2], "layer_2", is_positive),
    "layer_2": Conditional([None, 8, 16], "layer_1", int),
    "layer_1": [None, 8, 16],
}
FINITE = {
    "lists": {"a": [1, 2, 3], "b": ["x", None]},
    "kernels": KERNELS,
    "chain": CHAIN,
    "1, 1.0 and True": {"a": [1, 1.0, True], "b": Conditional([1, 2], "a", True)},
    "integers": {"n": stats.randint(1, 6), "m": Conditional(range(3), "n", range(2, 4))},
    "never": {"a": [1, 2], "b": Conditional([1, 2, 3], "a", never)},
    "alternatives": [{"a": [1, 2], "b": ["x"]}, {"a": [3], "c": [1, 2, 3]}, KERNELS],
    "unhashable": {"a": [[1], [1, 2], {"k": 1}], "b": Conditional([np.zeros(2)], "a", [[1]])},
}
INFINITE = {
    "loguniform": {"C": stats.loguniform(1e-3, 1e3), "kernel": ["linear", "rbf"]},
    "poisson": {"n": stats.poisson(3), "m": Conditional([1, 2], "n", is_positive)},
    "rvs": {"a": Rvs("a", "b", (1, 2)), "b": Conditional(Rvs(np.zeros(2)), "a", is_text)},
    "conditional": {
        "kernel": ["linear", "rbf"],
        "gamma": Conditional(stats.loguniform(1e-3, 1), "kernel", "rbf"),
    },
    "continuous parent": {
        "x": stats.uniform(-1, 2),
        "y": Conditional([1, 2], "x", is_positive),
    },
    "alternatives": [{"kernel": ["linear"]}, {"kernel": ["rbf"], "gamma": stats.expon()}],
}


def dicts_of(param_space):
    return [param_space] if isinstance(param_space, dict) else list(param_space)


def entry_exists(param_dict, name, setting):
    """Whether the parameter should exist in a setting, by the definition of Conditional."""
    entry = param_dict[name]
    if not isinstance(entry, Conditional):
        return True
    if not entry_exists(param_dict, entry.parent, setting):
        return False
    return entry.parent in setting and entry.holds(setting[entry.parent])


def values_of(entry):
    entry = entry.values if isinstance(entry, Conditional) else entry
    if hasattr(entry, "support"):
        low, high = entry.support()
        return list(range(int(low), int(high) + 1))
    return list(entry)


def key_of(setting):
    """Tell settings apart by the type of each value too: 1 is neither 1.0 nor True."""
    plain = {n: v.item() if isinstance(v, np.generic) else v for n, v in setting.items()}
    return frozenset((name, type(value), repr(value)) for name, value in plain.items())


def brute_force(param_space):
    """Enumerate the distinct settings without the help of Space."""
    keys = set()
    for param_dict in dicts_of(param_space):
        for values in itertools.product(*(values_of(entry) for entry in param_dict.values())):
            full = dict(zip(param_dict, values))
            keys.add(key_of({n: v for n, v in full.items() if entry_exists(param_dict, n, full)}))
    return keys


def has_value(entry, value):
    entry = entry.values if isinstance(entry, Conditional) else entry
    if hasattr(entry, "cdf"):
        low, high = entry.support()
        return type(value) in (int, float) and low <= value <= high
    choices = entry.values if isinstance(entry, Rvs) else list(entry)
    return any(key_of({"": choice}) == key_of({"": value}) for choice in choices)


def is_setting_of(setting, param_dict):
    return set(setting) <= set(param_dict) and all(
        (name in setting) == entry_exists(param_dict, name, setting)
        and (name not in setting or has_value(entry, setting[name]))
        for name, entry in param_dict.items()
    )


def check_genome(space, param_space, genome):
    """Assert that a genome is a setting of the space, in its canonical form."""
    assert hash(genome) is not None
    assert len(genome) == len(space.genes)
    setting = space.decode(genome)
    assert any(is_setting_of(setting, param_dict) for param_dict in dicts_of(param_space))
    again = space.encode(setting)
    assert key_of(space.decode(again)) == key_of(setting)
    for gene, allele, encoded in zip(space.genes, genome, again):
        if allele is not None and gene.name is not None and type(allele) is float:
            # A quantile, recovered from its value up to rounding.
            assert encoded == pytest.approx(allele, rel=1e-6)
        else:
            assert encoded == allele
            assert type(encoded) is type(allele)


VALUES = [1, 1.0, True, False, 0, None, "a", "b", 2, 3, 0.5, (1, 2), [1], {"k": 1}]
FINITE_ENTRIES = st.one_of(
    st.lists(
        st.sampled_from(VALUES), min_size=1, max_size=4, unique_by=lambda v: (type(v), repr(v))
    ),
    st.integers(1, 4).map(range),
    st.integers(1, 4).map(np.arange),
    st.integers(1, 4).map(lambda high: stats.randint(0, high)),
)
ENTRIES = st.one_of(
    FINITE_ENTRIES,
    st.sampled_from(
        [
            stats.loguniform(1e-2, 1e2),
            stats.uniform(-1, 2),
            stats.norm(),
            stats.poisson(2),
            Rvs("a", "b", 2),
            Rvs([1], [2], np.arange(2)),
        ]
    ),
)
CONDITIONS = st.one_of(
    st.sampled_from(["a", 1, True, 0, None, int, float, str, is_positive, is_text, never]),
    st.lists(st.sampled_from(VALUES), max_size=4),
    st.sampled_from([{"a", 2}, range(1, 3), np.array([0, 1])]),
)


@st.composite
def param_dicts(draw, entries):
    names = list("abcd"[: draw(st.integers(1, 4))])
    param_dict = {}
    for i, name in enumerate(names):
        param_dict[name] = draw(entries)
        if i and draw(st.booleans()):
            parent = draw(st.sampled_from(names[:i]))
            param_dict[name] = Conditional(param_dict[name], parent, draw(CONDITIONS))
    return {name: param_dict[name] for name in draw(st.permutations(names))}


@st.composite
def param_spaces(draw, entries=ENTRIES):
    param_dict = draw(param_dicts(entries))
    if draw(st.booleans()):
        return param_dict
    param_list = [param_dict, *draw(st.lists(param_dicts(entries), max_size=2))]
    if draw(st.booleans()):
        # With a value of its own in each, no setting lies in two of them.
        return [{**one, "which": [i]} for i, one in enumerate(param_list)]
    return param_list


@given(param_space=param_spaces(), seed=st.integers(0, 1000))
@settings(max_examples=150, deadline=None)
def test_random_genomes_are_canonical_settings_of_the_space(param_space, seed):
    space = Space(param_space)
    rng = RandomState(seed)
    for _ in range(5):
        check_genome(space, param_space, space.random(rng))


def test_of_equal_values_that_of_the_first_dict_is_used():
    """Also where that dict could not have drawn the rest of the setting."""
    param_space = [{"a": Rvs(0), "b": np.arange(1)}, {"a": [1], "b": range(1)}]
    space = Space(param_space)
    for seed in range(20):
        check_genome(space, param_space, space.random(RandomState(seed)))


@given(param_space=param_spaces(), seed=st.integers(0, 1000), data=st.data())
@settings(max_examples=150, deadline=None)
def test_bred_genomes_are_canonical_settings_of_the_space(param_space, seed, data):
    space = Space(param_space)
    rng = RandomState(seed)
    cross = CROSSOVERS[data.draw(st.sampled_from(sorted(CROSSOVERS)))]
    gene_rate = data.draw(st.sampled_from([None, "one", 0.0, 0.5, 1.0]))
    step_rate = data.draw(st.sampled_from([0.0, 0.5, 1.0]))
    mother, father = space.random(rng), space.random(rng)
    for _ in range(3):
        child = space.complete(cross(mother, father, rng), rng)
        check_genome(space, param_space, child)
        mutant = mutate(child, space, rng, gene_rate=gene_rate, step_rate=step_rate)
        check_genome(space, param_space, mutant)
        mother, father = child, mutant


@given(param_space=param_spaces(FINITE_ENTRIES))
@settings(max_examples=100, deadline=None)
def test_a_finite_space_lists_the_settings_that_brute_force_finds(param_space):
    space = Space(param_space)
    genomes = list(space.genomes())
    assert len(set(genomes)) == len(genomes) <= space.size
    listed = [key_of(space.decode(genome)) for genome in genomes]
    assert len(set(listed)) == len(listed)
    assert set(listed) == brute_force(param_space)
    if all("which" in param_dict for param_dict in dicts_of(param_space)):
        assert len(genomes) == space.size


@given(param_space=param_spaces(), seed=st.integers(0, 1000))
@settings(max_examples=100, deadline=None)
def test_inactive_genes_are_never_decoded(param_space, seed):
    space = Space(param_space)
    for gene in space.genes:

        def decode(allele, original=gene.domain.decode):
            assert allele is not None
            return original(allele)

        gene.domain.decode = decode
    rng = RandomState(seed)
    for _ in range(5):
        genome = space.random(rng)
        setting = space.decode(genome)
        active = {g.name for g, a in zip(space.genes, genome) if a is not None} - {None}
        assert set(setting) == active


@given(param_space=param_spaces(), seed=st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_the_seed_decides_what_is_drawn(param_space, seed):
    one, other = Space(param_space), Space(param_space)
    first, second = RandomState(seed), RandomState(seed)
    for _ in range(5):
        assert one.random(first) == other.random(second)


@pytest.mark.parametrize("param_space", FINITE.values(), ids=FINITE)
def test_size_genomes_and_brute_force_agree(param_space):
    space = Space(param_space)
    genomes = list(space.genomes())
    assert len(set(genomes)) == len(genomes) == space.size
    assert {key_of(space.decode(genome)) for genome in genomes} == brute_force(param_space)
    for genome in genomes:
        check_genome(space, param_space, genome)


@pytest.mark.parametrize("param_space", FINITE.values(), ids=FINITE)
def test_every_setting_of_a_finite_space_can_be_drawn(param_space):
    space = Space(param_space)
    rng = RandomState(0)
    assert {space.random(rng) for _ in range(2000)} == set(space.genomes())


@pytest.mark.parametrize(
    ("param_space", "size"),
    [
        ({"a": [1, 2, 3], "b": ["x", None]}, 6),
        # linear 1, rbf 3, poly 3 * 2; each with 2 values of C
        (KERNELS, 20),
        # 1 without layers; each of 2 widths alone, or with 2 * 2 of second layers
        (CHAIN, 1 + 2 * (1 + 2 * 2)),
        ([{"a": [1, 2]}, {"b": [1, 2, 3], "c": range(2)}], 8),
        ({"n": stats.randint(1, 6)}, 5),
        ({"a": ["only"]}, 1),
        ([{"a": [1, 2]}], 2),
        ({"a": stats.rv_discrete(values=([1, 5, 10], [0.2, 0.3, 0.5]))}, 3),
    ],
)
def test_the_size_of_a_finite_space(param_space, size):
    assert Space(param_space).size == size
    assert len(list(Space(param_space).genomes())) == size


@pytest.mark.parametrize("param_space", INFINITE.values(), ids=INFINITE)
def test_a_space_without_end_has_infinite_size(param_space):
    space = Space(param_space)
    assert space.size == math.inf
    rng = RandomState(0)
    for _ in range(50):
        check_genome(space, param_space, space.random(rng))


def test_the_size_of_a_large_space_is_known_without_listing_it():
    assert Space({f"bit_{i}": [0, 1] for i in range(100)}).size == 2**100


def test_dicts_that_overlap_have_each_setting_once():
    space = Space([{"C": [1, 2]}, {"C": [2, 3]}])
    settings_listed = [key_of(space.decode(genome)) for genome in space.genomes()]
    assert len(settings_listed) == len(set(settings_listed)) == 3
    rng = RandomState(0)
    drawn = {space.random(rng) for _ in range(200)}
    assert len(drawn) == 3


def test_dicts_that_overlap_keep_values_of_another_type():
    space = Space([{"max_features": [1]}, {"max_features": [1.0, True]}])
    decoded = [space.decode(genome)["max_features"] for genome in space.genomes()]
    assert [type(value) for value in decoded] == [int, float, bool]


def test_a_setting_of_each_dict_has_the_names_of_that_dict_alone():
    space = Space([{"kernel": ["linear"]}, {"kernel": ["rbf"], "gamma": [1, 2]}])
    rng = RandomState(0)
    drawn = {key_of(space.decode(space.random(rng))) for _ in range(100)}
    assert drawn == {
        key_of({"kernel": "linear"}),
        key_of({"kernel": "rbf", "gamma": 1}),
        key_of({"kernel": "rbf", "gamma": 2}),
    }


def test_genes_stand_in_the_order_of_the_dict_with_parents_first():
    assert [gene.name for gene in Space({"b": [1], "a": [2], "c": [3]}).genes] == ["b", "a", "c"]
    assert [gene.name for gene in Space(CHAIN).genes] == ["layer_1", "layer_2", "dropout"]
    late_parent = {"x": [1], "y": Conditional([1], "z", 1), "w": [1], "z": [1, 2]}
    assert [gene.name for gene in Space(late_parent).genes] == ["x", "z", "y", "w"]


def test_the_space_does_not_change_what_it_is_given():
    param_space = {**KERNELS, "a": [[1], [2]]}
    before = copy.copy(param_space)
    rng = RandomState(0)
    space = Space(param_space)
    for _ in range(10):
        space.decode(space.random(rng))
    assert param_space == before
    assert list(param_space) == list(before)


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


@pytest.mark.parametrize(
    "param_space",
    [*FINITE.values(), *INFINITE.values()],
    ids=[*FINITE, *(f"infinite {name}" for name in INFINITE)],
)
def test_a_pickled_space_draws_and_decodes_the_same(param_space):
    space = Space(param_space)
    copied = pickle.loads(pickle.dumps(space))
    first, second = RandomState(3), RandomState(3)
    for _ in range(20):
        genome = space.random(first)
        assert copied.random(second) == genome
        assert key_of(copied.decode(genome)) == key_of(space.decode(genome))
    assert copied.size == space.size


@pytest.mark.parametrize("copier", [clone, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copied_search_knows_values_that_python_compares_by_identity(copier):
    X, y = load_iris(return_X_y=True)
    two, three = KFold(2, shuffle=True), KFold(3, shuffle=True)
    frozen = [FrozenEstimator(DecisionTreeClassifier(max_depth=d).fit(X, y)) for d in (1, 2)]
    space = {
        "cv": [two, three],
        "method": Conditional(["sigmoid", "isotonic"], "cv", three),
        "estimator": frozen,
        "ensemble": Conditional([True, False], "estimator", frozen[1]),
    }
    search = GeneticSearchCV(
        CalibratedClassifierCV(frozen[0], cv=two),
        space,
        initial_params={"cv": three, "estimator": frozen[1]},
        cv=2,
        random_state=0,
    )
    results = copier(search).fit(X, y).cv_results_
    assert list(results["origin"][:2]) == ["initial", "default"]
    assert len(results["params"]) == 3 * 3


def test_a_cloned_search_has_the_same_space():
    svc, forest = SVC(), DecisionTreeClassifier()
    param_space = [
        {
            "clf": [svc, forest],
            "clf__C": Conditional([1, 2], "clf", svc),
            "clf__max_depth": Conditional([1, 2, 3], "clf", DecisionTreeClassifier),
        },
        {"clf": [LogisticRegression()], "clf__C": [3]},
    ]
    search = GeneticSearchCV(Pipeline([("clf", SVC())]), param_space)
    for copied in (clone(search), pickle.loads(pickle.dumps(search)), copy.deepcopy(search)):
        assert copied.param_space is not param_space
        space = Space(copied.param_space)
        assert space.size == 2 + 3 + 1
        check_names(space, copied.estimator)


def test_encode_finds_the_setting_among_what_else_is_named():
    space = Space(KERNELS)
    full = {"kernel": "linear", "C": 10, "gamma": "scale", "degree": 99, "tol": 1e-3}
    assert space.decode(space.encode(full)) == {"kernel": "linear", "C": 10}


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"kernel": "linear", "C": 3}, "C: 3 is none of the choices"),
        ({"kernel": "linear", "C": True}, "C: True is none of the choices"),
        ({"kernel": "linear"}, "C: is not given"),
        ({"kernel": "rbf", "C": 1}, "gamma: is not given"),
        ({"kernel": "rbf", "C": 1, "gamma": "scale"}, "gamma: 'scale' is none"),
        ({"kernel": "sigmoid", "C": 1}, "kernel: 'sigmoid' is none"),
        ({}, "kernel: is not given"),
    ],
)
def test_encode_says_what_is_outside_the_space(params, reason):
    with pytest.raises(ValueError, match=reason):
        Space(KERNELS).encode(params)


def test_encode_draws_what_is_missing_when_it_may():
    space = Space(KERNELS)
    rng = RandomState(0)
    drawn = [space.decode(space.encode({"kernel": "poly", "C": 1}, rng)) for _ in range(100)]
    assert {key_of(setting) for setting in drawn} == {
        key_of({"kernel": "poly", "C": 1, "gamma": gamma, "degree": degree})
        for gamma in [0.1, 1, 10]
        for degree in [2, 3]
    }
    with pytest.raises(ValueError, match="C: 3"):
        space.encode({"C": 3}, rng)


def test_encode_finds_the_dict_that_a_setting_belongs_to():
    space = Space([{"kernel": ["linear"], "C": [1, 2]}, {"kernel": ["rbf"], "gamma": [1, 2]}])
    for setting in ({"kernel": "linear", "C": 2}, {"kernel": "rbf", "gamma": 1}):
        assert space.decode(space.encode(setting)) == setting
        everything = {"C": 2, "gamma": 1, **setting}
        assert space.decode(space.encode(everything)) == setting
    with pytest.raises(ValueError, match=re.escape("gamma: 3")) as caught:
        space.encode({"kernel": "rbf", "gamma": 3})
    assert "kernel: 'rbf' is none of the choices" in str(caught.value)


def test_encode_keeps_every_name_that_some_dict_has():
    space = Space([{"kernel": ["linear"]}, {"kernel": ["linear", "rbf"], "C": [1, 2]}])
    setting = {"kernel": "linear", "C": 2}
    assert space.decode(space.encode(setting)) == setting
    assert space.decode(space.encode({"kernel": "linear"})) == {"kernel": "linear"}


def test_values_that_are_equal_but_of_another_type_stay_apart():
    space = Space({"a": [1, 1.0, True], "b": Conditional(["x", "y"], "a", True)})
    assert space.size == 4
    decoded = [space.decode(genome)["a"] for genome in space.genomes()]
    assert [type(value) for value in decoded] == [int, float, bool, bool]
    assert type(space.decode(space.encode({"a": 1.0}))["a"]) is float


PIPELINE = Pipeline([("scale", StandardScaler()), ("clf", LogisticRegression())])
PLACEHOLDER = Pipeline([("scale", "passthrough"), ("clf", "passthrough")])


@pytest.mark.parametrize(
    ("estimator", "param_space"),
    [
        (SVC(), KERNELS),
        (SVC(), [{"C": [1]}, {"gamma": [1]}]),
        (PIPELINE, {"clf__C": [1], "scale__with_mean": [True], "clf": [LogisticRegression()]}),
        (PIPELINE, {"scale": [None, "passthrough"]}),
        (OneVsRestClassifier(SVC()), {"estimator__C": [1], "estimator": [SVC(), SVC(C=2)]}),
        (PLACEHOLDER, {"clf": [SVC(), LogisticRegression()], "clf__C": [1, 2]}),
        (
            PLACEHOLDER,
            {
                "clf": [SVC(), DecisionTreeClassifier()],
                "clf__C": Conditional([1], "clf", SVC),
                "clf__max_depth": Conditional([1], "clf", DecisionTreeClassifier),
            },
        ),
        (
            PLACEHOLDER,
            [
                {"clf": [SVC()], "clf__gamma": [1]},
                {"clf": [DecisionTreeClassifier()], "clf__max_depth": [1]},
            ],
        ),
        (
            PLACEHOLDER,
            {
                "clf": [OneVsRestClassifier(SVC()), DecisionTreeClassifier()],
                "clf__estimator__C": Conditional([1], "clf", OneVsRestClassifier),
            },
        ),
        (
            PLACEHOLDER,
            {
                "clf": [OneVsRestClassifier(SVC())],
                "clf__estimator": [SVC(), LogisticRegression()],
                "clf__estimator__C": [1, 2],
            },
        ),
        (
            PLACEHOLDER,
            {
                "clf": [SVC(), DecisionTreeClassifier()],
                "clf__kernel": Conditional(["rbf", "linear"], "clf", SVC),
                "clf__gamma": Conditional([1], "clf__kernel", "rbf"),
            },
        ),
        (PLACEHOLDER, {"clf": Rvs(SVC(), LogisticRegression()), "clf__C": [1]}),
    ],
)
def test_names_of_the_estimator_and_of_estimators_in_the_space_are_known(estimator, param_space):
    check_names(Space(param_space), estimator)


@pytest.mark.parametrize(
    ("estimator", "param_space", "parts"),
    [
        (SVC(), {"Q": [1], "C": [1], "kernal": ["rbf"]}, ["'Q'", "'kernal'", "SVC()", "'kernel'"]),
        (SVC(), [{"C": [1]}, {"Q": [1]}, {"kernal": [1]}], ["'Q'", "'kernal'"]),
        (SVC(), {"C": [1, 2], "Q": Conditional([1], "C", 1)}, ["'Q'"]),
        (SVC(), {"svc__C": [1]}, ["'svc__C'"]),
        (
            PIPELINE,
            {"C": [1], "clf__gamma": [1], "svc__C": [1]},
            ["'C'", "'clf__gamma'", "'svc__C'"],
        ),
        (
            PLACEHOLDER,
            {"clf": [SVC(), DecisionTreeClassifier()], "clf__C": [1]},
            ["'clf__C'", "DecisionTreeClassifier()", "'clf'"],
        ),
        (
            PLACEHOLDER,
            {"clf": [SVC(), "passthrough"], "clf__C": [1]},
            ["'clf__C'", "'passthrough'", "'clf'"],
        ),
        (
            PLACEHOLDER,
            {
                "clf": [SVC(), LogisticRegression()],
                "clf__gamma": Conditional([1], "clf", LogisticRegression),
            },
            ["'clf__gamma'", "LogisticRegression()", "'clf'"],
        ),
        (
            PLACEHOLDER,
            [{"clf": [SVC()], "clf__max_depth": [1]}, {"clf": [DecisionTreeClassifier()]}],
            ["'clf__max_depth'", "SVC()", "'clf'"],
        ),
        (
            PLACEHOLDER,
            [{"clf": [SVC()]}, {"scale": ["passthrough"], "clf__C": [1]}],
            ["'clf__C'"],
        ),
        (
            PLACEHOLDER,
            {
                "clf": [SVC(), DecisionTreeClassifier()],
                "clf__kernel": Conditional(["rbf", "linear"], "clf", SVC),
                "clf__alpha": Conditional([1], "clf__kernel", "rbf"),
            },
            ["'clf__alpha'", "'clf'"],
        ),
        (
            PLACEHOLDER,
            {"clf": [SVC, LogisticRegression], "clf__C": [1]},
            ["'clf__C'", "SVC", "'clf'"],
        ),
    ],
)
def test_unknown_names_are_all_named_at_once(estimator, param_space, parts):
    with pytest.raises(InvalidParameterError) as caught:
        check_names(Space(param_space), estimator)
    message = str(caught.value)
    assert "'param_space'" in message
    assert "Valid names are" in message
    for part in parts:
        assert part in message


def test_known_names_are_not_called_unknown():
    with pytest.raises(InvalidParameterError) as caught:
        check_names(Space({"Q": [1], "C": [1], "tol": [1]}), SVC())
    complaint = str(caught.value).split("Valid names")[0]
    assert "'C'" not in complaint
    assert "'tol'" not in complaint


@pytest.mark.parametrize(
    ("estimator", "param_space"),
    [
        (PIPELINE, {"steps": [[("b", SVC())], [("b", LinearSVC())]], "b__C": [1, 2]}),
        (PIPELINE, [{"clf__C": [1]}, {"steps": [[("b", SVC())]], "b__C": [1, 2]}]),
        (
            VotingClassifier([("a", SVC())]),
            {"estimators": [[("b", SVC())], [("b", SVC()), ("c", GaussianNB())]], "b__C": [1, 2]},
        ),
        (
            make_pipeline(FeatureUnion([("x", PCA(1))])),
            {
                "featureunion__transformer_list": [[("p", PCA(2))]],
                "featureunion__p__n_components": [1, 2],
            },
        ),
    ],
)
def test_a_name_may_belong_to_what_another_value_brings(estimator, param_space):
    check_names(Space(param_space), estimator)
    with pytest.raises(InvalidParameterError, match="'b__wrong'"):
        check_names(Space({"steps": [[("b", SVC())]], "b__wrong": [1]}), PIPELINE)


def test_a_name_must_fit_every_choice_whatever_the_estimator_has_now():
    # The Pipeline's own step has C, but the tree that may take its place has not.
    param_space = {"clf": [LogisticRegression(), DecisionTreeClassifier()], "clf__C": [1, 10]}
    with pytest.raises(InvalidParameterError, match=r"'clf__C'.*DecisionTreeClassifier"):
        check_names(Space(param_space), PIPELINE)


@pytest.mark.parametrize(
    ("param_space", "parts"),
    [
        ({}, ["at least one entry", "{}"]),
        ([], ["at least one entry", "[]"]),
        ([{}], ["at least one entry", "[{}]"]),
        ([{"a": [1]}, {}], ["at least one entry", "{}"]),
        ([{"a": [1]}, "b"], ["dict", "'b'"]),
        ([["a", [1]]], ["dict", "['a', [1]]"]),
        ("abc", ["dict", "'abc'"]),
        (5, ["dict", "5"]),
        (None, ["dict", "None"]),
        ({1: [1]}, ["strings", "1"]),
        ({"a": [1], ("b",): [1]}, ["strings", "('b',)"]),
        ({"a": []}, ["'a'", "at least one value", "[]"]),
        ({"a": [1], "b": "rbf"}, ["'b'", "'rbf'", "list"]),
        ({"a": 3}, ["'a'", "3", "list of one"]),
        ([{"a": [1]}, {"b": None}], ["'b'", "None", "list"]),
        ({"a": [1, math.nan]}, ["'a'", "NaN", "nan"]),
        ({"a": [1], "b": Conditional("rbf", "a", 1)}, ["'b'", "'rbf'", "list"]),
        ({"a": [1], "b": Conditional([], "a", 1)}, ["'b'", "at least one value"]),
        ({"a": stats.loguniform}, ["'a'", "frozen"]),
        ({"b": Conditional([1], "a", 1), "c": [1]}, ["'b'", "'a'", "not in the same space", "'c'"]),
        ([{"a": [1]}, {"b": Conditional([1], "a", 1)}], ["'b'", "'a'", "not in the same space"]),
        ({"a": Conditional([1], "a", 1)}, ["cycle", "a -> a"]),
        (
            {"a": Conditional([1], "b", 1), "b": Conditional([1], "a", 1)},
            ["cycle", "a -> b -> a"],
        ),
        (
            {
                "x": Conditional([1], "a", 1),
                "a": Conditional([1], "b", 1),
                "b": Conditional([1], "c", 1),
                "c": Conditional([1], "a", 1),
            },
            ["cycle", "a -> b -> c -> a"],
        ),
        ({"a": [1], "b": Conditional(Conditional([1], "a", 1), "a", 1)}, ["'b'", "list"]),
    ],
)
def test_a_bad_space_is_an_error_that_names_parameter_value_and_mend(param_space, parts):
    with pytest.raises(InvalidParameterError) as caught:
        Space(param_space)
    message = str(caught.value)
    assert "'param_space'" in message
    for part in parts:
        assert part in message


def test_a_setting_is_looked_up_in_other_dicts_without_comparing_all_their_values(monkeypatch):
    space = Space([{"x": list(range(1000))}, {"x": list(range(500, 2000))}])
    n_comparisons = []

    def compare(a, b):
        n_comparisons.append(1)
        return a == b

    monkeypatch.setattr("sklearn_natsel._space.domains.lists.same_value", compare)
    genomes = [space.random(RandomState(seed)) for seed in range(50)]
    assert {genome[0] for genome in genomes} == {0, 1}
    assert all((genome[0] == 0) == (space.decode(genome)["x"] < 1000) for genome in genomes)
    assert not n_comparisons


@pytest.mark.parametrize(
    "dicts",
    [
        [{"model": ["a"], "x": [1, 2]}, {"model": ["b"], "x": [1, 2]}],
        [{"x": [1, 2]}, {"y": [1, 2]}],
        [{"x": [1, 2]}, {"x": [1, 2], "y": [1, 2]}],
        [{"x": [1, 2]}, {"x": stats.uniform(3, 4)}],
        [{"x": [1, 2]}, {"y": [3], "x": Conditional([1, 2], "y", 3)}],
    ],
)
def test_dicts_without_a_setting_in_common_are_not_looked_through(dicts, monkeypatch):
    space = Space(dicts)

    def look_up(self, value):
        pytest.fail("nothing is there")

    monkeypatch.setattr("sklearn_natsel._space.domains.lists.Choices.encode_exactly", look_up)
    genomes = [space.random(RandomState(seed)) for seed in range(20)]
    assert {genome[0] for genome in genomes} == {0, 1}


def test_thousands_of_genes_can_be_listed():
    space = Space({"first": [0, 1], **{f"x{i}": [0] for i in range(1500)}})
    assert [space.decode(genome)["first"] for genome in space.genomes()] == [0, 1]


def test_a_given_setting_is_of_the_dict_that_adds_nothing_to_it():
    space = Space(
        [
            {"kernel": ["linear", "rbf"], "C": [1, 10], "tol": [0.001, 0.1]},
            {"kernel": ["linear"], "C": [1, 10]},
        ]
    )
    given = {"kernel": "linear", "C": 10}
    assert space.decode(space.encode(given, RandomState(0))) == given


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("given", [{"a": 1.0, "b": 1}, {"a": 1, "b": 1.0}])
def test_a_given_setting_is_of_the_dict_that_has_its_types(order, given):
    space = Space([{"a": [1.0], "b": [1]}, {"a": [1], "b": [1.0]}][::order])
    assert list(map(repr, space.decode(space.encode(given)).items())) == list(
        map(repr, given.items())
    )


def test_a_given_setting_stands_for_the_same_as_a_drawn_one():
    space = Space(
        [{"a": [1], "b": [1, 2], "c": Conditional([0], "b", 2)}, {"a": [1], "b": [2], "c": [0]}]
    )
    for seed in range(20):
        rng = RandomState(seed)
        genome = space.encode({"a": 1, "c": 0}, rng)
        assert genome == space.complete(genome, rng)
