"""Random integers on a logarithmic scale."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from scipy.stats import rv_discrete
from sklearn.utils._param_validation import (
    Interval,
    InvalidParameterError,
    validate_parameter_constraints,
)


class _LogRandint(rv_discrete):
    """The integers below loguniform numbers: `k` has the chance log((k + 1) / k) / log(b / a)."""

    def _argcheck(self, low: Any, high: Any) -> Any:
        return (low >= 1) & (high > low)

    def _get_support(self, low: Any, high: Any) -> tuple[Any, Any]:
        return low, high - 1

    def _pmf(self, k: Any, low: Any, high: Any) -> Any:
        return np.log1p(1 / k) / np.log(high / low)

    def _cdf(self, x: Any, low: Any, high: Any) -> Any:
        return np.log((np.floor(x) + 1) / low) / np.log(high / low)

    def _ppf(self, q: Any, low: Any, high: Any) -> Any:
        k = np.clip(np.ceil(low * (high / low) ** q) - 1, low, high - 1)
        # Rounding may have led one too far: the smallest integer that reaches q is right.
        before = np.maximum(k - 1, low)
        return np.where(self._cdf(before, low, high) >= q, before, k)


_LOG_RANDINT = _LogRandint(name="lograndint", shapes="low, high")


def lograndint(low: int, high: int) -> Any:
    """Random integers on a logarithmic scale, from `low` to `high` - 1.

    As ``scipy.stats.loguniform``, but for integers: from 10 to
    100 is as likely as from 100 to 1,000. The search steps and interpolates on that scale.

    Parameters
    ----------
    low : int
        The smallest value, at least 1.

    high : int
        The end, which is not a value itself, as in `range` and
        ``scipy.stats.randint``. At most 2**63: there are no wider integers in NumPy.

    Returns
    -------
    distribution : frozen distribution
        With the methods of those of scipy.stats; `RandomizedSearchCV` takes it as well.

    Examples
    --------
    >>> from sklearn_natsel import lograndint
    >>> n_estimators = lograndint(10, 3001)
    >>> n_estimators.rvs(size=8, random_state=0)
    array([ 228,  591,  311,  223,  112,  398,  121, 1618])
    >>> space = {"n_estimators": n_estimators, "max_depth": range(1, 21)}
    """
    integer = [Interval(Integral, 1, 2**63, closed="both")]
    constraints = {"low": integer, "high": integer}
    validate_parameter_constraints(constraints, {"low": low, "high": high}, "lograndint")
    if high <= low:
        raise InvalidParameterError(
            f"The 'high' parameter of lograndint must be greater than low={low}. "
            f"Got {high!r} instead."
        )
    return _LOG_RANDINT(low, high)
