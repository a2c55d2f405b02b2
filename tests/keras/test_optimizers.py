"""Optimizers train as those of Keras do."""

import numpy as np
import pytest

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

from sklearn_natsel.keras import DenseRegressor
from sklearn_natsel.keras._optimizers import make_optimizer

X = np.random.default_rng(0).normal(size=(64, 5)).astype("float32")
Y = X[:, :1] ** 2


def losses(optimizer):
    network = keras.Sequential(
        [
            keras.layers.Input((5,)),
            keras.layers.Dense(8, "tanh", kernel_initializer=keras.initializers.HeNormal(seed=0)),
            keras.layers.Dense(1, kernel_initializer=keras.initializers.HeNormal(seed=1)),
        ]
    )
    network.compile(optimizer, "mse", jit_compile=False)
    return network.fit(X, Y, batch_size=16, epochs=10, shuffle=False, verbose=0).history["loss"]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("adam", {"learning_rate": 0.01}),
        ("adam", {"learning_rate": None, "weight_decay": 0.01}),
        ("adamw", {"learning_rate": 0.02}),
        ("adamax", {"learning_rate": 0.05}),
    ],
)
def test_single_operations_train_as_keras_does(name, settings):
    config = {key: value for key, value in settings.items() if value is not None}
    own = keras.optimizers.get({"class_name": name, "config": config})
    np.testing.assert_allclose(losses(make_optimizer(name, **settings)), losses(own), rtol=1e-4)


def test_a_saved_network_has_the_optimizer_of_keras(tmp_path):
    model = DenseRegressor(neurons=4, epochs=1, optimizer="adamax", learning_rate=0.1).fit(X, Y)
    model.model_.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    assert type(loaded.optimizer) is type(keras.optimizers.get("adamax"))
    assert float(loaded.optimizer.learning_rate) == pytest.approx(0.1)
    np.testing.assert_allclose(loaded.predict(X, verbose=0), model.predict(X), rtol=1e-5)


@pytest.mark.parametrize("name", ["nadam", "sgd", "rmsprop", "adagrad", "lion"])
def test_the_others_are_those_of_keras(name):
    model = DenseRegressor(neurons=4, epochs=2, optimizer=name).fit(X, Y)
    assert np.isfinite(model.history_["loss"]).all()
