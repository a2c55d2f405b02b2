"""Pictures of an evolution; matplotlib is loaded when one is drawn."""

from __future__ import annotations

import numpy as np
from sklearn.utils.validation import check_is_fitted


class EvolutionDisplay:
    """How the fitness of the population developed.

    Draws, by generation, the best fitness so far, the best of the newly
    evaluated candidates, and the mean of the population with a band of one
    standard deviation. Usually made by :meth:`from_estimator`.

    Parameters
    ----------
    history : dict of str -> ndarray
        As `evolution_history_` of a fitted :class:`GeneticSearchCV`, or `history`
        of a result of :func:`maximize` or :func:`minimize`.

    score_name : str, default="score"
        What the fitness is called on the y axis.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The axes that were drawn on.

    figure_ : matplotlib Figure
        The figure that they belong to.

    best_so_far_, best_, mean_ : matplotlib Line2D
        The lines.

    band_ : matplotlib PolyCollection
        One standard deviation around the mean.

    See Also
    --------
    GeneticSearchCV : The search whose history is drawn.
    maximize : The same evolution for any function.

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
    """

    def __init__(self, history, *, score_name="score"):
        self.history = history
        self.score_name = score_name

    @classmethod
    def from_estimator(cls, estimator, *, ax=None, score_name=None, title=None):
        """Draw the evolution of a fitted search.

        Parameters
        ----------
        estimator : GeneticSearchCV
            The fitted search.

        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        score_name : str, default=None
            Label of the y axis; None takes it from the search's scoring.

        title : str, default=None
            Title of the axes.

        Returns
        -------
        display : EvolutionDisplay
            The display, drawn.

        Raises
        ------
        NotFittedError
            If the search is not fitted.
        """
        check_is_fitted(estimator, "evolution_history_")
        if score_name is None:
            score_name = f"Mean test {_metric_name(estimator)}"
        display = cls(estimator.evolution_history_, score_name=score_name)
        return display.plot(ax=ax, title=title)

    def plot(self, *, ax=None, title=None):
        """Draw the evolution.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None makes a new figure.

        title : str, default=None
            Title of the axes.

        Returns
        -------
        display : EvolutionDisplay
            This display, with the artists as attributes.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        plt = _load_pyplot()
        from matplotlib.ticker import MaxNLocator

        if ax is None:
            _, ax = plt.subplots()
        history = self.history
        x, mean, std = (history[name] for name in ("generation", "mean", "std"))
        self.band_ = ax.fill_between(
            x, mean - std, mean + std, color="C0", alpha=0.2, lw=0, label="Population, ±1 std"
        )
        (self.mean_,) = ax.plot(x, mean, "C0.--", label="Population, mean")
        (self.best_so_far_,) = ax.plot(
            x, history["best_so_far"], "k.-", drawstyle="steps-post", label="Best so far"
        )
        (self.best_,) = ax.plot(x, history["best"], "C1x", label="Best of the new")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.set(xlabel="Generation", ylabel=self.score_name)
        _show_lines(ax, mean, history["best_so_far"])
        if title is not None:
            ax.set_title(title)
        ax.legend(loc="lower right")
        self.ax_, self.figure_ = ax, ax.figure
        return self


def _metric_name(search) -> str:
    """Name the metric that the evolution maximises."""
    prefix = "mean_test_"
    names = [key.removeprefix(prefix) for key in search.cv_results_ if key.startswith(prefix)]
    if isinstance(search.refit, str) and search.refit in names:
        return search.refit
    if names == ["score"] and isinstance(search.scoring, str):
        return search.scoring
    return names[0]


def _show_lines(ax, mean, best_so_far) -> None:
    """Let the lines fill the axes; an early, wide band may run out of them."""
    scores = np.concatenate([mean, best_so_far])
    scores = scores[np.isfinite(scores)]
    if len(scores) and scores.min() < scores.max():
        margin = 0.1 * np.ptp(scores)
        ax.set_ylim(scores.min() - 2 * margin, scores.max() + margin)


def _load_pyplot():
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            "Drawing needs matplotlib: pip install 'sklearn-natsel[plot]'."
        ) from error
    return plt
