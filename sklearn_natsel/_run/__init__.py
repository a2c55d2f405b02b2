"""The search as a whole: when candidates are bred, when it ends, what is recorded.

`run` takes an evolution from the first candidate to the last. Others import the names below.
"""

from sklearn_natsel._run.callbacks import Progress, reaches_fits, root_context
from sklearn_natsel._run.history import History, ancestry_columns
from sklearn_natsel._run.journal import journaled
from sklearn_natsel._run.parameters import COMMON, EVOLUTION, LIMITS, PARTS, make_space
from sklearn_natsel._run.parts import (
    check_is_amount,
    check_is_fixed,
    make_ladder,
    make_promotion,
    without_resource,
)
from sklearn_natsel._run.report import Report
from sklearn_natsel._run.run import run
from sklearn_natsel._run.schedules import SCHEDULES
from sklearn_natsel._run.stopping import Stopping

__all__ = [
    "COMMON",
    "EVOLUTION",
    "LIMITS",
    "PARTS",
    "SCHEDULES",
    "History",
    "Progress",
    "Report",
    "Stopping",
    "ancestry_columns",
    "check_is_amount",
    "check_is_fixed",
    "journaled",
    "make_ladder",
    "make_promotion",
    "make_space",
    "reaches_fits",
    "root_context",
    "run",
    "without_resource",
]
