"""Which calls of `keras.Model.fit` and `predict` our programs can answer."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np

from sklearn_natsel.keras._population.models import ModelTraining
from sklearn_natsel.keras._population.predictions import Predictions

_BATCH_SIZE = 32  # as Keras has it


def training_of(
    model: keras.Model,
    x: Any,
    y: Any,
    *,
    batch_size: int | None = None,
    epochs: int = 1,
    initial_epoch: int = 0,
    shuffle: Any = True,
    sample_weight: Any = None,
    verbose: Any = "auto",
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_batch_size: int | None = None,
    **others: Any,
) -> ModelTraining | None:
    """Return what a call of `fit` trains; None if Keras must do it.

    So it must if somebody watches, if there is a validation, if more is asked for than here, if
    nothing is to be trained, or if the model is not trained as Keras does it.
    """
    data = keras.utils.pack_x_y_sample_weight(x, y, sample_weight)
    is_watched = callbacks or verbose or validation_split
    asks_for_more = shuffle not in (True, False) or any(v is not None for v in others.values())
    has_own_loop = {type(model).fit, type(model).make_train_function} != {
        keras.Model.fit,
        keras.Model.make_train_function,
    }
    has_unclear_weights = sample_weight is not None and not isinstance(y, np.ndarray)
    batch_size = batch_size or _BATCH_SIZE
    trains_nothing = epochs <= initial_epoch or batch_size < 0
    if is_watched or asks_for_more or has_own_loop or has_unclear_weights or trains_nothing:
        return None
    if not _is_compiled(model) or not _are_arrays(data):
        return None
    return ModelTraining(
        model=model,
        data=data,
        batch_size=batch_size,
        initial_epoch=initial_epoch,
        epochs=epochs,
        generator=_generator(len(jax.tree.leaves(data)[0]), model) if shuffle else None,
    )


def predictions_of(
    model: keras.Model,
    known: dict[Any, Predictions],
    x: Any,
    *,
    batch_size: int | None = None,
    verbose: Any = "auto",
    callbacks: Any = None,
    **others: Any,
) -> Any:
    """Return what a call of `predict` returns; None if Keras must do it.

    `known` keeps what was made for inputs of the same kind.
    """
    is_watched = callbacks or verbose or any(value is not None for value in others.values())
    has_own_loop = type(model).predict is not keras.Model.predict
    if is_watched or has_own_loop or not _is_compiled(model) or not _are_arrays(x):
        return None
    size = batch_size or _BATCH_SIZE
    kinds = tuple((array.shape[1:], array.dtype) for array in jax.tree.leaves(x))
    # Which weights are trained decides about their order.
    weights = tuple(map(id, model.trainable_variables))
    kind = model, weights, size, jax.tree.structure(x), kinds
    if kind not in known:
        try:
            known[kind] = Predictions(model, x, size)
        except Exception:
            return None  # Keras shall try it, and tell what is wrong
    return known[kind](x)


def _is_compiled(model: keras.Model) -> bool:
    """Whether Keras compiles it, for one device."""
    is_spread = keras.distribution.distribution() is not None
    return model.jit_compile and not model.run_eagerly and not is_spread


def _are_arrays(data: Any) -> bool:
    """Whether these are arrays of numbers, with a row for each sample."""
    arrays = jax.tree.leaves(data)
    are_known = all(isinstance(a, np.ndarray) and a.dtype.kind in "biuf" for a in arrays)
    return are_known and len({len(array) for array in arrays}) == 1 and len(arrays[0]) > 0


def _generator(n_samples: int, model: keras.Model) -> np.random.RandomState:
    """Return a generator of the orders that Keras draws, by NumPy's own: scikeras gives a seed."""
    generator = np.random.RandomState()
    generator.set_state(np.random.get_state())
    np.random.random()  # without a seed, the next training has another order
    if _is_looked_at(model):
        generator.permutation(n_samples)
    return generator


def _is_looked_at(model: keras.Model) -> bool:
    """Whether Keras takes a batch before the training, to build what is not built yet."""
    parts = [*model._flatten_layers(), model._compile_metrics, model._compile_loss]
    return not all(part.built for part in parts if part is not None)
