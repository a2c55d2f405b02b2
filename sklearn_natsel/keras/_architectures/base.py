"""What a kind of network has to write, beside what all networks share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import keras
import numpy as np

from sklearn_natsel.keras._augmentation import Augmentation


class Architecture(ABC):
    """The layers of a network, made from hyperparameters.

    A subclass is a dataclass, whose fields are the hyperparameters: they become
    parameters of the constructor of an estimator. Its docstring describes them in a
    section "Parameters", which comes last and goes into the docstring of the
    estimator. The estimators themselves inherit from `NetworkClassifier` or
    `NetworkRegressor`, and from the architecture.
    """

    _parameter_constraints: ClassVar[dict[str, Any]]
    """The valid values of the fields, as scikit-learn writes them."""

    @abstractmethod
    def _arrange_samples(self, X: np.ndarray) -> np.ndarray:
        """Bring samples into the shape that the layers take.

        Parameters
        ----------
        X : ndarray of shape (n_samples, ...)
            What the user gave, as numbers, with two dimensions or more.

        Returns
        -------
        X : ndarray of shape (n_samples, ...)
            The same samples.

        Raises
        ------
        ValueError
            If the layers can't take samples of this shape.
        """

    def _augmentation(self, X: np.ndarray) -> Augmentation | None:
        """Return how samples are changed at random while the network is trained.

        Parameters
        ----------
        X : ndarray of shape (n_samples, ...)
            What the user gave.

        Returns
        -------
        augmentation : Augmentation or None
            None unless a subclass does so.
        """
        return None

    @abstractmethod
    def _build_network(
        self, input_shape: tuple[int, ...], n_outputs: int, output_activation: str, seed: int
    ) -> keras.Model:
        """Build the network.

        Parameters
        ----------
        input_shape : tuple of int
            The shape of a sample.

        n_outputs : int
            Size of the output.

        output_activation : str
            Activation of the output layer.

        seed : int
            Decides the initial weights and whatever else is random in the layers.
            Keras' global generator must not be used: give each layer a seed of its
            own, derived from this one.

        Returns
        -------
        network : keras.Model
            The network, not compiled.
        """
