"""A step of a model, compiled once for all that take the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax

from sklearn_natsel.keras._population.programs import program_for
from sklearn_natsel.keras._population.stacking import stack
from sklearn_natsel.keras._population.traced import Traced, differing


class Step:
    """What several models do with a batch each, as one compiled program.

    Parameters
    ----------
    traced : Traced
        The step of one of them. It takes the state of the model and the batch, and returns what
        it is asked for and the new state.
    """

    def __init__(self, traced: Traced) -> None:
        self._traced = traced
        self._free: set[int] = set()
        self._run = jax.jit(jax.vmap(traced))

    def learn(self, traced: Traced) -> None:
        """Take note of another model that is to take this step.

        Where it differs, the values become data. The others are part of what is compiled, which
        makes it faster.
        """
        self._free |= differing(self._traced, traced)

    def values_of(self, traced: Sequence[Traced]) -> dict[int, Any]:
        """Return, stacked, the values of models that are data."""
        return stack([{i: one.values[i] for i in sorted(self._free)} for one in traced])

    def __call__(self, values: Mapping[int, Any], state: Any, batch: Any) -> tuple[Any, Any]:
        """Take the step, with values, states and batches that are stacked."""
        outputs, state = self._run(values, state, batch)
        return outputs, state


def step_of(traced: Traced) -> Step:
    """Return the step that serves all of one form."""
    step: Step = program_for(traced.form, lambda: Step(traced))
    step.learn(traced)
    return step
