"""Call a function with the setting of a candidate."""

from __future__ import annotations

import math
import numbers
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from typing import Any

import numpy as np

from sklearn_natsel._evaluation.task import Procedure, Result, Task


class NotANumberError(TypeError):
    """A function has returned something that can't be compared."""


class FunctionCall(Procedure):
    """A single call. Its result has a `value` and its `seconds`.

    Parameters
    ----------
    function : callable
        What to call; settings are its keyword arguments.

    error_score : float or "raise"
        The value of a call that raises an error.

    resource : str or None, default=None
        The argument that a call may be given less of.
    """

    times = ("seconds",)

    def __init__(
        self,
        function: Callable[..., Any],
        error_score: float | str,
        resource: str | None = None,
    ) -> None:
        self.shared = [function]
        self._function = function
        self._error_score = error_score
        self._resource = resource

    def setting(self, task: Task) -> dict[str, Any]:
        """Return the arguments of a call."""
        params = task.candidate.params
        return {**params, self._resource: task.resource} if self._resource else params

    def prepare(self, task: Task) -> tuple[Callable[..., Result], dict[str, Any]]:
        """Return a function that makes the call, and its arguments."""
        return _call, {
            "function": self._function,
            "params": self.setting(task),
            # A function whose first value is no number will hardly return one later.
            "strict": task.candidate.index == 0,
            "error_score": self._error_score,
        }

    def failure(self, error: Exception) -> Result:
        """Return the result of a call that raises this error."""
        return _failed_call(error, self._error_score)


def _call(
    function: Callable[..., Any],
    *,
    params: dict[str, Any],
    strict: bool,
    error_score: float | str,
) -> Result:
    """Call the function with one setting, in a worker."""
    started = time.perf_counter()
    try:
        # A copy, as in another process: what the function does to a value stays its own.
        value = _as_number(function(**{name: _copy(value) for name, value in params.items()}))
    except Exception as error:
        if strict and isinstance(error, NotANumberError):
            raise
        return _failed_call(error, error_score, time.perf_counter() - started)
    return {"value": value, "seconds": time.perf_counter() - started, "fit_error": None}


def _copy(value: Any) -> Any:
    try:
        return deepcopy(value)
    except Exception:  # a module, a lock
        return value


def _as_number(value: Any) -> float:
    """Return a float of what a function has returned: a number, or an array of one."""
    if np.ma.is_masked(value):  # the mean of nothing but masked values; its item would be 0
        return math.nan
    number = value
    if hasattr(value, "item"):
        with suppress(ValueError):  # an array of several
            number = value.item()
    if not isinstance(number, numbers.Real):
        raise NotANumberError(
            f"The function must return a real number. Got {value!r} of {type(value)} instead."
        )
    return float(number)


def _failed_call(error: Exception, error_score: float | str, seconds: float = math.nan) -> Result:
    if isinstance(error_score, str):  # "raise"
        raise error
    text = "".join(traceback.format_exception(error))
    return {"value": float(error_score), "seconds": seconds, "fit_error": text}
