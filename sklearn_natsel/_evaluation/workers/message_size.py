"""How many calls are sent to a worker at once."""

from __future__ import annotations

from collections import deque

import numpy as np

# Seconds that a message to a worker should keep it busy, to be worth its way.
_WORTH_A_MESSAGE = 0.01


class MessageSize:
    """Chooses how many calls go into a message, from the seconds that earlier calls took.

    joblib's own choice sends the calls of a small generation one by one, however short they are.

    Parameters
    ----------
    n_workers : int
        How many workers share the calls.
    """

    def __init__(self, n_workers: int) -> None:
        self._n_workers = n_workers
        self._seconds = deque[float](maxlen=100)

    def learn(self, seconds: float) -> None:
        """Take note of the seconds that a call took."""
        self._seconds.append(seconds)

    def choose(self, n_calls: int | None) -> int | str:
        """Return the `batch_size` for joblib, for this number of calls (None: unknown)."""
        if self._n_workers == 1 or n_calls is None or not self._seconds:
            return "auto"
        enough = int(_WORTH_A_MESSAGE / max(float(np.median(self._seconds)), 1e-6))
        # At least two messages for each worker: the last ones should end at the same time.
        return max(1, min(enough, n_calls // (2 * self._n_workers)))
