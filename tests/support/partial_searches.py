"""Searches whose evaluations have parts, for pictures of them."""

from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier

from sklearn_natsel import GeneticSearchCV, maximize

X, y = make_classification(120, n_features=8, n_informative=4, flip_y=0.2, random_state=0)


def partial_search(**params):
    """Return a search with racing and a resource, fitted."""
    options = {"racing": True, "resource": "n_estimators", "max_evaluations": 6, **params}
    space = {"max_depth": range(1, 9), "min_samples_leaf": range(1, 30)}
    boosting = GradientBoostingClassifier(n_estimators=9, random_state=0)
    return GeneticSearchCV(boosting, space, cv=6, random_state=0, **options).fit(X, y)


def learned(x, epochs=27):
    return 1 - abs(x - 3) / 10 - 1 / (1 + epochs)


def partial_result():
    """Return a result of a function with a resource."""
    return maximize(learned, {"x": range(99)}, resource="epochs", max_evaluations=9, random_state=0)
