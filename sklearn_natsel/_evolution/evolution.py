"""The evolution: ask for candidates, tell their fitness.

The steps of the genetic algorithm:

1. breed the first generation (`_first_generation`);
2. evaluate it: who calls :meth:`Evolution.ask` does, and calls :meth:`Evolution.tell`;
3. choose the survivors, the elites among them;
4. select the breeders;
5. cross pairs of them, 6. and 7. mutate the children (`_breed`), of whom a
   surrogate chooses the promising ones;
8. go to 2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np

from sklearn_natsel._evolution.candidates import Candidate, Child, fitness_of
from sklearn_natsel._evolution.crossover import CROSSOVERS
from sklearn_natsel._evolution.infill import Infill
from sklearn_natsel._evolution.initial import known_settings
from sklearn_natsel._evolution.ladder import ROUNDING
from sklearn_natsel._evolution.mutation import GeneMutationRate, mutate
from sklearn_natsel._evolution.promotion import Promotion
from sklearn_natsel._evolution.selection import make_selection
from sklearn_natsel._evolution.sizes import Sizes
from sklearn_natsel._evolution.surrogate import Surrogate, make_surrogate
from sklearn_natsel._evolution.survival import fittest, survivors
from sklearn_natsel._space import Space


class Evolution:
    """A genetic algorithm over a space, driven from outside by `ask` and `tell`.

    Parameters
    ----------
    space : Space
        Where to search.

    rng : RandomState
        Decides everything: the same state breeds the same candidates.

    default_params : dict or None, default=None
        A setting to begin with, skipped if it is not in the space.

    population_size, n_offspring, ..., step_rate
        As in :class:`~sklearn_natsel.GeneticSearchCV`.

    surrogate : bool, "per_second" or Surrogate, default=True
        As there, or what is to choose among children.

    promotion : Promotion or None, default=None
        Asks candidates that were evaluated in part to go on; None if all are evaluated whole.

    Attributes
    ----------
    candidates : list of Candidate
        All that were asked for, in the order of breeding.

    generation : int
        Number of the newest generation, from 0; -1 before the first.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn_natsel._evolution.evolution import Evolution
    >>> from sklearn_natsel._space.space import Space
    >>> space = Space({"x": range(-50, 51), "y": range(-50, 51)})
    >>> evolution = Evolution(space, np.random.RandomState(0), population_size=10, n_offspring=10)
    >>> for _ in range(40):
    ...     for candidate in evolution.ask():
    ...         x, y = candidate.params["x"], candidate.params["y"]
    ...         evolution.tell(candidate, -((x - 7) ** 2) - (y + 3) ** 2)
    >>> evolution.population[0].params
    {'x': 7, 'y': -3}
    """

    def __init__(
        self,
        space: Space,
        rng: np.random.RandomState,
        *,
        default_params: Mapping[str, Any] | None = None,
        population_size: int = 10,
        n_offspring: float | None = 0.02,
        initial_params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
        initial_mutation_rate: float = 0.8,
        elite_fraction: float = 1.0,
        lucky_rate: float = 0.0,
        selection: str = "tournament",
        tournament_size: int = 3,
        breeder_fraction: float = 0.8,
        crossover: str = "uniform",
        mutation_rate: float = 1.0,
        gene_mutation_rate: GeneMutationRate = None,
        step_rate: float = 0.5,
        surrogate: bool | Literal["per_second"] | Surrogate = True,
        promotion: Promotion | None = None,
    ) -> None:
        self.space = space
        self.population_size = population_size
        self.initial_mutation_rate = initial_mutation_rate
        self.lucky_rate = lucky_rate
        self.breeder_fraction = breeder_fraction
        self.mutation_rate = mutation_rate
        self._rng = rng
        self._sizes = Sizes(population_size, n_offspring, elite_fraction, lucky_rate)
        self._select = make_selection(selection, tournament_size)
        self._cross = CROSSOVERS[crossover]
        self._mutate = partial(
            mutate, space=space, rng=rng, gene_rate=gene_mutation_rate, step_rate=step_rate
        )
        self._promotion = promotion
        n_rungs = 1 if promotion is None else promotion.n_rungs
        self._surrogate = make_surrogate(surrogate, space, rng, self._sizes.offspring, n_rungs)
        self._infill = Infill(space, rng, self._mutate, self._surrogate)
        self._initial = known_settings(space, rng, default_params, initial_params)
        self.candidates: list[Candidate] = []
        self.generation = -1
        self._survivors: list[Candidate] = []
        self._newcomers: list[Candidate] = []
        self._waiting: list[Child] = []

    @property
    def n_reused(self) -> int:
        """Children bred so far that were known already, and so not asked for again."""
        return self._infill.n_reused

    @property
    def effort(self) -> float:
        """What all that was asked for costs, in whole evaluations."""
        return len(self.candidates) if self._promotion is None else self._promotion.effort

    @property
    def _least_effort(self) -> float:
        """What a new candidate costs at least."""
        return 1.0 if self._promotion is None else self._promotion.effort_of(1)

    @property
    def population(self) -> list[Candidate]:
        """The candidates that are alive, best first; at most `population_size`."""
        told = [candidate for candidate in self._newcomers if candidate.fitness is not None]
        return fittest(self._survivors + told, self.population_size)

    def ask(self, limit: float = math.inf) -> list[Candidate]:
        """Breed the next generation.

        Candidates of earlier generations that were not told yet are not waited
        for; they join the population when they are.

        Parameters
        ----------
        limit : int, default=inf
            The most candidates to return, and the most that they may cost, but for the first one
            and the default.

        Returns
        -------
        candidates : list of Candidate
            None of them was asked for before. If nothing new can be bred, those that were
            evaluated in part and are to go on; empty if there are none.
        """
        pending = [candidate for candidate in self._newcomers if candidate.fitness is None]
        if self.generation < 0:
            children = self._first_generation(limit)
        else:
            children = self._next_generation(self.population, limit)
        if not children:
            self._newcomers = pending
            return self.promote(self.effort + limit, gives_up=False)
        self.generation += 1
        # Each leaves enough for those that come after it.
        end = self.effort + limit - len(children) * self._least_effort
        asked = [
            self._admit(child, end + i * self._least_effort - self.effort)
            for i, child in enumerate(children, start=1)
        ]
        self._newcomers = pending + asked
        return asked

    def promote(self, limit: float = math.inf, *, gives_up: bool = True) -> list[Candidate]:
        """Ask for more of candidates that were evaluated in part.

        Parameters
        ----------
        limit : float, default=inf
            The most that all candidates may cost, in whole evaluations.

        gives_up : bool, default=True
            Whether those that are not worth it stay where they are.

        Returns
        -------
        candidates : list of Candidate
            Those that are to be evaluated up to their `rung`.
        """
        promoted = []
        while candidate := self._promote_one(limit, gives_up=gives_up):
            promoted.append(candidate)
        return promoted

    def _promote_one(self, limit: float, *, gives_up: bool = True) -> Candidate | None:
        if self._promotion is None:
            return None
        return self._promotion.promote(limit - self.effort, gives_up=gives_up)

    def ask_one(self, limit: float = math.inf) -> Candidate | None:
        """Breed a single candidate, without generations in between (steady state).

        After the first generation, each is bred from the population of the
        moment, in which a candidate that is told takes the place of the worst.
        They are counted as generations of `population_size` whole evaluations.

        Parameters
        ----------
        limit : float, default=inf
            The most that all candidates may cost, in whole evaluations.

        Returns
        -------
        candidate : Candidate or None
            One that was not asked for before, or is to be evaluated further. None if
            nothing new can be bred, or all else would cost too much.

        References
        ----------
        D. Whitley, "The GENITOR Algorithm and Selection Pressure", ICGA 3, 1989.
        """
        if self.generation < 0:
            self._waiting = self._first_generation(math.inf)
        if candidate := self._promote_one(limit):
            return candidate
        room = limit - self.effort
        if self.candidates and room < self._least_effort - ROUNDING:
            return None
        if not self._waiting:
            self._survivors = self.population
            self._newcomers = [c for c in self._newcomers if c.fitness is None]
            self._waiting = self._children(self._survivors, 1)
        if not self._waiting:
            return self._promote_one(limit, gives_up=False)
        self.generation = int((self.effort + ROUNDING) // self.population_size)
        candidate = self._admit(self._waiting.pop(0), room)
        self._newcomers.append(candidate)
        return candidate

    def tell(self, candidate: Candidate, fitness: float, seconds: float = math.nan) -> None:
        """Report the fitness of a candidate, in any order, and how long that took.

        Of one that is evaluated in parts, its score on the next rung and the time up to it.
        NaN is a candidate that has failed, or a time that is unknown.
        """
        candidate.fitness = float(fitness)
        candidate.seconds = float(seconds)
        if self._promotion is not None:
            self._promotion.tell(candidate, candidate.fitness, candidate.seconds)
            # Who had left the population may be better than it seemed.
            if candidate not in self._survivors and candidate not in self._newcomers:
                self._newcomers.append(candidate)

    def _first_generation(self, limit: float) -> list[Child]:
        """Take step 1: known settings, mutants of the given ones, and random ones."""
        n = int(min(self._first_size, limit))
        given = [child.genome for child in self._initial if child.origin == "initial"]
        children = self._initial[:n]

        def relative() -> Child:
            return Child(self._mutate(given[self._rng.randint(len(given))]), "mutation")

        if given:
            n_relatives = self._rng.binomial(n - len(children), self.initial_mutation_rate)
            children = self._infill.fill(relative, len(children) + n_relatives, children)
        return self._infill.fill(self._infill.random_child, n, children)

    def _next_generation(self, population: list[Candidate], limit: float) -> list[Child]:
        """Take steps 3 to 7: survivors, and children of the population."""
        self._survivors = survivors(population, self._sizes.elites, self.lucky_rate, self._rng)
        room = self._sizes.offspring(len(self.candidates), len(self._survivors))
        return self._children(population, int(min(room, limit)))

    def _children(self, population: list[Candidate], n: int) -> list[Child]:
        """Take steps 4 to 7: breeders, crossover and mutation."""
        if len(population) < 2:
            return self._infill.fill(self._infill.random_child, n)
        n_breeders = max(2, round(self.breeder_fraction * len(population)))
        chosen = self._select(fitness_of(population), n_breeders, self._rng)
        breeders = [population[i] for i in chosen]
        if self._surrogate is not None:
            self._surrogate.learn([c for c in self.candidates if c.fitness is not None])
        return self._infill.children(partial(self._breed, breeders), n)

    def _breed(self, breeders: list[Candidate]) -> Child:
        """Cross a random pair of breeders; mutate the child with some chance."""
        first, second = self._rng.permutation(len(breeders))[:2]
        mother, father = breeders[first], breeders[second]
        genome = self._cross(mother.genome, father.genome, self._rng)
        genome = self.space.complete(genome, self._rng)
        origin = "crossover"
        if self._rng.random_sample() < self.mutation_rate:
            genome, origin = self._mutate(genome), "crossover+mutation"
        return Child(genome, origin, (mother.index, father.index))

    def _admit(self, child: Child, limit: float) -> Candidate:
        candidate = Candidate(
            index=len(self.candidates),
            genome=child.genome,
            params=self.space.decode(child.genome),
            generation=self.generation,
            origin=child.origin,
            parents=child.parents,
            is_default=child.is_default,
        )
        self.candidates.append(candidate)
        if self._promotion is not None:
            self._promotion.admit(candidate, limit)
        self._infill.seen.add(child.genome)
        return candidate

    def count_generations(self, n_candidates: int) -> int | None:
        """Return how many breed so many candidates, None if luck decides or they are too many.

        Nor is it known if evaluations have parts.
        """
        if self._promotion is not None:
            return None
        return self._sizes.count_generations(self._first_size, n_candidates)

    @property
    def _first_size(self) -> int:
        return max(self._sizes.population, len(self._initial))
