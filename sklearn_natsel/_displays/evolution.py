"""EvolutionDisplay: how the score developed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from sklearn.utils._param_validation import (
    InvalidParameterError,
    StrOptions,
    validate_parameter_constraints,
)

from sklearn_natsel._displays.axes import axes_or_new, literal, whole_numbers
from sklearn_natsel._displays.table import check_is_evolved, score_name_of

# By value of `x`: the column of the history, and the label of the axis.
_X_AXES = {
    "generation": ("generation", "Generation"),
    "evaluations": ("n_evaluations", "Settings evaluated"),
    "fits": ("n_fits", "Fits"),
    "resources": ("n_resources", "Resources, sum over all fits"),
    "seconds": ("seconds", "Time since the start (s)"),
}
_CONSTRAINTS = {"x": [StrOptions(set(_X_AXES))]}

# By these ids a display finds its own lines, and those of earlier displays on the same axes.
_BEST_SO_FAR = "sklearn_natsel: best so far"
_MEAN = "sklearn_natsel: mean"

_MARKERS = "osD^vPX*"
_N_MARKERS = 12  # on one line, at most
_LINE_STYLES = ["-", "--", "-.", ":"]


class EvolutionDisplay:
    """How the score of the population developed.

    Draws the best score so far, the best of the newly evaluated settings, and
    the mean of the population with a band of one standard deviation. To compare
    searches, give each a `name` and draw them on the same axes: then only the
    best score so far is drawn, in a colour, a marker and a line of its own.

    Usually made by :meth:`from_estimator` or :meth:`from_result`.

    Parameters
    ----------
    history : dict of str -> ndarray of shape (n_generations,)
        As `evolution_history_` of a fitted :class:`GeneticSearchCV`, or `history`
        of a result of :func:`maximize` or :func:`minimize`.

    score_name : str, default="score"
        What the score is called on the y axis.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes that were drawn on.

    figure_ : matplotlib Figure
        The figure that they belong to.

    best_so_far_ : matplotlib Line2D
        The best score so far.

    best_, mean_ : matplotlib Line2D or None
        The best of the new settings, and the mean; None with a `name`.

    band_ : matplotlib PolyCollection or None
        One standard deviation around the mean; None with a `name`.

    See Also
    --------
    GeneticSearchCV : The search whose history is drawn.
    maximize : The same evolution for any function.
    CandidatesDisplay : All settings that were evaluated.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from sklearn_natsel import EvolutionDisplay, GeneticSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> search = GeneticSearchCV(
    ...     DecisionTreeClassifier(random_state=0),
    ...     {"max_depth": range(1, 9), "min_samples_leaf": range(1, 20)},
    ...     n_generations=5,
    ...     random_state=0,
    ... ).fit(X, y)
    >>> display = EvolutionDisplay.from_estimator(search)
    >>> display.ax_.get_xlabel()
    'Generation'

    Two searches in one picture:

    >>> display = EvolutionDisplay.from_estimator(search, name="seed 0", x="evaluations")
    >>> search = search.set_params(random_state=1).fit(X, y)
    >>> display = EvolutionDisplay.from_estimator(
    ...     search, name="seed 1", x="evaluations", ax=display.ax_
    ... )
    >>> [text.get_text() for text in display.ax_.get_legend().get_texts()]
    ['seed 0', 'seed 1']
    """

    def __init__(self, history, *, score_name="score"):
        self.history = history
        self.score_name = score_name

    @classmethod
    def from_estimator(
        cls, estimator, *, ax=None, name=None, x="generation", score_name=None, title=None
    ):
        """Draw the evolution of a fitted search.

        Parameters
        ----------
        estimator : GeneticSearchCV
            The fitted search.

        ax, name, x, title
            As in :meth:`plot`.

        score_name : str, default=None
            Label of the y axis; None takes it from the search's scoring.

        Returns
        -------
        display : EvolutionDisplay
            The display, drawn.

        Raises
        ------
        NotFittedError
            If the search is not fitted.
        InvalidParameterError
            If it is another kind of estimator.
        """
        check_is_evolved(estimator)
        if score_name is None:
            score_name = score_name_of(estimator)
        history = estimator.evolution_history_
        # If none was evaluated in part, all of them have had all splits.
        n_fits = history["n_evaluations"] * estimator.n_splits_
        display = cls({"n_fits": n_fits, **history}, score_name=score_name)
        return display.plot(ax=ax, name=name, x=x, title=title)

    @classmethod
    def from_result(
        cls, result, *, ax=None, name=None, x="generation", score_name="Value", title=None
    ):
        """Draw the evolution of the arguments of a function.

        Parameters
        ----------
        result : scipy.optimize.OptimizeResult
            What :func:`maximize` or :func:`minimize` returned.

        ax, name, x, title
            As in :meth:`plot`.

        score_name : str, default="Value"
            Label of the y axis.

        Returns
        -------
        display : EvolutionDisplay
            The display, drawn.
        """
        history = {"n_fits": result.history["n_evaluations"], **result.history}
        display = cls(history, score_name=score_name)
        return display.plot(ax=ax, name=name, x=x, title=title)

    def plot(self, *, ax=None, name=None, x="generation", title=None):
        """Draw the evolution.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw, for instance `ax_` of an earlier display; None makes a
            new figure.

        name : str, default=None
            What the legend calls this search. With a name only the best score so
            far is drawn, so that several searches fit on the same axes.

        x : {"generation", "evaluations", "fits", "resources", "seconds"}, \
