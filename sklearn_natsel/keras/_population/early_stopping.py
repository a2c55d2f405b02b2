"""When networks that are trained together stop, each by its own validation loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


class EarlyStopping:
    """What `keras.callbacks.EarlyStopping` does, for several networks.

    Parameters
    ----------
    patience : list of int or None
        Of each network, the epochs without a lower loss after which it stops.

    initial_epoch : int
        The first epoch.

    Attributes
    ----------
    best, last : pytree of jax.Array
        Of each network the state after the epoch of its lowest loss, and after its last one.
    """

    def __init__(self, patience: Sequence[int | None], initial_epoch: int) -> None:
        self._patience = np.array([np.inf if each is None else each for each in patience])
        self._initial_epoch = initial_epoch
        self._lowest = np.full(len(patience), np.inf)
        self._waited = np.zeros(len(patience))
        self._end = np.full(len(patience), -1)
        self.best: Any = None
        self.last: Any = None

    @property
    def all_stopped(self) -> bool:
        """Whether no network is left to be trained."""
        return bool((self._end >= 0).all())

    def lengths(self, n_epochs: int) -> list[int]:
        """Return for how many of the epochs each network was trained."""
        return [int(end) if end >= 0 else n_epochs for end in self._end]

    def look(self, epoch: int, losses: np.ndarray, state: Any) -> None:
        """Take note of the losses after an epoch, and of the state of those that go on."""
        goes_on = self._end < 0
        improved = goes_on & (losses < self._lowest)
        # A copy even of the first: the state is given away to the next epoch.
        self.best = _choose_compiled(improved, state, state if self.best is None else self.best)
        self.last = _choose_compiled(goes_on, state, state if self.last is None else self.last)
        self._lowest = np.where(improved, losses, self._lowest)
        self._waited = np.where(improved, 0, self._waited + 1)
        ends = goes_on & (self._waited >= self._patience) & (epoch > 0)
        self._end = np.where(ends, epoch + 1 - self._initial_epoch, self._end)


def _choose(are_chosen: Any, new: Any, old: Any) -> Any:
    """Take the new arrays of some networks, and the old ones of the others."""

    def choose(new: Any, old: Any) -> Any:
        return jnp.where(are_chosen.reshape(-1, *[1] * (new.ndim - 1)), new, old)

    return jax.tree.map(choose, new, old)


_choose_compiled = jax.jit(_choose)
