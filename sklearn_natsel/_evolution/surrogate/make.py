"""Which surrogate a search has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from sklearn_natsel._evolution.surrogate.base import Surrogate
from sklearn_natsel._evolution.surrogate.contest import Contest
from sklearn_natsel._space import Space


def make_surrogate(
    kind: bool | Literal["per_second"] | Surrogate,
    space: Space,
    rng: np.random.RandomState,
    interval: Callable[[int], int],
) -> Surrogate | None:
    """Return a surrogate, None if there is to be none.

    Parameters
    ----------
    kind : bool, "per_second" or Surrogate
        As the parameter of the search, or one that is made already.

    space, rng, interval
        As of :class:`Contest`.
    """
    if not kind:
        return None
    if isinstance(kind, (bool, np.bool_, str)):
        return Contest(space, rng, interval, per_second=kind == "per_second")
    return kind
