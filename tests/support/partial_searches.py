"""Searches whose evaluations have parts, and what must hold of all of them."""

from pathlib import Path

import numpy as np
from sklearn.datasets import make_classification
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import GeneticSearchCV, maximize

X, y = make_classification(120, n_features=8, n_informative=4, flip_y=0.2, random_state=0)
SPACE = {"max_depth": range(1, 9), "min_samples_leaf": range(1, 30)}
TREE = DecisionTreeClassifier(random_state=0)
GROWING = DecisionTreeClassifier(max_leaf_nodes=18, random_state=0)
PARTS = {
    "racing": (TREE, {"racing": True}),
    "n_samples": (TREE, {"resource": "n_samples"}),
    "a parameter": (GROWING, {"resource": "max_leaf_nodes"}),
    "both": (GROWING, {"racing": True, "resource": "max_leaf_nodes"}),
    "samples and splits": (TREE, {"racing": True, "resource": "n_samples"}),
}


def search_of(kind, **params):
    estimator, parts = PARTS[kind]
    options = {"cv": 6, "max_evaluations": 8, "random_state": 0, **parts, **params}
    estimator = options.pop("estimator", estimator)
    return GeneticSearchCV(estimator, options.pop("space", SPACE), **options)


def whole_rows_of(search):
    """Return which rows have all splits, and all of the resource if there is one."""
    results = search.cv_results_
    whole = np.ones(len(results["params"]), dtype=bool)
    if search.racing:
        whole &= np.array(results["n_splits"]) == search.n_splits_
    if search.resource is not None:
        amounts = np.array(results["n_resources"])
        whole &= amounts == amounts.max()
    return whole


def assert_consistent(search):
    """Check all that a table of partial evaluations promises."""
    results, history = search.cv_results_, search.evolution_history_
    whole, n_splits = whole_rows_of(search), search.n_splits_
    scores = np.column_stack([results[f"split{i}_test_score"] for i in range(n_splits)])
    there = np.array(results["n_splits"]) if search.racing else np.full(len(whole), n_splits)
    for row, n in enumerate(there):
        assert np.isnan(scores[row, n:]).all()
    assert np.isnan(results["mean_test_score"][~whole]).all()
    assert np.isnan(results["std_test_score"][~whole]).all()
    scored = whole & ~np.isnan(scores).any(axis=1)
    np.testing.assert_allclose(results["mean_test_score"][scored], scores[scored].mean(axis=1))
    ranks = results["rank_test_score"]
    assert scored[0] or np.isnan(scores).any()
    if (~whole).any():
        assert ranks[~whole].min() > ranks[scored].max()
    assert whole[search.best_index_]
    assert search.best_score_ == results["mean_test_score"][search.best_index_]
    assert search.best_score_ == np.nanmax(results["mean_test_score"])
    assert search.best_params_ == results["params"][search.best_index_]
    assert history["n_complete"][-1] == whole.sum()
    assert history["n_evaluated"].sum() == search.n_evaluations_ == len(whole)
    assert history["best_so_far"][-1] == search.best_score_


def results_in(memory):
    """Return the files of the results that a memory holds, with their times."""
    return {path: path.stat().st_mtime_ns for path in Path(memory).rglob("*.json")}


def partial_search(**params):
    """Return a search with racing and a resource, fitted."""
    return search_of("both", **{"max_evaluations": 6, **params}).fit(X, y)


def learned(x, epochs=27):
    return 1 - abs(x - 3) / 10 - 1 / (1 + epochs)


def partial_result():
    """Return a result of a function with a resource."""
    return maximize(learned, {"x": range(99)}, resource="epochs", max_evaluations=9, random_state=0)
