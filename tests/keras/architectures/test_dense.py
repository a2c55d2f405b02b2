"""Layers, as the hyperparameters of a dense network describe them."""

import inspect
import re

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

from sklearn_natsel.keras import DenseClassifier, DenseRegressor

# Most of the time goes into compiling the network, so it has one layer where one will do.
TINY = {
    "n_hidden_layers": 1,
    "neurons": 16,
    "epochs": 10,
    "learning_rate": 0.05,
    "random_state": 0,
}


def layers_of(n_features=3, **params):
    """Return the layers of a network that is built, but not trained."""
    X, y = np.zeros((4, n_features)), np.array([0, 1, 2, 0])
    return DenseClassifier(random_state=0, **params).initialize(X, y).model_.layers


def test_they_pass_for_what_they_are():
    assert is_classifier(DenseClassifier())
    assert not is_regressor(DenseClassifier())
    assert is_regressor(DenseRegressor())


def test_the_regressor_has_the_parameters_of_the_classifier():
    classifier, regressor = DenseClassifier().get_params(), DenseRegressor().get_params()
    assert classifier == {**regressor, "class_weight": None}


@pytest.mark.parametrize("estimator", [DenseClassifier, DenseRegressor])
def test_every_parameter_is_shown_documented_and_checked(estimator):
    signature = inspect.signature(estimator).parameters
    assert all(p.kind is p.KEYWORD_ONLY for p in signature.values())
    assert {name: p.default for name, p in signature.items()} == estimator().get_params()
    assert estimator._parameter_constraints.keys() == signature.keys()
    documented = re.search(r"Parameters\n-+\n(.*?)\n\nAttributes\n", estimator.__doc__, re.DOTALL)
    entries = re.findall(r"^(\w[\w, ]*) : (.*)$", documented[1], re.MULTILINE)
    names = [name for names, _ in entries for name in names.split(", ")]
    assert names == list(signature)
    for group, text in entries:
        for name in group.split(", "):
            default = signature[name].default
            shown = f'"{default}"' if isinstance(default, str) else repr(default)
            assert text.endswith(f"default={shown}")


def test_parameters_can_be_set_and_cloned_and_are_shown():
    model = DenseClassifier(neurons1=3).set_params(dropout0=0.5, class_weight="balanced")
    assert clone(model).get_params() == model.get_params()
    shown = "DenseClassifier(class_weight='balanced', dropout0=0.5, neurons1=3)"
    assert repr(model) == shown
    assert "neurons1" in model._repr_html_()
    with pytest.raises(TypeError, match="neurones"):
        DenseClassifier(neurones=3)
    with pytest.raises(ValueError, match="neurones"):
        model.set_params(neurones=3)


def test_each_layer_has_its_neurons_and_its_dropout():
    layers = layers_of(n_hidden_layers=3, neurons=8, neurons1=5, dropout=0.2, dropout2=0.0)
    sizes = [(layer.name, layer.units) for layer in layers if hasattr(layer, "units")]
    assert sizes == [("dense0", 8), ("dense1", 5), ("dense2", 8), ("outputs", 3)]
    rates = {layer.name: layer.rate for layer in layers if hasattr(layer, "rate")}
    assert rates == {"dropout0": 0.2, "dropout1": 0.2}


def test_layers_beyond_the_named_ones_have_the_common_numbers():
    layers = layers_of(n_hidden_layers=9, neurons=4, neurons7=2, input_dropout=0.1)
    assert [layer.units for layer in layers if hasattr(layer, "units")] == [4] * 7 + [2, 4, 3]
    assert layers[0].name == "input_dropout"


def test_batch_normalization_stands_before_the_activation_and_replaces_the_bias():
    layers = layers_of(n_hidden_layers=1, batch_normalization=True, hidden_activation="elu")
    names = [layer.name for layer in layers]
    assert names == ["dense0", "batch_normalization0", "activation0", "outputs"]
    assert not layers[0].use_bias
    assert layers[2].activation.__name__ == "elu"
    assert layers[3].use_bias


def test_each_layer_draws_its_own_weights():
    first, second = (
        layer.get_weights()[0] for layer in layers_of(16, n_hidden_layers=2, neurons=16)[:4:2]
    )
    assert first.shape == second.shape
    assert not np.allclose(first, second)


def test_images_are_flattened_on_request():
    X, y = load_digits(return_X_y=True)
    images = (X[:300] / 16).reshape(-1, 8, 8)
    model = DenseClassifier(flatten=True, **TINY).fit(images, y[:300])
    assert model.score(images, y[:300]) > 0.9
    with pytest.raises(ValueError, match="dim 3"):
        DenseClassifier(**TINY).fit(images, y[:300])
    with pytest.raises(
        ValueError, match=r"shape \(32,\), but DenseClassifier is expecting \(64,\)"
    ):
        model.predict(images[:, :, :4])


def test_grid_search_over_a_pipeline(iris):
    model = make_pipeline(StandardScaler(), DenseClassifier(**TINY))
    grid = {"denseclassifier__neurons0": [1, 16]}
    search = GridSearchCV(model, grid, cv=2, refit=False).fit(*iris)
    assert search.best_params_ == {"denseclassifier__neurons0": 16}


@pytest.mark.parametrize("params", [{"dropout3": 1.5}, {"neurons": 0}, {"n_hidden_layers": -1}])
def test_invalid_parameters_are_named(iris, params):
    (name,) = params
    with pytest.raises(ValueError, match=f"The '{name}' parameter of DenseClassifier"):
        DenseClassifier(**params).fit(*iris)


@pytest.mark.parametrize("parameter", ["neurons", "neurons0"])
def test_numbers_of_numpy_are_numbers(parameter):
    layers = layers_of(n_hidden_layers=1, **{parameter: np.array([4, 8])[1]})
    assert [layer.units for layer in layers if hasattr(layer, "units")] == [8, 3]


@pytest.mark.parametrize("parameter", ["hidden_activation", "kernel_initializer"])
def test_names_that_keras_does_not_know(iris, parameter):
    with pytest.raises(ValueError, match=f"The '{parameter}' parameter .* Got 'nonsense' instead"):
        DenseClassifier(**TINY, **{parameter: "nonsense"}).fit(*iris)


@pytest.mark.parametrize("name", ["zeros", "identity", "orthogonal", "RandomNormal"])
def test_initializers_with_and_without_a_seed(name):
    one, other = (layers_of(n_hidden_layers=1, kernel_initializer=name) for _ in range(2))
    for a, b in zip(one, other):
        for weights, same in zip(a.get_weights(), b.get_weights()):
            np.testing.assert_array_equal(weights, same)
