"""Which calls become a group, that a worker makes at once."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator, Sequence

from sklearn_natsel._evaluation.workers import Call

# Calls in a group: what they return, as fitted networks, is in memory at the same time.
_MOST_CALLS = 128


class Groups:
    """Divides calls evenly among workers, and in time before the search must end.

    Without a deadline, the groups depend on nothing but the calls and the number of workers.

    Parameters
    ----------
    n_workers : int
        How many groups are run at once.

    deadline : float
        When (of `time.time`) they should all be back.
    """

    def __init__(self, n_workers: int, deadline: float) -> None:
        self._n_workers = n_workers
        self._deadline = deadline
        self._seconds = deque[float](maxlen=_MOST_CALLS)

    def learn(self, seconds: float) -> None:
        """Take note of what a call took, NaN if that is unknown."""
        if not math.isnan(seconds):
            self._seconds.append(seconds)

    def divide(self, calls: Sequence[Sequence[Call]]) -> Iterator[list[Call]]:
        """Yield groups of calls, which are given by candidate.

        Those of a candidate stay together as far as they can, because they have most in common.
        Each group is made up when it is asked for, from what is known by then.
        """
        # Dealt like cards, for neighbours are often alike: also in how long they take.
        rest = [
            call
            for start in range(self._n_workers)
            for of_candidate in calls[start :: self._n_workers]
            for call in of_candidate
        ]
        n_groups = max(self._n_workers, math.ceil(len(rest) / _MOST_CALLS))
        size = math.ceil(len(rest) / n_groups)
        while rest:
            n = min(size, self._most_in_time())
            group, rest = rest[:n], rest[n:]
            yield group

    def _most_in_time(self) -> int:
        """Return how many calls end in time, if each takes as long as the slowest one of late."""
        if math.isinf(self._deadline):
            return _MOST_CALLS
        if not self._seconds:
            return 1
        left = max(0.0, self._deadline - time.time())
        return max(1, int(min(_MOST_CALLS, left / max(*self._seconds, 1e-6))))
