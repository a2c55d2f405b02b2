"""CandidatesDisplay: the score against each parameter."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel._displays.axes import load_pyplot, whole_numbers
from sklearn_natsel._displays.columns import Column, choose_names, make_columns
from sklearn_natsel._displays.scales import height_of_names, scale_x, wrapped
from sklearn_natsel._displays.table import EvaluatedSettings, last_values

_MOST_COLUMNS = 4

# The points of a category are spread over this distance to both sides; categories are 1 apart.
_JITTER = 0.2

# Multiples of the golden ratio, modulo 1, are evenly spread and look random, yet are always the
# same: no random generator is needed.
_GOLDEN = (math.sqrt(5) - 1) / 2


class CandidatesDisplay:
    """All settings that were evaluated: the score against each parameter.

    Draws small axes for each parameter, with a point for each setting in which
    the parameter exists. Later generations are darker, a star marks the setting
    that was chosen, crosses at the lower edge are settings without a score. Hollow
    points are settings that were evaluated in part (see `racing` and `resource` of
    :class:`GeneticSearchCV`), at the mean of the scores that they have. An
    axis is logarithmic where the values are spread evenly on that scale, and over
    more than a factor of ten. Each category has a strip of its own, in which
    points are spread sideways, so that they do not hide each other.

    Usually made by :meth:`from_estimator` or :meth:`from_result`.

    Parameters
    ----------
    candidates : dict of str -> array-like of shape (n_settings,)
        As `candidates` of a result of :func:`maximize`: at least ``params``,
        ``value`` and ``generation``; ``last_value`` if some were evaluated in part.

    best_index : int
        The row of the setting that was chosen.

    score_name : str, default="Value"
        What the score is called on the y axes.

    param_space : dict or list of dicts, default=None
        Where the settings come from. It decides the order of the parameters and
        of their categories, and which axes are logarithmic; None leaves that to
        the settings.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure that was drawn on.

    axes_ : dict of str -> matplotlib Axes
        The axes by parameter.

    points_ : dict of str -> matplotlib PathCollection
        The settings with a score, by parameter.

    partial_ : dict of str -> matplotlib PathCollection
        Those that were evaluated in part, by parameter; empty if there is none.

    best_ : dict of str -> matplotlib Line2D
        The mark of the chosen setting, by parameter; only of those that exist
        in it.

    failed_ : dict of str -> matplotlib Line2D
        The marks of the settings without a score, by parameter; empty if there
        is none.

    colorbar_ : matplotlib Colorbar
        The scale of the generations.

    See Also
    --------
    EvolutionDisplay : How the score developed.
    ImportanceDisplay : Which parameters the score depends on.
    LineageDisplay : Where the chosen setting comes from.

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.svm import SVC
    >>> from sklearn_natsel import CandidatesDisplay, Conditional, GeneticSearchCV
    >>> X, y = load_iris(return_X_y=True)
    >>> space = {
    ...     "kernel": ["linear", "rbf"],
    ...     "C": loguniform(1e-3, 1e3),
    ...     "gamma": Conditional(loguniform(1e-4, 1), "kernel", "rbf"),
    ... }
    >>> search = GeneticSearchCV(SVC(), space, max_evaluations=20, random_state=0).fit(X, y)
    >>> display = CandidatesDisplay.from_estimator(search)
    >>> {name: ax.get_xscale() for name, ax in display.axes_.items()}
    {'kernel': 'linear', 'C': 'log', 'gamma': 'log'}
    """

    def __init__(self, candidates, *, best_index, score_name="Value", param_space=None):
        self.candidates = candidates
        self.best_index = best_index
        self.score_name = score_name
        self.param_space = param_space

    @classmethod
    def from_estimator(cls, estimator, *, params=None, ax=None, score_name=None):
        """Draw the settings that a fitted search evaluated.

        Parameters
        ----------
        estimator : GeneticSearchCV
            The fitted search.

        params, ax
            As in :meth:`plot`.

        score_name : str, default=None
            Label of the y axes; None takes it from the search's scoring.

        Returns
        -------
        display : CandidatesDisplay
            The display, drawn.

        Raises
        ------
        NotFittedError
            If the search is not fitted.
        InvalidParameterError
            If it is another kind of estimator.
        """
        settings = EvaluatedSettings.from_search(estimator, score_name)
        display = cls(**vars(settings), param_space=estimator.param_space)
        return display.plot(params=params, ax=ax)

    @classmethod
    def from_result(cls, result, *, param_space=None, params=None, ax=None, score_name="Value"):
        """Draw the settings with which a function was called.

        Parameters
        ----------
        result : scipy.optimize.OptimizeResult
            What :func:`maximize` or :func:`minimize` returned.

        param_space : dict or list of dicts, default=None
            The space that was searched, as above.

        params, ax
            As in :meth:`plot`.

        score_name : str, default="Value"
            Label of the y axes.

        Returns
        -------
        display : CandidatesDisplay
            The display, drawn.
        """
        settings = EvaluatedSettings.from_result(result, score_name)
        return cls(**vars(settings), param_space=param_space).plot(params=params, ax=ax)

    def plot(self, *, params=None, ax=None):
        """Draw the settings.

        Parameters
        ----------
        params : list of str, default=None
            The parameters to draw, in this order; None draws all.

        ax : matplotlib Axes or array-like of Axes, default=None
            Where to draw, one for each parameter; None makes a new figure.

        Returns
        -------
        display : CandidatesDisplay
            This display, with the artists as attributes.

        Raises
        ------
        ValueError
            If a parameter was not searched, or there are not as many axes as
            parameters.
        ImportError
            If matplotlib is not installed.
        """
        by_name = {
            column.name: column
            for column in make_columns(self.candidates["params"], self.param_space)
        }
        names = choose_names(list(by_name), params, "CandidatesDisplay")
        columns = [by_name[name] for name in names]
        axes = _one_for_each(columns, ax)
        self.axes_ = {column.name: axis for column, axis in zip(columns, axes)}
        self.figure_ = axes[0].figure
        self.points_: dict[str, Any] = {}
        self.partial_: dict[str, Any] = {}
        self.best_: dict[str, Any] = {}
        self.failed_: dict[str, Any] = {}
        for column, axis in zip(columns, axes):
            self._draw(column, axis)
            if axis.get_subplotspec() is None or axis.get_subplotspec().is_first_col():
                axis.set_ylabel(wrapped(self.score_name))
        points = self.points_[columns[0].name]
        # Matplotlib divides the height by this for the width: about a quarter of an inch.
        slender = max(20, 4 * self.figure_.get_figheight())
        self.colorbar_ = self.figure_.colorbar(points, ax=axes, label="Generation", aspect=slender)
        self.colorbar_.locator = whole_numbers()
        self.colorbar_.update_ticks()
        kinds = (self.best_, self.partial_, self.failed_)
        marks = [mark for kind in kinds for mark in list(kind.values())[:1]]
        if ax is None and marks:
            self.figure_.legend(handles=marks, loc="outside upper left", ncols=3, frameon=False)
        return self

    def _draw(self, column: Column, ax: Any) -> None:
        """Draw one parameter."""
        value, last = np.asarray(self.candidates["value"], float), last_values(self.candidates)
        x = column.positions if column.labels is None else _jittered(column.positions)
        exists = ~np.isnan(x)
        partial = exists & np.isnan(value) & ~np.isnan(last)
        if partial.any():
            points = self._scatter(ax, x, last, partial, linewidths=1, label="in part")
            points.set(facecolor="none", edgecolor=None)  # None: by the generation
            self.partial_[column.name] = points
        self.points_[column.name] = self._scatter(
            ax, x, value, exists & ~np.isnan(value), edgecolors="k", linewidths=0.3
        )
        self._mark(column, ax, x, exists & np.isnan(last))
        scale_x(ax, column)

    def _scatter(self, ax: Any, x: Any, y: Any, shown: Any, **style: Any) -> Any:
        """Draw a point for each setting that is to be shown, coloured by its generation."""
        generation = np.asarray(self.candidates["generation"])
        return ax.scatter(
            x[shown],
            y[shown],
            c=generation[shown],
            vmin=0,
            vmax=max(generation.max(), 1),
            cmap="viridis_r",
            s=22,
            **style,
        )

    def _mark(self, column: Column, ax: Any, x: Any, failed: Any) -> None:
        """Mark the settings without a score, and the chosen one."""
        if failed.any():
            (self.failed_[column.name],) = ax.plot(
                x[failed],
                np.zeros(failed.sum()),
                "kx",
                transform=ax.get_xaxis_transform(),
                clip_on=False,
                label="without a score",
            )
        best, value = self.best_index, self.candidates["value"][self.best_index]
        if np.isfinite([x[best], value]).all():
            (self.best_[column.name],) = ax.plot(
                x[best],
                value,
                "*",
                ms=15,
                mfc="C1",
                mec="k",
                label="chosen",
                ls="",
                clip_on=False,
                zorder=3,
            )


def _one_for_each(columns: list[Column], ax: Any) -> list[Any]:
    """Return axes for each column: the given ones, or a grid in a new figure."""
    n = len(columns)
    if ax is not None:
        axes = list(np.ravel(ax))
        if len(axes) != n:
            raise InvalidParameterError(
                f"The 'ax' parameter of CandidatesDisplay.plot must have one axes for each of "
                f"{n} parameters. Got {len(axes)} instead; choose some by 'params'."
            )
        return axes
    n_rows = math.ceil(n / _MOST_COLUMNS)
    n_columns = math.ceil(n / n_rows)
    rows = [columns[i : i + n_columns] for i in range(0, n, n_columns)]
    names = sum(max(map(height_of_names, row)) for row in rows)
    figure, grid = load_pyplot().subplots(
        n_rows,
        n_columns,
        figsize=(1.2 + 2.7 * n_columns, 0.6 + 2.6 * n_rows + names),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for spare in grid.flat[n:]:
        figure.delaxes(spare)
    return list(grid.flat[:n])


def _jittered(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread the points of each category sideways, so that they do not hide each other."""
    spread = (np.arange(len(positions)) * _GOLDEN) % 1
    return positions + _JITTER * (2 * spread - 1)
