import ast
from pathlib import Path

import pytest

import sklearn_natsel

PACKAGE = Path(sklearn_natsel.__file__).parent

# Data flows one way: a module imports only modules that stand before it.
ORDER = [
    "_values",
    "_conditional",
    "_domains",
    "_space",
    "_parameter_names",
    "_operators",
    "_candidates",
    "_initial",
    "_features",
    "_forest",
    "_gaussian_process",
    "_surrogate",
    "_screening",
    "_evolution",
    "_history",
    "_stopping",
    "_files",
    "_journal",
    "_loop",
    "_longest_first",
    "_interrupts",
    "_cluster",
    "_deaths",
    "_orphans",
    "_witness",
    "_messenger",
    "_worker",
    "_pool",
    "_fingerprint",
    "_results_store",
    "_callbacks",
    "_parameters",
    "_tasks",
    "_run",
    "_evaluation",
    "_calls",
    "_summary",
    "_search",
    "_maximize",
    "_drawing",
    "_evaluated",
    "_columns",
    "_evolution_display",
    "_candidates_display",
    "_importance_display",
    "_lineage",
    "_lineage_display",
]

# Where private names of scikit-learn may be used; its validation of parameters may be anywhere.
PRIVATE_ROOMS = {"_search", "_evaluation"}


def imported_modules(path):
    """Yield the full name of every module that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module


def imported_names(path):
    """Yield the full name of everything that a file imports from a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


def core_modules():
    return sorted(path.stem for path in PACKAGE.glob("_*.py") if path.stem != "__init__")


def test_every_module_has_its_place():
    assert core_modules() == sorted(ORDER)


@pytest.mark.parametrize("module", core_modules())
def test_arrows_point_one_way(module):
    allowed = ORDER[: ORDER.index(module)]
    for name in imported_modules(PACKAGE / f"{module}.py"):
        package, _, rest = name.partition(".")
        if package == "sklearn_natsel":
            assert rest in allowed


@pytest.mark.parametrize("path", sorted((PACKAGE / "keras").glob("*.py")), ids=lambda p: p.stem)
def test_keras_knows_conditional_genes_and_nothing_else_of_the_core(path):
    for name in imported_modules(path):
        if name.startswith("sklearn_natsel") and not name.startswith("sklearn_natsel.keras"):
            assert name in ("sklearn_natsel", "sklearn_natsel._conditional")


@pytest.mark.parametrize("module", core_modules())
def test_private_names_of_scikit_learn_stay_in_their_rooms(module):
    path = PACKAGE / f"{module}.py"
    private = [
        name
        for name in [*imported_modules(path), *imported_names(path)]
        if name.startswith("sklearn.")
        and any(part.startswith("_") for part in name.split("."))
        and "_param_validation" not in name
    ]
    assert not private or module in PRIVATE_ROOMS


def test_search_and_maximize_do_not_know_each_other():
    assert "sklearn_natsel._search" not in imported_modules(PACKAGE / "_maximize.py")
