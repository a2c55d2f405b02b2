"""Objects of Keras that the user gives by name: activations, initializers, optimizers, losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.utils._param_validation import InvalidParameterError


def look_up(parameter: str, kind: str, get: Callable[[Any], Any], name: Any) -> Any:
    """Return what a name of Keras stands for, or raise an error that tells the parameter.

    Parameters
    ----------
    parameter : str
        Which parameter of the estimator has the name as its value.

    kind : str
        What such a name stands for, for instance "an optimizer".

    get : callable
        Keras' function that knows the names.

    name : str
        The name. Anything else that `get` takes is looked up as well.

    Returns
    -------
    found : object
        What `get` returns.

    Raises
    ------
    InvalidParameterError
        If Keras does not know it, or needs more than a name to make it.
    """
    try:
        return get(name)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidParameterError(
            f"The {parameter!r} parameter must be the name of {kind} of Keras that needs no "
            f"arguments. Got {name!r} instead."
        ) from error
