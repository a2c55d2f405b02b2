"""Hyperparameter search by evolution for scikit-learn."""

from sklearn_natsel._candidates_display import CandidatesDisplay
from sklearn_natsel._conditional import Conditional
from sklearn_natsel._evolution_display import EvolutionDisplay
from sklearn_natsel._importance_display import ImportanceDisplay
from sklearn_natsel._lineage_display import LineageDisplay
from sklearn_natsel._maximize import maximize, minimize
from sklearn_natsel._search import GeneticSearchCV

__version__ = "0.1.0.dev0"

__all__ = [
    "CandidatesDisplay",
    "Conditional",
    "EvolutionDisplay",
    "GeneticSearchCV",
    "ImportanceDisplay",
    "LineageDisplay",
    "maximize",
    "minimize",
]
