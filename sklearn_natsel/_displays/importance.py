"""ImportanceDisplay: which parameters the score depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from sklearn_natsel._displays.axes import axes_or_new, literal
from sklearn_natsel._displays.columns import Column, make_columns
from sklearn_natsel._displays.table import EvaluatedSettings
from sklearn_natsel._space import own_generator

_N_FOLDS = 5
_N_REPEATS = 5
_N_TREES = 100
_LETTER_WIDTH = 0.085  # inches

# Two for each fold: with one in a fold, nothing could be permuted.
_FEWEST_SETTINGS = 2 * _N_FOLDS

Floats = NDArray[np.float64]


class ImportanceDisplay:
    """Which parameters the score depends on, among the settings that were tried.

    A forest learns to predict how a setting ranks by its score. The importance
    of a parameter is how much less of the variance of the ranks it explains when
    the values of this parameter are permuted [1]_, on settings that the forest
    has not seen. The title says how much it explains without a permutation, R².
    If that is near 0 the picture says nothing.

    Usually made by :meth:`from_estimator` or :meth:`from_result`.

    Parameters
    ----------
    importances : ndarray of shape (n_params, n_repeats)
        The fall of R², by parameter and permutation.

    params : list of str, of length n_params
        The names of the parameters.

    r2 : float
        The share of the variance of the ranks that the forest explains on settings
        that it has not seen: 1 is all, 0 is no better than their mean.

    n_settings : int
        The number of settings that it has learned from.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes that were drawn on.

    figure_ : matplotlib Figure
        The figure that they belong to.

    bars_ : matplotlib BarContainer
        The mean of each parameter's importances, the largest on top, with one
        standard deviation to both sides.

    See Also
    --------
    CandidatesDisplay : The score against each parameter.
    sklearn.inspection.permutation_importance : The importance of features.

    Notes
    -----
    The forest is fitted five times, each time to four fifths of the settings,
    and judged on the rest, with five permutations of each parameter; the spread
    is over all 25. Where a parameter does not exist in a setting it has its
    median value (or its most frequent category) instead, as in [2]_, so that
    its existence counts for the parameter on which that depends.

    Ranks instead of scores, since a few settings that are far worse than all
    others would decide everything. An evolution tries most settings where the
    score is good. A parameter whose
    bad values were soon left shows less importance than on random settings, and
    of two parameters that changed together either may get the other's share.
    Settings without a score, or with one of a part of an evaluation, are left out.

    References
    ----------
    .. [1] L. Breiman, "Random Forests", Machine Learning 45, 2001, section 10.
    .. [2] F. Hutter, H. Hoos and K. Leyton-Brown, "An Efficient Approach for
       Assessing Hyperparameter Importance", ICML, 2014: forests that tell which
       parameters matter.

    Examples
    --------
    >>> from sklearn_natsel import ImportanceDisplay, maximize
    >>> def slope(steep, flat):
    ...     return 10 * steep + flat
    >>> space = {"steep": range(100), "flat": range(100)}
    >>> result = maximize(slope, space, max_evaluations=40, random_state=0)
    >>> display = ImportanceDisplay.from_result(result, random_state=0)
    >>> importance = dict(zip(display.params, display.importances.mean(axis=1)))
    >>> bool(importance["steep"] > importance["flat"])
    True
    >>> bool(display.r2 > 0.8)
    True
    """

    def __init__(self, importances, *, params, r2, n_settings):
        self.importances = importances
        self.params = params
        self.r2 = r2
        self.n_settings = n_settings

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, random_state=None):
        """Draw what mattered in a fitted search.

        Parameters
        ----------
        estimator : GeneticSearchCV
            The fitted search.

        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        random_state : int, RandomState instance or None, default=None
            Seeds the forests, the folds and the permutations.

        Returns
        -------
        display : ImportanceDisplay
            The display, drawn.

        Raises
        ------
        NotFittedError
            If the search is not fitted.
        InvalidParameterError
            If it is another kind of estimator.
        ValueError
            If fewer than ten settings have a score, or all have the same.
        """
        candidates = EvaluatedSettings.from_search(estimator).candidates
        return cls(**_measure(candidates, random_state)).plot(ax=ax)

    @classmethod
    def from_result(cls, result, *, ax=None, random_state=None):
        """Draw what mattered to the value of a function.

        Parameters
        ----------
        result : scipy.optimize.OptimizeResult
            What :func:`maximize` or :func:`minimize` returned.

        ax, random_state
            As in :meth:`from_estimator`.

        Returns
        -------
        display : ImportanceDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If fewer than ten settings have a value, or all have the same.
        """
        candidates = EvaluatedSettings.from_result(result).candidates
        return cls(**_measure(candidates, random_state)).plot(ax=ax)

    def plot(self, *, ax=None):
        """Draw the importances.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        display : ImportanceDisplay
            This display, with the artists as attributes.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        longest = max(map(len, self.params))
        size = max(6.4, 4.8 + _LETTER_WIDTH * longest), 1.4 + 0.4 * len(self.params)
        ax = axes_or_new(ax, figsize=size)
        mean, std = self.importances.mean(axis=1), self.importances.std(axis=1)
        order = np.argsort(mean)
        self.bars_ = ax.barh(
            [literal(self.params[i]) for i in order],
            mean[order],
            xerr=std[order],
            color="C0",
            alpha=0.6,
            capsize=3,
        )
        ax.axvline(0, color="k", lw=0.8)
        ax.set_xlabel("Loss of R² when permuted, mean ± 1 std")
        trust = "" if self.r2 > 0 else ", says nothing"
        ax.set_title(
            f"Forest of {self.n_settings} settings: R² = {self.r2:.2f} on unseen ones{trust}",
            fontsize="medium",
        )
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _measure(candidates: Mapping[str, Any], random_state: Any) -> dict[str, Any]:
    """Return the arguments of the display's constructor."""
    score = np.asarray(candidates["value"], dtype=float)
    scored = ~np.isnan(score)
    score = score[scored]
    _check_scores(score)
    columns = make_columns([p for p, valid in zip(candidates["params"], scored) if valid])
    if "last_value" in candidates:  # whole evaluations have all the same of a resource
        columns = [column for column in columns if len(np.unique(column.positions)) > 1]
    # Trees use only the order of values, and take no number that is infinite or very large.
    features = np.column_stack([rankdata(_complete(column), "dense") for column in columns])
    importances, r2 = _permute(features, rankdata(score), own_generator(random_state))
    return {
        "importances": importances,
        "params": [column.name for column in columns],
        "r2": r2,
        "n_settings": len(score),
    }


