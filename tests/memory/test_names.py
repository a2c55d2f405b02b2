"""What code names outside of itself."""

from sklearn_natsel._memory.names import Import, names_in


def chains_of(function):
    return names_in(function.__code__).chains


def test_names_are_those_of_the_code_and_of_the_code_inside_of_it():
    def code():
        import a.b
        from ..c import d, e

        return [one.two.three for _ in a.b], lambda: four(d, e).five

    names = names_in(code.__code__)
    assert names.chains == {("one", "two", "three"), ("four",)}
    assert names.imports == {Import("a.b", 0, ()), Import("c", 2, ("d", "e"))}
    assert {"two", "three", "five", "b"} <= names.attributes


def test_modules_are_named_by_texts_too():
    def code():
        importlib.import_module("one")  # noqa: F821
        importlib.import_module(".two", __package__)  # noqa: F821
        __import__("three")
        sys.modules["four"].f()  # noqa: F821
        sys.modules.get("five")  # noqa: F821
        other("six")  # noqa: F821

    expected = {("one", 0), ("two", 1), ("three", 0), ("four", 0), ("five", 0)}
    assert {each[:2] for each in names_in(code.__code__).imports} == expected


def test_what_code_changes_is_what_it_sets_and_what_it_puts_something_into():
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

    changed = {"N", "attribute", "CACHE", "COUNTS", "LIST", "SETS", "TABLE"}
    assert names_in(code.__code__).changed - {"module"} == changed


def test_code_reaches_all_by_a_name_that_it_makes():
    def plain():
        return sys.path, frame.f_code  # noqa: F821

    def by_call():
        return eval("x")

    def by_module():
        return sys.modules[__name__]  # noqa: F821

    def by_frame():
        return frame().f_globals  # noqa: F821

    reaching = [names_in(f.__code__).reach_all() for f in (plain, by_call, by_module, by_frame)]
    assert reaching == [False, True, True, True]
