"""The genetic algorithm: candidates, selection, crossover, mutation, and models of the fitness.

`Evolution` is asked for candidates and told their fitness; nothing is trained here. Others import
the names below.
"""

from sklearn_natsel._evolution.candidates import Candidate, fitness_of
from sklearn_natsel._evolution.crossover import CROSSOVERS
from sklearn_natsel._evolution.evolution import Evolution
from sklearn_natsel._evolution.surrogate.forest import Forest

__all__ = ["CROSSOVERS", "Candidate", "Evolution", "Forest", "fitness_of"]
