"""Models of the fitness, which choose the children that are trained.

A `Surrogate` learns from what was evaluated, and chooses among what could be; `Contest` is the one
that the search uses. `Forest` is one of its models.
"""

from sklearn_natsel._evolution.surrogate.base import Surrogate
from sklearn_natsel._evolution.surrogate.forest import Forest
from sklearn_natsel._evolution.surrogate.make import make_surrogate

__all__ = ["Forest", "Surrogate", "make_surrogate"]
