"""Estimators of scikeras itself can be searched, too."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.preprocessing import StandardScaler

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras
import scikeras.wrappers
from scikeras.wrappers import KerasClassifier

import sklearn_natsel.keras
from sklearn_natsel import GeneticSearchCV
from sklearn_natsel.keras import DenseClassifier
from sklearn_natsel.keras._backends import backend

X, Y = load_iris(return_X_y=True)
X = StandardScaler().fit_transform(X)


def build(neurons, compile_kwargs):
    network = keras.Sequential(
        [
            keras.layers.Input((4,)),
            keras.layers.Dense(neurons, "relu"),
            keras.layers.Dense(3, "softmax"),
        ]
    )
    # Keras compiles by XLA otherwise, which takes longer than the training.
    network.compile(**compile_kwargs, jit_compile=False)
    return network


def plain():
    return KerasClassifier(
        build,
        model__neurons=16,
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        optimizer__learning_rate=0.05,
        epochs=5,
        verbose=0,
        random_state=0,
    )


def test_plain_scikeras_is_searched_too():
    search = GeneticSearchCV(
        plain(),
        {"model__neurons": [8, 16], "optimizer__learning_rate": [0.05, 0.1]},
        max_evaluations=2,
        # scikeras 0.13 does not say that it classifies, so that a number here would mean folds
        # that are not stratified.
        cv=StratifiedKFold(2),
        random_state=0,
    ).fit(X, Y)
    assert search.best_score_ > 0.8
    assert search.predict(X[:2]).shape == (2,)


def test_the_stratification_trap_is_gone():
    # Iris is sorted: with plain folds each species is tested by networks that never saw it.
    trapped = GridSearchCV(plain(), {"model__neurons": [16]}, cv=3, refit=False).fit(X, Y)
    assert trapped.best_score_ < 0.2
    dense = DenseClassifier(
        n_hidden_layers=1, neurons=16, learning_rate=0.05, epochs=5, random_state=0
    )
    search = GeneticSearchCV(
        dense, {"neurons": [8, 16]}, cv=3, refit=False, max_evaluations=2, random_state=0
    ).fit(X, Y)
    assert search.best_score_ > 0.85
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize("name", ["KerasClassifier", "KerasRegressor"])
def test_without_jax_our_wrappers_are_scikeras_own(name):
    ours, theirs = (getattr(library, name) for library in (sklearn_natsel.keras, scikeras.wrappers))
    assert (ours is theirs) == (not backend.trains_together)
    assert hasattr(ours(), "fit_many") == backend.trains_together
    assert issubclass(ours, theirs)
