"""What kind of outputs and targets a loss compares."""

from __future__ import annotations

from typing import Any

# In the names of losses that compare a probability for each class with the true class.
_OF_DISTRIBUTIONS = ("categorical", "kldivergence", "kullbackleibler", "kld")


def compares_distributions(loss: Any) -> bool:
    """Whether the outputs must add up to 1, so that two classes need two of them.

    Examples
    --------
    >>> from sklearn_natsel.keras._losses import compares_distributions
    >>> compares_distributions("categorical_crossentropy"), compares_distributions("mse")
    (True, False)
    """
    return any(part in name for name in _names(loss) for part in _OF_DISTRIBUTIONS)


def takes_labels(loss: Any) -> bool:
    """Whether the true classes are numbers to it, not one-hot rows.

    Examples
    --------
    >>> import keras
    >>> from sklearn_natsel.keras._losses import takes_labels
    >>> takes_labels(keras.losses.SparseCategoricalCrossentropy()), takes_labels("mse")
    (True, False)
    """
    return any(name.startswith("sparse") for name in _names(loss))


def _names(loss: Any) -> list[str]:
    """Return the name of a loss, and of those that it is made from, in the same spelling."""
    names = [loss] if isinstance(loss, str) else [kind.__name__ for kind in type(loss).__mro__]
    return [name.replace("_", "").lower() for name in names]
