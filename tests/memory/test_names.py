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
        def code(x, cache):
            global N
            N += 1
            CACHE[x] = other.NEITHER[1]
            module.COUNTS[NOR] += 2
            LIST.append(x)
            module.SETS.add(x)
            module.M = 1
            del TABLE[x]
            y = x
            cache[x] = y
            x.of_one_object = NOT
            x.put.into[1] = x.read
            def inner(cls):
                nonlocal y
                y += 1
                inner.calls += 1
                cls.of_a_class = 1
    """)
    assert {".".join(way) for way in names.changed} == {
        *("N", "CACHE", "module.COUNTS", "LIST", "module.SETS", "module.M", "TABLE")
    }
    assert names.changed_variables >= {"cache", "x", "y", "inner", "cls"}
    attributes = {"COUNTS", "SETS", "M", "put", "into", "calls", "of_a_class"}
    assert names.changed_attributes == attributes


def test_an_import_in_code_with_many_constants_is_found():
    names = names_of(
        "def code():\n    x = [" + ", f(), ".join(map(str, range(300))) + "]\n    import a"
    )
    assert Import("a", 0, ()) in names.imports


@pytest.mark.parametrize(
    "code", ["eval(x)", "vars()", "sys.modules[__name__]", "f.__globals__", "frame().f_globals"]
)
def test_code_reaches_all_by_a_name_that_it_makes(code):
    assert names_of(f"def f(x): return {code}").reaching


@pytest.mark.parametrize("code", ["x.eval(1)", "vars(x)", "'x' in sys.modules", "frame.f_code"])
def test_other_code_does_not(code):
    assert not names_of(f"def f(x): return {code}").reaching
