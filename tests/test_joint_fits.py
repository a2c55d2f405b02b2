"""A search over an estimator that fits many settings together is the search that it was."""

import os
import signal
import time
from functools import partial

import joblib
import numpy as np
import pytest
import sklearn
from joint_ridge import JointRidge, LoneRidge, X, calls_in, fail, y
from same_search import assert_same_search
from scipy.stats import loguniform
from sklearn.exceptions import FitFailedWarning
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import KFold, ShuffleSplit

from sklearn_natsel import Conditional, GeneticSearchCV

WEIGHTS = np.linspace(0.5, 1.5, len(y))
ALPHAS = [0.01, 0.1, 1.0, 10.0, 100.0, 1000.0]


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


def search_of(estimator, space=None, **options):
    sizes = {"population_size": 6, "n_offspring": 4, "n_generations": 3}
    options = {**sizes, "cv": 3, "random_state": 0, "refit": False, **options}
    return GeneticSearchCV(estimator, space or {"alpha": loguniform(1e-2, 1e3)}, **options)


def every_alpha(estimator, **options):
    """Search a list of penalties, all of which are tried."""
    return search_of(estimator, {"alpha": ALPHAS}, initial_params={"alpha": 1.0}, **options)


def masks(n, X):
    for train, test in KFold(n).split(X):
        yield np.isin(np.arange(len(X)), train), test


def errors(estimator, X, y):
    predicted = estimator.predict(X)
    return {"mean": -mean_absolute_error(y, predicted), "worst": -np.abs(predicted - y).max()}


