"""Which settings a model learns from, where all would take too long."""

from __future__ import annotations

from sklearn_natsel._operators import Fitness, best_first


def most_informative(fitness: Fitness, at_most: int) -> list[int]:
    """Return the positions of the best and of the latest, half of each, in their order."""
    if len(fitness) <= at_most:
        return list(range(len(fitness)))
    best = set(best_first(fitness)[: at_most // 2])
    latest = (i for i in reversed(range(len(fitness))) if i not in best)
    return sorted(best.union(i for i, _ in zip(latest, range(at_most - len(best)))))
