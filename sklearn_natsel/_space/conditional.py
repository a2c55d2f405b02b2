"""Parameters that exist only under a condition."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from sklearn.base import clone

from sklearn_natsel._space.equality import is_collection, same_value


class Conditional:
    """A parameter that exists only while another one satisfies a condition.

    While the condition does not hold, the parameter is not set, is masked in
    ``cv_results_``, and does not make two settings different.

    Parameters
    ----------
    values : list, tuple, range, array or distribution
        The values of the parameter while it exists, as they would stand in
        ``param_space`` without a condition.

    parent : str
        The parameter of the same space on which this one depends. It may be
        conditional itself; then this one exists only if its parent does.

    condition : value, collection of values, class or callable
        What the parent's value must satisfy:

        - a list, tuple, set, range or array: be one of its members;
        - a class: be an instance of it;
        - any other callable: make it return a true value;
        - anything else: be equal to it. (Wrap a value in a list if it is
          itself a collection, a class or a callable.)

        Booleans are not equal to numbers here.

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from sklearn_natsel import Conditional
    >>> space = {
    ...     "kernel": ["linear", "rbf", "poly"],
    ...     "gamma": Conditional(loguniform(1e-4, 1), "kernel", ["rbf", "poly"]),
    ...     "degree": Conditional([2, 3, 4], "kernel", "poly"),
    ... }
    >>> space["degree"]
    Conditional([2, 3, 4], parent='kernel', condition='poly')
    """

    def __init__(self, values: Any, parent: str, condition: Any) -> None:
        self.values = values
        self.parent = parent
        self.condition = condition

    def holds(self, value: Any) -> bool:
        """Whether the parameter exists while its parent has this value."""
        if isinstance(self.condition, type):
            return isinstance(value, self.condition)
        if is_collection(self.condition) or isinstance(self.condition, AbstractSet):
            return any(same_value(member, value) for member in self.condition)
        if callable(self.condition) and not hasattr(self.condition, "get_params"):
            return bool(self.condition(value))
        return same_value(self.condition, value)

    def __sklearn_clone__(self) -> Conditional:
        """Clone what it holds as `clone` does the other values of the space: they must match."""
        values, condition = (clone(held, safe=False) for held in (self.values, self.condition))
        return Conditional(values, self.parent, condition)

    def __repr__(self) -> str:
        return f"Conditional({self.values!r}, parent={self.parent!r}, condition={self.condition!r})"