OPTIONS = {
    "as it is": {},
    "train scores": {"return_train_score": True},
    "several metrics": {
        "scoring": ["r2", "neg_max_error"],
        "refit": "r2",
        "return_train_score": True,
    },
    "a dict": {"scoring": errors, "refit": "worst"},
    "masks": {"cv": list(masks(3, X))},
    "refit": {"refit": True},
    "racing": {"racing": True, "max_evaluations": 12, "cv": ShuffleSplit(9, random_state=0)},
    "samples": {"resource": "n_samples", "min_resources": 10, "max_evaluations": 12},
    "parameter": {"resource": "shift", "min_resources": 1, "max_resources": 9},
    "Conditional": {},
}


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("name", OPTIONS)
def test_the_search_is_that_of_single_fits(name, n_jobs, log):
    space = {"alpha": loguniform(1e-2, 1e3)}
    if name == "Conditional":
        space |= {"shift": Conditional([1.0, 2.0, 5.0], "alpha", lambda alpha: alpha > 1)}
    joint = search_of(JointRidge(log=log), space, n_jobs=n_jobs, **OPTIONS[name]).fit(X, y)
    alone = search_of(LoneRidge(), space, **OPTIONS[name]).fit(X, y)
    assert_same_search(joint, alone)
    calls = calls_in(log)
    assert sum(n for name, n in calls if name == "fit_many") > 0.8 * sum(n for _, n in calls)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_each_generation_is_divided_among_the_workers(n_jobs, log):
    search = search_of(JointRidge(log=log), n_jobs=n_jobs).fit(X, y)
    assert search.evolution_history_["n_evaluated"].tolist() == [6, 4, 4]
    calls = [("fit_many", 3 * n) for n in [6, 4, 4]]
    if n_jobs == 2:
        calls = [("fit_many", 3 * n // 2) for n in [6, 6, 4, 4, 4, 4]]
    assert calls_in(log) == calls


def test_threads_make_groups_too(log):
    with joblib.parallel_config(backend="threading"):
        search = search_of(JointRidge(log=log), n_jobs=2).fit(X, y)
    assert_same_search(search, search_of(LoneRidge()).fit(X, y))
    assert calls_in(log)[:2] == [("fit_many", 9)] * 2


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_in_a_steady_state_the_splits_of_a_candidate_are_a_group(n_jobs, log):
    options = {"schedule": "steady-state", "max_evaluations": 14, "n_jobs": n_jobs}
    search = search_of(JointRidge(log=log), **options).fit(X, y)
    assert calls_in(log) == [("fit_many", 3)] * 14
    if n_jobs == 1:
        assert_same_search(search, search_of(LoneRidge(), **options).fit(X, y))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_sample_weights_reach_the_fits(n_jobs, log):
    joint = search_of(JointRidge(log=log), n_jobs=n_jobs).fit(X, y, sample_weight=WEIGHTS)
    alone = search_of(LoneRidge()).fit(X, y, sample_weight=WEIGHTS)
    assert_same_search(joint, alone)
    assert {name for name, _ in calls_in(log)} == {"fit_many"}
    other = search_of(JointRidge()).fit(X, y)
    assert other.best_score_ != joint.best_score_


def test_the_time_of_a_group_is_shared_out():
    class Slow(JointRidge):
        def fit_many(self, *arguments, **params):
            time.sleep(0.6)
            return super().fit_many(*arguments, **params)

    search = search_of(Slow(), n_generations=1).fit(X, y)
    seconds = search.cv_results_["mean_fit_time"]
    assert 0.6 < 3 * seconds.sum() < 1.2
    np.testing.assert_allclose(seconds, 0.6 / 18, rtol=0.5)


# What is fitted one by one


def only_fits(log):
    return {call for call in calls_in(log)} == {("fit", 1)}


@pytest.mark.filterwarnings("ignore:The 'fit_timeout' parameter has no effect")
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_limit_of_each_fit_needs_single_fits(n_jobs, log):
    search_of(JointRidge(log=log), fit_timeout=60, n_jobs=n_jobs).fit(X, y)
    assert only_fits(log)


def test_fits_that_tell_of_themselves_are_single(log, capsys):
    search_of(JointRidge(log=log), verbose=2).fit(X, y)
    assert only_fits(log)
    assert capsys.readouterr().out.count("total time=") == 42


def test_other_parameters_of_fit_need_single_fits(log):
    search_of(JointRidge(log=log)).fit(X, y, unused=1)
    assert only_fits(log)


def test_metadata_routing_needs_single_fits(log):
    def routed(model):
        return model.set_fit_request(sample_weight=True).set_score_request(sample_weight=False)

    with sklearn.config_context(enable_metadata_routing=True):
        search = search_of(routed(JointRidge(log=log))).fit(X, y, sample_weight=WEIGHTS)
        alone = search_of(routed(LoneRidge())).fit(X, y, sample_weight=WEIGHTS)
    assert only_fits(log)
    assert_same_search(search, alone)


def test_callbacks_that_are_told_of_fits_need_single_fits(log):
    callback = pytest.importorskip("sklearn.callback", reason="callbacks came with 1.9")
    pytest.importorskip("rich", reason="the progress bar needs it")
    from sklearn.callback import CallbackSupportMixin

    class Told(CallbackSupportMixin, JointRidge):
        pass

    search = search_of(Told(log=log)).set_callbacks(
        callback.ProgressBar(max_propagation_depth=None)
    )
    search.fit(X, y)
    assert only_fits(log)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_what_fit_many_leaves_out_is_fitted_alone(n_jobs, log):
    model = JointRidge(log=log, alone=[0.1, 100.0])
    search = every_alpha(model, n_jobs=n_jobs).fit(X, y)
    assert_same_search(search, every_alpha(LoneRidge()).fit(X, y))
    assert calls_in(log).count(("fit", 1)) == 2 * 3


# What fails


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_exception_costs_one_setting_alone(n_jobs, log):
    faults = {0.1: fail, 1000.0: fail}
    with (
        pytest.warns(FitFailedWarning, match="(?s)6 fits failed.*6 fits.*not this penalty"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search = every_alpha(JointRidge(faults=faults, log=log), n_jobs=n_jobs).fit(X, y)
    with pytest.warns():
        alone = every_alpha(LoneRidge(faults=faults)).fit(X, y)
    assert_same_search(search, alone)
    assert search.evolution_history_["n_failed"].sum() == 2
    assert {name for name, _ in calls_in(log)} == {"fit_many"}


def refuse(estimator, X, y):
    if estimator.alpha == 10.0:
        raise ArithmeticError("no score for this penalty")
    return float("nan") if estimator.alpha == 0.1 else estimator.score(X, y)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("error_score", [np.nan, -5.0])
def test_scores_that_fail_cost_one_setting_alone(error_score):
    options = {"scoring": refuse, "error_score": error_score}
    search = every_alpha(JointRidge(), **options).fit(X, y)
    assert_same_search(search, every_alpha(LoneRidge(), **options).fit(X, y))
    assert np.isnan(search.cv_results_["mean_test_score"]).sum() == (2 if error_score != -5 else 1)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_error_score_raise_raises_the_error_and_keeps_the_others(n_jobs, log, tmp_path):
    model = JointRidge(faults={10.0: fail}, log=log)
    search = every_alpha(model, error_score="raise", n_jobs=n_jobs, memory=tmp_path)
    with pytest.raises(ArithmeticError, match="not this penalty"):
        search.fit(X, y)
    assert len(list(tmp_path.rglob("*.json"))) >= 12


def test_what_the_first_setting_raises_outside_of_fit_is_raised():
    with pytest.raises(ValueError, match="good") as caught:
        every_alpha(JointRidge(), scoring=lambda estimator, X, y: "good").fit(X, y)
    assert "the first setting, {'alpha': 1.0}" in caught.value.__notes__[0]


@pytest.mark.filterwarnings("ignore")
def test_the_first_setting_may_fail_in_fit():
    search = every_alpha(JointRidge(faults={1.0: fail})).fit(X, y)
    assert np.flatnonzero(np.isnan(search.cv_results_["mean_test_score"])).tolist() == [0]


class Broken(JointRidge):
    def fit_many(self, settings, X, y, splits, sample_weight=None):
        raise MemoryError("too many")


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_failure_of_all_is_followed_by_single_fits(n_jobs, log):
    with pytest.warns(RuntimeWarning, match="'fit_many' of Broken has failed.*too many") as caught:
        search = every_alpha(Broken(log=log), n_jobs=n_jobs).fit(X, y)
    assert len(caught) == 1
    assert_same_search(search, every_alpha(LoneRidge()).fit(X, y))
    assert calls_in(log) == [("fit", 1)] * 18


def test_an_entry_is_needed_for_each_setting():
    class Short(JointRidge):
        def fit_many(self, *arguments, **params):
            return super().fit_many(*arguments, **params)[1:]

    with pytest.raises(ValueError, match=r"one entry for each setting\. Got 17 for 18 settings"):
        search_of(Short()).fit(X, y)


def be_killed():
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_setting_that_kills_its_worker_costs_itself_alone():
    options = {"n_jobs": 2, "cv": ShuffleSplit(1, random_state=0)}
    with (
        pytest.warns(RuntimeWarning, match="A worker process has died") as caught,
        pytest.warns(FitFailedWarning, match="(?s)1 fits failed.*killed its worker process twice"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search = every_alpha(JointRidge(faults={10.0: be_killed}), **options).fit(X, y)
    assert sum("has died" in str(warning.message) for warning in caught) == 1
    scores = dict(zip(search.cv_results_["param_alpha"], search.cv_results_["mean_test_score"]))
    expected = every_alpha(LoneRidge(), cv=options["cv"]).fit(X, y)
    for alpha, score in zip(*map(expected.cv_results_.get, ["param_alpha", "mean_test_score"])):
        assert np.isnan(scores[alpha]) if alpha == 10.0 else scores[alpha] == score


def die_once(flag):
    if not flag.exists():
        flag.touch()
        be_killed()


def test_a_worker_that_is_killed_once_costs_nothing(tmp_path):
    faults = {10.0: partial(die_once, tmp_path / "flag")}
    with pytest.warns(RuntimeWarning, match="A worker process has died"):
        search = every_alpha(JointRidge(faults=faults), n_jobs=2).fit(X, y)
    assert_same_search(search, every_alpha(LoneRidge()).fit(X, y))


def test_an_interrupt_in_a_group_loses_this_group_alone(log, tmp_path):
    def interrupt_later():
        if len(calls_in(log)) == 2:
            signal.raise_signal(signal.SIGINT)

    class Interrupted(JointRidge):
        def _solve(self, decomposed):
            interrupt_later()
            return super()._solve(decomposed)

    options = {"memory": tmp_path / "memory", "refit": True}
    search = search_of(Interrupted(log=log), **options).fit(X, y)
    assert search.stop_reason_ == "interrupted"
    assert search.n_evaluations_ == 6
    assert search.best_estimator_.predict(X).shape == y.shape
    assert len(list(tmp_path.rglob("*.json"))) == 18


# Limits and memory


def slowly():
    time.sleep(0.05)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_groups_end_in_time(n_jobs):
    alphas = np.geomspace(1e-2, 1e3, 600).tolist()
    model = JointRidge(faults=dict.fromkeys(alphas, slowly))
    started = time.time()
    search = search_of(
        model, {"alpha": alphas}, n_jobs=n_jobs, population_size=200, n_generations=None, max_time=2
    ).fit(X, y)
    # A generation takes 30 seconds with one job, 15 with two.
    assert time.time() - started < 15
    assert search.stop_reason_ == "max_time"
    assert 1 <= search.n_evaluations_ < 200


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_without_any_time_the_first_setting_is_evaluated(n_jobs):
    search = search_of(JointRidge(), n_jobs=n_jobs, n_generations=None, max_time=1e-6).fit(X, y)
    assert search.n_evaluations_ == 1


def test_what_is_known_is_not_fitted_again(log, tmp_path):
    options = {"memory": tmp_path / "memory", "n_generations": 2}
    search_of(JointRidge(log=log), **options).fit(X, y)
    assert len(list(tmp_path.rglob("*.json"))) == 30
    again = search_of(JointRidge(log=log), **options).fit(X, y)
    assert calls_in(log) == [("fit_many", 18), ("fit_many", 12)]
    for path in sorted(tmp_path.rglob("*.json"))[:5]:
        path.unlink()
    assert_same_search(search_of(JointRidge(log=log), **options).fit(X, y), again)
    assert sum(n for _, n in calls_in(log)) == 35
