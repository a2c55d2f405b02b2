"""Which candidates are worth a higher rung: more splits, or a larger resource.

An evaluation in parts climbs a ladder. All begin on its first rung, which costs little, and
few are asked to go on; only on the last one is an evaluation complete.
"""

from __future__ import annotations

import math
from bisect import insort
from itertools import accumulate, islice

import numpy as np
from scipy.special import ndtr

from sklearn_natsel._evolution.candidates import Candidate
from sklearn_natsel._evolution.ladder import ROUNDING, Ladder
from sklearn_natsel._evolution.survival import best_first, fittest, is_better

# Who has a smaller chance to end above the best is not asked to go on.
_LEAST_CHANCE = 0.2

# How well a rung foretells the last one is known from the better half of those that have been
# on both, but from so many at least: poor settings change in other ways.
_FEWEST_COMPLETE = 5

# Who is on a rung is compared with the latest there, so many for each that goes on: what is bred
# later is better, and of all that were ever there the early ones would be the worst.
_LATEST = 10

# From so many complete evaluations on, some candidates are evaluated whole at once: low rungs
# prefer what learns fast, and by then a surrogate knows good ones without them.
_ENOUGH_COMPLETE = 8


class Promotion:
    """Asks the best candidates of each rung to go on, without waiting for all of them.

    One goes on if it is among the best `1 / factor` of those that have lately been on its
    rung [1]_, or the best of few, and may still become the best of all: its lead over the best
    candidate on the same rung, so on the same splits, is compared with how far such leads have
    been from the final ones.

    The very first candidate goes on to the end, for there must be a complete one; if it fails, the
    best of the others does. So does the one that is not searched for: the best can't be worse.
    Once some are complete, a share of the new ones is evaluated whole at once. It is what scores on
    the first rung leave unexplained of the final ones: where both rank alike, hardly any.

    Parameters
    ----------
    ladder : Ladder
        The rungs.

    factor : int
        The inverse of the share that goes on.

    References
    ----------
    .. [1] L. Li, K. Jamieson, A. Rostamizadeh et al., "A System for Massively Parallel
       Hyperparameter Tuning", MLSys 2020: asynchronous successive halving.
    """

    def __init__(self, ladder: Ladder, factor: int) -> None:
        self._ladder = ladder
        self._factor = factor
        self._last = len(ladder) - 1
        self._efforts = [0.0, *accumulate(rung.effort for rung in ladder)]
        self._asked: list[Candidate] = []
        # Those that have scores on all rungs, in the order of breeding.
        self._complete: list[Candidate] = []
        self._best: Candidate | None = None
        self._effort = 0.0
        # How many are to be evaluated whole at once, and are not yet: whole ones and a fraction.
        self._n_due_whole = 0.0

    def admit(self, candidate: Candidate, limit: float = math.inf) -> None:
        """Ask a new candidate to the first rung, one that is evaluated whole to the last.

        Parameters
        ----------
        candidate : Candidate
            The new one.

        limit : float, default=inf
            The most that it may cost, if it is not one of those without which there is no result.
        """
        self._n_due_whole += self._unexplained_share()
        is_kept = not self._asked or candidate.is_default
        if not is_kept and self._n_due_whole >= 1.0 and self._efforts[-1] <= limit + ROUNDING:
            self._n_due_whole -= 1.0
            is_kept = True
        candidate.rung = self._last if is_kept else 0
        self._effort += self._efforts[candidate.rung + 1]
        self._asked.append(candidate)

    def _unexplained_share(self) -> float:
        """Return the share of the variance of final scores that those of the first rung leave.

        It is none until some are complete, and where all of these are level: there is nothing to
        explain.
        """
        if len(self._complete) < _ENOUGH_COMPLETE:
            return 0.0
        scores = np.array([candidate.scores for candidate in _better_half(self._complete)])
        scores /= np.abs(scores).max() or 1.0  # squares of large ones would be infinite
        first, last = scores[:, 0], scores[:, -1]
        if np.ptp(last) <= ROUNDING:
            return 0.0
        if np.ptp(first) <= ROUNDING:
            return 1.0
        return 1.0 - max(float(np.corrcoef(first, last)[0, 1]), 0.0) ** 2

    @property
    def n_rungs(self) -> int:
        """The number of rungs."""
        return len(self._ladder)

    @property
    def effort(self) -> float:
        """What all that was asked for costs, in whole evaluations."""
        return self._effort

    def effort_of(self, n_rungs: int) -> float:
        """Return what so many rungs cost, from the first."""
        return self._efforts[n_rungs]

    def tell(self, candidate: Candidate, score: float, seconds: float) -> None:
        """Take note of a score; estimate what a whole evaluation would come to, and take."""
        candidate.scores.append(score)
        candidate.seconds = seconds / self.effort_of(len(candidate.scores))
        if len(candidate.scores) > self._last and np.isfinite(candidate.scores).all():
            insort(self._complete, candidate, key=lambda each: each.index)
            if self._is_best(candidate):
                self._best = candidate
                for other in self._asked:
                    self._estimate(other)
        self._estimate(candidate)

    def _is_best(self, candidate: Candidate) -> bool:
        """Whether others are to be compared with one that has scores on all rungs: none is better.

        Of those that tie it is the one that was bred first, in whatever order they are told.
        """
        if self._best is None:
            return True
        score, best = candidate.scores[-1], self._best.scores[-1]
        return is_better(score, best) or (score == best and candidate.index < self._best.index)

    def promote(self, limit: float, *, gives_up: bool = True) -> Candidate | None:
        """Ask one that is worth it to its next rung, from the highest that has any.

        Parameters
        ----------
        limit : float
            The most that this may cost.

        gives_up : bool, default=True
            Whether those that are not worth it stay where they are; else all go on, the best first.

        Returns
        -------
        candidate : Candidate or None
            None if there is none, for now.
        """
        for rung in reversed(range(self._last)):
            if self._ladder[rung + 1].effort > limit + ROUNDING:
                continue
            if worth_it := self._worth_it(rung, gives_up):
                worth_it[0].rung += 1
                self._effort += self._ladder[rung + 1].effort
                return worth_it[0]
        return None

    def _estimate(self, candidate: Candidate) -> None:
        """Tell what the scores let one expect; the last one is the fitness."""
        candidate.estimates = [self._whole(*score) for score in enumerate(candidate.scores)]
        if candidate.scores:
            candidate.fitness = candidate.estimates[-1]

    def _whole(self, rung: int, score: float) -> float:
        """Return what a score on a rung would be on the last one, if leads stay what they are."""
        if self._best is None or rung == self._last:
            return score
        # Who does better than the best on a low rung is not better yet, nor quite as good.
        best = self._best.scores[-1]
        return min(best + score - self._best.scores[rung], math.nextafter(best, -math.inf))

    def _worth_it(self, rung: int, gives_up: bool) -> list[Candidate]:
        """Return those that wait on a rung and should go on, best first."""
        there = (
            c
            for c in reversed(self._asked)
            if len(c.scores) > rung and not math.isnan(c.scores[rung])
        )
        seen = list(islice(there, _LATEST * self._factor if gives_up else None))[::-1]
        ranked = [seen[i] for i in best_first(np.array([c.scores[rung] for c in seen]))]
        # One at least, or a small search would end with a better one on a low rung.
        n_top = max(len(seen) // self._factor, 1) if gives_up else len(seen)
        waiting = [c for c in ranked[:n_top] if c.rung == rung]
        if not waiting or self._best is None or not gives_up:
            return waiting
        spread = self._spread(rung, self._best)
        return [c for c in waiting if _chance(self._lead(c, self._best), spread) >= _LEAST_CHANCE]

    def _spread(self, rung: int, best: Candidate) -> float:
        """Return how far leads on a rung are from the final ones; infinite if that is unknown."""
        others = [candidate for candidate in self._complete if candidate is not best]
        if len(others) < _FEWEST_COMPLETE:
            return math.inf
        half = _better_half(others)
        changes = np.array([self._change(c, rung) - self._change(best, rung) for c in half])
        unit = np.abs(changes).max() or 1.0
        return float(unit * np.std(changes / unit))

    @staticmethod
    def _change(candidate: Candidate, rung: int) -> float:
        return candidate.scores[-1] - candidate.scores[rung]

    @staticmethod
    def _lead(candidate: Candidate, best: Candidate) -> float:
        """Return by how much a candidate is above the best one on its highest rung."""
        own, of_best = candidate.scores[-1], best.scores[len(candidate.scores) - 1]
        # Means of equal scores in another order differ by rounding.
        return 0.0 if math.isclose(own, of_best, rel_tol=ROUNDING) else own - of_best


def _better_half(complete: list[Candidate]) -> list[Candidate]:
    """Return the candidates that tell how well a rung foretells the last one."""
    return fittest(complete, max(len(complete) // 2, _FEWEST_COMPLETE))


def _chance(lead: float, spread: float) -> float:
    """Return the chance that a lead of this size stays one; who is level may always get ahead."""
    if math.isinf(spread) or lead >= 0.0:
        return 1.0
    return float(ndtr(lead / spread)) if spread else 0.0
