"""Augmentation: while a network is trained, its images are mirrored and moved at random."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Augmentation:
    """What is done to images before each step of a training.

    Parameters
    ----------
    image_shape : tuple of int
        Height, width and channels of an image.

    horizontal_flip : bool
        Whether half of the images are mirrored, left to right.

    max_shift : int
        The pixels by which an image is moved at most, both ways.
    """

    image_shape: tuple[int, int, int]
    horizontal_flip: bool
    max_shift: int

    def augment(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return samples, which have any shape, with their images changed."""
        n = len(samples)
        flips = rng.random(n) < 0.5
        moves = rng.integers(-self.max_shift, self.max_shift + 1, (2, n))
        return self.change(np, samples, flips, moves)

    def change(self, xp: ModuleType, samples: Any, flips: Any, moves: Any) -> Any:
        """Mirror images and move them; their edges are repeated.

        Parameters
        ----------
        xp : module
            NumPy or what has the same functions.

        samples : array of shape (n_samples, ...)
            The images, flattened or not.

        flips : array of bool of shape (n_samples,)
            Which ones are mirrored, if images are.

        moves : array of int of shape (2, n_samples)
            Pixels downward and to the right.

        Returns
        -------
        changed : array
            Of the shape of `samples`.
        """
        height, width, _ = self.image_shape
        images = samples.reshape(-1, *self.image_shape)
        columns = xp.arange(width) - moves[1][:, None]
        if self.horizontal_flip:
            columns = xp.where(flips[:, None], width - 1 - columns, columns)
        columns = xp.clip(columns, 0, width - 1)
        rows = xp.clip(xp.arange(height) - moves[0][:, None], 0, height - 1)
        each = xp.arange(len(images))[:, None, None]
        return images[each, rows[:, :, None], columns[:, None, :]].reshape(samples.shape)
