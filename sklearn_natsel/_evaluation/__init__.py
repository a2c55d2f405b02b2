"""Fits: what is done with a candidate, in workers that may die.

An `Evaluator` streams the results of candidates back as they finish. Others import the names
below.
"""

from sklearn_natsel._evaluation.cross_validation import CrossValidation
from sklearn_natsel._evaluation.evaluator import Evaluation, Evaluations, Evaluator, Outcome
from sklearn_natsel._evaluation.fit_context import FitContext
from sklearn_natsel._evaluation.function_call import FunctionCall
from sklearn_natsel._evaluation.order import longest_first
from sklearn_natsel._evaluation.partial_rows import format_outcomes, whole_rows
from sklearn_natsel._evaluation.samples import SAMPLES
from sklearn_natsel._evaluation.task import Result
from sklearn_natsel._evaluation.workers import Interrupts, Pool

__all__ = [
    "SAMPLES",
    "CrossValidation",
    "Evaluation",
    "Evaluations",
    "Evaluator",
    "FitContext",
    "FunctionCall",
    "Interrupts",
    "Outcome",
    "Pool",
    "Result",
    "format_outcomes",
    "longest_first",
    "whole_rows",
]
