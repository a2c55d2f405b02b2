"""joblib's workers, in a form that survives their death."""

from __future__ import annotations

import math
import os
import pickle
import threading
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, cast

import numpy as np
from joblib import effective_n_jobs, parallel_config
from joblib.externals.loky.process_executor import ShutdownExecutorError
from joblib.parallel import TASK_DONE, LokyBackend, get_active_backend
from sklearn.utils._param_validation import InvalidParameterError
from sklearn.utils.parallel import Parallel, delayed

from sklearn_natsel._evaluation.workers.call import give_back, run_call
from sklearn_natsel._evaluation.workers.caught_warnings import Caught, Messenger, ignored
from sklearn_natsel._evaluation.workers.crash_log import Fate, Witness
from sklearn_natsel._evaluation.workers.dask_backend import (
    LostCallsError,
    sent_once,
    told_of_lost_calls,
)
from sklearn_natsel._evaluation.workers.errors import (
    Death,
    FitTimeoutError,
    death_error,
    exit_codes,
)
from sklearn_natsel._evaluation.workers.interrupts import Interrupts

# Seconds that a message to a worker should keep it busy, to be worth its way.
_WORTH_A_MESSAGE = 0.01


@dataclass(frozen=True, eq=False)
class Call:
    """Something to run in a worker, and a key to know its outcome by."""

    key: Any
    function: Callable[..., Any]
    kwargs: dict[str, Any]

    deadline: float = math.inf
    """When it is too late to start it (of `time.time`); then its outcome is None."""


@dataclass(frozen=True, eq=False)
class Known:
    """What need not be run, among the calls that must be."""

    key: Any
    outcome: Any


