"""The genetic algorithm: candidates, selection, crossover, mutation, and models of the fitness.

`Evolution` is asked for candidates and told their fitness; nothing is trained here. Others import
the names below.
"""

from sklearn_natsel._evolution.candidates import Candidate, fitness_of
from sklearn_natsel._evolution.crossover import CROSSOVERS
from sklearn_natsel._evolution.evolution import Evolution
from sklearn_natsel._evolution.ladder import ROUNDING, WHOLE, Ladder, Rung, geometric
from sklearn_natsel._evolution.promotion import Promotion
from sklearn_natsel._evolution.selection import SELECTIONS
from sklearn_natsel._evolution.surrogate import Forest
from sklearn_natsel._evolution.survival import (
    best_candidate,
    best_fitness,
    first_best,
    is_better,
    reaches,
)

__all__ = [
    "CROSSOVERS",
    "ROUNDING",
    "SELECTIONS",
    "WHOLE",
    "Candidate",
    "Evolution",
    "Forest",
    "Ladder",
    "Promotion",
    "Rung",
    "best_candidate",
    "best_fitness",
    "first_best",
    "fitness_of",
    "geometric",
    "is_better",
    "reaches",
]
