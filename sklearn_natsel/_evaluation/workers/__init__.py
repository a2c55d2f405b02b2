"""Workers that die, hang, are far away, are interrupted or warn.

A `Pool` runs calls, and again those that were lost with a worker. `Interrupts` watches for Ctrl-C.
"""

from sklearn_natsel._evaluation.workers.errors import FitTimeoutError, WorkerDiedError
from sklearn_natsel._evaluation.workers.interrupts import Interrupts
from sklearn_natsel._evaluation.workers.pool import Call, Known, Pool

__all__ = ["Call", "FitTimeoutError", "Interrupts", "Known", "Pool", "WorkerDiedError"]
