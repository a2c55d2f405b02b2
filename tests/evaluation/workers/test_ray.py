"""Ray, through its backend for joblib; where it is installed."""

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils._param_validation import InvalidParameterError

from sklearn_natsel import GeneticSearchCV

ray = pytest.importorskip("ray")

pytestmark = pytest.mark.filterwarnings("default")  # those of Ray

X, y = load_iris(return_X_y=True)


@pytest.fixture(scope="module", autouse=True)
def cluster():
    from ray.util.joblib import register_ray

    ray.init(num_cpus=2, include_dashboard=False)
    register_ray()
    yield
    ray.shutdown()


def search_of(**params):
    space = {"max_depth": range(1, 12), "min_samples_leaf": range(1, 30)}
    options = {"max_evaluations": 20, "cv": 3, "random_state": 0, **params}
    return GeneticSearchCV(DecisionTreeClassifier(random_state=0), space, **options)


def test_ray_changes_nothing():
    here = search_of().fit(X, y)
    with joblib.parallel_config(backend="ray", n_jobs=2):
        there = search_of().fit(X, y)
    assert there.cv_results_["params"] == here.cv_results_["params"]
    np.testing.assert_array_equal(
        there.cv_results_["mean_test_score"], here.cv_results_["mean_test_score"]
    )


def test_what_ray_cannot_do_is_told_before_anything_is_trained():
    with (
        joblib.parallel_config(backend="ray", n_jobs=2),
        pytest.raises(InvalidParameterError, match=r"schedule.*RayBackend"),
    ):
        search_of(schedule="steady-state").fit(X, y)
    with (
        joblib.parallel_config(backend="ray", n_jobs=2),
        pytest.warns(UserWarning, match="fit_timeout"),
    ):
        search_of(fit_timeout=100).fit(X, y)
