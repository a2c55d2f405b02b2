"""What a worker does with fits that an estimator makes together."""

import os
import time

import numpy as np
import pytest
from joint_ridge import JointRidge, LoneRidge, X, calls_in, fail, y
from same_search import assert_same_search
from scipy.stats import loguniform
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._evaluation.together import fit_together, offers_joint_fits, own_prefix

FIRST, LAST = np.arange(40), np.arange(20, 60)
SETTINGS = [{"alpha": 1.0}, {"alpha": 1.0}, {"alpha": 10.0}]
SPLITS = [FIRST, LAST, FIRST]


class Counting(TransformerMixin, BaseEstimator):
    """Scales features, and writes a line for each fit."""

    def __init__(self, log=None, power=1.0, fails=False):
        self.log = log
        self.power = power
        self.fails = fails

    def fit(self, X, y=None, sample_weight=None):
        if self.log is not None:
            with open(self.log, "a") as log:
                log.write(f"transformer 1 {os.getpid()}\n")
        if self.fails:
            fail()
        self.scale_ = np.average(np.abs(X), axis=0, weights=sample_weight) ** self.power
        return self

    def transform(self, X):
        return X / self.scale_


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


def pipeline(model, **params):
    return Pipeline([("scale", Counting(**params)), ("model", model)])


def expected(model, settings=SETTINGS, splits=SPLITS, **params):
    models = [clone(model).set_params(**setting) for setting in settings]
    return [one.fit(X[rows], y[rows], **params).predict(X) for one, rows in zip(models, splits)]


def predicted(fits):
    return [fit.fitted.predict(X) for fit in fits]


def test_each_fit_has_its_setting_and_its_rows():
    model = JointRidge(alpha=3.0)
    fits = fit_together(model, SETTINGS, X, y, SPLITS, {})
    np.testing.assert_array_equal(predicted(fits), expected(LoneRidge()))
    assert model.alpha == 3.0
    assert not hasattr(model, "coef_")


def test_rows_may_be_a_mask():
    mask = np.isin(np.arange(60), LAST)
    (fit,) = fit_together(JointRidge(), [{"alpha": 1.0}], X, y, [mask], {})
    np.testing.assert_array_equal(fit.fitted.predict(X), expected(LoneRidge())[1])


def test_what_a_value_of_a_setting_learns_is_not_seen_in_another():
    class Scaled(JointRidge):
        def fit_many(self, settings, X, y, splits, sample_weight=None):
            assert settings[0]["shift"] is not settings[1]["shift"]
            return [None, None]

    shift = StandardScaler()
    settings = [{"shift": shift}, {"shift": shift}]
    assert [fit.fitted for fit in fit_together(Scaled(), settings, X, y, [FIRST] * 2, {})] == [
        None,
        None,
    ]


class JointQuantile(BaseEstimator):
    """Knows a quantile of its features, whatever the targets are."""

    def __init__(self, q=0.5):
        self.q = q

    def fit(self, X, y=None):
        self.quantile_ = np.quantile(X, self.q)
        return self

    def fit_many(self, settings, X, y, splits):
        assert y is None
        return [clone(self).set_params(**s).fit(X[rows]) for s, rows in zip(settings, splits)]


@pytest.mark.parametrize("model", [JointQuantile(), make_pipeline(JointQuantile())])
def test_without_targets(model):
    settings = [{own_prefix(model) + "q": q} for q in (0.25, 0.75)]
    fits = fit_together(model, settings, X, None, [FIRST, LAST], {})
    found = [getattr(fit.fitted, "steps", [(None, fit.fitted)])[-1][1].quantile_ for fit in fits]
    assert found == [np.quantile(X[FIRST], 0.25), np.quantile(X[LAST], 0.75)]


def test_each_has_an_equal_share_of_the_time():
    class Slow(JointRidge):
        def fit_many(self, *arguments, **params):
            time.sleep(0.3)
            return super().fit_many(*arguments, **params)

    seconds = {fit.seconds for fit in fit_together(Slow(), SETTINGS, X, y, SPLITS, {})}
    assert len(seconds) == 1
    assert 0.1 <= seconds.pop() < 0.2


def test_a_failure_of_all_is_told_and_leaves_them_to_be_fitted_alone():
    class Broken(JointRidge):
        def fit_many(self, *arguments, **params):
            fail()

    with pytest.warns(RuntimeWarning, match="of Broken has failed, so its fits are made one by"):
        fits = fit_together(Broken(), SETTINGS, X, y, SPLITS, {})
    assert [fit.fitted for fit in fits] == [None] * 3


# Pipelines


def test_the_first_steps_are_fitted_once_for_each_split(log):
    settings = [{f"model__{name}": value for name, value in s.items()} for s in SETTINGS]
    model = pipeline(JointRidge(log=log), log=log)
    fits = fit_together(model, settings, X, y, SPLITS, {})
    np.testing.assert_array_equal(predicted(fits), expected(pipeline(LoneRidge()), settings))
    assert sorted(calls_in(log)) == [
        ("fit_many", 1),
        ("fit_many", 2),
        ("transformer", 1),
        ("transformer", 1),
    ]
    assert fits[0].fitted[0] is fits[2].fitted[0]
    assert not hasattr(model[0], "scale_")


