"""The search as a whole: when candidates are bred, when it ends, what is recorded.

`run` takes an evolution from the first candidate to the last. Others import the names below.
"""

from sklearn_natsel._run.callbacks import Progress, root_context
from sklearn_natsel._run.history import History, ancestry_columns, progress_line
from sklearn_natsel._run.parameters import (
    COMMON,
    make_evolution,
    make_space,
    make_stopping,
)
from sklearn_natsel._run.run import run
from sklearn_natsel._run.stopping import Stopping

__all__ = [
    "COMMON",
    "History",
    "Progress",
    "Stopping",
    "ancestry_columns",
    "make_evolution",
    "make_space",
    "make_stopping",
    "progress_line",
    "root_context",
    "run",
]
