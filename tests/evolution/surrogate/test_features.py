import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from sklearn_natsel import Conditional
from sklearn_natsel._evolution.surrogate.features import Features
from sklearn_natsel._space.space import Space

LAYERS = {
    "width_1": [16, 32, 64],
    "width_2": [16, 32, 64],
    "activation_1": ["relu", "tanh"],
    "activation_2": ["relu", "tanh"],
    "alpha": stats.loguniform(1e-4, 1),
}
DEEP = {
    "depth": [1, 2, 3],
    "width": stats.randint(1, 101),
    "width_2": Conditional(stats.randint(1, 101), "depth", [2, 3]),
    "rule": Conditional(["a", "b"], "depth", 3),
}


def rows(space, settings, form):
    space = Space(space)
    features = Features(space)
    genomes = [space.encode(params) for params in settings]
    return getattr(features, form)(features.coordinates(genomes))


NETWORKS = [
    {"width_1": 16, "width_2": 64, "activation_1": "relu", "activation_2": "relu", "alpha": 1e-2},
    {"width_1": 64, "width_2": 64, "activation_1": "relu", "activation_2": "tanh", "alpha": 1e-4},
]


def test_trees_see_each_gene_and_what_genes_of_a_family_have_together():
    expected = [
        # genes, sum of the widths, number of relu, number of tanh
        [0, 1, 0, 0, 0.5, 1, 2, 0],
        [1, 1, 0, 1, 0.0, 2, 1, 1],
    ]
    assert_allclose(rows(LAYERS, NETWORKS, "for_trees"), expected, atol=1e-6)


def test_the_trend_sees_coarse_scales_with_their_squares_and_categories_by_choice():
    expected = [
        # widths, squares, activation_1, activation_2, families
        [-1, 1, 1, 1, 1, 0, 1, 0, 1, 2, 0],
        [1, 1, 1, 1, 1, 0, 0, 1, 2, 1, 1],
    ]
    assert_allclose(rows(LAYERS, NETWORKS, "for_trend"), expected, atol=1e-6)


def test_inactive_genes_stand_outside_for_trees_and_add_nothing_to_the_trend():
    settings = [
        {"depth": 1, "width": 100},
        {"depth": 3, "width": 100, "width_2": 1, "rule": "b"},
    ]
    assert_allclose(rows(DEEP, settings, "for_trees"), [[0, 1, -1, -1, 1], [1, 1, 0, 1, 1]])
    assert_allclose(
        rows(DEEP, settings, "for_trend"),
        # depth, its square, rule
        [[-1, 1, 0, 0], [1, 1, 0, 1]],
    )


@pytest.mark.parametrize(
    ("values", "others"),
    [
        ([1, 2, 3], [1, 2, 3]),
        (["a", "b"], ("a", "b")),
        ([StandardScaler(), MinMaxScaler()], [StandardScaler(), MinMaxScaler()]),
        (stats.loguniform(1e-4, 1), stats.loguniform(a=1e-4, b=1)),
        (stats.randint(1, 9), stats.randint(1, 9)),
    ],
)
def test_genes_with_the_same_values_are_a_family(values, others):
    genes = Space({"one": values, "other": others}).genes
    assert genes[0].domain.signature == genes[1].domain.signature


@pytest.mark.parametrize(
    ("values", "others"),
    [
        ([1, 2, 3], [1.0, 2.0, 3.0]),
        (["a", "b"], ["b", "a"]),
        ([StandardScaler()], [StandardScaler(with_mean=False)]),
        (stats.loguniform(1e-4, 1), stats.loguniform(1e-5, 1)),
        (stats.randint(1, 9), stats.randint(1, 10)),
    ],
)
def test_genes_with_other_values_are_no_family(values, others):
    genes = Space({"one": values, "other": others}).genes
    assert genes[0].domain.signature != genes[1].domain.signature


class AnyNumber:
    def rvs(self, random_state=None):
        return random_state.randint(1000)


def test_what_has_no_scale_and_too_many_choices_is_left_to_the_trees():
    space = Space({"name": [f"name {i}" for i in range(51)], "number": AnyNumber()})
    features = Features(space)
    genomes = [space.random(np.random.RandomState(seed)) for seed in range(5)]
    coordinates = features.coordinates(genomes)
    assert features.for_trees(coordinates).shape == (5, 2)
    assert features.for_trend(coordinates).shape == (5, 0)


