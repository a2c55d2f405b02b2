"""Fits: what is done with a candidate, in workers that may die.

An `Evaluator` streams the results of candidates back as they finish. Others import the names
below.
"""

from sklearn_natsel._evaluation.cross_validation import CrossValidation
from sklearn_natsel._evaluation.evaluator import Evaluations, Evaluator, Result, Task
from sklearn_natsel._evaluation.function_call import FunctionCall
from sklearn_natsel._evaluation.workers import Interrupts, Pool

__all__ = [
    "CrossValidation",
    "Evaluations",
    "Evaluator",
    "FunctionCall",
    "Interrupts",
    "Pool",
    "Result",
    "Task",
]
