"""The generator that decides what is drawn."""

from __future__ import annotations

import numpy as np
from sklearn.utils import check_random_state


def own_generator(random_state: int | np.random.RandomState | None) -> np.random.RandomState:
    """Return the generator of a `random_state`: never the global one, also without a seed."""
    return check_random_state(np.random.RandomState() if random_state is None else random_state)
