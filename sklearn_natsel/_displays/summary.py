"""What a notebook shows of a fitted search, above scikit-learn's diagram of it."""

from __future__ import annotations

from html import escape
from typing import Any

# All colours are the page's, so that the table can be read in light and in dark themes.
_TABLE = (
    '<table class="sklearn-natsel-summary" style="color: inherit; background: none; '
    'border-collapse: collapse; margin: 0 0 0.5em 0; font-family: monospace">'
)
_CELL = 'style="text-align: left; vertical-align: top; padding: 0.1em 1em 0.1em 0; color: inherit"'


def summary_html(search: Any) -> str:
    """Return a table of what a search has spent and found; nothing if it is not fitted.

    Parameters
    ----------
    search : GeneticSearchCV
        The search, fitted or not.

    Returns
    -------
    html : str
        The table, without scripts and colours.
    """
    if not hasattr(search, "evolution_history_"):
        return ""
    rows = "".join(
        f'<tr style="background: none">'
        f"<th {_CELL}>{escape(name)}</th><td {_CELL}>{escape(text)}</td></tr>"
        for name, text in _rows(search)
    )
    return f"{_TABLE}{rows}</table>"


def _rows(search: Any) -> list[tuple[str, str]]:
    seconds = search.evolution_history_["seconds"][-1]
    took = f"in {search.n_generations_} generations and {seconds:.1f} s"
    rows = [("spent", f"{_fits(search)}, {took}"), ("stopped by", search.stop_reason_)]
    # Which of these exist depends on `refit` and `scoring`.
    if hasattr(search, "best_score_"):
        rows.append(("best score", f"{search.best_score_:.6g}"))
    for name, value in getattr(search, "best_params_", {}).items():
        rows.append((name, " ".join(repr(value).split())))
    return rows


def _fits(search: Any) -> str:
    """Tell how many settings were evaluated, how far, and in how many fits."""
    history, n_settings = search.evolution_history_, search.n_evaluations_
    if "n_fits" in history:
        n_whole, n_fits = history["n_complete"][-1], history["n_fits"][-1]
        return (
            f"{n_settings} settings, {n_whole} of them on all {search.n_splits_} splits"
            + (f" with all of {search.resource!r}" if "n_resources" in history else "")
            + f", {n_fits} fits"
        )
    n_fits = n_settings * search.n_splits_
    return f"{n_settings} settings x {search.n_splits_} splits = {n_fits} fits"
