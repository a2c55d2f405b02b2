"""How many children a generation has."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable

from sklearn.utils._param_validation import InvalidParameterError

# How many children a generation has at least whose size is a share.
_FEWEST_CHILDREN = 2

# Up to how many generations are counted in advance.
_MOST_COUNTED = 100_000


class Sizes:
    """The sizes of generations, elites and offspring, as the parameters of the search say.

    Parameters
    ----------
    population_size, n_offspring, elite_fraction, lucky_rate
        As in :class:`~sklearn_natsel.GeneticSearchCV`.

    Raises
    ------
    InvalidParameterError
        If they leave no room for children.
    """

    def __init__(
        self,
        population_size: int,
        n_offspring: float | None,
        elite_fraction: float,
        lucky_rate: float,
    ) -> None:
        self.population = population_size
        self.elites = _product(elite_fraction, population_size, math.ceil)
        self._n_offspring = n_offspring
        self._depends_on_luck = n_offspring is None and lucky_rate > 0
        if n_offspring is None and (self.elites >= population_size or lucky_rate == 1):
            raise InvalidParameterError(
                f"The 'elite_fraction' parameter leaves no room for children: "
                f"{elite_fraction!r} of a 'population_size' of {population_size} are "
                f"{self.elites} elites, and 'lucky_rate' is {lucky_rate!r}. Lower them, "
                "or set 'n_offspring'."
            )

    def offspring(self, n_candidates: int, n_survivors: int | None = None) -> int:
        """Return how many are bred after so many candidates.

        Parameters
        ----------
        n_candidates : int
            All that were bred before.

        n_survivors : int, default=None
            Beside how many; None means the elites alone.
        """
        if self._n_offspring is None:
            survivors = self.elites if n_survivors is None else n_survivors
            return max(1, self.population - survivors)
        if isinstance(self._n_offspring, numbers.Integral):
            return int(self._n_offspring)
        share = _product(self._n_offspring, n_candidates, math.floor)
        return min(max(share, _FEWEST_CHILDREN), self.population)

    def count_generations(self, first: int, n_candidates: int) -> int | None:
        """Return how many breed so many candidates if the first one has this size.

        None if luck decides, or if they are too many to count.
        """
        if self._depends_on_luck:
            return None
        n = first
        for generations in range(1, _MOST_COUNTED):
            if n >= n_candidates:
                return generations
            n += self.offspring(n)
        return None


def _product(share: float, n: int, to_integer: Callable[[float], int]) -> int:
    # Rounded first: 0.07 * 100 is a little more than 7.
    return to_integer(round(share * n, 9))
