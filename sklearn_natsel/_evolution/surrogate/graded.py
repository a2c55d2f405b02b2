"""A surrogate that learns from scores on all rungs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sklearn_natsel._evolution.candidates import Candidate, Child
from sklearn_natsel._evolution.surrogate.base import Surrogate
from sklearn_natsel._space import Genome, Space


class Graded:
    """Sees how far an evaluation has come as one gene more.

    A score on a low rung tells of that on the last one, less surely; how much the rungs
    have in common is learnt with all else. All are compared with those of the best candidate,
    rung by rung, so that they are on one scale. What it chooses is to be good on the last.

    Parameters
    ----------
    make : callable
        Takes a space, and returns a surrogate.

    space : Space
        What the genomes stand for.

    n_rungs : int
        The number of rungs.

    References
    ----------
    A. Klein, S. Falkner, S. Bartels, P. Hennig and F. Hutter, "Fast Bayesian Optimization of
    Machine Learning Hyperparameters on Large Datasets", AISTATS 2017: the share of the data as an
    input of the model.
    """

    def __init__(self, make: Callable[[Space], Surrogate], space: Space, n_rungs: int) -> None:
        self._surrogate = make(space.with_gene(range(-n_rungs, 0)))
        self._top = (n_rungs - 1,)
        # One row for each estimate of a candidate; most are the same for a long time.
        self._rows: dict[Candidate, list[Candidate]] = {}

    def learn(self, told: Sequence[Candidate]) -> None:
        """Take note of the scores on all rungs."""
        self._surrogate.learn([row for candidate in told for row in self._rows_of(candidate)])

    def _rows_of(self, candidate: Candidate) -> list[Candidate]:
        rows = self._rows.get(candidate, [])
        if [row.fitness for row in rows] != candidate.estimates:
            self._rows[candidate] = rows = [
                replace(candidate, genome=(*candidate.genome, rung), fitness=estimate)
                for rung, estimate in enumerate(candidate.estimates)
            ]
        return rows

    def favourites(self, children: Sequence[Child], n: int) -> list[Child]:
        """Return the n (or fewer) that promise most on the last rung."""
        return _ungraded(self._surrogate.favourites(self._on_last_rung(children), n))

    def choose(
        self, children: Sequence[Child], n: int, is_new: Callable[[Genome], bool]
    ) -> list[Child]:
        """Return the n (or fewer) to train, apart from each other."""
        graded = self._on_last_rung(children)
        return _ungraded(self._surrogate.choose(graded, n, lambda genome: is_new(genome[:-1])))

    def _on_last_rung(self, children: Sequence[Child]) -> list[Child]:
        return [replace(child, genome=child.genome + self._top) for child in children]


def _ungraded(children: Sequence[Child]) -> list[Child]:
    return [replace(child, genome=child.genome[:-1]) for child in children]
