"""What ends calls and their workers: errors to catch, and errors that take the outcome's place."""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Iterable
from concurrent.futures import BrokenExecutor, CancelledError
from typing import TypeAlias

from sklearn_natsel._evaluation.workers.joblib_internals import ShutdownExecutorError


class WorkerDiedError(RuntimeError):
    """A call has killed its worker process twice, has ended it, or could not be sent to one."""


class FitTimeoutError(RuntimeError):
    """A call took too long, and was ended together with its worker process."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__(
            f"The fit took longer than {seconds} seconds and was ended ('fit_timeout')."
        )


class LostCallsError(BrokenExecutor):
    """A cluster has given up calls, because they have killed several workers.

    Attributes
    ----------
    numbers : set of int
        The numbers of the calls.

    reason : str
        The name of the cluster's error.
    """

    def __init__(self, numbers: Iterable[int], error: BaseException) -> None:
        super().__init__(f"The cluster has given up a call: {error}")
        self.numbers = set(numbers)
        self.reason = type(error).__name__


Crash: TypeAlias = BrokenExecutor | CancelledError | pickle.PicklingError | ShutdownExecutorError
"""What joblib raises when it has lost its workers, and with them all calls that they had:

a worker has died, or a cluster has given up a call; a cluster has lost data together with its
workers; a call can't be sent; or other code has ended the workers, of which joblib has one set per
process.
"""


def is_death(crash: Crash) -> bool:
    """Whether a worker may have died: nothing else has ended the workers."""
    return not isinstance(crash, (pickle.PicklingError, ShutdownExecutorError))


def crash_error(crash: Crash) -> WorkerDiedError:
    """Return the error of the call that has caused a crash."""
    if isinstance(crash, pickle.PicklingError):
        return WorkerDiedError(f"{crash} {crash.__cause__}")
    if isinstance(crash, BrokenExecutor) and crash.__cause__ is not None:
        return WorkerDiedError(f"{crash} In the worker process: {crash.__cause__}")
    return WorkerDiedError(
        f"The fit killed its worker process twice{_exit_codes(crash)}, the second time while it "
        "ran alone. A segmentation fault or too little memory may be the cause."
    )


def warn_of_crash(crash: Crash) -> None:
    """Tell the user that a worker has died."""
    warnings.warn(
        f"A worker process has died{_exit_codes(crash)}. The fits that were running are run "
        "again; one that kills its worker once more gets the error score.",
        RuntimeWarning,
        stacklevel=2,
    )


def _exit_codes(crash: Crash) -> str:
    """Return, in brackets, what the system or the cluster tells of a crash, or an empty text."""
    if isinstance(crash, LostCallsError):
        return f" ({crash.reason})"
    found = re.search(r"exit codes of the workers are \{(.*?)\}", str(crash))
    return f" ({found.group(1)})" if found else ""
