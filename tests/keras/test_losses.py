"""What a loss compares, by its name or its class."""

import pytest

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

from sklearn_natsel.keras._losses import compares_distributions, takes_labels

OF_DISTRIBUTIONS = [
    "categorical_crossentropy",
    "CategoricalCrossentropy",
    "sparse_categorical_crossentropy",
    "categorical_hinge",
    "kl_divergence",
    "kld",
    keras.losses.CategoricalFocalCrossentropy(),
    keras.losses.KLDivergence(),
]
OTHERS = ["mse", "binary_crossentropy", "hinge", keras.losses.BinaryFocalCrossentropy(), None]


class Own(keras.losses.SparseCategoricalCrossentropy):
    pass


@pytest.mark.parametrize("loss", [*OF_DISTRIBUTIONS, Own()])
def test_losses_of_distributions(loss):
    assert compares_distributions(loss)


@pytest.mark.parametrize("loss", OTHERS)
def test_losses_of_single_outputs(loss):
    assert not compares_distributions(loss)
    assert not takes_labels(loss)


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", Own()])
def test_losses_that_take_the_numbers_of_classes(loss):
    assert takes_labels(loss)


def test_what_keras_knows_is_sorted():
    """A loss of a new version of Keras would fail here, to be looked at."""
    kinds = [
        kind
        for kind in vars(keras.losses).values()
        if isinstance(kind, type) and issubclass(kind, keras.losses.Loss)
    ]
    found = {kind.__name__ for kind in kinds if compares_distributions(kind.__name__)}
    assert found == {
        "CategoricalCrossentropy",
        "CategoricalFocalCrossentropy",
        "CategoricalHinge",
        "KLDivergence",
        "SparseCategoricalCrossentropy",
    } | ({"CategoricalGeneralizedCrossEntropy"} & {kind.__name__ for kind in kinds})
