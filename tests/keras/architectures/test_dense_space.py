"""The space of dense networks: each setting is a network of its own."""

import json
import math
import pickle

import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn.pipeline import Pipeline

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._space.parameter_names import check_names
from sklearn_natsel._space.space import Space

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

from sklearn_natsel.keras import DenseClassifier, dense_space

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
Y = np.array([0, 1, 2, 0])


def built(params):
    """Tell everything that decides how the network of a setting is trained."""
    estimator = DenseClassifier(random_state=0, **params)
    network = estimator.initialize(X, Y).model_
    optimizer = network.optimizer.get_config()
    # Keras numbers its optimizers.
    optimizer["name"] = type(network.optimizer).__name__
    return json.dumps([network.get_config(), optimizer, estimator.batch_size], sort_keys=True)


@pytest.mark.parametrize("uniform", [False, True])
def test_different_settings_build_different_networks(uniform):
    space = Space(
        dense_space(
            max_hidden_layers=2,
            uniform=uniform,
            neurons=[2, 3],
            hidden_dropout=[0.0, 0.5],
            input_dropout=[0.5],
            kernel_initializer=["he_normal"],
            optimizer=["adam", "nadam"] if uniform else ["adam"],
            batch_normalization=[False, True],
            batch_size=[16],
        )
    )
    genomes = list(space.genomes())
    networks = {built(space.decode(genome)) for genome in genomes}
    assert len(genomes) == space.size == len(networks)


def test_a_missing_layer_has_no_say():
    assert built({"n_hidden_layers": 1, "neurons1": 7}) == built({"n_hidden_layers": 1})
    space = Space(dense_space())
    names = set(space.decode(space.encode({"n_hidden_layers": 0}, np.random.RandomState(0))))
    assert names == {
        "n_hidden_layers",
        "input_dropout",
        "kernel_initializer",
        "optimizer",
        "batch_size",
    }


def test_fifteen_hyperparameters_by_default():
    space = dense_space()
    assert len(space.keys() - {"n_hidden_layers"}) == 15
    assert Space(space).size == 6 * 6 * 3 * 3 * (1 + 2 * sum((7 * 6) ** n for n in range(1, 6)))
    check_names(Space(space), DenseClassifier())


def test_every_range_can_be_replaced_or_left_out():
    space = dense_space(
        min_hidden_layers=2,
        max_hidden_layers=12,
        uniform=True,
        hidden_dropout=None,
        optimizer=["sgd"],
        learning_rate=loguniform(1e-4, 1e-1),
    )
    assert list(space["n_hidden_layers"]) == list(range(2, 13))
    assert space["neurons"] == (16, 32, 64, 128, 256, 512, 1024)
    assert "dropout" not in space
    assert math.isinf(Space(space).size)
    for wrong in ({"max_hidden_layers": 9}, {"min_hidden_layers": 6}):
        with pytest.raises(ValueError, match=r"hidden_layers .* Got"):
            dense_space(**wrong)


def test_prefix_is_for_pipelines():
    pipeline = Pipeline([("net", DenseClassifier())])
    search = GeneticSearchCV(pipeline, dense_space(max_hidden_layers=1, prefix="net__"))
    check_names(Space(search.param_space), pipeline)
    assert pickle.loads(pickle.dumps(search)).param_space.keys() == search.param_space.keys()


@pytest.mark.parametrize(("name", "value"), [("uniform", "no"), ("prefix", None)])
def test_invalid_parameters_are_named(name, value):
    with pytest.raises(ValueError, match=f"'{name}' parameter of dense_space .* Got {value!r}"):
        dense_space(**{name: value})


@pytest.mark.parametrize("n", [2.0, "2", -1])
@pytest.mark.parametrize("name", ["min_hidden_layers", "max_hidden_layers"])
def test_numbers_of_layers_are_integers(name, n):
    with pytest.raises(ValueError, match=f"'{name}' parameter of dense_space .* Got {n!r}"):
        dense_space(**{name: n})
