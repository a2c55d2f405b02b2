"""Dense networks: layers that are connected with all of the layer before."""

from __future__ import annotations

import numbers
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import signature
from typing import Any

import keras
import numpy as np
from keras import layers
from sklearn.utils._param_validation import Interval

from sklearn_natsel.keras._architectures.base import Architecture
from sklearn_natsel.keras._architectures.images import AugmentsImages
from sklearn_natsel.keras._estimators import NetworkClassifier, NetworkRegressor
from sklearn_natsel.keras._initial_weights import draw_weights
from sklearn_natsel.keras._lookup import look_up

N_NAMED_LAYERS = 8
"""Hidden layers whose neurons and dropout can be set one by one."""

_NEURONS = Interval(numbers.Integral, 1, None, closed="left")
_DROPOUT = Interval(numbers.Real, 0, 1, closed="left")


@dataclass(kw_only=True, eq=False, repr=False)
class DenseLayers(AugmentsImages, Architecture):
    """Hidden layers of neurons, each with its dropout.

    Parameters
    ----------
    n_hidden_layers : int, default=2
        Number of hidden layers; 0 connects the inputs with the outputs.

    neurons : int, default=128
        Neurons in each hidden layer that has no number of its own.

    dropout : float, default=0.0
        Share of the outputs that is dropped, while training, after each hidden
        layer that has no dropout of its own.

    neurons0, neurons1, neurons2, neurons3, neurons4, neurons5, neurons6, neurons7 : \
int, default=None
        Neurons in the first to the eighth hidden layer; None means `neurons`.
        Those of layers beyond `n_hidden_layers` do not matter.

    dropout0, dropout1, dropout2, dropout3, dropout4, dropout5, dropout6, dropout7 : \
float, default=None
        Dropout after the first to the eighth hidden layer; None means
        `dropout`.

    input_dropout : float, default=0.0
        Share of the features that is dropped while training.

    hidden_activation : str, default="relu"
        Activation of the hidden layers, by its name in Keras.

    kernel_initializer : str, default="glorot_uniform"
        Distribution of the initial weights, by its name in Keras.

    batch_normalization : bool, default=False
        Whether to normalise what each hidden layer passes to its activation.

    flatten : bool, default=False
        Whether to accept data with more than two dimensions, for instance
        images, and flatten each sample.
    """

    n_hidden_layers: int = 2
    neurons: int = 128
    dropout: float = 0.0
    neurons0: int | None = None
    neurons1: int | None = None
    neurons2: int | None = None
    neurons3: int | None = None
    neurons4: int | None = None
    neurons5: int | None = None
    neurons6: int | None = None
    neurons7: int | None = None
    dropout0: float | None = None
    dropout1: float | None = None
    dropout2: float | None = None
    dropout3: float | None = None
    dropout4: float | None = None
    dropout5: float | None = None
    dropout6: float | None = None
    dropout7: float | None = None
    input_dropout: float = 0.0
    hidden_activation: str = "relu"
    kernel_initializer: str = "glorot_uniform"
    batch_normalization: bool = False
    flatten: bool = False

    _parameter_constraints = {
        **AugmentsImages._parameter_constraints,
        "n_hidden_layers": [Interval(numbers.Integral, 0, None, closed="left")],
        "neurons": [_NEURONS],
        "dropout": [_DROPOUT],
        **{f"neurons{i}": [_NEURONS, None] for i in range(N_NAMED_LAYERS)},
        **{f"dropout{i}": [_DROPOUT, None] for i in range(N_NAMED_LAYERS)},
        "input_dropout": [_DROPOUT],
        "hidden_activation": [str],
        "kernel_initializer": [str],
        "batch_normalization": ["boolean"],
        "flatten": ["boolean"],
    }

    def _arrange_samples(self, X: np.ndarray) -> np.ndarray:
        if not self.flatten and X.ndim > 2:
            raise ValueError(
                f"Found array with dim {X.ndim}, while dim <= 2 is required by "
                f"{type(self).__name__} unless flatten=True."
            )
        return X.reshape(len(X), -1)

    def _build_network(
        self, input_shape: tuple[int, ...], n_outputs: int, output_activation: str, seed: int
    ) -> keras.Model:
        n_seeds = 2 * self.n_hidden_layers + 2
        # Torch takes no more than 31 bits.
        seeds = iter((np.random.SeedSequence(seed).generate_state(n_seeds) >> 1).tolist())
        activation = look_up(
            "hidden_activation", "an activation", keras.activations.get, self.hidden_activation
        )
        (n_inputs,) = input_shape
        stack = [layers.Input(input_shape, name="features")]
        stack += _dropout(self.input_dropout, "input_dropout", seeds)
        for i in range(self.n_hidden_layers):
            # The offset of a batch normalisation does what a bias would do.
            neurons, has_bias = self._neurons_of(i), not self.batch_normalization
            stack.append(self._dense(n_inputs, neurons, f"dense{i}", seeds, use_bias=has_bias))
            n_inputs = neurons
            if self.batch_normalization:
                stack.append(layers.BatchNormalization(name=f"batch_normalization{i}"))
            stack.append(layers.Activation(activation, name=f"activation{i}"))
            stack += _dropout(self._dropout_after(i), f"dropout{i}", seeds)
        stack.append(
            self._dense(n_inputs, n_outputs, "outputs", seeds, activation=output_activation)
        )
        return keras.Sequential(stack, name="dense_network")

    def _neurons_of(self, i: int) -> int:
        """Return the neurons of hidden layer i."""
        neurons = getattr(self, f"neurons{i}", None)
        # Keras takes none of NumPy's integers.
        return int(self.neurons if neurons is None else neurons)

    def _dropout_after(self, i: int) -> float:
        """Return the dropout after hidden layer i."""
        dropout = getattr(self, f"dropout{i}", None)
        return self.dropout if dropout is None else dropout

    def _dense(
        self, n_inputs: int, neurons: int, name: str, seeds: Iterator[int], **options: Any
    ) -> Any:
        """Make a layer whose initial weights are drawn with the next seed."""
        kind = look_up(
            "kernel_initializer", "an initializer", _initializer_class, self.kernel_initializer
        )
        # Some, as "zeros", have nothing to draw.
        seed = {"seed": next(seeds)} if "seed" in signature(kind).parameters else {}
        layer = layers.Dense(neurons, kernel_initializer="zeros", name=name, **options)
        layer.build((None, n_inputs))
        layer.kernel_initializer = kind(**seed)
        layer.kernel.assign(draw_weights(layer.kernel_initializer, (n_inputs, neurons)))
        return layer