class Pool:
    """Runs calls in parallel, and again if they were lost with a worker.

    With joblib's default backend, loky, the death of a worker process breaks the
    whole pool. Then the calls that were running are suspects: they are run
    alone, until one of them kills its worker again. All others go back to a new
    pool.

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
        Whether calls depend on the outcomes of earlier ones, which therefore must not
        come all at once.

    Attributes
    ----------
    is_parallel : bool
        Whether several calls run at once.
    """

    def __init__(
        self,
        n_jobs: int | None,
        pre_dispatch: int | str,
        timeout: float | None,
        interrupts: Interrupts,
        shared: Sequence[Any] = (),
        one_by_one: bool = False,
    ) -> None:
        self._n_jobs = n_jobs
        self._pre_dispatch = pre_dispatch
        self._timeout = timeout
        self._interrupts = interrupts
        self._shared = shared
        self._one_by_one = one_by_one
        self._opened = ExitStack()
        self._lock = threading.Lock()
        self._numbers = count()
        self._in_flight: dict[int, Call | Known] = {}
        self._seconds = deque[float](maxlen=100)
        self._has_warned = False
        self._messenger = Messenger()
        self._outcomes: Iterator[Any] = iter(())
        self._jobs: deque[Any] = deque()

    def __enter__(self) -> Pool:
        backend, _ = get_active_backend()
        self._n_workers = effective_n_jobs(self._n_jobs)
        self.is_parallel = self._n_workers > 1
        # Processes of this machine, which can be replaced.
        has_processes = isinstance(backend, LokyBackend) and self.is_parallel
        self._witness = Witness() if has_processes else None
        if self._timeout is not None and self._witness is None:
            warnings.warn(
                "The 'fit_timeout' parameter has no effect: a fit can only be ended in a worker "
                "process of joblib's default backend, so with 'n_jobs' of 2 or more.",
                UserWarning,
                stacklevel=2,
            )
        self._open()
        if self._one_by_one:
            self._check_one_by_one(type(backend).__name__)
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._end_calls()
            self._opened.close()
        finally:
            if self._witness is not None:
                self._witness.close()

    def _check_one_by_one(self, backend: str) -> None:
        """Raise if outcomes come all at once, when nothing can be bred from them any more."""
        if not self._parallel.return_generator:
            problem = f"joblib's {backend}, which returns nothing before all has been run. Use loky"
        elif self._pre_dispatch == "all" and self.is_parallel:
            problem = "pre_dispatch='all'. Set pre_dispatch='2*n_jobs'"
        else:
            return
        self.__exit__()
        raise InvalidParameterError(
            f"The 'schedule' parameter can't be 'steady-state' with {problem}, or "
            "schedule='generational'."
        )

    def _open(self) -> None:
        if self._witness is not None:
            # joblib warns when it replaces a worker that has grown. It does so in the thread that
            # all others depend on: where warnings are errors, the search would wait for ever.
            self._opened.enter_context(ignored("A worker stopped while some jobs"))
        self._opened.enter_context(sent_once(self._shared))
        self._opened.enter_context(told_of_lost_calls())
        with _own_backend():
            parallel = _make_parallel(self._n_jobs, self._pre_dispatch)
        self._parallel = self._opened.enter_context(parallel)

    def run(
        self, calls: Iterable[Call | Known], n_calls: int | None = None
    ) -> Iterator[tuple[Any, Any]]:
        """Yield the key and the outcome of each call, in any order.

        The outcome is what the call returned, a `WorkerDiedError`, a
        `FitTimeoutError`, or None if it was too late. What a call raises is raised here.

        Parameters
        ----------
        calls : iterable of Call or Known
            Is consumed while earlier calls run, maybe in other threads. With a
            single worker, and as long as all are known, the next one is taken
            after the outcome of the one before was yielded.

        n_calls : int or None, default=None
            How many they are, if that is known.
        """
        self._n_calls = n_calls
        fresh, again = iter(calls), deque[Call | Known]()
        for call in fresh:
            if isinstance(call, Call):
                again.append(call)
                break
            with self._interrupts.welcome():  # to load thousands of them takes a while
                pass
            yield call.key, call.outcome
        suspects = deque[Call | Known]()
        try:
            while True:
                # What ran when a worker died is run alone, until one kills its worker again.
                alone = suspects.popleft() if suspects else None
                first = again[0] if again else None
                death = yield from self._attempt([alone] if alone else self._merge(again, fresh))
                is_done = alone is None and death is None
                if is_done and again and again[0] is first:
                    raise InvalidParameterError(
                        "The 'pre_dispatch' parameter must come to at least 1, or no fit ever "
                        f"starts. Got {self._pre_dispatch!r} with {self._n_workers} jobs instead."
                    )
                for call, fate in self._take_back(death):
                    if fate is Fate.TIMED_OUT:
                        yield call.key, self._timeout_error()
                    elif call is alone and death is not None:
                        if not self._seconds and death.__cause__ is not None:
                            # No worker could read the first call: none will read the others.
                            raise death_error(death) from death
                        yield call.key, death_error(death)
                    elif fate is Fate.RUNNING:
                        suspects.append(call)
                    else:
                        again.append(call)
                if alone is not None and death is not None:
                    # That was the culprit: the others go on in parallel.
                    again.extend(suspects)
                    suspects.clear()
                if is_done and not again:
                    return
        finally:
            self._in_flight.clear()

    def _attempt(
        self, calls: Iterable[Call | Known]
    ) -> Generator[tuple[Any, Any], None, Death | None]:
        """Run calls until they are done, or return what a worker has died of."""
        # joblib puts there what has come back, and forgets it when it is interrupted.
        self._jobs = getattr(self._parallel, "_jobs", deque())
        try:
            self._parallel.batch_size = self._batch_size()
            with self._interrupts.welcome():
                self._outcomes = iter(self._parallel(self._dispatch(calls)))
            while True:
                with self._interrupts.welcome():
                    returned = next(self._outcomes, None)
                if returned is None:
                    return None
                yield from self._outcome(*returned)
        except GeneratorExit:
            raise
        except BaseException as error:
            # Whatever has happened: what has come back by then is finished.
            yield from self.arrived()
            if isinstance(error, Death):
                return error
            raise
        finally:
            self._end_calls()

    def arrived(self) -> Iterator[tuple[Any, Any]]:
        """End all calls; yield what has come back, but was not asked for before."""
        self._end_calls()
        while self._jobs:
            job = self._jobs.popleft()
            if job.status == TASK_DONE:
                for returned in job.get_result(None):
                    yield from self._outcome(*returned)

    def _outcome(
        self, number: int, outcome: Any, caught: list[Caught], seconds: float
    ) -> Iterator[tuple[Any, Any]]:
        self._seconds.append(seconds)
        # joblib may hand over the outcome of a call that was taken back.
        call = self._in_flight.pop(number, None)
        if call is not None:
            yield call.key, outcome
        self._messenger.pass_on(caught)

    def _end_calls(self) -> None:
        """Give up the calls that are running."""
        outcomes, self._outcomes = self._outcomes, iter(())
        if isinstance(outcomes, Generator):
            with warnings.catch_warnings():
                # joblib tells of the calls that it gives up.
                warnings.simplefilter("ignore")
                outcomes.close()

    def _batch_size(self) -> int | str:
        """Return how many calls to send at once.

        joblib's own choice sends the calls of a small generation one by one, however
        short they are.
        """
        if not self.is_parallel or self._n_calls is None or not self._seconds:
            return "auto"
        busy = int(_WORTH_A_MESSAGE / max(float(np.median(self._seconds)), 1e-6))
        return max(1, min(busy, self._n_calls // (2 * self._n_workers)))

    def _merge(
        self, again: deque[Call | Known], fresh: Iterator[Call | Known]
    ) -> Iterator[Call | Known]:
        while True:
            # joblib's threads may still be at it for the pool that has just broken.
            with self._lock:
                call = again.popleft() if again else next(fresh, None)
            if call is None:
                return
            yield call

    def _dispatch(self, calls: Iterable[Call | Known]) -> Iterator[Any]:
        for call in calls:
            number = next(self._numbers)
            self._in_flight[number] = call
            if isinstance(call, Known):
                # Through the workers too, so that nobody gets far ahead of the outcomes.
                yield delayed(give_back)(number, call.outcome)
                continue
            # Arguments that joblib sees are sent to a cluster once, not with every call.
            own = call.function, call.deadline, self._witness, self._timeout, os.getpid()
            yield delayed(run_call)(number, *own, **call.kwargs)

    def _take_back(self, death: Death | None) -> list[tuple[Call | Known, Fate]]:
        """Return what is lost, and why; after a death, in exchange for a new pool."""
        lost, self._in_flight = self._in_flight, {}
        if death is None:
            # joblib had taken them for a pool that was about to break.
            return [(call, Fate.NOT_RUNNING) for call in lost.values()]
        self._opened.close()
        self._open()
        fates = {number: self._fate(number, death) for number in lost}
        if Fate.TIMED_OUT in fates.values():
            # That explains the death.
            fates = {n: f if f is Fate.TIMED_OUT else Fate.NOT_RUNNING for n, f in fates.items()}
        else:
            self._warn_of_death(death)
        if set(fates.values()) <= {Fate.NOT_RUNNING}:
            # Without a witness all are suspects: none may kill its workers for ever.
            fates = dict.fromkeys(lost, Fate.RUNNING)
        return [(call, fates[number]) for number, call in lost.items()]

    def _fate(self, number: int, death: Death) -> Fate:
        if isinstance(death, LostCallsError):
            return Fate.RUNNING if number in death.numbers else Fate.NOT_RUNNING
        return Fate.NOT_RUNNING if self._witness is None else self._witness.fate(number)

    def _timeout_error(self) -> FitTimeoutError:
        return FitTimeoutError(
            f"The fit took longer than {self._timeout} seconds and was ended ('fit_timeout')."
        )

    def _warn_of_death(self, death: Death) -> None:
        if self._has_warned or isinstance(death, (pickle.PicklingError, ShutdownExecutorError)):
            return
        self._has_warned = True
        warnings.warn(
            f"A worker process has died{exit_codes(death)}. The fits that were running are run "
            "again; one that kills its worker once more gets the error score.",
            RuntimeWarning,
            stacklevel=2,
        )


def _own_backend() -> AbstractContextManager[Any]:
    """Let a `Parallel` that is made here have a backend of its own, if it is joblib's default one.

    All that are made within one `parallel_config` share theirs, and one that ends, as in a
    callback, would take the workers from the search.
    """
    backend, _ = get_active_backend()
    if type(backend) is not LokyBackend:
        return nullcontext()
    own = LokyBackend(
        nesting_level=backend.nesting_level,
        inner_max_num_threads=backend.inner_max_num_threads,
        **getattr(backend, "backend_kwargs", {}),  # from joblib 1.5
    )
    return cast(AbstractContextManager[Any], parallel_config(backend=own))


def _make_parallel(n_jobs: int | None, pre_dispatch: int | str) -> Parallel:
    """Return a Parallel that hands out each result as soon as its backend can."""
    with suppress(ValueError):  # some backends can only return lists
        return Parallel(n_jobs, pre_dispatch=pre_dispatch, return_as="generator_unordered")
    if effective_n_jobs(n_jobs) == 1:  # which is this process, whatever the backend is
        return Parallel(1, backend="sequential", return_as="generator_unordered")
    return Parallel(n_jobs, pre_dispatch=pre_dispatch)
