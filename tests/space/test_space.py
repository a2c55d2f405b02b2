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
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, ParameterGrid
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from spaces import (
    CHAIN,
    KERNELS,
    RandomState,
    Rvs,
    is_positive,
    is_text,
    key_of,
    never,
)

from sklearn_natsel import Conditional, GeneticSearchCV
from sklearn_natsel._evolution.crossover import CROSSOVERS
from sklearn_natsel._evolution.mutation import mutate
from sklearn_natsel._space.parameter_names import check_names
from sklearn_natsel._space.space import Space

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
    if isinstance(entry, Rvs):
        return True  # nobody can tell what it may draw: values of other dicts count as its own
    choices = list(entry)
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


@pytest.mark.parametrize("param_space", [{}, [{}], [{}, {}]])
def test_a_space_without_parameters_has_one_setting(param_space):
    space = Space(param_space)
    genomes = list(space.genomes())
    assert [space.decode(genome) for genome in genomes] == [{}]
    assert space.random(RandomState(0)) == space.encode({"C": 1}) == genomes[0]


def test_settings_have_their_names_in_the_order_of_grid_search():
    param_space = [
        {"b": [1], "a": [2], "C": Conditional([3], "b", 1)},
        {"c": [1], "a": [1], "b__x": [1], "b": [2]},
    ]
    listed = [list(Space(param_space).decode(genome)) for genome in Space(param_space).genomes()]
    grids = [{"b": [1], "a": [2], "C": [3]}, param_space[1]]
    assert listed == [list(setting) for setting in ParameterGrid(grids)]


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


@pytest.mark.parametrize(
    ("param_space", "given"),
    [
        (INFINITE["conditional"], {"gamma": 0.5}),
        (INFINITE["continuous parent"], {"y": 2}),
        (KERNELS, {"degree": 2}),
        ([{"a": [1, 2]}, *FINITE["alternatives"]], {"c": 3}),
        (
            {
                "a": range(50),
                "b": Conditional(range(50), "a", 7),
                "c": Conditional([1, 2], "b", [8, 9]),
            },
            {"c": 2},
        ),
    ],
)
def test_what_a_given_parameter_depends_on_is_drawn_so_that_it_exists(param_space, given):
    space = Space(param_space)
    for seed in range(10):
        params = space.decode(space.encode(given, RandomState(seed)))
        assert params.items() >= given.items()


def test_of_given_parameters_that_exclude_each_other_most_exist():
    space = Space(
        {"a": [1, 2], "b": Conditional([3], "a", 1)}
        | {name: Conditional([4], "a", 2) for name in "cd"}
    )
    for seed in range(10):
        params = space.decode(space.encode({"b": 3, "c": 4, "d": 4}, RandomState(seed)))
        assert params == {"a": 2, "c": 4, "d": 4}


def test_dicts_have_values_without_a_hash_in_common():
    text = bytearray(b"text")
    space = Space([{"a": [text, 1]}, {"a": [2, text]}])
    assert len(list(space.genomes())) == 3


def test_what_depends_on_another_may_exist_always():
    space = Space(
        {
            "a": [1, 2],
            "b": Conditional(range(9), "a", [1, 2]),
            "c": Conditional([1], "a", 1),
            "d": Conditional([1], "b", int),
            "e": Conditional([1], "c", 1),
        }
    )
    sure = {gene.name for i, gene in enumerate(space.genes) if space.always_exists(i)}
    assert sure == {"a", "b", "d"}


def test_nan_is_tried_as_grid_search_tries_it():
    X, y = load_iris(return_X_y=True)
    X[::7, 0] = -1
    model = make_pipeline(SimpleImputer(), DecisionTreeClassifier(max_depth=1, random_state=0))
    space = {
        "simpleimputer__missing_values": [np.nan, -1],
        "simpleimputer__strategy": ["mean", "median"],
    }
    grid = GridSearchCV(model, space, cv=2).fit(X, y).cv_results_
    search = GeneticSearchCV(model, space, cv=2, random_state=0).fit(X, y)
    ours = search.cv_results_
    assert search.n_evaluations_ == 4
    assert "default" in ours["origin"]  # NaN is found in the space
    columns = ("param_simpleimputer__missing_values", "param_simpleimputer__strategy")
    rows = [
        {
            tuple(str(results[column][i]) for column in columns): results["mean_test_score"][i]
            for i in range(4)
        }
        for results in (grid, ours)
    ]
    assert len(rows[0]) == 4
    assert rows[0] == rows[1]
    assert ours[columns[0]].dtype == grid[columns[0]].dtype
    assert not ours[columns[0]].mask.any()


def test_a_gene_more_is_at_the_end_and_of_no_parameter():
    space = Space([{"kind": ["a", "b"], "x": Conditional(range(9), "kind", "a")}, {"y": [1, 2]}])
    before = len(space.genes), list(space.changeable)
    wider = space.with_gene(range(-3, 0))
    assert (len(space.genes), list(space.changeable)) == before
    rng = np.random.RandomState(0)
    for _ in range(20):
        genome = space.random(rng)
        for rung in range(3):
            assert wider.decode((*genome, rung)) == space.decode(genome)
    assert [gene.name for gene in wider.genes][-1] is None


def test_with_a_gene_more_a_setting_belongs_to_the_same_dict():
    space = Space([{"a": range(100), "b": range(9)}, {"a": range(50, 150), "b": range(9)}])
    wider, rng = space.with_gene(range(-3, 0)), np.random.RandomState(0)
    for a in (70, 120):
        genome = (1, None, None, a - 50, 3)
        assert wider.complete((*genome, 2), rng) == (*space.complete(genome, rng), 2)
    assert space.complete((1, None, None, 20, 3), rng)[0] == 0
