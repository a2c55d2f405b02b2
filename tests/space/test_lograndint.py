import pickle

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_iris
from sklearn.model_selection import RandomizedSearchCV
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils._param_validation import InvalidParameterError
from spaces import RandomState

from sklearn_natsel import GeneticSearchCV, lograndint
from sklearn_natsel._space.domains.make import make_domain


def test_it_is_loguniform_rounded_down():
    drawn = lograndint(10, 3001)
    below = stats.loguniform(10, 3001)
    integers = np.arange(10, 3001)
    np.testing.assert_allclose(drawn.cdf(integers), below.cdf(integers + 1))
    np.testing.assert_allclose(drawn.pmf(integers).sum(), 1)
    np.testing.assert_allclose(np.diff(drawn.cdf(integers)), drawn.pmf(integers)[1:], atol=1e-12)
    assert drawn.pmf([9, 3001, 10.5]).tolist() == [0, 0, 0]
    assert drawn.support() == (10, 3000)


@pytest.mark.parametrize("ends", [(1, 2), (1, 10), (10, 3001), (7, 100_000)])
def test_quantiles_are_those_of_the_cdf(ends):
    drawn, integers = lograndint(*ends), np.arange(*ends)
    assert (drawn.ppf(drawn.cdf(integers)) == integers).all()
    assert (drawn.ppf(drawn.cdf(integers) - drawn.pmf(integers) / 2) == integers).all()


def test_it_has_integers_of_any_size_at_once():
    drawn = lograndint(1, 10**12).rvs(size=1000, random_state=0)
    assert np.median(np.log10(drawn)) == pytest.approx(6, abs=0.5)
    assert 1 <= drawn.min() < drawn.max() < 10**12


def test_steps_and_coordinates_are_logarithmic():
    domain = make_domain("n_estimators", lograndint(10, 3001))
    assert (domain.coordinate(10), domain.coordinate(3000)) == (0, 1)
    low, middle, high = (domain.coordinate(value) for value in (20, 200, 2000))
    assert middle - low == pytest.approx(high - middle, abs=0.01)
    rng = RandomState(0)
    for start in (15, 150, 1500):
        moved = [domain.step(start, rng) for _ in range(500)]
        assert all(type(value) is int and 10 <= value <= 3000 for value in moved)
        assert start not in moved
        factors = np.exp(np.abs(np.log(np.array(moved) / start)))
        assert np.median(factors) < 2
        assert factors.max() > 5
        # A linear step from 1,500 would hardly ever be a fifth.
        assert start == 15 or min(moved) < start / 5


def test_searches_of_both_libraries_take_it():
    X, y = load_iris(return_X_y=True)
    tree, space = DecisionTreeClassifier(random_state=0), {"max_leaf_nodes": lograndint(2, 1000)}
    for search in (
        GeneticSearchCV(tree, space, max_evaluations=6, cv=2, random_state=0),
        RandomizedSearchCV(tree, space, n_iter=6, cv=2, random_state=0),
    ):
        search.fit(X, y)
        tried = [params["max_leaf_nodes"] for params in search.cv_results_["params"]]
        assert len(tried) == 6
        assert all(2 <= value < 1000 for value in tried)


def test_a_copy_draws_the_same():
    drawn = lograndint(3, 50)
    copied = pickle.loads(pickle.dumps(drawn))
    assert copied.rvs(5, random_state=1).tolist() == drawn.rvs(5, random_state=1).tolist()


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        ((0, 10), "'low' parameter of lograndint must be an int in the range .* Got 0"),
        ((1.5, 10), "'low' parameter of lograndint .* Got 1.5"),
        ((1, "10"), "'high' parameter of lograndint .* Got '10'"),
        ((1, 10**30), r"'high' parameter of lograndint .*, 9223372036854775808\]. Got 1000"),
        ((5, 5), "'high' parameter of lograndint must be greater than low=5. Got 5"),
    ],
)
def test_ends_that_make_no_sense(ends, message):
    with pytest.raises(InvalidParameterError, match=message):
        lograndint(*ends)
