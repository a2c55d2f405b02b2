"""The rooms of the package, in the order in which data go through them."""

import ast
from pathlib import Path

import pytest

import sklearn_natsel

PACKAGE = Path(sklearn_natsel.__file__).parent

# A room imports only from rooms before it, and from them only what their face, the `__init__`, has.
ORDER = [
    "_space",
    "_evolution",
    "_memory",
    "_evaluation",
    "_run",
    "_displays",
    "_search",
    "_maximize",
]

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """Yield the module and the name of everything that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((name.name, None) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((node.module, name.name) for name in node.names)


def name_of(path):
    return str(path.relative_to(PACKAGE))


def own_imports(path):
    """Yield the parts of the modules of this package that a file imports."""
    for module, _ in imports(path):
        package, *parts = module.split(".")
        if package == "sklearn_natsel":
            yield parts


def test_every_room_has_its_place():
    rooms = {room_of(path) for path in PACKAGE.rglob("*.py")} - {"__init__"}
    assert rooms == {*ORDER, "keras"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_arrows_point_one_way_and_lead_to_faces(path):
    room = room_of(path)
    if room == "keras":
        # As a package of somebody else would: public names alone.
        assert all(not parts or parts[0] == "keras" for parts in own_imports(path))
        return
    for other, *rest in own_imports(path):
        assert other == room or (ORDER.index(other) < ORDER.index(room) and not rest)


def test_the_faces_export_what_others_use_and_nothing_else():
    used = {
        (module, name)
        for path in PACKAGE.rglob("*.py")
        for module, name in imports(path)
        if module.startswith("sklearn_natsel._") and module.count(".") == 1
        if module.split(".")[1] != room_of(path)
    }
    for room in ORDER[:-2]:
        face = getattr(__import__(f"sklearn_natsel.{room}"), room)
        assert {name for module, name in used if module == f"sklearn_natsel.{room}"} == set(
            face.__all__
        )


# Where private names of scikit-learn may be used; its validation of parameters may be anywhere.
PRIVATE_ROOMS = {"_search.py", "_evaluation/cross_validation.py"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_private_names_of_scikit_learn_stay_in_their_rooms(path):
    private = [
        f"{module}.{name}"
        for module, name in imports(path)
        if module.startswith("sklearn.")
        and any(part.startswith("_") for part in f"{module}.{name}".split("."))
        and "_param_validation" not in module
        and name is not None
    ]
    assert not private or name_of(path) in PRIVATE_ROOMS
