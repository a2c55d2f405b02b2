"""What the user has put into installed packages makes other keys, and is looked for in workers."""

import functools
import sys
import warnings

import pytest
import sklearn.svm._base as base
from sklearn.svm import SVC

from sklearn_natsel import GeneticSearchCV
from sklearn_natsel._memory.fingerprint import fingerprint
from sklearn_natsel._memory.patches import patched_modules
from sklearn_natsel._memory.workers import stamps_of

X, y = [[float(i)] for i in range(20)], [0, 1] * 10


def fit_otherwise(*args, **kwargs):
    return args


class Other:
    pass


def n_kept(folder):
    GeneticSearchCV(SVC(), {"C": [1.0]}, cv=2, memory=folder).fit(X, y)
    return len(list(folder.rglob("*.json")))


@pytest.mark.parametrize("patch", [fit_otherwise, Other])
def test_a_patched_module_makes_other_results(tmp_path, monkeypatch, patch):
    assert n_kept(tmp_path) == n_kept(tmp_path) == 2
    monkeypatch.setattr(base, "_one_vs_one_coef", patch)  # of linear kernels alone
    assert patched_modules() == [("sklearn.svm._base", "_one_vs_one_coef", patch)]
    assert ("sklearn.svm._base", ("_one_vs_one_coef",)) in [stamp[:2] for stamp in stamps_of([])]
    assert n_kept(tmp_path) == n_kept(tmp_path) == 4


def test_packages_and_what_shows_warnings_are_no_patches(monkeypatch):
    monkeypatch.setattr(warnings, "warn", fit_otherwise)
    monkeypatch.setattr(sys, "excepthook", fit_otherwise)
    assert patched_modules() == []


@pytest.mark.parametrize(
    "patch",
    [
        fit_otherwise,
        classmethod(fit_otherwise),
        staticmethod(fit_otherwise),
        property(fit_otherwise),
        functools.partialmethod(fit_otherwise, 1),
    ],
    ids=repr,
)
def test_a_patched_class_is_another_one(monkeypatch, patch):
    before = fingerprint(SVC())
    monkeypatch.setattr(SVC, "added", patch, raising=False)
    assert fingerprint(SVC()) != before


def test_workers_are_asked_whether_a_class_is_patched_there(monkeypatch):
    assert stamps_of([SVC]) == ()
    monkeypatch.setattr(SVC, "score", fit_otherwise)
    [(module, names, digest)] = stamps_of([SVC])
    assert (module, names) == ("sklearn.svm._classes", ("SVC",))
    monkeypatch.setattr(SVC, "score", lambda self, X, y: 1)
    assert stamps_of([SVC])[0][2] != digest
