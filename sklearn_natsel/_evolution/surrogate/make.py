"""Which surrogate a search has."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np

from sklearn_natsel._evolution.surrogate.base import Surrogate
from sklearn_natsel._evolution.surrogate.graded import Graded
from sklearn_natsel._evolution.surrogate.turns import Turns
from sklearn_natsel._space import Space


def make_surrogate(
    kind: bool | Literal["per_second"] | Surrogate,
    space: Space,
    rng: np.random.RandomState,
    interval: Callable[[int], int],
    n_rungs: int = 1,
) -> Surrogate | None:
    """Return a surrogate, None if there is to be none.

    Parameters
    ----------
    kind : bool, "per_second" or Surrogate
        As the parameter of the search, or one that is made already.

    space, rng, interval
        As of :class:`Turns`.

    n_rungs : int, default=1
        How many parts an evaluation has.
    """
    if not kind:
        return None
    if not isinstance(kind, (bool, np.bool_, str)):
        return kind
    make = partial(Turns, rng=rng, interval=interval, per_second=kind == "per_second")
    return make(space) if n_rungs == 1 else Graded(make, space, n_rungs)
