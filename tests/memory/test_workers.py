"""Worker processes have the code that keys were made from, or nothing is kept."""

import functools
import importlib
import json
import random
import re
import subprocess
import sys
import textwrap
from collections import Counter
from types import ModuleType

import numpy as np
import pytest
from sklearn.svm import SVC

from sklearn_natsel._memory.fingerprint import Fingerprinter
from sklearn_natsel._memory.workers import stamps_of

MODEL = """
from sklearn.base import BaseEstimator, ClassifierMixin
import constants

class Model(ClassifierMixin, BaseEstimator):
    def __init__(self, a=0):
        self.a = a

    def fit(self, X, y):
        self.classes_ = [0, 1]
        return self

    def score(self, X, y):
        return {} + constants.OFFSET
"""

SEARCH = """
import importlib, json, sys
from pathlib import Path
import numpy as np
from sklearn_natsel import GeneticSearchCV
import constants, model

n_jobs = int(sys.argv[1])

def search():
    kept = GeneticSearchCV(
        model.Model(), {"a": [1, 2]}, memory="kept", n_jobs=n_jobs, cv=2, refit=False
    )
    X, y = np.zeros((8, 1)), np.tile([0, 1], 4)
    try:
        return kept.fit(X, y).cv_results_["mean_test_score"].tolist()
    except Exception as error:
        return f"{type(error).__name__}: {error}"

def write(name, text):
    Path(name).write_text(text)
    importlib.invalidate_caches()
"""


def run(folder, steps, n_jobs, notebook=""):
    """Run steps with a model whose score is 1, and return what they print."""
    (folder / "model.py").write_text(MODEL.replace("{}", "1"))
    (folder / "constants.py").write_text("OFFSET = 0\n")
    (folder / "helpers.py").write_text(HELPERS)
    script = folder / "script.py"
    script.write_text(
        SEARCH + notebook + f"MODEL = {MODEL!r}\nprint(json.dumps([{', '.join(steps)}]))\n"
    )
    command = [sys.executable, "-B", str(script), str(n_jobs)]
    out = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert out.returncode == 0, out.stderr
    return json.loads(out.stdout)


NOTEBOOK = """
import random
from sklearn import svm
import helpers

class model:  # what is typed into a notebook is sent as it is, and what it names by its name
    class Model(model.Model):
        def score(self, X, y):
            helpers.count(X)
            return helpers.used() + helpers.TABLE["a"] + random.random()
random.random = helpers.zero
"""

HELPERS = """
import random
TABLE, COUNTS, CACHE = {"a": 0}, {}, {}
STEPS = {"a": [lambda x: x + 1]}
def used(): return 1
def zero(): return 0
def other(): return 1
def count(X):
    COUNTS["calls"] = COUNTS.get("calls", 0) + 1
    CACHE.setdefault(len(X), 1)
random.random = zero
"""

EDIT = "write('model.py', MODEL.replace('{}', '2'))"


def test_in_one_process_the_code_that_is_loaded_counts(tmp_path):
    reload = "importlib.reload(model) and None"
    steps = ["search()", EDIT, "search()", reload, "search()"]
    old, _, still_old, _, new = run(tmp_path, steps, n_jobs=1)
    assert (old, still_old, new) == ([1, 1], [1, 1], [2, 2])


@pytest.mark.parametrize(
    "edit",
    [
        EDIT,
        "write('constants.py', 'OFFSET = 1')",
        "setattr(constants, 'OFFSET', 1)",
        "setattr(model.Model, 'score', lambda self, X, y: 5)",
    ],
)
def test_workers_with_other_code_train_nothing(tmp_path, edit):
    _, refused = run(tmp_path, [edit, "search()"], n_jobs=2)
    assert refused.startswith("OtherCodeError: ")
    assert "'model'" in refused or "'constants'" in refused
    assert "n_jobs=1" in refused
    assert not list(tmp_path.rglob("kept/**/*.json"))


def test_workers_that_have_imported_the_code_before_it_was_reloaded_train_nothing(tmp_path):
    steps = ["search()", EDIT, "importlib.reload(model) and None", "search()"]
    first, _, _, refused = run(tmp_path, steps, n_jobs=2)
    assert first == [1, 1]
    assert refused.startswith("OtherCodeError: ")
    assert len(list(tmp_path.rglob("kept/**/*.json"))) == 4


