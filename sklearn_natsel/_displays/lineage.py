"""LineageDisplay: where the chosen setting comes from."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, validate_parameter_constraints

from sklearn_natsel._displays.ancestors import Path, ancestry, inheritance, parents_of
from sklearn_natsel._displays.axes import axes_or_new, literal
from sklearn_natsel._displays.columns import choose_names, label_of
from sklearn_natsel._displays.table import EvaluatedSettings, last_values
from sklearn_natsel._space import same_value

_CONSTRAINTS = {"depth": [Interval(numbers.Integral, 0, None, closed="left")]}

# The mark of a value, by the parents that have it too: 0 is the first parent, 1 the second.
_MARKS = {frozenset({0}): "1", frozenset({1}): "2", frozenset({0, 1}): "=", frozenset(): "*"}
_LINE_STYLES: list[Any] = ["-", "--"]

_MOST_LINES = 8
_FONT_SIZE = 8  # points
_LINE_HEIGHT = 0.16  # inches
_LETTER_WIDTH = 0.065  # inches
_GAP = 1.8  # lines

# The lines of each box.
Texts = Mapping[Path, list[str]]


class LineageDisplay:
    """Where the chosen setting comes from: its ancestors, by generation.

    A tree with the chosen setting on the right, its parents to its left, and so
    on. Each box is a setting: its row in the table of candidates, the generation
    in which it was bred, its score, and its values. A mark tells where a value
    comes from: 1 the first parent (joined by a solid line), 2 the second one (by
    a dashed line), = both, * neither: it was changed by mutation, or the
    parameter does not exist in the parents. A box whose parents are not drawn
    tells its origin (it has none), their numbers, or that it is drawn in full
    elsewhere.

    Usually made by :meth:`from_estimator` or :meth:`from_result`.

    Parameters
    ----------
    candidates : dict of str -> array-like of shape (n_settings,)
        As `candidates` of a result of :func:`maximize`: at least ``params``,
        ``value``, ``generation``, ``origin``, ``parent_1`` and ``parent_2``;
        ``last_value`` if some were evaluated in part.

    best_index : int
        The row of the setting that was chosen.

    score_name : str, default="Value"
        What the score is called.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes that were drawn on.

    figure_ : matplotlib Figure
        The figure that they belong to.

    rows_ : dict of tuple -> int
        The rows of the settings that are drawn, by the way to them: () is the
        chosen setting, (0,) its first parent, (0, 1) the second parent of that.

    boxes_ : dict of tuple -> matplotlib Text
        Their boxes.

    lines_ : dict of tuple -> matplotlib Line2D
        What joins each ancestor to its child.

    See Also
    --------
    EvolutionDisplay : How the score developed.
    CandidatesDisplay : All settings that were evaluated.

    Examples
    --------
    >>> from sklearn_natsel import LineageDisplay, maximize
    >>> def product(x, y):
    ...     return x * y
    >>> space = {"x": range(100), "y": range(100)}
    >>> result = maximize(product, space, max_evaluations=40, random_state=0)
    >>> display = LineageDisplay.from_result(result, depth=1)
    >>> list(display.rows_)
    [(), (0,), (1,)]
    """

    def __init__(self, candidates, *, best_index, score_name="Value"):
        self.candidates = candidates
        self.best_index = best_index
        self.score_name = score_name

    @classmethod
    def from_estimator(cls, estimator, *, depth=2, params=None, ax=None, score_name=None):
        """Draw the ancestry of the setting that a fitted search chose.

        Parameters
        ----------
        estimator : GeneticSearchCV
            The fitted search.

        depth, params, ax
            As in :meth:`plot`.

        score_name : str, default=None
            What the score is called; None takes it from the search's scoring.

        Returns
        -------
        display : LineageDisplay
            The display, drawn.

        Raises
        ------
        NotFittedError
            If the search is not fitted.
        InvalidParameterError
            If it is another kind of estimator.
        """
        settings = EvaluatedSettings.from_search(estimator, score_name)
        return cls(**vars(settings)).plot(depth=depth, params=params, ax=ax)

    @classmethod
    def from_result(cls, result, *, depth=2, params=None, ax=None, score_name="Value"):
        """Draw the ancestry of the best arguments of a function.

        Parameters
        ----------
        result : scipy.optimize.OptimizeResult
            What :func:`maximize` or :func:`minimize` returned.

        depth, params, ax
            As in :meth:`plot`.

        score_name : str, default="Value"
            What the value is called.

        Returns
        -------
        display : LineageDisplay
            The display, drawn.
        """
        settings = EvaluatedSettings.from_result(result, score_name)
        return cls(**vars(settings)).plot(depth=depth, params=params, ax=ax)

    def plot(self, *, depth=2, params=None, ax=None):
        """Draw the ancestry.

        Parameters
        ----------
        depth : int, default=2
            How many steps to go back, from 0: 1 shows the parents, 2 also the
            grandparents.

        params : list of str, default=None
            The parameters to show; None shows those in which the settings that are
            drawn differ. A box shows at most eight, the mutated ones first.

        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure, large enough for the boxes.

        Returns
        -------
        display : LineageDisplay
            This display, with the artists as attributes.

        Raises
        ------
        ValueError
            If `depth` is no integer from 0, or a parameter was not searched.
        ImportError
            If matplotlib is not installed.
        """
        validate_parameter_constraints(_CONSTRAINTS, {"depth": depth}, "LineageDisplay.plot")
        self.rows_ = ancestry(self.candidates, self.best_index, depth)
        names = self._choose_names(params)
        texts = {path: self._describe(path, names) for path in self.rows_}
        places, height = _arrange(texts)
        n_steps = max(map(len, texts))
        ax = axes_or_new(ax, figsize=_size_of(n_steps, height, texts))
        self._draw(ax, texts, places)
        ax.set(xlim=(-n_steps - 0.5, 0.5), ylim=(height, 0), xlabel="Steps back")
        ax.set_xticks(range(-n_steps, 1), range(n_steps, -1, -1))
        ax.set_title(literal(f"Ancestry of #{self.best_index} ({self.score_name})"), pad=24)
        ax.yaxis.set_visible(False)
        ax.spines[["left", "right", "top"]].set_visible(False)
        _explain(ax)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _choose_names(self, params: Sequence[str] | None) -> list[str]:
        """Return the named parameters, or those in which the settings that are drawn differ."""
        every = dict.fromkeys(name for setting in self.candidates["params"] for name in setting)
        if params is not None:
            return choose_names(list(every), params, "LineageDisplay")
        settings = [self.candidates["params"][row] for row in self.rows_.values()]
        return [name for name in every if len(settings) == 1 or _differs(name, settings)]

    def _describe(self, path: Path, names: list[str]) -> list[str]:
        """Return the lines of a box."""
        row, candidates = self.rows_[path], self.candidates
        setting, parents = candidates["params"][row], parents_of(candidates, row)
        lines = [f"#{row}, generation {candidates['generation'][row]}: {self._score(row)}"]
        if path != self._first_path(row):
            return [*lines, "drawn elsewhere"]
        marks = dict.fromkeys(setting, " ")
        if not parents:
            lines.append(str(candidates["origin"][row]))
        elif (*path, 0) in self.rows_:
            sources = inheritance(setting, [candidates["params"][parent] for parent in parents])
            marks = {
                name: " " if self._is_resource(name) else _MARKS[source]
                for name, source in sources.items()
            }
        else:
            lines.append("of " + " and ".join(f"#{parent}" for parent in parents))
        shown = [name for name in names if name in setting]
        shown.sort(key=lambda name: "*12= ".index(marks[name]))
        lines += [f"{marks[n]} {n} = {label_of(setting[n])}" for n in shown[:_MOST_LINES]]
        return lines + [f"… {len(shown) - _MOST_LINES} more"] * (len(shown) > _MOST_LINES)

    def _is_resource(self, name: str) -> bool:
        """Whether a parameter is not bred, but tells how far each evaluation has come."""
        amounts = self.candidates.get("n_resources")
        if amounts is None:
            return False
        settings = self.candidates["params"]
        return all(same_value(s.get(name), amount) for s, amount in zip(settings, amounts))

    def _score(self, row: int) -> str:
        """Return the score of a setting; of one that was evaluated in part, what it has reached."""
        score, last = self.candidates["value"][row], last_values(self.candidates)[row]
        return f"{last:.5g} in part" if np.isnan(score) and not np.isnan(last) else f"{score:.5g}"

    def _first_path(self, row: int) -> Path:
        return next(path for path, other in self.rows_.items() if other == row)

    def _draw(self, ax: Any, texts: Texts, places: Mapping[Path, tuple[int, float]]) -> None:
        """Draw the boxes, and a line from each ancestor to its child."""
        self.lines_ = {
            path: ax.plot(
                *np.transpose([places[path], places[path[:-1]]]),
                color="0.4",
                linestyle=_LINE_STYLES[path[-1]],
            )[0]
            for path in texts
            if path
        }
        self.boxes_ = {
            path: ax.text(
                *places[path],
                literal("\n".join(lines)),
                ha="center",
                va="center",
                multialignment="left",
                fontsize=_FONT_SIZE,
                bbox={"boxstyle": "round", "fc": "w", "ec": "k", "lw": 0.8 if path else 2.5},
            )
            for path, lines in texts.items()
        }


def _differs(name: str, settings: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a parameter has several values, or exists in some of the settings only."""
    having = [setting[name] for setting in settings if name in setting]
    if len(having) < len(settings):
        return bool(having)
    return not all(same_value(value, having[0]) for value in having)


