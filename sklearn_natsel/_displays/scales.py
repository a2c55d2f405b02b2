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

# Of categories: so many names are slanted, and so many are shown.
_MOST_SLANTED = 6
_MOST_LABELS = 16

# Inches that a letter of an upright name takes.
_LETTER = 0.08

# A logarithmic axis of at most this range has room for 1 and 3 of each decade.
_FEW_DECADES = 300


def scale_x(ax: Any, column: Column) -> None:
    """Let an axis show a parameter: its name, its scale, and its categories or a few numbers."""
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
    """Put the names below their strips, upright if they are many, and not all if too many."""
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
    n = len(labels)
    return 0 if n * max(map(len, labels)) <= 20 else 30 if n <= _MOST_SLANTED else 90


def height_of_names(column: Column) -> float:
    """Return how many inches the names of categories take below an axis."""
    if column.labels is None:
        return 0.0
    longest = max(map(len, column.labels))
    return _LETTER * longest * math.sin(math.radians(_angle_of_names(column.labels)))


def _mark_less_than_a_decade(axis: Any) -> None:
    """Mark a few round numbers, where a logarithmic axis would write all powers into one place."""
    from matplotlib.ticker import MaxNLocator, NullLocator, ScalarFormatter

    axis.set_major_locator(MaxNLocator(3))
    axis.set_major_formatter(ScalarFormatter())
    axis.set_minor_locator(NullLocator())


def _mark_few_decades(axis: Any) -> None:
    """Mark 1 and 3 of each decade, where a logarithmic axis would mark all from 2 to 9."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1, 3)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def wrapped(label: str) -> str:
    """Break a label that is longer than an axis, also behind double underscores, or single ones."""
    words = label.replace("__", "__ ").split(" ")
    words = [re.sub("_(?!_|$)", "_ ", w) if len(w) > _LONGEST_LINE else w for w in words]
    lines = textwrap.fill(" ".join(words), _LONGEST_LINE, break_on_hyphens=False)
    return literal(lines.replace("_ ", "_"))
