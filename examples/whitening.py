"""Whitening of images, a step of the pipeline of cifar10.py.

It has a file of its own, because a pipeline finds the results of its steps again, in whatever
process, only if their classes can be imported there.
"""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

# Above the variance of CIFAR-10 in any direction, so that hardly anything is whitened.
NEXT_TO_NOTHING = 10_000


class Whitening(TransformerMixin, BaseEstimator):
    """Make the pixels of centred images less correlated; they still look like images (ZCA).

    Directions whose variance is far below the ridge are mostly noise, and do not become as loud as
    the others.
    """

    def __init__(self, ridge=NEXT_TO_NOTHING):
        self.ridge = ridge

    def fit(self, X, y=None):
        """Learn how pixels vary together."""
        pixels = X.reshape(len(X), -1)
        variances, directions = np.linalg.eigh(pixels.T @ pixels / len(X))
        variances = variances.clip(0)
        left = np.mean(variances / (variances + self.ridge))  # of the variance of a pixel
        self.matrix_ = directions / np.sqrt((variances + self.ridge) * left) @ directions.T
        return self

    def transform(self, X):
        """Return the whitened images."""
        return (X.reshape(len(X), -1) @ self.matrix_).reshape(X.shape)
