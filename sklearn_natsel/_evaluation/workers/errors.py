"""What workers die of, and the errors that calls get instead of an outcome."""

from __future__ import annotations

import pickle
import re
from concurrent.futures import BrokenExecutor, CancelledError
from typing import TypeAlias

from joblib.externals.loky.process_executor import ShutdownExecutorError

from sklearn_natsel._evaluation.workers.dask_backend import LostCallsError


class WorkerDiedError(RuntimeError):
    """A call has killed its worker process twice, has ended it, or could not be sent to one."""


class FitTimeoutError(RuntimeError):
    """A call took too long, and was ended together with its worker process."""


Death: TypeAlias = BrokenExecutor | CancelledError | pickle.PicklingError | ShutdownExecutorError
"""What joblib raises if workers die; if a cluster has lost data with them; if a call can't be sent;
if somebody else ends the workers, of which joblib has one set per process."""


def death_error(death: Death) -> WorkerDiedError:
    """Return what the call gets that a worker has died of."""
    if isinstance(death, pickle.PicklingError):
        return WorkerDiedError(f"{death} {death.__cause__}")
    if isinstance(death, BrokenExecutor) and death.__cause__ is not None:
        return WorkerDiedError(f"{death} In the worker process: {death.__cause__}")
    return WorkerDiedError(
        f"The fit killed its worker process twice{exit_codes(death)}, the second time while it "
        "ran alone. A segmentation fault or too little memory may be the cause."
    )


def exit_codes(death: Death) -> str:
    """Tell, in brackets, what the system or the cluster says of a death; nothing if nothing."""
    if isinstance(death, LostCallsError):
        return f" ({death.reason})"
    found = re.search(r"exit codes of the workers are \{(.*?)\}", str(death))
    return f" ({found.group(1)})" if found else ""
