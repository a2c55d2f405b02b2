"""What models of Keras predict, by programs that are shared by models of one kind."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np

from sklearn_natsel.keras._population.stacking import give_back, stack
from sklearn_natsel.keras._population.steps import Step, step_of
from sklearn_natsel.keras._population.traced import Traced


class Forgotten(dict[Any, Any]):
    """What is left behind when an estimator is copied or pickled."""

    def __reduce__(self) -> tuple[type[Forgotten], tuple[()]]:
        """Return what makes an empty one."""
        return Forgotten, ()


class Predictions:
    """Predicts what `keras.Model.predict` does.

    Parameters
    ----------
    model : keras.Model
        The model. It may be trained further.

    batch : pytree of ndarray
        Inputs of the size in which they are given to the model.
    """

    def __init__(self, model: keras.Model, batch: Any) -> None:
        def predict(state: Any, inputs: Any) -> tuple[Any, Any]:
            outputs, others = model.predict_step(state, (inputs,))
            return outputs, (state[0], others)

        self._model = model
        traced = Traced(predict, self._state(), batch)
        self._step: Step = step_of(traced)
        self._values = self._step.values_of([traced])
        self._size = len(jax.tree.leaves(batch)[0])

    def __call__(self, inputs: Any) -> Any:
        """Return the outputs for samples."""
        n, state, outputs = len(jax.tree.leaves(inputs)[0]), stack([self._state()]), []
        for start in range(0, n, self._size):
            rows = np.arange(start, start + self._size) % n  # the last ones only fill the batch
            batch = stack([jax.tree.map(lambda array: array[rows], inputs)])
            of_batch, state = self._step(self._values, state, batch)
            outputs.append(of_batch)
        give_back(state[1:], [[self._model.non_trainable_variables]])  # seeds have moved on
        return jax.tree.map(lambda *parts: np.concatenate([x[0] for x in parts])[:n], *outputs)

    def _state(self) -> Any:
        variables = self._model.trainable_variables, self._model.non_trainable_variables
        return tuple([variable.value for variable in each] for each in variables)
