"""The record of the evolution, a row per generation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_natsel._evaluation import Evaluation
from sklearn_natsel._evolution import WHOLE, Candidate, Evolution, Ladder, best_fitness, fitness_of
from sklearn_natsel._run.journal import Journal


class History:
    """Rows of `evolution_history_`; the last one is the newest generation.

    The columns are documented in :class:`~sklearn_natsel.GeneticSearchCV`.

    Parameters
    ----------
    ladder : Ladder, default=WHOLE
        The parts of an evaluation.

    in_parts : bool, default=False
        Whether to count fits and resources. There are columns for them also where the parameters of
        a search come to a single part.
    """

    def __init__(self, ladder: Ladder = WHOLE, in_parts: bool = False) -> None:
        self.rows: list[dict[str, Any]] = []
        self._ladder = ladder
        self._in_parts = in_parts
        self._n_reused_before = 0
        self._begun: set[Candidate] = set()
        self._failed: set[Candidate] = set()

    @property
    def best(self) -> float:
        """The best fitness so far, NaN if there is none."""
        return self.rows[-1]["best_so_far"] if self.rows else float("nan")

    @property
    def n_evaluations(self) -> int:
        """Candidates evaluated so far."""
        return self.rows[-1]["n_evaluations"] if self.rows else 0

    @property
    def effort(self) -> float:
        """What they have cost, in whole evaluations."""
        whole = self._ladder[-1]
        if self._ladder.is_whole or not self.rows:
            return self.n_evaluations
        if whole.resource is None:
            return self.rows[-1]["n_fits"] / whole.n_splits
        return self.rows[-1]["n_resources"] / (whole.n_splits * whole.resource)

    def record(
        self, evolution: Evolution | Journal, evaluations: Sequence[Evaluation], seconds: float
    ) -> dict[str, Any]:
        """Add and return the row of the generation that has just been evaluated.

        Parameters
        ----------
        evolution : Evolution or Journal
            After it was told the fitness of the generation.

        evaluations : list of Evaluation
            Those that were told.

        seconds : float
            Time since the start of the search.
        """
        population = evolution.population
        alive = fitness_of([member for member in population if self._is_complete(member)])
        n_begun_before, n_failed_before = len(self._begun), len(self._failed)
        self._failed.update(e.candidate for e in evaluations if e.is_last and np.isnan(e.fitness))
        self._begun.update(evaluation.candidate for evaluation in evaluations)
        best = best_fitness(np.array([e.fitness for e in evaluations if e.is_complete]))
        row = {
            "generation": len(self.rows),
            "n_evaluated": len(self._begun) - n_begun_before,
            "n_reused": evolution.n_reused - self._n_reused_before,
            "n_failed": len(self._failed) - n_failed_before,
            "n_evaluations": len(self._begun),
            "best": best,
            "mean": _reduce(np.mean, alive),
            "std": _reduce(np.std, alive),
            "min": _reduce(np.min, alive),
            "max": _reduce(np.max, alive),
            "best_so_far": best_fitness(np.array([self.best, best])),
            "diversity": diversity(population),
            "seconds": seconds,
            **self._spent(evaluations),
        }
        self._n_reused_before = evolution.n_reused
        self.rows.append(row)
        return row

    def _is_complete(self, candidate: Candidate) -> bool:
        return self._ladder.is_whole or len(candidate.scores) == len(self._ladder)

    def _spent(self, evaluations: Sequence[Evaluation]) -> dict[str, int]:
        """Return the columns that tell of parts of evaluations, if there are any."""
        if not self._in_parts:
            return {}
        rungs = [evaluation.rung for evaluation in evaluations]
        new = {
            "n_complete": sum(evaluation.is_complete for evaluation in evaluations),
            "n_fits": sum(rung.n_splits - rung.first for rung in rungs),
        }
        if self._ladder[-1].resource is not None:
            new["n_resources"] = sum((r.n_splits - r.first) * (r.resource or 0) for r in rungs)
        before = self.rows[-1] if self.rows else dict.fromkeys(new, 0)
        return {name: before[name] + count for name, count in new.items()}

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the columns as equally long arrays."""
        return {name: np.array([row[name] for row in self.rows]) for name in self.rows[0]}


def _reduce(reduce: Any, fitness: NDArray[np.float64]) -> float:
    """Reduce what is not NaN; NaN if nothing is left."""
    valid = fitness[~np.isnan(fitness)]
    with np.errstate(invalid="ignore", over="ignore"):  # infinite scores have no spread
        return float(reduce(valid)) if len(valid) else float("nan")


def diversity(population: Sequence[Candidate]) -> float:
    """Return the share of genes in which two random members differ, from 0 to 1.

    The mean over genes of Simpson's index without replacement.

    References
    ----------
    E. H. Simpson, "Measurement of Diversity", Nature 163, 1949.
    """
    n = len(population)
    if n < 2:
        return 0.0
    differing = []
    for alleles in zip(*(candidate.genome for candidate in population)):
        alike = sum(count * (count - 1) for count in Counter(alleles).values())
        differing.append(1 - alike / (n * (n - 1)))
    return float(np.mean(differing))


def ancestry_columns(candidates: list[Candidate]) -> dict[str, Any]:
    """Return the columns that tell where each of the evaluated candidates came from."""
    row_of = {candidate.index: row for row, candidate in enumerate(candidates)}
    # A search that is taken up again, and is interrupted, may lack a parent that it computes anew.
    parents = [[row_of.get(parent, -1) for parent in c.parents] + [-1, -1] for c in candidates]
    return {
        "generation": [candidate.generation for candidate in candidates],
        "origin": np.array([candidate.origin for candidate in candidates], dtype=object),
        "parent_1": [rows[0] for rows in parents],
        "parent_2": [rows[1] for rows in parents],
    }


def progress_line(row: dict[str, Any]) -> str:
    """Tell of a generation in a line of text."""
    failed = f", {row['n_failed']} of them failed" if row["n_failed"] else ""
    return (
        f"Generation {row['generation']}: {row['n_evaluated']} evaluated{failed} "
        f"({row['n_evaluations']} in all), best so far {row['best_so_far']:.6g}, "
        f"population {row['mean']:.6g} +- {row['std']:.2g}, {row['seconds']:.1f} s"
    )
