"""JAX: programs are kept on disk, and dropped from memory now and then."""

import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

if keras.backend.backend() != "jax":
    pytest.skip("Keras runs on another backend", allow_module_level=True)

import jax

from sklearn_natsel.keras import DenseClassifier
from sklearn_natsel.keras._backends import backend
from sklearn_natsel.keras._backends import jax as own

FOLDER = "import sklearn_natsel.keras, jax; print(jax.config.jax_compilation_cache_dir)"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"XDG_CACHE_HOME": "/somewhere"}, "/somewhere/sklearn_natsel/jax"),
        ({"JAX_COMPILATION_CACHE_DIR": "/elsewhere"}, "/elsewhere"),
    ],
)
def test_programs_are_kept_in_a_folder_of_the_user(variables, expected):
    environment = {**os.environ, "KERAS_BACKEND": "jax", **variables}
    done = subprocess.run(
        [sys.executable, "-c", FOLDER], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == expected


def test_programs_of_keras_are_dropped_after_some_networks(iris, monkeypatch):
    dropped = []
    monkeypatch.setattr(jax, "clear_caches", lambda: dropped.append(True))
    monkeypatch.setattr(own, "_MOST_PROGRAMS", 2)
    monkeypatch.setattr(backend, "_n_programs", 0)
    network = DenseClassifier(n_hidden_layers=0, epochs=1)
    for _ in range(3):
        network.fit(*iris)
    assert dropped == []  # such networks have a program in common
    network.set_params(max_training_time=60)
    for _ in range(4):
        network.fit(*iris)
    assert dropped == [True, True]
    assert np.isfinite(network.history_["loss"]).all()
