"""What the user has put into installed packages makes other keys, wherever it is called."""

import contextlib
import functools
import importlib
import pkgutil
import random
import sys
import time
import warnings

import numpy as np
import pytest
import sklearn.svm._base as base
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.svm import SVC

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._memory.fingerprint import fingerprint
from sklearn_natsel._memory.patches import Package, Patch, package_of

X, y = [[float(i)] for i in range(20)], [0, 1] * 10


def mine(*args, **kwargs):
    return args


class Mine:
    def __call__(self, *args):
        return args


def n_kept(folder):
    GeneticSearchCV(SVC(), {"C": [1.0]}, cv=2, memory=folder).fit(X, y)
    return len(list(folder.rglob("*.json")))


PATCHES = {
    "function": mine,
    "class": Mine,
    "object": Mine(),
    "method": Mine().__call__,
    "partial": functools.partial(mine, 1),
    "cached": functools.lru_cache(mine),
    "vectorized": np.vectorize(mine),
    "wrapper": functools.wraps(base._one_vs_one_coef)(lambda *args: args),
}


@pytest.mark.parametrize("kind", PATCHES)
def test_what_is_put_into_a_module_makes_other_results(tmp_path, monkeypatch, kind):
    assert n_kept(tmp_path) == n_kept(tmp_path) == 2
    monkeypatch.setattr(base, "_one_vs_one_coef", PATCHES[kind])  # of linear kernels alone
    found = Patch("sklearn.svm._base", "_one_vs_one_coef", PATCHES[kind])
    assert package_of("sklearn.svm").patches() == [found]
    assert n_kept(tmp_path) == n_kept(tmp_path) == 4


def test_what_scikit_learn_computes_with_is_looked_through_too(tmp_path, monkeypatch):
    from scipy import optimize

    assert n_kept(tmp_path) == 2
    monkeypatch.setattr(optimize, "minimize", mine)
    assert n_kept(tmp_path) == 4


@pytest.mark.parametrize(
    "wrap", [lambda f: f, classmethod, staticmethod, property, functools.cached_property]
)
def test_what_is_put_into_a_class_counts_for_all_that_may_use_it(monkeypatch, wrap):
    before = fingerprint([SVC(), metrics.accuracy_score])
    monkeypatch.setattr(SVC, "added", wrap(mine), raising=False)
    assert [patch[:2] for patch in Package("sklearn").patches()] == [
        ("sklearn.svm._classes", "SVC.added")
    ]
    after = fingerprint([SVC(), metrics.accuracy_score])
    assert after != before
    assert fingerprint(metrics.accuracy_score) == fingerprint(metrics.accuracy_score)


def test_a_wrapper_may_hold_what_it_replaces(monkeypatch):
    digests = [fingerprint(np.arange(3))]
    for original in (np.mean, np.add, np.where, metrics.accuracy_score):
        home = metrics if original is metrics.accuracy_score else np
        with monkeypatch.context() as patch:
            patch.setattr(home, original.__name__, lambda *args, f=original: f(*args))
            digests.append(fingerprint([np.arange(3), SVC()]))
    assert len(set(digests)) == 5


def names_mean(x):
    return np.mean(x), metrics.accuracy_score(x, x), random.random()


@pytest.mark.parametrize(
    ("home", "name", "other"),
    [
        (np, "mean", np.median),
        (metrics, "accuracy_score", metrics.balanced_accuracy_score),
        (random, "random", time.time),
        (random, "random", mine),
    ],
)
def test_another_function_in_the_place_of_one_that_is_named_counts(monkeypatch, home, name, other):
    before = fingerprint(names_mean)
    monkeypatch.setattr(home, name, other)
    assert fingerprint(names_mean) != before


def test_changed_defaults_of_an_installed_function_count(monkeypatch):
    before = fingerprint(metrics.accuracy_score)
    defaults = {**metrics.accuracy_score.__wrapped__.__kwdefaults__, "normalize": False}
    monkeypatch.setattr(metrics.accuracy_score.__wrapped__, "__kwdefaults__", defaults)
    monkeypatch.setattr(metrics.accuracy_score, "__kwdefaults__", defaults)
    assert fingerprint(metrics.accuracy_score) != before


def test_what_shows_warnings_is_no_patch(monkeypatch):
    before = fingerprint(names_mean)
    monkeypatch.setattr(warnings, "warn", mine)
    monkeypatch.setattr(sys, "excepthook", mine)
    assert fingerprint(names_mean) == before


def test_packages_put_nothing_of_the_user_into_each_other():
    # What would be taken for a patch might be refused, and each notebook with it.
    for module in pkgutil.iter_modules():
        if module.name in {"IPython", "ipykernel", "pandas", "matplotlib", "nbclient", "polars"}:
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)
    names = {name.partition(".")[0] for name in sys.modules}
    installed = [package_of(name) for name in names if package_of(name).version is not None]
    assert len(installed) > 20
    assert [patch for package in installed for patch in package.patches()] == []


PLACES = [(np, "mean"), (np.linalg, "norm"), (metrics, "accuracy_score"), (SVC, "fit")]
values = st.integers() | st.text(max_size=3) | st.none()


def returning(value):
    return lambda *args: value


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(PLACES), st.sampled_from(PLACES), values, values)
def test_keys_are_equal_if_the_patches_are(place, other_place, value, other):
    def key(place, value):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(*place, returning(value))
            return fingerprint([SVC(), np.zeros(1), names_mean])

    same = place == other_place and (type(value), value) == (type(other), other)
    assert (key(place, value) == key(other_place, other)) is same
    assert key(place, value) != fingerprint([SVC(), np.zeros(1), names_mean])
