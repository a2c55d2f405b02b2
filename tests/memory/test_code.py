"""Keys follow from code as it is loaded, and from all that it names."""

import functools
import os
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sklearn_natsel._memory.fingerprint import fingerprint

# What a user's project may consist of; `f` is what is fingerprinted.
PROJECT = {
    "main.py": """
        import functools
        import random
        import numpy as np
        import sklearn.utils
        from collections import namedtuple
        from dataclasses import dataclass
        from enum import Enum
        import helpers
        import package.inner as inner
        from helpers import decorated, imported

        sklearn.utils.resample = lambda X: [X, "resampled"]
        sklearn.utils.Bunch.__call__ = lambda self: "called"
        random.random = lambda: 0.5
        np.mean = np.median

        CONSTANT = 1.5
        TABLE = np.arange(6.0).reshape(2, 3)
        NAMES = {"b", "a", None, 3, ("x", 1)}
        Point = namedtuple("Point", "x y")

        class Color(Enum):
            RED = 1
            BLUE = 2

        @dataclass
        class Options:
            depth: int = 3
            names: tuple = ("a", "b")

        if CONSTANT > 1:
            class Twice:
                value = 10
        else:
            class Twice:
                value = 20

        class Base:
            limit = 7
            def method(self):
                return self.limit

        class Model(Base):
            @property
            def own(self):
                return super().method()
            @functools.cached_property
            def kept(self):
                return Model
            @staticmethod
            def static(x=(1, 2)):
                return x
            @classmethod
            def make(cls):
                return cls()

        def _added(self):
            return "added"
        Model.added = _added

        def odd(n):
            return n and even(n - 1)
        def even(n):
            return n and odd(n - 1)

        def scaled(factor):
            def scale(x, power=2, *, shift=3):
                return (factor * x) ** power + shift
            return scale
        scale = scaled(4)

        @functools.lru_cache(maxsize=8)
        def cached(x):
            return x + 1

        @decorated
        def wrapped(x):
            return x

        def f(x):
            from lazy import late
            from random import choice
            local = [lambda y: y - 1 for _ in x]
            if x:
                return np.mean(x), random.random(), choice(sklearn.utils)
            if x in {"one", "two", "three"}:
                return helpers.used(x), imported(x), inner.deep(x), late(x)
            return (CONSTANT, TABLE, NAMES, Point, Color.RED, Options, Twice, Model, odd, scale,
                    cached, wrapped, local)
    """,
    "helpers.py": """
        import functools, random
        random.choice = lambda x: x[1]
        LEVEL = 2
        def used(x):
            return x * LEVEL
        def unused(x):
            return x
        def imported(x):
            return [x]
        def decorated(function):
            @functools.wraps(function)
            def wrapper(*args):
                return function(*args) * 2
            return wrapper
    """,
    "package/__init__.py": "",
    "package/inner.py": """
        from . import other
        def deep(x):
            return other.deeper(x)
    """,
    "package/other.py": "def deeper(x):\n    return x / 3\n",
    "lazy.py": "def late(x):\n    return x % 5\n",
}

# A process for each project, since all of them have the same names for their modules.
DIGESTS = """
import os, sys
from sklearn_natsel._memory.fingerprint import fingerprint
for folder in sys.argv[1:]:
    if os.fork():
        os.wait()
    else:
        sys.path.insert(0, folder)
        import main
        print(fingerprint(main.f), flush=True)
        os._exit(0)
"""


def write(folder, edits=()):
    for name, source in PROJECT.items():
        text = textwrap.dedent(source)
        for file, old, new in edits:
            if file == name:
                assert text.count(old) == 1, old
                text = text.replace(old, new)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def digests_of(folders, seed="0"):
    """Return the fingerprint of `f` of each project, from a process with this hash seed."""
    command = [sys.executable, "-B", "-c", DIGESTS, *map(str, folders)]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    return subprocess.check_output(command, env=environment, text=True).split()


