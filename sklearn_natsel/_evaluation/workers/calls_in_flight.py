"""Calls that are with the workers: sent, and neither back nor lost."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from itertools import count
from typing import Any

from sklearn.utils.parallel import delayed

from sklearn_natsel._evaluation.workers.call import AnyCall, Known, give_back, run_call
from sklearn_natsel._evaluation.workers.crash_log import CallState, CrashLog
from sklearn_natsel._evaluation.workers.errors import Crash, LostCallsError


class CallsInFlight:
    """Numbers the calls that are sent, and knows which of them are not back.

    Parameters
    ----------
    crash_log : CrashLog or None
        Where workers write which call they run; None if they can't.

    timeout : float or None
        Seconds after which a call is ended, with its worker.
    """

    def __init__(self, crash_log: CrashLog | None, timeout: float | None) -> None:
        self._crash_log = crash_log
        self._timeout = timeout
        self._numbers = count()
        self._calls: dict[int, AnyCall] = {}
        self._lost_with_data = set[AnyCall]()

    def send(self, calls: Iterable[AnyCall]) -> Iterator[Any]:
        """Yield for each call what joblib is to run in a worker."""
        for call in calls:
            number = next(self._numbers)
            self._calls[number] = call
            if isinstance(call, Known):
                # Through the workers too, so that calls are not taken far ahead of the outcomes.
                yield delayed(give_back)(number, call.outcome)
                continue
            own = call.function, call.deadline, self._crash_log, self._timeout, os.getpid()
            # The other arguments are sent in a way that joblib sees them: large ones, which many
            # calls share, go to a cluster once and not with every call.
            yield delayed(run_call)(number, *own, **call.kwargs)

    def receive(self, number: int) -> AnyCall | None:
        """Return the call that is back; None if it was given up before."""
        return self._calls.pop(number, None)

    def give_up(self) -> dict[int, AnyCall]:
        """Return the calls that are not back, by their numbers, and wait for them no longer."""
        lost, self._calls = self._calls, {}
        return lost

    def states(self, lost: Mapping[int, AnyCall], crash: Crash) -> dict[int, CallState]:
        """Return what lost calls, by their numbers, were doing when the workers crashed.

        One that ran may have caused the crash. There is always at least one of these, or
        one that took too long, and with lost data at the latest when a call is lost with them
        again: no call may crash the workers for ever.
        """
        if isinstance(crash, CancelledError):
            return self._states_after_loss_of_data(lost)
        states = {number: self._state(number, crash) for number in lost}
        if CallState.TIMED_OUT in states.values():
            # That explains the crash: the calls beside it did nothing wrong.
            return {
                number: state if state is CallState.TIMED_OUT else CallState.NOT_RUNNING
                for number, state in states.items()
            }
        if CallState.RUNNING not in states.values():
            # Nobody has seen which of them ran.
            return dict.fromkeys(states, CallState.RUNNING)
        return states

    def _states_after_loss_of_data(self, lost: Mapping[int, AnyCall]) -> dict[int, CallState]:
        """Suspect the calls that were in flight when a cluster lost data before.

        dask keeps no copies of data that nobody needs just now: it can lose them with any one
        worker. To run alone all the calls that a large cluster had would take long.
        """
        states = {
            number: CallState.RUNNING if call in self._lost_with_data else CallState.NOT_RUNNING
            for number, call in lost.items()
        }
        self._lost_with_data.update(lost.values())
        return states

    def _state(self, number: int, crash: Crash) -> CallState:
        if isinstance(crash, LostCallsError):
            return CallState.RUNNING if number in crash.numbers else CallState.NOT_RUNNING
        if self._crash_log is None:
            return CallState.NOT_RUNNING
        return self._crash_log.pop_state(number)
