"""Which calls become a group, that a worker makes at once."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from sklearn_natsel._evaluation.task import Procedure
from sklearn_natsel._evaluation.workers import AnyCall, Call, Group
from sklearn_natsel._evolution import Candidate
from sklearn_natsel._memory import ResultsStore

# Calls in a group: what they return, as fitted networks, is in memory at the same time.
_MOST_CALLS = 128


class Groups:
    """Joins calls whose tasks can be run as one, in groups that end before the search must.

    Without a deadline, the groups depend on nothing but the calls.

    Parameters
    ----------
    procedure : Procedure
        Whose tasks they are.

    store : ResultsStore or None
        Guards what is called.

    deadline : float
        When (of `time.time`) all groups should be back.

    goes_on : callable
        No further group is started once this returns False.
    """

    def __init__(
        self,
        procedure: Procedure,
        store: ResultsStore | None,
        deadline: float,
        goes_on: Callable[[], bool],
    ) -> None:
        self._procedure = procedure
        self._store = store
        self._deadline = deadline
        self._goes_on = goes_on
        self._seconds: tuple[float, ...] = ()

    def learn(self, seconds: float) -> None:
        """Take note of what a call took, NaN if that is unknown."""
        if not math.isnan(seconds):
            # Groups may be made up in another thread: a new tuple is there at once.
            self._seconds = (*self._seconds, seconds)[-_MOST_CALLS:]

    def join(self, calls: Iterable[AnyCall], n_groups: int) -> Iterator[AnyCall]:
        """Yield what can't be joined, then the rest in so many groups of equal size, or in more."""
        joint: defaultdict[Candidate, list[Call]] = defaultdict(list)
        for call in calls:
            if isinstance(call, Call) and self._procedure.is_joint(call.key[0]):
                joint[call.key[0].candidate].append(call)
            else:
                yield call
        for group in self._divide(list(joint.values()), n_groups):
            if not self._goes_on():
                return
            yield self._group(group) if len(group) > 1 else group[0]

    def _divide(self, calls: list[list[Call]], n_groups: int) -> Iterator[list[Call]]:
        """Divide the calls of candidates, which stay together as far as they can.

        Each group is made up when it is asked for, from what is known by then.
        """
        # Dealt like cards, for neighbours are often alike: also in how long they take.
        dealt = [of_candidate for i in range(n_groups) for of_candidate in calls[i::n_groups]]
        rest = [call for of_candidate in dealt for call in of_candidate]
        size = math.ceil(len(rest) / max(n_groups, math.ceil(len(rest) / _MOST_CALLS)))
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

    def _group(self, calls: list[Call]) -> Group:
        function, kwargs = self._procedure.prepare_many([call.key[0] for call in calls])
        if self._store:
            function = self._store.guarded(function)
        return Group(calls, function, kwargs, max(call.deadline for call in calls))