default="generation"
            What to draw the scores against: the number of the generation; the
            number of settings evaluated so far, at least in part; the number of
            fits (or calls); what all fits were given of the `resource`, if there is
            one; or the time since the start.

        title : str, default=None
            Title of the axes.

        Returns
        -------
        display : EvolutionDisplay
            This display, with the artists as attributes.

        Raises
        ------
        ValueError
            If `x` is none of the above, or `history` lacks its column: "resources" need
            a search with a `resource`, "fits" `from_estimator` or `from_result`.
        ImportError
            If matplotlib is not installed.
        """
        validate_parameter_constraints(_CONSTRAINTS, {"x": x}, "EvolutionDisplay.plot")
        column, label = _X_AXES[x]
        if column not in self.history:
            missing = (
                "that needs a search with a 'resource'"
                if x == "resources"
                else "make the display by from_estimator or from_result"
            )
            raise InvalidParameterError(
                f"The 'x' parameter of EvolutionDisplay.plot is {x!r}, of which the history has no "
                f"column {column!r}: {missing}."
            )
        ax = axes_or_new(ax)
        self.band_ = self.mean_ = self.best_ = None
        if name is None:
            self._draw_population(ax, self.history[column])
        self._draw_best_so_far(ax, self.history[column], name)
        if x != "seconds":
            ax.xaxis.set_major_locator(whole_numbers())
        ax.set(xlabel=label, ylabel=literal(self.score_name))
        _show_lines(ax)
        if title is not None:
            ax.set_title(title)
        ax.legend()
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _draw_population(self, ax: Any, x: Any) -> None:
        """Draw the mean with its band, and the best of each generation."""
        mean, std = self.history["mean"], self.history["std"]
        # The band of a single generation has no area: its edge must be visible.
        self.band_ = ax.fill_between(
            x,
            mean - std,
            mean + std,
            color="C0",
            alpha=0.2,
            lw=0 if len(x) > 1 else 5,
            label="Population, ±1 std",
        )
        (self.mean_,) = ax.plot(x, mean, "C0.--", label="Population, mean", gid=_MEAN)
        (self.best_,) = ax.plot(x, self.history["best"], "C1x", label="Best of the new")

    def _draw_best_so_far(self, ax: Any, x: Any, name: str | None) -> None:
        """Draw the best score so far; with a name, in a style that the axes do not have yet."""
        n = sum(line.get_gid() == _BEST_SO_FAR for line in ax.lines)
        style: dict[str, Any] = {"color": "k", "marker": "."}
        if name is not None:
            style = {
                "color": f"C{n}",
                "marker": _MARKERS[n % len(_MARKERS)],
                "markersize": 5,
                "markevery": math.ceil(len(x) / _N_MARKERS),
                "linestyle": _LINE_STYLES[n % len(_LINE_STYLES)],
            }
        (self.best_so_far_,) = ax.plot(
            x,
            self.history["best_so_far"],
            drawstyle="steps-post",
            label="Best so far" if name is None else name,
            gid=_BEST_SO_FAR,
            **style,
        )


def _show_lines(ax: Any) -> None:
    """Choose limits by the lines alone: the band may be far wider in the first generations."""
    lines = [line for line in ax.lines if line.get_gid() in (_BEST_SO_FAR, _MEAN)]
    scores = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in lines])
    scores = scores[np.isfinite(scores)]
    if len(scores) and scores.min() < scores.max():
        margin = 0.1 * np.ptp(scores)
        low = scores.min() - 2 * margin
        if low <= 0 < scores.min():
            low = scores.min() / 2  # so that the axis can be made logarithmic
        ax.set_ylim(low, scores.max() + margin)
