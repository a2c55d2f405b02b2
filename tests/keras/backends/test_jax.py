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

SETTINGS = """
import sklearn_natsel.keras, jax, os
print(jax.config.jax_compilation_cache_dir)
print(jax.config.jax_persistent_cache_min_compile_time_secs)
print(os.environ["XLA_FLAGS"])
"""


def settings_with(**variables):
    environment = {**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": "", **variables}
    if not environment["XLA_FLAGS"]:
        del environment["XLA_FLAGS"]
    done = subprocess.run(
        [sys.executable, "-c", SETTINGS],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_programs_are_kept_in_a_folder_of_the_user():
    folder, seconds, flags = settings_with(XDG_CACHE_HOME="/somewhere")
    assert folder == "/somewhere/sklearn_natsel/jax"
    assert float(seconds) < 1
    assert "xla_cpu_disable_loop_unrolling" in flags


def test_settings_of_the_user_are_left():
    own = {
        "JAX_COMPILATION_CACHE_DIR": "/elsewhere",
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "3.0",
        "XLA_FLAGS": "--xla_cpu_enable_fast_math=false",
    }
    assert settings_with(**own) == list(own.values())


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
