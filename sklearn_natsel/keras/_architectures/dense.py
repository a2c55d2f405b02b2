"""Build a dense network from its hyperparameters."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

import keras
import numpy as np
from keras import layers

from sklearn_natsel.keras._names import look_up


def build_dense(
    n_features: int,
    hidden_layers: Sequence[tuple[int, float]],
    *,
    input_dropout: float,
    hidden_activation: str,
    kernel_initializer: str,
    batch_normalization: bool,
    n_outputs: int,
    output_activation: str,
    seed: int,
) -> keras.Model:
    """Stack dense layers.

    Parameters
    ----------
    n_features : int
        Size of the input.

    hidden_layers : list of (int, float)
        Neurons of each hidden layer, and the dropout after it.

    input_dropout, hidden_activation, kernel_initializer, batch_normalization
        As the parameters of :class:`DenseClassifier`.

    n_outputs : int
        Size of the output.

    output_activation : str
        Activation of the output layer.

    seed : int
        Decides the initial weights and the dropout. Each layer gets a seed of
        its own from it, so that Keras' global generator is not used.

    Returns
    -------
    network : keras.Model
        The network, not compiled.
    """
    seeds = iter(np.random.SeedSequence(seed).generate_state(2 * len(hidden_layers) + 2).tolist())
    dense = {"kernel_initializer": kernel_initializer, "seeds": seeds}
    activation = look_up(
        "hidden_activation", "an activation", keras.activations.get, hidden_activation
    )
    stack: list[Any] = [layers.Input((n_features,), name="features")]
    stack += _dropout(input_dropout, seeds, "input_dropout")
    for i, (neurons, dropout) in enumerate(hidden_layers):
        # The offset of a batch normalisation does what a bias would do.
        stack.append(_dense(neurons, f"dense{i}", use_bias=not batch_normalization, **dense))
        if batch_normalization:
            stack.append(layers.BatchNormalization(name=f"batch_normalization{i}"))
        stack.append(layers.Activation(activation, name=f"activation{i}"))
        stack += _dropout(dropout, seeds, f"dropout{i}")
    stack.append(_dense(n_outputs, "outputs", activation=output_activation, **dense))
    return keras.Sequential(stack, name="dense_network")


def _dense(neurons: int, name: str, *, kernel_initializer: str, seeds: Any, **options: Any) -> Any:
    kind = look_up("kernel_initializer", "an initializer", _initializer_class, kernel_initializer)
    # Some, as "zeros", have nothing to draw.
    seed = {"seed": next(seeds)} if "seed" in signature(kind).parameters else {}
    return layers.Dense(neurons, kernel_initializer=kind(**seed), name=name, **options)


def _initializer_class(name: str) -> type:
    """Return the class, for Keras' `get` makes one that is seeded by the global generator."""
    kind = getattr(keras.initializers, name, None)
    if not isinstance(kind, type):
        raise ValueError(f"no initializer: {name}")
    return kind


def _dropout(rate: float, seeds: Any, name: str) -> list[Any]:
    return [layers.Dropout(rate, seed=next(seeds), name=name)] if rate else []
