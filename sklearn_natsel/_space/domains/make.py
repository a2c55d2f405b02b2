"""Turn an entry of a ``param_space`` into a domain, or say what is wrong with it."""

from __future__ import annotations

import inspect
import math
import warnings
from typing import Any

import numpy as np
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._space.domains.base import Domain, is_enumerable
from sklearn_natsel._space.domains.continuous import ContinuousDistribution
from sklearn_natsel._space.domains.draws import AnyDistribution
from sklearn_natsel._space.domains.integers import (
    EvenIntegers,
    IntegerDistribution,
    has_equal_chances,
)
from sklearn_natsel._space.domains.lists import Choices, LongRange
from sklearn_natsel._space.domains.newer_scipy import in_frozen_form
from sklearn_natsel._space.domains.other_libraries import rewritten
from sklearn_natsel._space.domains.quantiles import inside_unit_interval, support_of
from sklearn_natsel._space.equality import is_collection


def make_domain(name: str, values: Any, cloned: bool = True) -> Domain:
    """Turn one entry of a ``param_space`` into the domain of a gene."""
    if isinstance(values, type):  # what its instances would have are only promises
        return Choices(_check_list(name, values), cloned)
    if isinstance(values, Domain):
        return values
    _check_notation(name, values)
    values = in_frozen_form(values)
    if hasattr(values, "ppf") and hasattr(values, "cdf") and not _is_heavy_tailed(values):
        _check_frozen(name, values)
        if not hasattr(values, "pmf"):
            return ContinuousDistribution(values)
        if _has_integer_quantiles(values):
            return _integers(name, values)
    if hasattr(values, "rvs"):
        _check_rvs(name, values)
        return AnyDistribution(values, cloned)
    if isinstance(values, range) and not is_enumerable(_length(name, values, values)):
        return LongRange(values)
    return Choices(_check_list(name, values), cloned)


def _integers(name: str, distribution: Any) -> IntegerDistribution:
    """Make the domain of a distribution over integers."""
    low, high = support_of(distribution)
    if math.isfinite(low) and math.isfinite(high):
        _length(name, distribution, range(int(low), int(high) + 1))
    is_even = has_equal_chances(distribution)
    return EvenIntegers(distribution) if is_even else IntegerDistribution(distribution)


def _length(name: str, values: Any, integers: range) -> int:
    """Return the number of integers of an entry, or raise if nobody could draw from so many."""
    try:
        return len(integers)
    except OverflowError:
        raise InvalidParameterError(
            f"The {name!r} entry of the 'param_space' parameter must have less than 2**63 values. "
            f"Got {values!r} instead."
        ) from None


def _is_heavy_tailed(distribution: Any) -> bool:
    """Whether it is discrete, of infinite variance: scipy may count to its quantiles for ever."""
    if not hasattr(distribution, "pmf") or not hasattr(distribution, "mean"):
        return False
    try:
        if all(map(math.isfinite, support_of(distribution))):
            return False
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scipy computes further moments on the way
            return math.isinf(distribution.mean()) or math.isinf(distribution.var())
    except TypeError:  # not frozen
        return False


def _has_integer_quantiles(distribution: Any) -> bool:
    """Whether there are steps: not over fractions, nor where scipy finds no quantile."""
    try:
        quantiles = distribution.ppf([*np.linspace(0.001, 0.999, 999), inside_unit_interval(1)])
    except RuntimeError:
        return False
    return bool(np.all(np.mod(quantiles, 1) == 0))


def _check_notation(name: str, values: Any) -> None:
    """Raise if the entry is written as another library takes it."""
    if found := rewritten(values):
        library, here = found
        raise InvalidParameterError(
            f"The {name!r} entry of the 'param_space' parameter is in the notation of {library}. "
            f"Write {here} instead of {values!r}; loguniform and uniform are in scipy.stats, "
            "lograndint is in sklearn_natsel."
        )


def _check_frozen(name: str, distribution: Any) -> None:
    """Raise if the distribution lacks its parameters, or they make no sense."""
    try:
        median = float(distribution.ppf(0.5))
    except TypeError as error:
        raise InvalidParameterError(
            f"The {name!r} entry of the 'param_space' parameter must be a frozen distribution, "
            "for instance loguniform(1e-3, 1e3), with a single number for each parameter. "
            f"Got {distribution!r} instead ({error})."
        ) from error
    if math.isnan(median):
        is_frozen = hasattr(distribution, "args")
        parameters = f"{distribution.args} {distribution.kwds}" if is_frozen else repr(distribution)
        raise InvalidParameterError(
            f"The {name!r} entry of the 'param_space' parameter is a distribution without "
            f"values: its median is NaN. Check the order and the sign of its parameters, "
            f"{parameters}."
        )


def _check_rvs(name: str, distribution: Any) -> None:
    """Raise if nothing can be drawn with a given random state."""
    try:
        signature = inspect.signature(distribution.rvs)
    except (TypeError, ValueError):  # some that are compiled do not tell what they take
        return
    try:
        signature.bind(random_state=None)
    except TypeError as error:
        raise InvalidParameterError(
            f"The {name!r} entry of the 'param_space' parameter must have a method rvs that takes "
            f"the keyword random_state. Got {distribution!r} instead ({error})."
        ) from None


def _check_list(name: str, values: Any) -> list[Any]:
    """Return the choices as a list, or say why they can't be one."""
    prefix = f"The {name!r} entry of the 'param_space' parameter"
    if not is_collection(values):
        raise InvalidParameterError(
            f"{prefix} must be a list of values (for a single value, a list of one) or a "
            f"distribution with rvs, as a scipy.stats distribution has it. Got {values!r} instead."
        )
    if getattr(values, "ndim", 1) != 1:
        raise InvalidParameterError(
            f"{prefix} must be one-dimensional. Got an array of shape {values.shape} instead."
        )
    if np.ma.is_masked(values):
        raise InvalidParameterError(
            f"{prefix} must have no masked values; compressed() leaves them out. Got {values!r}."
        )
    # The members of a tensor or of an Arrow array are no numbers or texts; NumPy's are.
    has_own_members = hasattr(values, "tolist") and not isinstance(values, np.ndarray)
    choices = values.tolist() if has_own_members else list(values)
    if not choices:
        raise InvalidParameterError(f"{prefix} must have at least one value. Got {values!r}.")
    return choices
