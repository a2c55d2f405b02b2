"""The settings of which a Gaussian process expects most, wherever in the space they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from sklearn_natsel._evolution.candidates import Child, Floats
from sklearn_natsel._evolution.surrogate.acquisition import log_expected_improvement
from sklearn_natsel._evolution.surrogate.climb import climb
from sklearn_natsel._evolution.surrogate.features import Features, Rows
from sklearn_natsel._evolution.surrogate.gaussian_process import GaussianProcess, in_one_thread
from sklearn_natsel._space import Genome, Space

# How many climbs there are.
_N_CLIMBS = 10

# How much better than the best a setting has to be, in turns, where the best is 1 and the median 0:
# any improvement, or one that is not to be had near a peak that is known.
_MARGINS = (0.0, 0.2)


class Peaks:
    """Climbs from children to what promises most.

    Parameters
    ----------
    space : Space
        What the genomes stand for.

    process : GaussianProcess
        Whose expectations count.

    rng : RandomState
        Draws which children to climb from.
    """

    def __init__(
        self,
        space: Space,
        process: GaussianProcess,
        rng: np.random.RandomState,
    ) -> None:
        self._space = space
        self._features = Features(space)
        self._process = process
        self._rng = rng
        self._n_chosen = 0

    @in_one_thread()
    def choose(
        self, children: Sequence[Child], n: int, is_new: Callable[[Genome], bool]
    ) -> list[Child]:
        """Return n of the children and the peaks, each the best once those before it are expected.

        They are fewer if too few are new. Every second one has to improve on the best by a
        margin: a search that has come to the top of a hill would else spend all its time there.
        """
        rows = self._features.coordinates([child.genome for child in children])
        brood, chosen = list(children), dict[Genome, Child]()
        places = rows
        while len(chosen) < n:
            margin = _MARGINS[self._n_chosen % len(_MARGINS)]
            peaks, origins = self._climb(rows, margin)
            brood += [self._moved(children[i], peak) for i, peak in zip(origins, peaks)]
            places = np.vstack([places, peaks])
            promise = self._promise(places, margin)
            is_known = [c.genome in chosen or not is_new(c.genome) for c in brood]
            promise[is_known] = -np.inf
            if promise.max() == -np.inf:
                break
            best = brood[int(promise.argmax())]
            chosen[best.genome] = best
            self._n_chosen += 1
            self._process.expect(best.genome)
        return list(chosen.values())

    def _climb(self, rows: Rows, margin: float) -> tuple[Rows, list[int]]:
        """Return where climbs from some rows end, and which rows these were.

        They start where most is expected, and where lots fall that are the more, the more is
        expected: as many as there are starts, drawn without replacement.
        """
        promise = self._promise(rows, margin)
        lots = promise + self._rng.gumbel(size=len(rows))
        lots[promise.argmax()] = np.inf
        starts = np.argsort(-lots, kind="stable")[:_N_CLIMBS]
        slopes_at = partial(self._process.slopes_at, margin=margin)
        return climb(rows[starts], self._features.fine, slopes_at), starts.tolist()

    def _promise(self, coordinates: Rows, margin: float) -> Floats:
        mean, std = self._process.predict_at(coordinates)
        return log_expected_improvement(mean - self._process.best - margin, std)

    def _moved(self, child: Child, row: Rows) -> Child:
        """Return a child with the fine scales of a row."""
        genome = self._space.complete(self._features.moved(child.genome, row), self._rng)
        origin = "crossover+mutation" if child.parents else "mutation"
        return Child(genome, origin, child.parents)
