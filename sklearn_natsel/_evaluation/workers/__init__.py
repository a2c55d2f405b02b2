"""Workers: they run calls, and may die, hang, be far away, be interrupted or warn.

A `Pool` runs each `Call` and yields its outcome. The rest of `_evaluation` imports the names below.
"""

from sklearn_natsel._evaluation.workers.call import AnyCall, Call, Group, Known
from sklearn_natsel._evaluation.workers.errors import FitTimeoutError, WorkerDiedError
from sklearn_natsel._evaluation.workers.interrupts import Interrupts
from sklearn_natsel._evaluation.workers.pool import Pool

__all__ = [
    "AnyCall",
    "Call",
    "FitTimeoutError",
    "Group",
    "Interrupts",
    "Known",
    "Pool",
    "WorkerDiedError",
]
