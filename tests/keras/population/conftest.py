"""Tests of networks that are trained together: with JAX alone."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

from sklearn_natsel.keras import DenseClassifier
from sklearn_natsel.keras._backends import backend

if not backend.trains_together:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def digits():
    X, y = load_digits(return_X_y=True)
    return (X[:300] / 16).astype(np.float32), y[:300]


@pytest.fixture
def begin(digits):
    """Return a function that gives the training of a network with some parameters."""

    def begin(rows=None, **params):
        X, y = digits
        rows = np.arange(len(X)) if rows is None else rows
        tiny = {"n_hidden_layers": 1, "neurons": 8, "epochs": 2, "random_state": 0}
        return DenseClassifier(**{**tiny, **params})._begin(X, y[rows], rows, None)

    return begin
