"""Networks that are trained on images which are mirrored and moved."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.utils._param_validation import InvalidParameterError

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

from sklearn_natsel.keras import DenseClassifier, DenseRegressor
from sklearn_natsel.keras._augmentation import Augmentation

DIGITS, Y = load_digits(return_X_y=True)
DIGITS = (DIGITS / 16).reshape(-1, 8, 8)
OPTIONS = {"neurons": 64, "n_hidden_layers": 1, "flatten": True, "random_state": 0}


def scores_on(change, **params):
    """Return the accuracies on images as they are and on changed ones, of 1,000 trained on."""
    model = DenseClassifier(epochs=20, learning_rate=0.005, **OPTIONS, **params)
    model.fit(DIGITS[:1000], Y[:1000])
    return [model.score(images, Y[1000:]) for images in (DIGITS[1000:], change(DIGITS[1000:]))]


def moved_right(images):
    return np.pad(images, ((0, 0), (0, 0), (1, 0)), mode="edge")[:, :, :-1]


def test_moved_images_are_recognised():
    assert scores_on(moved_right)[1] < 0.6
    as_they_are, moved = scores_on(moved_right, max_shift=1)
    assert as_they_are > 0.85
    assert moved > 0.8


def test_mirror_images_are_recognised():
    assert scores_on(lambda images: images[:, :, ::-1])[1] < 0.6
    as_they_are, mirrored = scores_on(lambda images: images[:, :, ::-1], horizontal_flip=True)
    assert as_they_are > 0.8
    assert mirrored > 0.8


@pytest.mark.parametrize("params", [{"max_shift": 1}, {"horizontal_flip": True}], ids=str)
def test_a_seed_decides(params):
    models = [DenseClassifier(epochs=2, **OPTIONS, **params) for _ in range(2)]
    one, other = (model.fit(DIGITS[:200], Y[:200]).predict_proba(DIGITS[:9]) for model in models)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 1), (4, 4, 4), (2, 32)], ids=str)
def test_images_have_two_dimensions_and_maybe_channels(shape):
    X = DIGITS[:60].reshape(-1, *shape)
    model = DenseRegressor(epochs=1, max_shift=1, horizontal_flip=True, **OPTIONS)
    assert model.fit(X, Y[:60]).predict(X).shape == (60,)
    expected = Augmentation((*shape, 1)[:3], horizontal_flip=True, max_shift=1)
    assert model._augmentation(X) == expected


@pytest.mark.parametrize("params", [{"max_shift": 1}, {"horizontal_flip": True}], ids=str)
@pytest.mark.parametrize("shape", [(64,), (2, 2, 4, 4)], ids=str)
def test_what_is_no_image_is_refused(params, shape):
    model = DenseClassifier(**OPTIONS, **params)
    (name,) = params
    with pytest.raises(ValueError, match=rf"'{name}'.*is for images.*Got \(60, "):
        model.fit(DIGITS[:60].reshape(-1, *shape), Y[:60])


@pytest.mark.parametrize("shape", [(8, 8), (2, 32)], ids=str)
def test_images_can_not_be_moved_out_of_sight(shape):
    model = DenseClassifier(max_shift=shape[0], **OPTIONS)
    with pytest.raises(ValueError, match=rf"less than the height and the width.*Got {shape[0]}"):
        model.fit(DIGITS[:60].reshape(-1, *shape), Y[:60])


@pytest.mark.parametrize("value", [-1, 0.5, "2", None])
def test_shifts_are_counts_of_pixels(value):
    with pytest.raises(InvalidParameterError, match=r"'max_shift' parameter.*int"):
        DenseClassifier(max_shift=value, **OPTIONS).fit(DIGITS[:60], Y[:60])
