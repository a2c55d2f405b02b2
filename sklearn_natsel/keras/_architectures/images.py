"""What networks for images have in common."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sklearn.utils._param_validation import Interval

from sklearn_natsel.keras._augmentation import Augmentation


@dataclass(kw_only=True, eq=False, repr=False)
class AugmentsImages:
    """Training on images that are mirrored and moved at random.

    Parameters
    ----------
    horizontal_flip : bool, default=False
        Whether half of the images are mirrored, left to right, others in each epoch of
        the training. X then has the shape (n_samples, height, width) or (n_samples,
        height, width, n_channels).

    max_shift : int, default=0
        The pixels by which images are moved at most, both ways, anew in each epoch of
        the training; their edges are repeated. X has the same shapes.
    """

    horizontal_flip: bool = False
    max_shift: int = 0

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "horizontal_flip": ["boolean"],
        "max_shift": [Interval(numbers.Integral, 0, None, closed="left")],
    }

    def _augmentation(self, X: np.ndarray) -> Augmentation | None:
        if not self.horizontal_flip and not self.max_shift:
            return None
        if X.ndim not in (3, 4):
            name = "horizontal_flip" if self.horizontal_flip else "max_shift"
            raise ValueError(
                f"The {name!r} parameter is for images: X must have the shape (n_samples, height, "
                f"width) or (n_samples, height, width, n_channels). Got {X.shape} instead."
            )
        height, width, n_channels = (*X.shape[1:], 1)[:3]
        if self.max_shift >= min(height, width):
            raise ValueError(
                "The 'max_shift' parameter must be less than the height and the width of the "
                f"images, {height} and {width}. Got {self.max_shift} instead."
            )
        shape = int(height), int(width), int(n_channels)
        return Augmentation(shape, self.horizontal_flip, int(self.max_shift))
