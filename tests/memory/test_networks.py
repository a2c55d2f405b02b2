"""Networks and their parts count by their settings and weights, at any time of the day."""

import copy
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from sklearn_natsel._memory.fingerprint import fingerprint
from sklearn_natsel._memory.networks import packages_behind


def test_objects_of_keras_have_the_same_fingerprint_at_any_time():
    keras = pytest.importorskip("keras")
    makers = [
        lambda rate: keras.optimizers.Adam(rate),
        lambda rate: keras.callbacks.EarlyStopping(min_delta=rate),
        lambda rate: keras.losses.Huber(delta=rate),
        lambda rate: keras.layers.Dense(
            3, name="dense", kernel_regularizer=keras.regularizers.L2(rate)
        ),
    ]
    for make in makers:
        one, same, other = (fingerprint(make(rate), cloned=False) for rate in (0.1, 0.1, 0.2))
        assert one == same != other


def test_objects_of_torch_count_by_what_they_hold():
    torch = pytest.importorskip("torch")
    assert fingerprint(torch.__version__) == fingerprint(
        type(torch.__version__)("" + torch.__version__)
    )
    one, same, other = (torch.arange(4.0) * factor for factor in (1, 1, 2))
    assert fingerprint(one) == fingerprint(same) != fingerprint(other)
    nets = [torch.nn.Linear(2, 3) for _ in range(2)]
    assert fingerprint(nets[0]) == fingerprint(copy.deepcopy(nets[0])) != fingerprint(nets[1])


def test_models_of_keras_count_by_their_layers_weights_and_how_they_are_compiled():
    keras = pytest.importorskip("keras")

    def make(weight=1.0, units=3, loss="mse"):
        layers = [keras.layers.Input((2,), name="input"), keras.layers.Dense(units, name="layer")]
        model = keras.Sequential(layers, name="model")
        model.set_weights([np.full((2, units), weight), np.zeros(units)])
        model.compile(loss=loss)
        return model

    models = [make(), make(weight=2.0), make(units=4), make(loss="mae")]
    digests = [fingerprint(model, cloned=False) for model in models]
    assert digests[0] == fingerprint(make(), cloned=False)
    assert len(set(digests)) == len(digests)
    keras.utils.set_random_seed(0)  # scikeras may have left TensorFlow deterministic
    models[0].fit(np.ones((4, 2)), np.ones((4, 3)), verbose=0)
    assert fingerprint(models[0], cloned=False) not in digests


def test_classes_of_scikeras_count_by_what_keras_computes_with(monkeypatch):
    wrappers, keras = ModuleType("scikeras.wrappers"), ModuleType("keras")
    wrappers.Wrapper = type("Wrapper", (), {"__module__": wrappers.__name__})
    monkeypatch.setitem(sys.modules, wrappers.__name__, wrappers)
    monkeypatch.setitem(sys.modules, "keras", keras)
    monkeypatch.setattr("sklearn_natsel._memory.code.version_of", lambda name: "1.0")
    monkeypatch.setattr("sklearn_natsel._memory.installed.version_of", lambda name: "1.0")
    digests = set()
    for backend in ("numpy", "scipy"):
        keras.backend = SimpleNamespace(backend=lambda: backend)  # noqa: B023
        digests.add(fingerprint(wrappers.Wrapper))
        assert packages_behind("keras.layers") == ["keras", backend]
    assert len(digests) == 2
    assert packages_behind("sklearn.svm") == []
