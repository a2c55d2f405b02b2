"""What code names outside of itself."""

import textwrap

import pytest

from sklearn_natsel._memory.names import Import, names_in


def names_of(source):
    return names_in(compile(textwrap.dedent(source), "<cell>", "exec"))


def test_names_are_those_of_the_code_and_of_the_code_inside_of_it():
    names = names_of("""
        def code():
            import a.b
            from ..c import d, e
            return [one.two.three for _ in a.b], lambda: four(d, e).five
    """)
    assert names.chains == {("one", "two", "three"), ("four",)}
    assert names.imports == {Import("a.b", 0, ()), Import("c", 2, ("d", "e"))}


def test_modules_are_named_by_texts_too():
    names = names_of("""
        def code():
            importlib.import_module("one")
            importlib.import_module(".two", __package__)
            __import__("three")
            sys.modules["four"].f()
            sys.modules.get("five")
            other("six")
    """)
    expected = {("one", 0), ("two", 1), ("three", 0), ("four", 0), ("five", 0)}
    assert {each[:2] for each in names.imports} == expected


def test_what_code_changes_is_what_it_sets_and_what_it_puts_something_into():
    names = names_of("""
        def code(x):
            global N
            N += 1
            x.attribute = NOT
            CACHE[x] = other.NEITHER[1]
            module.COUNTS[NOR] += 2
            LIST.append(x)
            module.SETS.add(x)
            del TABLE[x]
            local = {}
            local[1] = 2
    """)
    changed = {"N", "attribute", "CACHE", "module", "COUNTS", "LIST", "SETS", "TABLE"}
    assert names.changed == changed


@pytest.mark.parametrize(
    "code", ["eval(x)", "vars()", "sys.modules[__name__]", "f.__globals__", "frame().f_globals"]
)
def test_code_reaches_all_by_a_name_that_it_makes(code):
    assert names_of(f"def f(x): return {code}").reaching


@pytest.mark.parametrize("code", ["x.eval(1)", "vars(x)", "'x' in sys.modules", "frame.f_code"])
def test_other_code_does_not(code):
    assert not names_of(f"def f(x): return {code}").reaching
