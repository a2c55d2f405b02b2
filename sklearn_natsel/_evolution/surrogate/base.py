"""What the evolution expects of a surrogate, and a surrogate of its models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from sklearn_natsel._evolution.candidates import Candidate, Child, Floats
from sklearn_natsel._space import Genome


class Surrogate(Protocol):
    """Learns from what was evaluated, and chooses among children that could be."""

    def learn(self, told: Sequence[Candidate]) -> None:
        """Take note of all candidates whose fitness is known; called before each choice."""

    def favourites(self, children: Sequence[Child], n: int) -> list[Child]:
        """Return the n (or fewer) that promise most, to breed from."""

    def choose(
        self, children: Sequence[Child], n: int, is_new: Callable[[Genome], bool]
    ) -> list[Child]:
        """Return the n (or fewer) to train, apart from each other: children, or what is near.

        All children are new; what is near is to be so, too.
        """


class Model(Protocol):
    """Predicts the fitness of settings from that of others."""

    def fit(self, genomes: Sequence[Genome], fitness: Floats) -> object:
        """Learn; NaN is a failure."""

    def predict(self, genomes: Sequence[Genome]) -> tuple[Floats, Floats]:
        """Return what is expected of each, on a scale of its own, and how unsure that is."""
