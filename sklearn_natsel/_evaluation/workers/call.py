"""A call: what it is, and what a worker does with it."""

from __future__ import annotations

import math
import os
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn_natsel._evaluation.workers.caught_warnings import Caught, catching
from sklearn_natsel._evaluation.workers.crash_log import CrashLog
from sklearn_natsel._evaluation.workers.errors import WorkerDiedError
from sklearn_natsel._evaluation.workers.joblib_internals import can_be_sent


@dataclass(frozen=True, eq=False)
class Call:
    """Something to run in a worker, and a key to know its outcome by."""

    key: Any
    function: Callable[..., Any]
    kwargs: dict[str, Any]

    deadline: float = math.inf
    """When it is too late to start it (of `time.time`); then its outcome is None."""


@dataclass(frozen=True, eq=False)
class Group:
    """Calls that a worker makes at once, by a function that returns a list of their outcomes.

    Those for which it returns None are made alone, and so are all of them if they were running
    when their worker was lost.
    """

    calls: Sequence[Call]
    function: Callable[..., Any]
    kwargs: dict[str, Any]

    deadline: float = math.inf
    """When it is too late to start it; then its outcome is None."""


@dataclass(frozen=True, eq=False)
class Known:
    """What need not be run, among the calls that must be."""

    key: Any
    outcome: Any


AnyCall = Call | Group | Known


Returned = tuple[int, Any, list[Caught], float]
"""The number of a call, its outcome, its warnings, and its seconds."""


def run_call(
    number: int,
    function: Callable[..., Any],
    deadline: float,
    crash_log: CrashLog | None,
    timeout: float | None,
    search_pid: int,
    /,
    **kwargs: Any,
) -> Returned:
    """Run a call in a worker; its warnings and seconds come back with its outcome.

    Parameters
    ----------
    number : int
        The number of the call. It comes first: `dask_backend` looks for it there.

    function, deadline, **kwargs
        Those of the `Call` or the `Group`.

    crash_log : CrashLog or None
        Is told when the call begins and ends.

    timeout : float or None
        Seconds after which the call is ended, with its worker.

    search_pid : int
        The id of the process of the search, which may be this one.
    """
    if time.time() >= deadline:
        return number, None, [], 0.0
    started = time.perf_counter()
    unsendable = None
    with catching() as caught:
        try:
            if crash_log is None:
                outcome = function(**kwargs)
            else:
                outcome = crash_log.record_call(number, timeout, function, kwargs)
        except SystemExit as error:
            if os.getpid() == search_pid:  # it may be meant for the search
                raise
            outcome = WorkerDiedError(f"The fit has called sys.exit({error.code!r}).")
        except Exception as error:
            if os.getpid() == search_pid or can_be_sent(error):
                raise
            unsendable = "".join(traceback.format_exception(error))
    if unsendable is not None:
        # Not raised inside the `except`: dask would send the unsendable error along with this one.
        raise RuntimeError(unsendable)
    return number, outcome, caught, time.perf_counter() - started


def give_back(number: int, outcome: Any, /) -> Returned:
    """Return an outcome that is known already."""
    return number, outcome, [], 0.0
