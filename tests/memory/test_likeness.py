"""What is compared between processes: code and data, but not the state of each process."""

import textwrap

import pytest

from sklearn_natsel._memory.digest import plain
from sklearn_natsel._memory.likeness import digest_of_shared, is_code

IMPORTS = """
import contextlib, enum, functools, itertools, logging, random, re, threading, types, weakref
import numpy as np
from collections import OrderedDict, namedtuple
from pathlib import Path
from sklearn.metrics import fbeta_score, make_scorer
from sklearn.svm import SVC
"""


def load(code):
    module = {"__name__": "written_here"}
    exec(IMPORTS + textwrap.dedent(code), module)
    return module


def digest(module, changed=()):
    return digest_of_shared([("it", module["it"])], changed)


@pytest.mark.parametrize(
    "code",
    [
        "def it(a, b=%d): pass",
        "def it(*, a=%d): pass",
        "def it(): pass\nit.level = %d",
        "def make(a): return lambda: a\nit = make(%d)",
        "def make(f):\n    cache = {}\n    return lambda: f(cache)\nit = make(lambda a: %d)",
        "class it:\n    level = %d",
        "class it:\n    def f(self, a=%d): pass",
        "class it:\n    class Inner:\n        def f(self): return %d",
        "class it:\n    f = property(lambda self: %d)",
        "class Base:\n    level = %d\nclass it(Base): pass",
        "it = {'a': [lambda: %d]}",
        "it = frozenset([lambda: %d])",
        "it = np.arange(%d)",
        "it = functools.partial(max, %d)",
        "it = functools.lru_cache(lambda: %d)",
        "it = np.vectorize(lambda: %d)",
        "it = enum.Enum('Level', {'A': %d}).A",
        "it = namedtuple('Level', 'a')(%d)",
        "it = re.compile('%d')",
        "it = Path('%d')",
        "it = OrderedDict(a=%d)",
        "it = types.SimpleNamespace(a=%d)",
        "it = range(%d)",
        "it = SVC(C=%d)",
        "it = make_scorer(fbeta_score, beta=%d)",
        "class Decorated:\n    def __init__(self, f): self.f = f\nit = Decorated(lambda: %d)",
        "def f(): pass\nf.level = %d\ndef it(g=f): pass",
    ],
)
def test_code_and_data_count(code):
    one, same, other = (digest(load(code % level)) for level in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize(
    ("code", "use"),
    [
        ("it = random.Random(0)", "it.random()"),
        ("it = np.random.default_rng(0)", "it.random()"),
        ("it = itertools.count()", "next(it)"),
        ("it = (i for i in range(3))", "next(it)"),
        ("it = logging.getLogger('written_here')", "it.disabled = True"),
        ("it = threading.Lock()", "it.acquire()"),
        ("it = weakref.WeakKeyDictionary()", "it[load] = 1"),
        ("it = functools.lru_cache(lambda a: a)", "it(1)"),
        ("it = functools.singledispatch(lambda a: a)", "it(1)"),
        ("it = np.vectorize(lambda a: a)", "it([1])"),
        ("it = SVC()", "it.fit([[0], [1]], [0, 1])"),
        ("class C: n = 0\nit = C()", "it.n += 1"),
        ("def it(a, cache={}): cache[a] = a", "it(1)"),
        ("def it(a, cache={}): cache.setdefault(a, 1)", "it(1)"),
        ("def make():\n    n = 0\n    def f():\n        nonlocal n\n        n += 1\n"
         "    return f\nit = make()", "it()"),
        ("def it(): pass\nit.n = 0", "it.n += 1"),
        ("class it:\n    n = 0", "it.n += 1"),
        ("it = open", "it = open"),
    ],
)  # fmt: skip
def test_the_state_of_a_process_does_not(code, use):
    module = load(code)
    before = digest(module, {"n"})
    exec(use, module, {"load": load})
    assert digest(module, {"n"}) == before


def test_functions_are_compared_even_if_the_code_sets_one_of_their_name():
    one, other = (digest(load(f"class it:\n    def n(self): return {i}"), {"n"}) for i in (1, 2))
    assert one != other


def test_what_is_called_is_code():
    assert is_code(plain)
    assert is_code(property(plain))
    assert not is_code({"a": plain})