def _initializer_class(name: str) -> type:
    """Return the class. What Keras' `get` would make is seeded by the global generator."""
    kind = getattr(keras.initializers, name, None)
    if not isinstance(kind, type):
        raise ValueError(f"no initializer: {name}")
    return kind


def _dropout(rate: float, name: str, seeds: Iterator[int]) -> list[Any]:
    """Return the layer in a list, which is empty if nothing is dropped."""
    return [layers.Dropout(rate, seed=next(seeds), name=name)] if rate else []


@dataclass(kw_only=True, eq=False, repr=False)
class DenseClassifier(NetworkClassifier, DenseLayers):
    """Classify with a dense Keras network.

    The outputs and the loss follow from the target: one sigmoid for two
    classes, softmax for more (also if they are given as one-hot rows), and a
    sigmoid for each label of a multi-label target. With a `loss` that compares
    distributions, as ``"categorical_crossentropy"`` does, two classes have
    softmax outputs, too. Each loss gets the classes in the form that it needs.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    model_ : keras.Model
        The trained network; ``model_.save("network.keras")`` writes it to disk.

    history_ : dict of str -> list
        Loss of each epoch (with `early_stopping` also ``val_loss``).

    classes_ : ndarray of shape (n_classes,)
        The classes, in the order of the columns of `predict_proba`.

    n_classes_ : int
        Number of classes.

    target_type_ : str
        As :func:`sklearn.utils.multiclass.type_of_target` names it.

    n_features_in_ : int
        Number of features; with `flatten`, the length of the second dimension of X.

    See Also
    --------
    DenseRegressor : The same for numbers.
    dense_space : What to search.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn_natsel.keras import DenseClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = DenseClassifier(neurons=32, epochs=30, learning_rate=0.01, random_state=0)
    >>> model = make_pipeline(StandardScaler(), network).fit(X, y)
    >>> model.score(X, y) > 0.95
    True
    """

    _parameter_constraints = (
        DenseLayers._parameter_constraints | NetworkClassifier._parameter_constraints
    )


@dataclass(kw_only=True, eq=False, repr=False)
class DenseRegressor(NetworkRegressor, DenseLayers):
    """Predict numbers with a dense Keras network.

    Targets far from zero, or with a spread far from one, are learnt slowly:
    see :class:`~sklearn.compose.TransformedTargetRegressor`.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    model_ : keras.Model
        The trained network; ``model_.save("network.keras")`` writes it to disk.

    history_ : dict of str -> list
        Loss of each epoch (with `early_stopping` also ``val_loss``).

    n_outputs_ : int
        Number of targets.

    n_features_in_ : int
        Number of features; with `flatten`, the length of the second dimension of X.

    See Also
    --------
    DenseClassifier : The same for classes.
    dense_space : What to search.

    Examples
    --------
    >>> from sklearn.datasets import make_regression
    >>> from sklearn_natsel.keras import DenseRegressor
    >>> X, y = make_regression(n_features=5, random_state=0)
    >>> model = DenseRegressor(epochs=50, learning_rate=0.01, random_state=0)
    >>> model.fit(X, y / y.std()).score(X, y / y.std()) > 0.9
    True
    """

    _parameter_constraints = (
        DenseLayers._parameter_constraints | NetworkRegressor._parameter_constraints
    )
