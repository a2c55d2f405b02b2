"""The distributions that scipy has had since 1.15, with the methods of its frozen ones."""

from __future__ import annotations

from typing import Any

import numpy as np


class FrozenForm:
    """A distribution with ``icdf`` and ``sample``, as ``scipy.stats.Normal`` has them."""

    def __init__(self, distribution: Any) -> None:
        self.distribution = distribution

    def __repr__(self) -> str:
        return repr(self.distribution)

    def ppf(self, quantile: Any) -> Any:
        return self.distribution.icdf(quantile)

    def cdf(self, value: Any) -> Any:
        return self.distribution.cdf(value)

    def support(self) -> tuple[Any, Any]:
        low, high = self.distribution.support()
        return low, high


class DiscreteFrozenForm(FrozenForm):
    """The same of a discrete one, as ``scipy.stats.Binomial``."""

    def pmf(self, value: Any) -> Any:
        return self.distribution.pmf(value)

    def mean(self) -> Any:
        return self.distribution.mean()

    def var(self) -> Any:
        return self.distribution.variance()

    def rvs(self, random_state: np.random.RandomState) -> int:
        rng = np.random.default_rng(random_state.randint(2**31))
        return int(self.distribution.sample(rng=rng))


def in_frozen_form(values: Any) -> Any:
    """Return a distribution of the newer kind in the form of a frozen one; all else as it is."""
    if hasattr(values, "ppf") or not (hasattr(values, "icdf") and hasattr(values, "cdf")):
        return values
    # Continuous ones have a method pmf as well, of which some never come back.
    quantiles = [values.icdf(quantile) for quantile in (0.2113, 0.4327, 0.6541, 0.8752)]
    are_integers = hasattr(values, "pmf") and np.all(np.mod(quantiles, 1) == 0)
    return DiscreteFrozenForm(values) if are_integers else FrozenForm(values)
