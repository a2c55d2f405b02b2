"""What models of Keras predict, by programs that are shared by models of one kind."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np

from sklearn_natsel.keras._population.stacking import give_back, stack, take
from sklearn_natsel.keras._population.steps import Step, step_of
from sklearn_natsel.keras._population.traced import Traced


class Predictions:
    """Predicts what `keras.Model.predict` does.

    Parameters
    ----------
    model : keras.Model
        The model. It may be trained further.

    inputs : pytree of ndarray
        Samples of the kind that is predicted.

    batch_size : int
        How many of them the model is given at once.
    """

    def __init__(self, model: keras.Model, inputs: Any, batch_size: int) -> None:
        def predict(state: Any, inputs: Any) -> tuple[Any, Any]:
            outputs, others = model.predict_step(state, (inputs,))
            return outputs, (state[0], others)

        self._model = model
        self._batch_size = batch_size
        traced = Traced(predict, self._state(), self._batch(inputs, 0))
        self._step: Step = step_of(traced)
        self._values = self._step.values_of([traced])

    def __call__(self, inputs: Any) -> Any:
        """Return the outputs for samples."""
        n, state, outputs = _count(inputs), stack([self._state()]), []
        for start in range(0, n, self._batch_size):
            batch = stack([self._batch(inputs, start)])
            of_batch, state = self._step(self._values, state, batch)
            outputs.append(of_batch)
        give_back(state[1:], [[self._model.non_trainable_variables]])  # seeds have moved on
        return jax.tree.map(lambda *parts: np.concatenate([x[0] for x in parts])[:n], *outputs)

    def _batch(self, inputs: Any, start: int) -> Any:
        """Return a batch; what is missing in the last one is filled with the first samples."""
        return take(inputs, np.arange(start, start + self._batch_size) % _count(inputs))

    def _state(self) -> Any:
        variables = self._model.trainable_variables, self._model.non_trainable_variables
        return tuple([variable.value for variable in each] for each in variables)


def _count(samples: Any) -> int:
    return len(jax.tree.leaves(samples)[0])
