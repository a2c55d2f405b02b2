"""What the evolution expects of a model of the fitness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sklearn_natsel._evolution.candidates import Candidate, Child


class Surrogate(Protocol):
    """Learns from what was evaluated, and chooses among children that could be."""

    def learn(self, told: Sequence[Candidate]) -> None:
        """Take note of all candidates whose fitness is known; called before each choice."""

    def favourites(self, children: Sequence[Child], n: int) -> list[Child]:
        """Return the n (or fewer) that promise most, to breed from."""

    def choose(self, children: Sequence[Child], n: int) -> list[Child]:
        """Return the n (or fewer) to train, apart from each other."""