def _check_scores(score: Floats) -> None:
    """Raise if there are too few scores, or no differences between them."""
    if len(score) < _FEWEST_SETTINGS:
        raise ValueError(
            f"ImportanceDisplay needs at least {_FEWEST_SETTINGS} settings with a score, evaluated "
            f"whole. Got {len(score)}: evaluate more, for instance by a larger max_evaluations."
        )
    if np.all(score == score[0]):
        raise ValueError(
            f"ImportanceDisplay needs scores that differ. All {len(score)} are {score[0]}: no "
            "parameter made a difference."
        )


def _complete(column: Column) -> Floats:
    """Replace what does not exist: by the median of numbers, by the most frequent category."""
    exists = ~np.isnan(column.positions)
    values, counts = np.unique(column.positions[exists], return_counts=True)
    usual = (
        np.median(column.positions[exists]) if column.labels is None else values[counts.argmax()]
    )
    return np.where(exists, column.positions, usual)


def _permute(features: Floats, rank: Floats, rng: np.random.RandomState) -> tuple[Floats, float]:
    """Return the falls of R² of shape (n_params, n_repeats), and R² itself."""
    from sklearn.ensemble import ExtraTreesRegressor  # here, because it is slow
    from sklearn.inspection import permutation_importance
    from sklearn.model_selection import KFold

    variance, falls, squares = rank.var(), [], np.empty(len(rank))
    forest = ExtraTreesRegressor(_N_TREES, random_state=rng)
    for train, test in KFold(_N_FOLDS, shuffle=True, random_state=rng).split(features):
        forest.fit(features[train], rank[train])
        squares[test] = (forest.predict(features[test]) - rank[test]) ** 2
        increase = permutation_importance(
            forest,
            features[test],
            rank[test],
            # Not R² of each fold: that divides by the variance in the fold, which is a matter of
            # chance where the fold is small.
            scoring="neg_mean_squared_error",
            n_repeats=_N_REPEATS,
            random_state=rng,
        ).importances
        falls.append(increase / variance)
    return np.hstack(falls), float(1 - squares.mean() / variance)
