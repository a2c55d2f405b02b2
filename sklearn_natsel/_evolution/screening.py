"""Many children are bred for each one that is trained: models choose among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from sklearn_natsel._evolution.candidates import Child
from sklearn_natsel._evolution.surrogate.turns import Surrogate
from sklearn_natsel._evolution.survival import Fitness, best_first
from sklearn_natsel._space import Genome

# How many children a generation that is only imagined has: at least, and for each one to be
# trained; and how often one is bred for each, since many are known already.
_FEWEST_IMAGINED = 30
_IMAGINED_PER_CHILD = 8
_BREEDINGS_PER_IMAGINED = 3

# How many of the best in the first generation are the parents of the second one.
_N_FAVOURITES = 5

# The share of immigrants among the first ones.
_IMMIGRANTS = 0.2


class Screening:
    """Breeds children that are only imagined, and returns the most promising ones.

    Those of a first generation come from the breeders, or are random immigrants
    now and then; those of a second one are mutants of the most promising of the first.

    Parameters
    ----------
    surrogate : Surrogate
        Tells what is promising.

    rng : RandomState
        Decides who is an immigrant, who is a parent, and how bold each choice is.

    mutate : callable
        Changes a genome.

    immigrant : callable
        Returns a random child.

    is_new : callable
        Is given a genome and a brood; whether it is neither known nor in there.
    """

    def __init__(
        self,
        surrogate: Surrogate,
        rng: np.random.RandomState,
        *,
        mutate: Callable[[Genome], Genome],
        immigrant: Callable[[], Child],
        is_new: Callable[[Genome, Mapping[Genome, Child]], bool],
    ) -> None:
        self.surrogate = surrogate
        self._rng = rng
        self._mutate = mutate
        self._immigrant = immigrant
        self._is_new = is_new

    def children(self, breed: Callable[[], Child], n: int) -> list[Child]:
        """Return n children, fewer only if a bounded effort finds no more."""
        size = max(_FEWEST_IMAGINED, _IMAGINED_PER_CHILD * n)
        brood = self._bear(partial(self._child_or_immigrant, breed), size, {})
        if not brood:
            return []
        children = list(brood.values())
        mean, std = self.surrogate.predict(list(brood))
        favourites = [children[i] for i in best_first(mean + std)[:_N_FAVOURITES]]
        brood |= self._bear(partial(self._mutant, favourites), size, brood)
        children = list(brood.values())
        mean, std = self.surrogate.predict(list(brood))
        return [children[i] for i in choose(mean, std, min(n, len(children)), self._rng)]

    def _bear(
        self, breed: Callable[[], Child], n: int, brood: Mapping[Genome, Child]
    ) -> dict[Genome, Child]:
        """Breed n children that the brood lacks, or as many as a bounded effort gives."""
        born: dict[Genome, Child] = {}
        for _ in range(_BREEDINGS_PER_IMAGINED * n):
            if len(born) >= n:
                break
            child = breed()
            if child.genome not in born and self._is_new(child.genome, brood):
                born[child.genome] = child
        return born

    def _child_or_immigrant(self, breed: Callable[[], Child]) -> Child:
        return self._immigrant() if self._rng.random_sample() < _IMMIGRANTS else breed()

    def _mutant(self, favourites: Sequence[Child]) -> Child:
        parent = favourites[self._rng.randint(len(favourites))]
        origin = "crossover+mutation" if parent.parents else "mutation"
        return Child(self._mutate(parent.genome), origin, parent.parents)


def choose(mean: Fitness, std: Fitness, n: int, rng: np.random.RandomState) -> list[int]:
    """Return the positions of n different ones to train.

    Each has the highest upper confidence bound at an optimism of its own (how many
    standard deviations are added to the mean), drawn from an exponential
    distribution [1]_: parallel workers get both safe and bold settings, from
    several neighbourhoods.

    Parameters
    ----------
    mean, std : ndarray
        What is expected of each, and how sure that is.

    n : int
        Not more than there are.

    rng : RandomState
        Draws the optimism.

    References
    ----------
    .. [1] F. Hutter, H. H. Hoos and K. Leyton-Brown, "Parallel Algorithm
       Configuration", LION 6, 2012: a random optimism for each of a batch.
    """
    chosen: list[int] = []
    for _ in range(n):
        bound = mean + rng.exponential() * std
        bound[chosen] = -np.inf
        chosen.append(int(bound.argmax()))
    return chosen
