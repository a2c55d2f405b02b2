"""What the evolution expects of a model of the fitness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sklearn_natsel._evolution.candidates import Candidate, Child
from sklearn_natsel._space import Genome


class Surrogate(Protocol):
    """Learns from what was evaluated, and tells which children promise most."""

    def learn(self, told: Sequence[Candidate]) -> None:
        """Take note of all candidates whose fitness is known; called before each choice."""

    def favourites(self, children: Sequence[Child], n: int) -> list[Child]:
        """Return the n (or fewer) that promise most, best first."""

    def refined(self, children: Sequence[Child]) -> Genome:
        """Return a genome near the first of the children that promises as much or more."""

    def expect(self, child: Child) -> None:
        """Take note that a child will be evaluated: the next ones keep away from it."""
