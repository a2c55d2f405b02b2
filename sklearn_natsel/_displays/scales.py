"""The axis of one parameter: names, scale and ticks."""

from __future__ import annotations

import math
import re
import textwrap
from typing import Any

import numpy as np

from sklearn_natsel._displays.axes import literal
from sklearn_natsel._displays.columns import Column

_LONGEST_LINE = 28

# The names of categories are slanted up to this many; more of them stand upright.
_MOST_SLANTED = 6

# Of more categories than this, only every second (third, ...) one is named.
_MOST_LABELS = 16

# Length of a letter along an upright name, in inches.
_LETTER = 0.08

# If the end of a logarithmic axis is less than this many times its start, there is room to mark 1
# and 3 of each decade.
_FEW_DECADES = 300


def scale_x(ax: Any, column: Column) -> None:
    """Give an axis the name and the scale of a parameter; mark its categories, or some numbers."""
    ax.set_xlabel(wrapped(column.name))
    if column.labels is not None:
        _name_categories(ax, column.labels)
    elif column.logarithmic:
        ax.set_xscale("log")
        low, high = ax.get_xlim()
        if high < 10 * low:
            _mark_less_than_a_decade(ax.xaxis)
        elif high < _FEW_DECADES * low:
            _mark_few_decades(ax.xaxis)
    else:
        finite = column.positions[np.isfinite(column.positions)]
        ax.locator_params(axis="x", nbins=5, integer=bool(np.all(finite == finite.round())))


def _name_categories(ax: Any, labels: list[str]) -> None:
    """Write the names of the categories below their strips, or of some if there are too many."""
    n, angle = len(labels), _angle_of_names(labels)
    ax.set_xlim(-0.5, n - 0.5)
    step = math.ceil(n / _MOST_LABELS)
    ax.set_xticks(
        range(0, n, step),
        [literal(label) for label in labels[::step]],
        rotation=angle,
        ha="right" if angle else "center",
        va="center" if angle == 90 else "top",
        fontsize="small" if angle == 90 else None,
        rotation_mode="anchor",
    )


def _angle_of_names(labels: list[str]) -> int:
    """Return 0 degrees where all names fit side by side, else 30, and 90 if they are many."""
    n = len(labels)
    return 0 if n * max(map(len, labels)) <= 20 else 30 if n <= _MOST_SLANTED else 90


def height_of_names(column: Column) -> float:
    """Return how many inches the names of categories take below an axis."""
    if column.labels is None:
        return 0.0
    longest = max(map(len, column.labels))
    return _LETTER * longest * math.sin(math.radians(_angle_of_names(column.labels)))


def _mark_less_than_a_decade(axis: Any) -> None:
    """Mark a few round numbers: there may be no power of ten, which matplotlib would mark."""
    from matplotlib.ticker import MaxNLocator, NullLocator, ScalarFormatter

    axis.set_major_locator(MaxNLocator(3))
    axis.set_major_formatter(ScalarFormatter())
    axis.set_minor_locator(NullLocator())


def _mark_few_decades(axis: Any) -> None:
    """Mark 1 and 3 of each decade: the names of all from 1 to 9 would hide each other."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1, 3)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def wrapped(label: str) -> str:
    """Break a label that is longer than an axis: at spaces and behind double underscores.

    A part that is still too long is broken behind single underscores as well.
    """
    words = label.replace("__", "__ ").split(" ")
    words = [re.sub("_(?!_|$)", "_ ", w) if len(w) > _LONGEST_LINE else w for w in words]
    lines = textwrap.fill(" ".join(words), _LONGEST_LINE, break_on_hyphens=False)
    return literal(lines.replace("_ ", "_"))