EDITS = [
    ("main.py", '[X, "resampled"]', '[X, "sampled"]'),
    ("main.py", "lambda X: [X", "lambda X: [X, X"),
    ("main.py", "sklearn.utils.resample =", "sklearn.utils.shuffle ="),
    ("main.py", '"called"', '"called again"'),
    ("main.py", "0.5", "0.25"),
    ("main.py", "np.median", "np.average"),
    ("helpers.py", "x[1]", "x[2]"),
    ("main.py", "CONSTANT = 1.5", "CONSTANT = 1.25"),
    ("main.py", "arange(6.0)", "arange(6)"),
    ("main.py", "reshape(2, 3)", "reshape(3, 2)"),
    ("main.py", '{"b", "a", None', '{"b", "c", None'),
    ("main.py", '"Point", "x y"', '"Point", "y x"'),
    ("main.py", "RED = 1", "RED = 3"),
    ("main.py", "depth: int = 3", "depth: int = 4"),
    ("main.py", "value = 10", "value = 11"),
    ("main.py", "if CONSTANT > 1:", "if CONSTANT < 1:"),
    ("main.py", "limit = 7", "limit = 8"),
    ("main.py", "return self.limit", "return -self.limit"),
    ("main.py", "class Model(Base)", "class Model(dict)"),
    ("main.py", "super().method()", "super().limit"),
    ("main.py", "return Model\n", "return Base\n"),
    ("main.py", "x=(1, 2)", "x=(1, 3)"),
    ("main.py", "@staticmethod", "@classmethod"),
    ("main.py", 'return "added"', 'return "edited"'),
    ("main.py", "Model.added", "Model.other"),
    ("main.py", "n and odd(n - 1)", "n and odd(n - 3)"),
    ("main.py", "scaled(4)", "scaled(5)"),
    ("main.py", "power=2", "power=3"),
    ("main.py", "shift=3", "shift=4"),
    ("main.py", "maxsize=8", "maxsize=9"),
    ("main.py", "return x + 1", "return x + 2"),
    ("main.py", "@decorated\n", ""),
    ("main.py", "return x\n\ndef f", "return -x\n\ndef f"),
    ("main.py", "lambda y: y - 1", "lambda y: y - 2"),
    ("main.py", '"one", "two"', '"one", "four"'),
    ("helpers.py", "LEVEL = 2", "LEVEL = 3"),
    ("helpers.py", "x * LEVEL", "x + LEVEL"),
    ("helpers.py", "return [x]", "return (x,)"),
    ("helpers.py", "function(*args) * 2", "function(*args) * 3"),
    ("package/inner.py", "other.deeper(x)", "-other.deeper(x)"),
    ("package/other.py", "x / 3", "x // 3"),
    ("lazy.py", "x % 5", "x % 6"),
]


def test_what_code_names_counts_wherever_it_is(tmp_path):
    folders = [tmp_path / str(number) for number in range(len(EDITS) + 1)]
    write(folders[0])
    for folder, edit in zip(folders[1:], EDITS):
        write(folder, [edit])
    digests = digests_of(folders)
    assert len(digests) == len(folders)
    for edit, digest in zip(EDITS, digests[1:]):
        assert digest != digests[0], edit
    assert len(set(digests)) == len(digests)


def test_what_changes_nothing_does_not_count(tmp_path):
    neutral = [
        ("main.py", "CONSTANT = 1.5", "# a comment\n\n\nCONSTANT = 1.5"),
        ("helpers.py", "def unused(x):\n    return x", "def unused(x):\n    return 'edited'"),
    ]
    write(tmp_path / "one")
    write(tmp_path / "elsewhere", neutral)
    folders = [tmp_path / "one", tmp_path / "elsewhere"]
    digests = {digest for seed in "123" for digest in digests_of(folders, seed)}
    assert len(digests) == 1


def define(source):
    """Return `f` of a module that is made of a source, as of a cell of a notebook."""
    namespace = {"__name__": "__main__"}
    exec(compile(textwrap.dedent(source), "<cell>", "exec"), namespace)
    return namespace["f"]


def test_a_class_that_names_itself_is_the_same_wherever_one_begins():
    source = """
        class f:
            def g(self):
                return f, h
        def h():
            return f
    """
    first, second = define(source), define(source)
    assert fingerprint(first) == fingerprint(second)
    assert fingerprint([first, first.g]) == fingerprint([second, second.g])
    assert fingerprint([first.g, first]) == fingerprint([second.g, first])
    changed = define(source.replace("return f\n", "return f,\n"))
    assert fingerprint(changed) != fingerprint(first)


@given(st.recursive(st.integers() | st.text(max_size=3), lambda x: st.tuples(x, x), max_leaves=4))
def test_functions_are_equal_if_their_constants_are(constant):
    source = f"VALUE = {constant!r}\ndef f(x={constant!r}):\n    return {constant!r}, VALUE\n"
    assert fingerprint(define(source)) == fingerprint(define("\n\n" + source))
    edited = source.replace(f"return {constant!r}", f"return ({constant!r},)")
    assert fingerprint(define(source)) != fingerprint(define(edited))


@pytest.mark.parametrize(
    "code", ["eval('VALUE')", "globals()['VALUE']", "exec('print(VALUE)')", "vars()"]
)
def test_code_that_reaches_all_globals_counts_with_all_of_them(code):
    source = f"VALUE = 1\ndef f():\n    return {code}\n"
    assert fingerprint(define(source)) != fingerprint(define(source.replace("= 1", "= 2")))


def test_a_module_that_is_handed_on_counts_with_all_that_is_in_it(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    handed = ("main.py", "return helpers.used(x)", "return helpers")
    write(folders[0], [handed])
    write(folders[1], [handed, ("helpers.py", "unused(x):\n    return x", "unused(x):\n    pass")])
    one, two = digests_of(folders)
    assert one != two


def test_an_object_that_is_found_by_its_name_counts_by_what_it_has(monkeypatch):
    class Config:
        def __reduce__(self):
            return "CONFIG"

    config = Config()
    monkeypatch.setattr(sys.modules[__name__], "CONFIG", config, raising=False)
    config.level = 1
    before = fingerprint(config)
    config.level = 2
    assert fingerprint(config) != before


def test_a_function_of_several_kinds_of_arguments_counts_by_these():
    f = functools.singledispatch(lambda x: x)
    before = fingerprint(f)
    f(1)
    assert fingerprint(f) == before
    f.register(int, lambda x: 2)
    assert fingerprint(f) != before
