"""What a function reads, wherever it is, is found by the names in its code."""

import importlib
import sys
from types import ModuleType

import numpy as np
import pytest

from sklearn_natsel._memory.fingerprint import fingerprint
from sklearn_natsel._memory.globals import Global, globals_of


@pytest.mark.parametrize(
    "reached",
    [
        "importlib.import_module('reached_by_name').value()",
        "import_module('reached_by_name').value()",
        "__import__('reached_by_name').value()",
        "sys.modules['reached_by_name'].value()",
        "sys.modules[__name__].value()",
        "f.__globals__['value']()",
        "inspect.currentframe().f_globals['value']()",
        "late.anything",
        "len(late.patched([]))",
        "print()",
    ],
)
def test_what_is_reached_by_a_name_counts(tmp_path, monkeypatch, reached):
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr("builtins.print", print)  # and set again afterwards
    digests = set()
    for n in (1, 2):
        value = f"def value(): return {n}\n"
        (tmp_path / "reached_by_name.py").write_text(value)
        (tmp_path / "late.py").write_text(
            f"import builtins\ndef __getattr__(name): return {n}\n"
            f"builtins.print = lambda *args: {n}\n"
        )
        (tmp_path / "reaching.py").write_text(
            "import importlib, inspect, sys, late, reached_by_name\n"
            f"from importlib import import_module\n{value}def f(): return {reached}\n"
        )
        importlib.invalidate_caches()
        for name in ("late", "reached_by_name", "reaching"):
            sys.modules.pop(name, None)
        digests.add(fingerprint(importlib.import_module("reaching").f))
    assert len(digests) == 2


def test_each_value_has_the_place_where_it_was_found():
    def f():
        return np.linalg.norm, pytest, test_what_is_reached_by_a_name_counts

    own = test_what_is_reached_by_a_name_counts
    assert globals_of(f) == [
        Global("np", np, __name__),
        Global("pytest", pytest, __name__),
        Global(own.__name__, own, __name__),
    ]


def test_two_modules_of_one_name_count_both(monkeypatch):
    taken, imported = ModuleType("taken"), ModuleType("twice_named")
    taken.level = imported.level = 1
    monkeypatch.setitem(sys.modules, "twice_named", imported)
    monkeypatch.setitem(globals(), "twice_named", taken)

    def f():
        def inner():
            from twice_named import level

            return level

        return twice_named.level + inner()  # noqa: F821

    digests = {fingerprint(f)}
    taken.level = 2
    digests.add(fingerprint(f))
    imported.level = 2
    digests.add(fingerprint(f))
    assert len(digests) == 3


def test_a_second_name_that_a_package_has_for_something_is_no_fault():
    def f(x):
        return np.abs(x), np.power(x, 2), np.linalg.svd(x), open(x), IOError

    assert {each.name: each.value for each in globals_of(f)}["np"] is np
    assert fingerprint(f)


def test_a_package_counts_whether_or_not_it_has_been_loaded(tmp_path, monkeypatch):
    folder = tmp_path / "site-packages" / "rarely_loaded-1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Name: rarely_loaded\nVersion: 1.0\n")
    (folder / "RECORD").write_text("rarely_loaded.py,,\n")
    (folder.parent / "rarely_loaded.py").write_text("__version__ = '1.0'\n")
    monkeypatch.syspath_prepend(str(folder.parent))

    def f():
        import rarely_loaded

        return rarely_loaded

    digests = []
    for load in (False, True):
        forget_versions()
        if load:
            f()
        digests.append(fingerprint(f))
    sys.modules.pop("rarely_loaded")
    forget_versions()
    assert digests[0] == digests[1]


def forget_versions():
    from sklearn_natsel._memory import installed

    for name in ("_version_of_package", "_packages_by_module"):
        getattr(installed, name).cache_clear()
