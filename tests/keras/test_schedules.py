"""Learning rates that change in the course of a training."""

import numpy as np
import pytest
from sklearn.utils._param_validation import InvalidParameterError

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

from sklearn_natsel.keras import DenseClassifier
from sklearn_natsel.keras._schedules import make_schedule

TINY = {"n_hidden_layers": 0, "batch_size": 50, "epochs": 4, "random_state": 0}


def rates(name, n_steps):
    schedule = make_schedule(name, 0.5, n_steps)
    return np.array([float(schedule(step)) for step in range(n_steps + 1)])


def test_half_a_cosine():
    expected = 0.25 * (1 + np.cos(np.pi * np.arange(101) / 100))
    np.testing.assert_allclose(rates("cosine", 100), expected, atol=1e-6)


def test_one_cycle():
    found = rates("one_cycle", 100)
    np.testing.assert_allclose(found[:31], np.linspace(0.02, 0.5, 31), atol=1e-6)
    np.testing.assert_allclose(
        found[30:], 0.25 * (1 + np.cos(np.pi * np.arange(71) / 70)), atol=1e-6
    )


class Rates(keras.callbacks.Callback):
    """Takes note of the learning rate of each step."""

    rates = []

    def on_train_batch_begin(self, batch, logs=None):
        rate = self.model.optimizer.learning_rate
        self.rates.append(float(keras.ops.convert_to_numpy(rate)))


@pytest.mark.parametrize("name", ["constant", "cosine", "one_cycle"])
def test_the_last_step_of_the_last_epoch_ends_the_schedule(iris, name):
    Rates.rates.clear()
    model = DenseClassifier(
        learning_rate=0.5,
        learning_rate_schedule=name,
        callbacks=[Rates()],
        steps_per_execution=1,
        **TINY,
    ).fit(*iris)
    expected = np.full(13, 0.5) if name == "constant" else rates(name, 12)
    np.testing.assert_allclose(Rates.rates, expected[:12], atol=1e-6)
    assert model.score(*iris) > 0.6


def test_the_rate_may_be_the_optimizers_own(iris):
    Rates.rates.clear()
    options = {"optimizer": "sgd", "learning_rate_schedule": "cosine", "callbacks": [Rates()]}
    DenseClassifier(**TINY, **options, steps_per_execution=1).fit(*iris)
    assert Rates.rates[0] == pytest.approx(keras.optimizers.SGD().learning_rate)


def test_a_network_learns_little_at_the_end(iris):
    """Whatever trains it: the steps of the last epoch have low rates."""
    falls = {}
    for name in ("constant", "cosine"):
        options = {"learning_rate": 0.01, "learning_rate_schedule": name, **TINY, "epochs": 20}
        losses = DenseClassifier(**options).fit(*iris).history_["loss"]
        falls[name] = losses[-2] - losses[-1]
    assert abs(falls["cosine"]) < abs(falls["constant"]) / 5


def test_unknown_names_are_refused(iris):
    with pytest.raises(InvalidParameterError, match=r"'learning_rate_schedule'.*'cosin' instead"):
        DenseClassifier(learning_rate_schedule="cosin").fit(*iris)


def test_epoch_by_epoch_nobody_knows_where_it_ends(iris):
    model = DenseClassifier(learning_rate_schedule="cosine", **TINY)
    with pytest.raises(InvalidParameterError, match=r"'constant' for partial_fit.*'cosine'"):
        model.partial_fit(*iris)
    # Its rate is zero after that, whatever the parameter is now.
    model.fit(*iris).set_params(learning_rate_schedule="constant")
    with pytest.raises(InvalidParameterError, match=r"the fit before it.*'cosine'"):
        model.partial_fit(*iris)
    losses = model.fit(*iris).partial_fit(*iris).history_["loss"]
    assert losses[4] < losses[3]


def test_networks_are_saved_as_those_of_keras(iris, tmp_path):
    model = DenseClassifier(learning_rate_schedule="one_cycle", **TINY).fit(*iris)
    model.model_.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    outputs = loaded.predict(iris[0].astype("float32"), verbose=0)
    np.testing.assert_allclose(outputs, model.predict_proba(iris[0]), rtol=1e-5)
