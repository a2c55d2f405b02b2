"""What all pictures share: matplotlib, loaded when the first one is drawn, and axes."""

from __future__ import annotations

from typing import Any


def load_pyplot() -> Any:
    """Import matplotlib, or say how to get it."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            "Drawing needs matplotlib: pip install 'sklearn-natsel[plot]'."
        ) from error
    return plt


def literal(text: str) -> str:
    """Escape what matplotlib would take for mathematics."""
    return text.replace("$", r"\$")


def whole_numbers() -> Any:
    """Return a locator that marks integers alone."""
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(integer=True, min_n_ticks=1)


def axes_or_new(ax: Any, **options: Any) -> Any:
    """Return the given axes, or those of a new figure made with the options."""
    plt = load_pyplot()
    return plt.subplots(layout="constrained", **options)[1] if ax is None else ax
