"""Any models of Keras, trained together where each batch does the same with all of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import jax
import keras
import numpy as np

from sklearn_natsel.keras._population.groups import train_in_groups
from sklearn_natsel.keras._population.stacking import give_back, stack, take
from sklearn_natsel.keras._population.steps import Step, step_of
from sklearn_natsel.keras._population.traced import Traced, mentions

History = dict[str, list[float]]

# On a CPU, stacked models take longer with it than one after the other; several threads help.
_SLOW_IN_STACKS = "conv_general_dilated"

# By the size of the batch, what a model does with one.
TracedSteps = dict[int, Traced]


@dataclass(kw_only=True)
class ModelTraining:
    """The training of one model.

    Parameters
    ----------
    model : keras.Model
        The model, compiled.

    data : tuple of pytree of ndarray
        Inputs, targets and, possibly, weights of the samples.

    batch_size : int
        Samples in a step of the optimizer.

    initial_epoch, epochs : int
        The number of the first epoch, and that of the last one plus one.

    generator : RandomState or None
        Draws the order of the samples; None leaves it as it is.
    """

    model: keras.Model
    data: tuple[Any, ...]
    batch_size: int
    initial_epoch: int = 0
    epochs: int
    generator: np.random.RandomState | None

    @property
    def n_samples(self) -> int:
        """Return the number of samples."""
        return len(jax.tree.leaves(self.data)[0])

    def order(self) -> np.ndarray:
        """Return the order of the samples in the next epoch."""
        order = np.arange(self.n_samples)
        return order if self.generator is None else self.generator.permutation(order)

    def sizes(self) -> list[int]:
        """Return the different sizes of batches: the last one takes what is left."""
        sizes = [min(self.batch_size, self.n_samples), self.n_samples % self.batch_size]
        return list(dict.fromkeys(size for size in sizes if size))


def train_models(trainings: Sequence[ModelTraining]) -> list[History | None]:
    """Train models, those that are alike at once.

    Parameters
    ----------
    trainings : list of ModelTraining
        What is to be trained.

    Returns
    -------
    histories : list of dict or None
        In the order of the trainings, what the metrics were in each epoch; None for those that
        only Keras can train.
    """
    all_traced = [_traced_steps(training) for training in trainings]
    steps = _steps(all_traced)

    def train(members: list[int]) -> list[History | None]:
        own = [trainings[i] for i in members]
        try:
            return list(_train_group(own, [all_traced[i] for i in members], steps))
        except NotImplementedError:  # some operations can't be stacked
            return [None] * len(members)

    keys = [_key(i, each, traced) for i, (each, traced) in enumerate(zip(trainings, all_traced))]
    return train_in_groups(keys, train)


def _steps(all_traced: Sequence[TracedSteps]) -> dict[Hashable, Step]:
    """Return the step of each form, which knows all that take it, before any is compiled."""
    steps: dict[Hashable, Step] = {}
    for traced in chain.from_iterable(each.values() for each in all_traced):
        # Programs are forgotten now and then: what those of one form share is held here.
        if traced.form not in steps:
            steps[traced.form] = step_of(traced)
        steps[traced.form].learn(traced)
    return steps


def _traced_steps(training: ModelTraining) -> TracedSteps:
    """Return what the model does with a batch of each size; nothing if that can't be told."""
    model = training.model
    steps: TracedSteps = {}
    try:
        for size in training.sizes():
            batch = take(training.data, np.arange(size))
            if not steps:
                model._symbolic_build(data_batch=keras.utils.unpack_x_y_sample_weight(batch))
            steps[size] = Traced(partial(_step, model), _state(model), batch)
    except Exception:
        return {}  # Keras shall try it, and tell what is wrong
    return steps if all(_is_repeatable(traced, model) for traced in steps.values()) else {}


def _step(model: keras.Model, state: Any, batch: Any) -> tuple[Any, Any]:
    """Train on a batch; return the metrics as Keras chooses them, and the new state."""
    logs, state = model.train_step(state, batch)
    with keras.StatelessScope(state_mapping=list(zip(model.metrics_variables, state[3]))):
        results = model.get_metrics_result()
    return (results if results.keys() == logs.keys() else logs), state


def _is_repeatable(traced: Traced, model: keras.Model) -> bool:
    """Whether a step returns numbers by name, and a state that the next one can take."""
    logs, state = traced.outputs
    are_numbers = isinstance(logs, dict) and all(
        getattr(value, "shape", None) == () for value in logs.values()
    )
    pairs = zip(jax.tree.leaves(state), jax.tree.leaves(_state(model)))
    return are_numbers and all(
        (new.shape, new.dtype) == (old.shape, old.dtype) for new, old in pairs
    )


def _key(i: int, training: ModelTraining, steps: TracedSteps) -> Any:
    if not steps:
        return None
    forms = tuple(traced.form for traced in steps.values())
    is_slow = jax.default_backend() == "cpu" and mentions(forms, _SLOW_IN_STACKS)
    own = i if is_slow else None
    return forms, training.n_samples, training.initial_epoch, training.epochs, own


def _variables(model: keras.Model) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    return (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
        model.metrics_variables,
    )


def _state(model: keras.Model) -> tuple[list[Any], ...]:
    """Return the values that Keras hands to a step of training."""
    return tuple([variable.value for variable in variables] for variables in _variables(model))


def _train_group(
    trainings: Sequence[ModelTraining],
    all_traced: Sequence[TracedSteps],
    steps: Mapping[Hashable, Step],
) -> list[History]:
    """Train models of the same steps, and leave in each what it has learnt."""
    first, models = trainings[0], [training.model for training in trainings]
    by_size = {size: steps[traced.form] for size, traced in all_traced[0].items()}
    values = {
        size: step.values_of([own[size] for own in all_traced]) for size, step in by_size.items()
    }
    histories: list[History] = [{} for _ in trainings]
    for model in models:
        model.reset_metrics()
    *state, metrics = stack([_state(model) for model in models])
    for _ in range(first.initial_epoch, first.epochs):
        orders = [training.order() for training in trainings]
        now = (*state, metrics)
        for start in range(0, first.n_samples, first.batch_size):
            end = start + first.batch_size
            rows = [order[start:end] for order in orders]
            size = len(rows[0])
            batches = stack([take(each.data, own) for each, own in zip(trainings, rows)])
            logs, now = by_size[size](values[size], now, batches)
        *state, last_metrics = now
        for name, of_models in logs.items():
            for history, value in zip(histories, np.asarray(of_models)):
                history.setdefault(name, []).append(float(value))
    give_back([*state, last_metrics], [_variables(model) for model in models])
    for model in models:
        model.optimizer.finalize_variable_values(model.trainable_variables)
    return histories