def _arrange(texts: Texts) -> tuple[dict[Path, tuple[int, float]], float]:
    """Return where each box stands, in steps and lines, and the height of all of them."""
    places: dict[Path, tuple[int, float]] = {}

    def place(path: Path, top: float) -> float:
        """Put a box beside its ancestors, which begin at the top; return where they end."""
        bottom = top
        for parent in ((*path, 0), (*path, 1)):
            if parent in texts:
                bottom = place(parent, bottom)
        bottom = max(bottom, top + len(texts[path]) + _GAP)
        places[path] = -len(path), (top + bottom) / 2
        return bottom

    height = place((), 0.0)
    return places, height


def _size_of(n_steps: int, height: float, texts: Texts) -> tuple[float, float]:
    """Return a width and a height, in inches, that leave room for all boxes side by side."""
    longest = max(len(line) for lines in texts.values() for line in lines)
    width = (n_steps + 1) * (_LETTER_WIDTH * longest + 0.5)
    return max(6.4, width), 1.3 + _LINE_HEIGHT * height


def _explain(ax: Any) -> None:
    """Add a legend of the lines and marks."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color="0.4", linestyle=style, label=label)
        for style, label in zip(_LINE_STYLES, ["1 first parent", "2 second parent"])
    ]
    handles += [Line2D([], [], linestyle="", label=label) for label in ("= both", "* neither")]
    ax.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 1),
        ncols=4,
        fontsize=_FONT_SIZE,
        frameon=False,
    )
