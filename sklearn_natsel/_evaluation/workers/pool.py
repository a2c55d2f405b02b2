"""Workers that run calls, and go on after a worker has died."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import Any

from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._evaluation.workers.call import AnyCall, Group, Known, Returned
from sklearn_natsel._evaluation.workers.call_queue import CallQueue
from sklearn_natsel._evaluation.workers.calls_in_flight import CallsInFlight
from sklearn_natsel._evaluation.workers.caught_warnings import WarningRelay
from sklearn_natsel._evaluation.workers.crash_log import CallState, CrashLog
from sklearn_natsel._evaluation.workers.errors import (
    Crash,
    FitTimeoutError,
    WorkerDiedError,
    crash_error,
    is_death,
    warn_of_crash,
)
from sklearn_natsel._evaluation.workers.interrupts import Interrupts
from sklearn_natsel._evaluation.workers.joblib_internals import (
    active_backend,
)
from sklearn_natsel._evaluation.workers.message_size import MessageSize
from sklearn_natsel._evaluation.workers.stream import Stream

KeyedOutcome = tuple[Any, Any]
"""The key of a call and what has become of it."""


class Pool:
    """Runs calls in parallel, and runs them again if they were lost with a worker.

    When a worker process dies, joblib's default backend, loky, gives up all workers and all
    calls that they had. This class then starts new workers. The calls that were running when the
    worker died run again alone, one after the other, until one of them kills its worker once more:
    that one is given up. All other calls go on in parallel.

    Parameters
    ----------
    n_jobs, pre_dispatch
        As of `joblib.Parallel`.

    timeout : float or None
        Seconds after which a call is ended, with its worker.

    interrupts : Interrupts
        Lets Ctrl-C in while calls are waited for.

    shared : list of object
        Arguments that many calls have in common: a cluster gets them once.

    one_by_one : bool, default=False
        Whether each outcome is needed as soon as it is there, because later calls depend on it.

    Attributes
    ----------
    n_workers : int
        How many calls run at once.

    timeout : float or None
        As given.
    """

    def __init__(
        self,
        n_jobs: int | None,
        pre_dispatch: int | str,
        timeout: float | None,
        interrupts: Interrupts,
        shared: Sequence[Any] = (),
        *,
        one_by_one: bool = False,
    ) -> None:
        self._n_jobs = n_jobs
        self._pre_dispatch = pre_dispatch
        self.timeout = timeout
        self._interrupts = interrupts
        self._shared = shared
        self._one_by_one = one_by_one
        self._warning_relay = WarningRelay()
        self._queue = CallQueue(())
        self._anything_returned = False
        self._has_warned = False

    def __enter__(self) -> Pool:
        self._stream = Stream(self._n_jobs, self._pre_dispatch, self._shared)
        self.n_workers = self._stream.n_workers
        self._message_size = MessageSize(self.n_workers)
        self._crash_log = CrashLog() if self._stream.can_replace_workers else None
        self._in_flight = CallsInFlight(self._crash_log, self.timeout)
        if self.timeout is not None and self._crash_log is None:
            warnings.warn(
                "The 'fit_timeout' parameter has no effect: a fit can only be ended in a worker "
                "process of joblib's default backend, so with 'n_jobs' of 2 or more.",
                UserWarning,
                stacklevel=2,
            )
        self._stream.open()
        if self._one_by_one:
            self._check_one_by_one()
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._stream.close()
        finally:
            if self._crash_log is not None:
                self._crash_log.close()

    def _check_one_by_one(self) -> None:
        """Raise if all outcomes come at the end, when no call can depend on them any more."""
        if not self._stream.is_one_by_one:
            backend = type(active_backend()).__name__
            problem = f"joblib's {backend}, which returns nothing before all has been run. Use loky"
        elif self._pre_dispatch == "all" and self.n_workers > 1:
            problem = "pre_dispatch='all'. Set pre_dispatch='2*n_jobs'"
        else:
            return
        self.__exit__()
        raise InvalidParameterError(
            f"The 'schedule' parameter can't be 'steady-state' with {problem}, or "
            "schedule='generational'."
        )

    def outcomes(
        self, calls: Iterable[AnyCall], n_calls: int | None = None
    ) -> Iterator[KeyedOutcome]:
        """Yield the key and the outcome of each call, also of those in groups, in any order.

        The outcome is what the call returned, a `WorkerDiedError`, a
        `FitTimeoutError`, or None if it was too late. What a call raises is raised here.

        Parameters
        ----------
        calls : iterable of Call, Group or Known
            Is consumed while earlier calls run, maybe in other threads. With a
            single worker, and as long as all are known, the next one is taken
            after the outcome of the one before was yielded.

        n_calls : int or None, default=None
            How many they are, if that is known.
        """
        self._queue = CallQueue(calls)
        yield from self._known_at_first()
        try:
            while True:
                yield from self._run_next(n_calls)
                if self._queue.is_done:
                    return
        finally:
            self._in_flight.give_up()

    def _known_at_first(self) -> Iterator[KeyedOutcome]:
        """Yield outcomes that are known, up to the first call that must be run."""
        for call in self._queue.take():
            if not isinstance(call, Known):
                self._queue.put_back(call)
                return
            with self._interrupts.allowed():  # to load thousands of them takes a while
                pass
            yield call.key, call.outcome

    def _run_next(self, n_calls: int | None) -> Iterator[KeyedOutcome]:
        """Run the next calls of the queue, until they are done or the workers crash."""
        queue = self._queue
        n_taken = queue.n_taken
        crash = yield from self._run(queue.next_calls(), n_calls)
        if crash is None and queue.alone is None and queue.n_taken == n_taken and not queue.is_done:
            raise InvalidParameterError(
                "The 'pre_dispatch' parameter must come to at least 1, or no fit ever starts. "
                f"Got {self._pre_dispatch!r} with {self.n_workers} jobs instead."
            )
        yield from self._settle_lost_calls(crash)

    def _run(
        self, calls: Iterable[AnyCall], n_calls: int | None
    ) -> Generator[KeyedOutcome, None, Crash | None]:
        """Run calls; return the crash that has ended them, or None if all are done."""
        try:
            with self._interrupts.allowed():
                batch_size = self._message_size.choose(n_calls)
                self._stream.start(self._in_flight.send(calls), batch_size)
            while True:
                with self._interrupts.allowed():
                    returned = self._stream.receive()
                if returned is None:
                    return None
                yield from self._outcome(returned)
        except GeneratorExit:
            raise
        except BaseException as error:
            # Whatever has happened: what has come back by then is finished.
            yield from self.arrived()
            if isinstance(error, Crash):
                return error
            raise
        finally:
            self._stream.stop()

    def arrived(self) -> Iterator[KeyedOutcome]:
        """End all calls; yield what has come back, but was not asked for before."""
        for returned in self._stream.take_unread():
            yield from self._outcome(returned)

    def _outcome(self, returned: Returned) -> Iterator[KeyedOutcome]:
        number, outcome, caught, seconds = returned
        self._anything_returned = True
        self._message_size.learn(seconds)
        # joblib may hand over the outcome of a call that was given up.
        call = self._in_flight.receive(number)
        if isinstance(call, Group):
            yield from self._outcomes_of(call, outcome)
        elif call is not None:
            yield call.key, outcome
        self._warning_relay.pass_on(caught)

    def _outcomes_of(self, group: Group, outcomes: Any) -> Iterator[KeyedOutcome]:
        """Yield the outcomes of a group, if it was not too late; put back what it left out."""
        if isinstance(outcomes, WorkerDiedError):  # one of its calls has left the process
            self._put_back_group(group, CallState.RUNNING)
            return
        for call, outcome in zip(group.calls, outcomes or ()):
            if outcome is None:
                self._queue.put_back(call)
            else:
                yield call.key, outcome

    def _settle_lost_calls(self, crash: Crash | None) -> Iterator[KeyedOutcome]:
        """Yield errors for the calls that are given up; put all other lost ones back."""
        queue = self._queue
        lost = self._in_flight.give_up()
        if crash is None:
            # joblib had taken them for workers that were about to crash.
            for call in lost.values():
                queue.put_back(call)
            return
        self._stream.close()
        with self._interrupts.allowed():  # a cluster may be without workers for long
            self._stream.open()
        states = self._in_flight.states(lost, crash)
        if CallState.TIMED_OUT not in states.values():
            self._warn_once(crash)
        for number, call in lost.items():
            if isinstance(call, Group):
                self._put_back_group(call, states[number])
            elif states[number] is CallState.TIMED_OUT:
                yield call.key, FitTimeoutError(self.timeout)
            elif call is queue.alone:
                yield call.key, self._error_of_the_cause(crash)
            else:
                queue.put_back(call, run_alone=states[number] is CallState.RUNNING)
        if queue.alone is not None:
            queue.run_none_alone()

    def _put_back_group(self, group: Group, state: CallState) -> None:
        """Have a lost group run again, one by one if it was running: then a death costs one call.

        They may run beside others. The one that kills its worker is found when it does so again.
        """
        for call in [group] if state is CallState.NOT_RUNNING else group.calls:
            self._queue.put_back(call)

    def _error_of_the_cause(self, crash: Crash) -> Exception:
        """Return the error of a call that has crashed the workers while it ran alone."""
        error = crash_error(crash)
        if not self._anything_returned and crash.__cause__ is not None:
            # No worker could read the first call: none will read the others.
            raise error from crash
        return error

    def _warn_once(self, crash: Crash) -> None:
        """Tell of the first worker that has died in this search."""
        if is_death(crash) and not self._has_warned:
            self._has_warned = True
            warn_of_crash(crash)