def test_workers_with_the_same_code_train(tmp_path):
    assert run(tmp_path, ["search()", "search()"], n_jobs=2) == [[1, 1], [1, 1]]


def test_what_a_notebook_has_set_in_a_module_is_looked_for_in_workers(tmp_path):
    steps = [
        "setattr(helpers, 'UNUSED', 1)",
        "search()",
        "setattr(svm._base, 'libsvm', lambda *x: 1)",
        "search()",
        "importlib.reload(svm._base) and None",
        "helpers.TABLE.update(a=1)",
        "search()",
    ]
    _, same, _, patched, _, _, updated = run(tmp_path, steps, 2, NOTEBOOK)
    assert same == [1, 1]
    assert re.match("OtherCodeError: .*'sklearn.svm._base'.*libsvm", patched)
    assert re.match("OtherCodeError: .*'helpers'.*TABLE", updated)


helpers = None  # as of the tests


def reads():
    return helpers.used(), helpers.TABLE, helpers.STEPS, random.random(), SVC


def stamps():
    fingerprinter = Fingerprinter()
    fingerprinter.fingerprint(reads)
    found = stamps_of(fingerprinter.definitions())
    return {(stamp.module, stamp.names): stamp.digest for stamp in found}


@pytest.mark.parametrize(
    ("home", "name", "value"),
    [
        ("helpers", "used", lambda: 1),
        ("helpers", "used", functools.partial(min, 1)),
        ("helpers", "used", Counter),
        ("helpers", "TABLE", {"a": 1}),
        ("helpers", "TABLE", np.arange(2)),
        ("helpers", "TABLE", SVC()),
        ("helpers", "STEPS", {"a": [lambda x: x + 2]}),
        ("random", "random", lambda: 2),
        ("sklearn.svm.SVC", "fit", lambda self: self),
        ("sklearn.svm._base", "libsvm", lambda self: self),
    ],
)
def test_stamps_are_of_what_is_read(tmp_path, monkeypatch, home, name, value):
    (tmp_path / "helpers.py").write_text(HELPERS)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(random, "random", random.random)
    monkeypatch.delitem(sys.modules, "helpers", raising=False)
    monkeypatch.setitem(globals(), "helpers", importlib.import_module("helpers"))
    monkeypatch.setattr(helpers, "UNUSED", 1, raising=False)
    before = stamps()
    # What it reads, and what is at `random`.
    assert ("helpers", ("STEPS", "TABLE", "used", "zero")) in before
    monkeypatch.setattr(f"{home}.{name}", value)
    assert stamps() != before


def names_read_by(code):
    """Return the names that are looked for in the module of a function `score`, written here."""
    module = ModuleType("reading")
    fingerprinter = Fingerprinter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "reading", module)
        exec(textwrap.dedent(code), vars(module))
        fingerprinter.fingerprint(module.score)
        found = stamps_of(fingerprinter.definitions())
    return {name for stamp in found for name in stamp.names if stamp.module == "reading"}


def test_what_an_object_has_is_not_taken_for_a_global_of_its_name():
    names = names_read_by("""
        class Model:
            def __init__(self, loss, alpha):
                self.loss, self.alpha = loss, alpha
            def fit(self):
                self.steps.append(1)
                return loss(alpha, steps)
        def loss(alpha, steps): return 1
        alpha, steps = 1, [1]
        def score(): return Model(1, 2).fit()
    """)
    assert names == {"Model", "loss", "alpha", "steps", "score"}


def test_what_the_code_changes_is_not_looked_for_under_any_name():
    names = names_read_by("""
        import reading
        COUNTS, CACHE, LATE, KEPT = {}, {}, {}, 1
        TABLE = CACHE
        def score():
            from reading import LATE
            global N
            N = 1
            COUNTS["calls"] = N
            reading.CACHE.update(a=1)
            LATE["a"] = 1
            score.calls = 1
            return TABLE, KEPT
    """)
    assert names == {"KEPT", "score"}


def test_a_module_that_is_handed_on_is_looked_for_as_a_whole(monkeypatch):
    handed_on = ModuleType("handed_on")
    handed_on.LEVEL = 1
    monkeypatch.setitem(sys.modules, "handed_on", handed_on)

    def score():
        import handed_on

        return vars(handed_on)

    fingerprinter = Fingerprinter()
    fingerprinter.fingerprint(score)
    stamps = {stamp.module: stamp.names for stamp in stamps_of(fingerprinter.definitions())}
    assert stamps["handed_on"] == ("LEVEL",)
