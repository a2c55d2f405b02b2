"""An architecture of one's own is an estimator in a few lines."""

import inspect
import numbers
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils._param_validation import Interval

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel.keras._architectures.base import Architecture
from sklearn_natsel.keras._estimators import NetworkClassifier, NetworkRegressor


@dataclass(kw_only=True, eq=False, repr=False)
class ImageLayers(Architecture):
    """A filter that runs over images.

    Parameters
    ----------
    n_filters : int, default=2
        What each place of an image is looked at for.
    """

    n_filters: int = 2

    _parameter_constraints = {"n_filters": [Interval(numbers.Integral, 1, None, closed="left")]}

    def _arrange_samples(self, X):
        if X.ndim != 3:
            raise ValueError(f"Images have two dimensions. Got {X.ndim - 1} instead.")
        return X[..., np.newaxis]

    def _build_network(self, input_shape, n_outputs, output_activation, seed):
        draw = keras.initializers.GlorotUniform(seed=seed)
        stack = [
            keras.layers.Input(input_shape),
            keras.layers.Conv2D(self.n_filters, 2, kernel_initializer=draw),
            keras.layers.Flatten(),
            keras.layers.Dense(n_outputs, output_activation, kernel_initializer=draw),
        ]
        return keras.Sequential(stack)


@dataclass(kw_only=True, eq=False, repr=False)
class ImageClassifier(NetworkClassifier, ImageLayers):
    """Classify images.

    Parameters
    ----------
    {parameters}
    """

    _parameter_constraints = (
        ImageLayers._parameter_constraints | NetworkClassifier._parameter_constraints
    )


@dataclass(kw_only=True, eq=False, repr=False)
class ImageRegressor(NetworkRegressor, ImageLayers):
    _parameter_constraints = (
        ImageLayers._parameter_constraints | NetworkRegressor._parameter_constraints
    )


RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(200, 4, 3))
IS_BRIGHT = np.where(IMAGES.mean(axis=(1, 2)) > 0, "bright", "dark")


def test_an_architecture_of_ones_own_can_be_searched():
    model = ImageClassifier(epochs=20, learning_rate=0.05, random_state=0)
    search = GeneticSearchCV(model, {"n_filters": [1, 3]}, cv=2, random_state=0)
    search.fit(IMAGES, IS_BRIGHT)
    assert search.best_score_ > 0.8
    best = search.best_estimator_
    assert best.model_.layers[0].filters == search.best_params_["n_filters"]
    assert best.model_.input_shape == (None, 4, 3, 1)
    assert best.predict_proba(IMAGES).shape == (200, 2)


def test_its_fields_are_parameters_beside_those_of_all_networks():
    model = ImageClassifier(n_filters=3, patience=7, class_weight="balanced")
    assert clone(model).get_params() == model.get_params()
    names = list(inspect.signature(ImageClassifier).parameters)
    assert names == ["n_filters", *inspect.signature(NetworkClassifier).parameters]
    documented = [line for line in ImageClassifier.__doc__.splitlines() if " : " in line]
    assert [line.split(" : ")[0] for line in documented] == names
    with pytest.raises(ValueError, match="'n_filters' parameter of ImageClassifier"):
        model.set_params(n_filters=0).fit(IMAGES, IS_BRIGHT)


def test_it_says_what_samples_it_takes():
    with pytest.raises(ValueError, match=r"two dimensions\. Got 1"):
        ImageRegressor().fit(IMAGES[:, 0], RNG.normal(size=200))
    model = ImageRegressor(epochs=1).fit(IMAGES, RNG.normal(size=200))
    with pytest.raises(ValueError, match=r"shape \(4, 2, 1\), but ImageRegressor .*\(4, 3, 1\)"):
        model.predict(IMAGES[:, :, :2])


def test_what_is_missing_is_told():
    @dataclass(kw_only=True, eq=False, repr=False)
    class Unfinished(NetworkRegressor, Architecture):
        pass

    with pytest.raises(TypeError, match="_arrange_samples"):
        Unfinished()
