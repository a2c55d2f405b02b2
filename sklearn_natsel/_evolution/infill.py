"""Breed children that were never seen, and of many only the promising ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, repeat

import numpy as np

from sklearn_natsel._evolution.candidates import Child
from sklearn_natsel._evolution.surrogate import Surrogate
from sklearn_natsel._space import Genome, Space, is_enumerable

Breed = Callable[[], Child]
Brood = dict[Genome, Child]

# How often a child that is known already is bred again, then drawn at random,
# before the unseen rest of a finite space is listed.
_REBREEDINGS = 20
_REDRAWS = 20

# How many children a generation that is only imagined has: at least, and for each one to be
# trained; and how often one is bred for each, since many are known already.
_FEWEST_IMAGINED = 30
_IMAGINED_PER_CHILD = 8
_BREEDINGS_PER_IMAGINED = 3

# How many of the best in the first imagined generation are the parents of the second one.
_N_FAVOURITES = 5

# The share of random children in the first one.
_RANDOM = 0.2


class Infill:
    """Breeds the children of a generation: none that was seen before, promising ones first.

    Parameters
    ----------
    space : Space
        Where to search.

    rng : RandomState
        Draws random children.

    mutate : callable
        Changes a genome.

    surrogate : Surrogate or None
        Chooses among many children; None trains the first ones that are bred.

    Attributes
    ----------
    seen : set of Genome
        What is not bred again.

    n_reused : int
        Children that had been seen, and were bred again. Those that only the surrogate
        looked at are not counted.
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.RandomState,
        mutate: Callable[[Genome], Genome],
        surrogate: Surrogate | None,
    ) -> None:
        self.seen: set[Genome] = set()
        self.n_reused = 0
        self._space = space
        self._rng = rng
        self._mutate = mutate
        self._surrogate = surrogate
        self._unlisted: Iterator[Genome] | None = None

    def random_child(self) -> Child:
        """Draw a child that has no parents."""
        return Child(self._space.random(self._rng), "random")

    def children(self, breed: Breed, n: int) -> list[Child]:
        """Breed n children, the promising ones if a surrogate can tell."""
        n = int(min(n, self._space.size - len(self.seen)))  # there may be no more
        promising = [] if self._surrogate is None else self._promising(self._surrogate, breed, n)
        return self.fill(breed, n, promising)

    def fill(self, breed: Breed, n: int, first: Sequence[Child] = ()) -> list[Child]:
        """Add children to the first ones until they are n, fewer only if there are no more."""
        children = {child.genome: child for child in first[:n]}
        while len(children) < n and (child := self._next_child(breed, children)):
            children[child.genome] = child
        return list(children.values())

    def _next_child(self, breed: Breed, siblings: Brood) -> Child | None:
        """Breed a child that is new; if that is hard draw one, or take what is left."""
        tries = chain(_tries(breed, _REBREEDINGS), _tries(self.random_child, _REDRAWS))
        left_over = (Child(genome, "random") for genome in self._unseen_genomes())
        return self._first_new(chain(self._counted(tries), left_over), siblings)

    def _first_new(self, tries: Iterator[Child], siblings: Brood) -> Child | None:
        """Return the first that was never seen, None if there is none."""
        return next(
            (c for c in tries if c.genome not in self.seen and c.genome not in siblings), None
        )

    def _counted(self, tries: Iterator[Child]) -> Iterator[Child]:
        for child in tries:
            yield child
            self.n_reused += 1  # who asks for another one has seen this one before

    def _unseen_genomes(self) -> Iterator[Genome]:
        """Yield what is left of a finite space, in random order."""
        if self._unlisted is None:
            listed: list[Genome] = []
            if is_enumerable(self._space.size):
                listed = [g for g in self._space.genomes() if g not in self.seen]
                self._rng.shuffle(listed)
            self._unlisted = iter(listed)
        yield from self._unlisted

    def _promising(self, surrogate: Surrogate, breed: Breed, n: int) -> list[Child]:
        """Imagine two generations, the second from the best of the first; choose from both."""
        size = max(_FEWEST_IMAGINED, _IMAGINED_PER_CHILD * n)
        brood: Brood = {}
        self._imagine(partial(self._child_or_random, breed), size, brood)
        if not brood:
            return []
        favourites = surrogate.favourites(list(brood.values()), _N_FAVOURITES)
        self._imagine(partial(self._mutant, favourites), size, brood)
        chosen = surrogate.choose(list(brood.values()), n, self._is_new)
        return [child for child in chosen if self._is_new(child.genome)]

    def _is_new(self, genome: Genome) -> bool:
        return genome not in self.seen

    def _imagine(self, breed: Breed, n: int, brood: Brood) -> None:
        """Breed n children that the brood lacks, or as many as a bounded effort gives."""
        tries = _tries(breed, _BREEDINGS_PER_IMAGINED * n)
        for _ in range(n):
            child = self._first_new(tries, brood)
            if child is None:
                return
            brood[child.genome] = child

    def _child_or_random(self, breed: Breed) -> Child:
        return self.random_child() if self._rng.random_sample() < _RANDOM else breed()

    def _mutant(self, favourites: Sequence[Child]) -> Child:
        parent = favourites[self._rng.randint(len(favourites))]
        origin = "crossover+mutation" if parent.parents else "mutation"
        return Child(self._mutate(parent.genome), origin, parent.parents)


def _tries(breed: Breed, n: int) -> Iterator[Child]:
    return (make() for make in repeat(breed, n))
