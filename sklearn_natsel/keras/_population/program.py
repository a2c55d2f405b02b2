"""The compiled program that trains all networks of one structure at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras

from sklearn_natsel.keras._population.augmented import augmented
from sklearn_natsel.keras._population.batch_normalization import BatchNormalization
from sklearn_natsel.keras._population.dense import Dense
from sklearn_natsel.keras._population.dropout import fold, kept
from sklearn_natsel.keras._population.programs import program_for
from sklearn_natsel.keras._population.structure import Structure
from sklearn_natsel.keras._schedules import make_schedule

Arrays = list[Any]


class State(NamedTuple):
    """What a training changes, of one network or stacked for several."""

    trainable: Arrays
    others: Arrays
    optimizer: Arrays


class Dials(NamedTuple):
    """In what networks of one structure differ, beside their initial state."""

    dropouts: Any
    learning_rate: Any
    weight_decay: Any
    max_shift: Any
    seed: Any


class Batches(NamedTuple):
    """The rows of each batch, and how many of them count: the rest only fills the batch."""

    rows: Any
    counts: Any


class Data(NamedTuple):
    """The features of all samples, which the networks share; each has its own targets."""

    features: Any
    targets: Any
    weights: Any


def program_of(structure: Structure) -> Program:
    """Return the program of a structure, which is compiled when it is first used."""
    program: Program = program_for(structure, lambda: Program(structure))
    return program


class Program:
    """An epoch, and the loss on other samples, of networks that are stacked.

    Parameters
    ----------
    structure : Structure
        What they have in common. A copy of its network is what JAX traces: the loss, the
        optimizer and nearly all layers are Keras' own.
    """

    def __init__(self, structure: Structure) -> None:
        network, schedule = structure.network, structure.schedule
        optimizer = network.optimizer
        self._augmentation = structure.augmentation
        self._network = _copy(network)
        self._network.compile(type(optimizer).from_config(optimizer.get_config()), network.loss)
        self._optimizer = self._network.optimizer
        self._optimizer.build(self._network.trainable_variables)
        self._optimizer.weight_decay = None  # as it is among the dials
        rates = [v is self._optimizer.learning_rate for v in self._optimizer.variables]
        self._i_rate = rates.index(True)
        self._schedule = None if schedule == "constant" else make_schedule(schedule, 1.0, 1.0)
        each, shared = 0, Data(None, 0, 0)
        self.epoch = jax.jit(
            jax.vmap(self._epoch, in_axes=(each, each, each, shared, None, None)), donate_argnums=0
        )
        self.loss = jax.jit(jax.vmap(self._loss, in_axes=(each, each, shared)))

    def _epoch(
        self, state: State, dials: Dials, batches: Batches, data: Data, epoch: Any, n_epochs: Any
    ) -> tuple[State, Any]:
        """Train for one of all epochs; return the mean of the losses as well."""
        key = fold(dials.seed, epoch)
        steps = jnp.arange(len(batches.counts))

        def step(state: State, each: Any) -> tuple[State, Any]:
            batch, i = each
            state = self._at_its_rate(state, dials, (epoch + i / len(steps)) / n_epochs)
            return self._step(state, dials, batch, data, fold(key, i))

        state, losses = jax.lax.scan(step, state, (batches, steps))
        return state, _mean(losses, batches.counts)

    def _at_its_rate(self, state: State, dials: Dials, progress: Any) -> State:
        """Set the learning rate to what it is after this share of the training."""
        if self._schedule is None:
            return state
        optimizer = list(state.optimizer)
        optimizer[self._i_rate] = dials.learning_rate * self._schedule(progress)
        return State(state.trainable, state.others, optimizer)

    def _step(
        self, state: State, dials: Dials, batch: Batches, data: Data, key: Any
    ) -> tuple[State, Any]:
        def loss(trainable: Arrays) -> tuple[Any, Arrays]:
            now = State(trainable, state.others, state.optimizer)
            return self._loss_of_batch(now, batch, data, dials, key)

        (value, others), gradients = jax.value_and_grad(loss, has_aux=True)(state.trainable)
        # Keras does the same, but with a decay that is no variable.
        shrink = 1 - state.optimizer[self._i_rate] * dials.weight_decay
        trainable, optimizer = self._optimizer.stateless_apply(
            state.optimizer, gradients, [weights * shrink for weights in state.trainable]
        )
        return State(trainable, others, optimizer), value

    def _loss(self, state: State, batches: Batches, data: Data) -> Any:
        """Return the mean loss, without training."""

        def step(_: None, batch: Batches) -> tuple[None, Any]:
            return None, self._loss_of_batch(state, batch, data)[0]

        return _mean(jax.lax.scan(step, None, batches)[1], batches.counts)

    def _loss_of_batch(
        self,
        state: State,
        batch: Batches,
        data: Data,
        dials: Dials | None = None,
        key: Any = None,
    ) -> tuple[Any, Arrays]:
        """Return the loss, and what changes beside the weights; while training, with a key."""
        size = len(batch.rows)
        counts = jnp.arange(size) < batch.counts
        x = data.features[batch.rows]
        if dials is not None and self._augmentation is not None:
            x = augmented(self._augmentation, x, dials.max_shift, key)
        dropouts = None if dials is None else dials.dropouts
        outputs, others = self._outputs(state, x, counts, dropouts, key)
        # Keras divides by the size of the batch, of which some samples only fill it.
        weights = data.weights[batch.rows] * counts * (size / batch.counts)
        targets = data.targets[batch.rows]
        return self._network.compute_loss(None, targets, outputs, weights), others

    def _outputs(
        self, state: State, x: Any, counts: Any, dropouts: Any, key: Any
    ) -> tuple[Any, Arrays]:
        """Go through the layers; those of dropout need a key, and do nothing without one."""
        network, is_training = self._network, key is not None
        rates = iter(dropouts if is_training else ())
        variables = [*network.trainable_variables, *network.non_trainable_variables]
        values = [*state.trainable, *state.others]
        with keras.StatelessScope(state_mapping=list(zip(variables, values))) as scope:
            for layer in network.layers:
                if isinstance(layer, BatchNormalization):
                    x = layer(x, training=is_training, mask=counts)
                    # The mask would go on with it, and the loss has weights of its own for that.
                    x = jnp.copy(x)
                elif not isinstance(layer, keras.layers.Dropout):
                    x = layer(x)
                elif is_training:
                    key = fold(key, 1)
                    x = x * kept(key, x.shape, next(rates))
        others = [scope.get_current_value(v) for v in network.non_trainable_variables]
        return x, others


def _copy(network: keras.Model) -> keras.Model:
    """Return a network of the same layers, without weights."""
    layers = [keras.layers.Input(network.input_shape[1:])]
    for layer in network.layers:
        config = layer.get_config()
        if isinstance(layer, keras.layers.Dense):
            layers.append(Dense.from_config({**config, "kernel_initializer": "zeros"}))
        elif isinstance(layer, keras.layers.BatchNormalization):
            layers.append(BatchNormalization.from_config(config))
        else:
            layers.append(type(layer).from_config(config))
    return keras.Sequential(layers)


def _mean(losses: Any, counts: Any) -> Any:
    return losses @ counts / counts.sum()