def test_parameters_of_fit_reach_all_steps():
    weights = np.linspace(0.1, 2.0, 60)
    own = {"scale__sample_weight": weights[:40], "model__sample_weight": weights[:40] ** 2}
    params = {"scale__sample_weight": weights, "model__sample_weight": weights**2}
    assert offers_joint_fits(pipeline(JointRidge()), params)
    settings = [{"model__alpha": 1.0}]
    fits = fit_together(pipeline(JointRidge()), settings, X, y, [FIRST], params)
    alone = expected(pipeline(LoneRidge()), settings, [FIRST], **own)
    np.testing.assert_array_equal(predicted(fits), alone)


def test_who_offers_it():
    assert own_prefix(JointRidge()) == ""
    assert own_prefix(pipeline(JointRidge())) == "model__"
    assert offers_joint_fits(JointRidge(), {"sample_weight": y})
    assert offers_joint_fits(make_pipeline(JointRidge()), {})
    assert not offers_joint_fits(Ridge(), {})
    assert not offers_joint_fits(JointRidge(), {"unused": 1})
    assert not offers_joint_fits(pipeline(JointRidge()), {"model__unused": 1})
    assert not offers_joint_fits(pipeline(Ridge()), {})
    assert not offers_joint_fits(pipeline("passthrough"), {})
    assert not offers_joint_fits(Pipeline([]), {})

    class OwnPipeline(Pipeline):
        """Might do anything between its steps."""

    assert not offers_joint_fits(OwnPipeline([("model", JointRidge())]), {})

    class OfKernels(JointRidge):
        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.input_tags.pairwise = True
            return tags

    assert not offers_joint_fits(OfKernels(), {})


def search_of(model, space=None, **options):
    sizes = {"population_size": 5, "n_offspring": 3, "n_generations": 3}
    options = {**sizes, "cv": 3, "random_state": 0, **options}
    return GeneticSearchCV(model, space or {"model__alpha": loguniform(1e-2, 1e3)}, **options)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_search_over_the_last_step_is_that_of_single_fits(log, n_jobs):
    search = search_of(pipeline(JointRidge(), log=log), n_jobs=n_jobs).fit(X, y)
    assert_same_search(search, search_of(pipeline(LoneRidge())).fit(X, y))
    # Three generations, three splits, the refit; two workers may fit each of them.
    assert calls_in(log) == [("transformer", 1)] * (10 if n_jobs == 1 else 19)
    assert search.best_estimator_.predict(X).shape == y.shape


def test_if_other_steps_are_searched_each_fit_is_alone(log):
    space = {"model__alpha": loguniform(1e-2, 1e3), "scale__power": [1.0, 2.0]}
    search = search_of(pipeline(JointRidge(log=log)), space, refit=False).fit(X, y)
    assert_same_search(search, search_of(pipeline(LoneRidge()), space, refit=False).fit(X, y))
    assert {name for name, _ in calls_in(log)} == {"fit"}


def test_if_the_last_step_itself_is_searched_each_fit_is_alone(log):
    last = [JointRidge(log=log), JointRidge(alpha=10.0, log=log), Ridge()]
    search_of(pipeline(JointRidge()), {"model": last}, refit=False).fit(X, y)
    assert calls_in(log) == [("fit", 1)] * 6


def test_only_settings_of_the_last_step_alone_are_joined(log):
    space = [{"model__alpha": [1.0, 10.0, 100.0]}, {"scale__power": [2.0, 3.0]}]
    search = search_of(pipeline(JointRidge(log=log)), space, refit=False).fit(X, y)
    assert search.n_evaluations_ == 5
    calls = calls_in(log)
    assert calls.count(("fit", 1)) == 6
    assert sum(n for name, n in calls if name == "fit_many") == 9


def test_the_memory_of_a_pipeline_is_used(log, tmp_path):
    model = pipeline(JointRidge(), log=log).set_params(memory=str(tmp_path / "steps"))
    search_of(model, refit=False).fit(X, y)
    search_of(model, refit=False, random_state=1).fit(X, y)
    assert calls_in(log) == [("transformer", 1)] * 3


@pytest.mark.filterwarnings("ignore:None of the first")
def test_a_first_step_that_fails_is_recorded_of_each_fit():
    search = search_of(pipeline(JointRidge(), fails=True), n_generations=1)
    with pytest.raises(ValueError, match=r"(?s)All the 15 fits failed.*not this penalty"):
        search.fit(X, y)


def test_a_member_that_fails_costs_itself_alone():
    space = {"model__alpha": [0.1, 1.0, 10.0]}
    with (
        pytest.warns(FitFailedWarning, match="(?s)3 fits failed.*not this penalty"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        search = search_of(pipeline(JointRidge(faults={10.0: fail})), space).fit(X, y)
    failed = np.isnan(search.cv_results_["mean_test_score"])
    assert search.cv_results_["param_model__alpha"][failed].tolist() == [10.0]
