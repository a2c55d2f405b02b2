"""Hyperparameter search by evolution for scikit-learn."""

from sklearn_natsel._displays import (
    CandidatesDisplay,
    EvolutionDisplay,
    ImportanceDisplay,
    LineageDisplay,
)
from sklearn_natsel._maximize import maximize, minimize
from sklearn_natsel._search import GeneticSearchCV
from sklearn_natsel._space import Conditional, lograndint

__version__ = "0.1.0.dev0"

__all__ = [
    "CandidatesDisplay",
    "Conditional",
    "EvolutionDisplay",
    "GeneticSearchCV",
    "ImportanceDisplay",
    "LineageDisplay",
    "lograndint",
    "maximize",
    "minimize",
]
