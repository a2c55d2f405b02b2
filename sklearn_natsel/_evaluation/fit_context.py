"""What a fit must have to tell scikit-learn's callbacks (from 1.9) of itself."""

from __future__ import annotations

from copy import copy
from typing import Any


class FitContext:
    """The search that a fit belongs to, and the place of the fit in its tree of contexts.

    On its way to a worker process it leaves behind the results of an earlier search and
    all but the contexts above its own: the whole tree, sent with every fit, would soon
    take longer than the fits.

    Parameters
    ----------
    search : estimator
        Whose callbacks are told.

    context : CallbackContext
        Of the fit.
    """

    def __init__(self, search: Any, context: Any) -> None:
        self.search = search
        self.context = context

    def __getstate__(self) -> dict[str, Any]:
        return {
            "search": _without_results(self.search),
            "context": _without_siblings(self.context),
        }

    def end(self) -> None:
        """Tell that the fit has ended, in place of a worker that can't any more."""
        self.context.call_on_fit_task_end(estimator=self.search)


def _without_results(search: Any) -> Any:
    """Copy a search as it was before its first fit."""
    bare = copy(search)
    for name in [name for name in vars(bare) if name.endswith("_")]:
        delattr(bare, name)
    return bare


def _without_siblings(context: Any) -> Any:
    """Copy a context and those above it, as if there were no others."""
    lone = copy(context)
    lone._children_map = {}
    if context.parent is not None:
        lone.parent = _without_siblings(context.parent)
    return lone
