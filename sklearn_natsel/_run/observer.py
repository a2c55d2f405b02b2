"""What is told how a run goes."""

from __future__ import annotations

from typing import Any, Protocol

from sklearn_natsel._evolution import Candidate


class Observer(Protocol):
    """Is told of generations; one that wants the run to end says so to its `Stopping`."""

    def begin_generation(self, n: int) -> None:
        """Take note that a generation of n candidates begins; some may be missing in the end."""

    def evaluated(self, candidate: Candidate) -> None:
        """Take note of a candidate that has been evaluated."""

    def end_generation(self, row: dict[str, Any]) -> None:
        """Take note that a generation was told, and recorded as this row of the history."""
