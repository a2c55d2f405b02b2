"""Which candidates are better: the one place where fitness decides an order.

Fitness is an array in which larger is better and NaN is worst.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Fitness = NDArray[np.float64]


def best_first(fitness: Fitness) -> list[int]:
    """Order from best to worst; of equals, the later comes first, NaN comes last.

    Preferring the later lets a population drift over a plateau of equal scores.
    """
    # NumPy sorts NaN behind all numbers.
    return np.lexsort((-np.arange(len(fitness)), -fitness)).tolist()
