"""Fits: what is done with a candidate, in workers that may die.

An `Evaluator` streams the results of candidates back as they finish. Others import the names
below.
"""

from sklearn_natsel._evaluation.cross_validation import CrossValidation
from sklearn_natsel._evaluation.evaluator import Evaluations, Evaluator
from sklearn_natsel._evaluation.fit_context import FitContext
from sklearn_natsel._evaluation.function_call import FunctionCall
from sklearn_natsel._evaluation.order import longest_first
from sklearn_natsel._evaluation.task import Result
from sklearn_natsel._evaluation.workers import Interrupts, Pool

__all__ = [
    "CrossValidation",
    "Evaluations",
    "Evaluator",
    "FitContext",
    "FunctionCall",
    "Interrupts",
    "Pool",
    "Result",
    "longest_first",
]