class Infinite:
    def rvs(self, random_state=None):
        return float("inf")


def test_an_infinite_value_stays_what_it_is():
    space = Space({"limit": Infinite(), "n": [1, 2, 3]})
    features = Features(space)
    genome = space.random(np.random.RandomState(0))
    assert features.for_trees(features.coordinates([genome]))[0, 0] == np.inf


def test_the_kernel_sees_scales_categories_and_families():
    scales, categories, families = slice(0, 3), slice(3, 5), slice(5, 7)
    space = Space(LAYERS)
    features = Features(space)
    blocks = features.for_kernel(features.coordinates([space.encode(p) for p in NETWORKS]))
    assert len(blocks) == 7
    assert_allclose(np.hstack(blocks[scales]), [[0, 1, 0.5], [1, 1, 0]], atol=1e-6)
    half, third = 0.5**0.5, 0.5 * 0.5**0.5
    assert_allclose(np.hstack(blocks[categories]), [[half, 0, half, 0], [half, 0, 0, half]])
    # the mean of the widths; shares of relu and tanh
    assert_allclose(np.hstack(blocks[families]), [[0.5, half, 0], [1, third, third]])


def test_inactive_genes_stand_outside_for_the_kernel():
    space = Space(DEEP)
    features = Features(space)
    blocks = features.for_kernel(features.coordinates([space.encode({"depth": 1, "width": 100})]))
    assert_allclose(np.hstack(blocks), [[0, 1, -0.5, 0, 0, 0.5]])


def test_what_no_tree_can_hold_is_infinite_and_warns_of_nothing():
    class Huge:
        def rvs(self, random_state=None):
            return 10**400 if random_state.random_sample() < 0.5 else -1e300

    space = Space({"x": Huge(), "n": [1, 2, 3]})
    rng = np.random.RandomState(0)
    features = Features(space)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = features.for_trees(features.coordinates([space.random(rng) for _ in range(20)]))
    assert set(rows[:, 0]) == {np.inf, -np.inf}


def test_fine_scales_are_those_that_small_steps_can_follow():
    space = Space(
        {
            "short": range(20),
            "list": [10**i for i in range(25)],
            "long": range(10**9),
            "beyond": range(10**18),
            "integers": stats.randint(1, 101),
            "counts": stats.poisson(30),
            "fraction": stats.uniform(),
            "kind": [str(i) for i in range(30)],
        }
    )
    fine = {space.genes[i].name for i in Features(space).fine}
    assert fine == {"list", "long", "integers", "counts", "fraction"}


def test_a_gene_of_no_parameter_is_not_moved_along():
    space = Space({"x": range(30)}).with_gene(range(-22, 0))
    features = Features(space)
    assert features.fine == [0]
    assert features.moved((3, 21), np.array([1.0, 0.0])) == [29, 21]


def test_a_genome_is_moved_along_its_fine_scales_alone():
    space = Space(DEEP)
    features = Features(space)
    genome = space.encode({"depth": 2, "width": 1, "width_2": 100})
    row = features.coordinates([genome])[0]
    moved = features.moved(genome, np.where(np.isnan(row), row, 0.5))
    assert space.decode(tuple(moved)) == {"depth": 2, "width": 51, "width_2": 51}
    assert features.moved(genome, row) == list(genome)


def test_slopes_along_scales_are_those_of_their_columns_and_of_their_families():
    features = Features(Space(LAYERS))
    coordinates = features.coordinates([Space(LAYERS).encode(NETWORKS[0])])
    weights = np.arange(1.0, 1 + sum(b.shape[1] for b in features.for_kernel(coordinates)))

    def height(coordinates):
        return np.hstack(features.for_kernel(coordinates)) @ weights

    slopes = features.slopes(coordinates, weights[np.newaxis])
    step = 1e-6
    for scale in (0, 1, 4):  # a step along a category has no meaning
        moved = coordinates + step * (np.arange(coordinates.shape[1]) == scale)
        measured = (height(moved) - height(coordinates)) / step
        assert_allclose(slopes[:, scale], measured, rtol=1e-6)
