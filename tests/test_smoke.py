from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier

from sklearn_natsel import GeneticSearchCV


def test_finite_space_is_covered_once():
    X, y = load_iris(return_X_y=True)
    space = {"max_depth": [1, 2, 3, 4], "min_samples_leaf": range(1, 7)}
    search = GeneticSearchCV(
        DecisionTreeClassifier(random_state=0), space, max_evaluations=1000, random_state=0
    ).fit(X, y)
    assert search.n_evaluations_ == 24
    assert search.stop_reason_ == "space_exhausted"
