"""The rooms of the package, in the order in which data go through them."""

import ast
import importlib
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


def test_the_face_of_the_workers_is_what_the_other_evaluation_modules_import():
    workers = "sklearn_natsel._evaluation.workers"
    used = {
        (module, name)
        for path in (PACKAGE / "_evaluation").glob("*.py")
        for module, name in imports(path)
        if module.startswith(workers)
    }
    face = importlib.import_module(workers)
    assert used == {(workers, name) for name in face.__all__}


def test_every_module_has_a_test_of_its_name():
    tests, missing = Path(__file__).parent, []
    for path in MODULES:
        *rooms, module = [part.lstrip("_") for part in path.relative_to(PACKAGE).parts]
        if path.stem != "__init__" and not tests.joinpath(*rooms, f"test_{module}").exists():
            missing.append(name_of(path))
    assert missing == []


# What other packages do not document, and the file that uses it: a new release of theirs may change
# it. Beside these, `sklearn.utils._param_validation` may be imported anywhere.
INTERNALS = {
    # scikit-learn 1.6.1 to 1.9.1
    "_evaluation/cross_validation.py": {"_fit_and_score"},
    "_evaluation/fit_context.py": {"_children_map"},
    "_run/callbacks.py": {"_init_callback_context"},
    "_search.py": {
        *("BaseSearchCV", "_parameter_constraints"),
        *("_fit_context", "_check_method_params", "_get_routed_params_for_fit"),
        *("_get_scorers", "_scorers", "_MultimetricScorer", "_check_refit_for_multimetric"),
        *("_format_results", "_select_best_index", "_warn_or_raise_about_fit_failures"),
        *("_repr_html_inner", "_repr_mimebundle_"),
        *("_callback_fit_ctx", "_parent_callback_ctx"),
    },
    "_space/equality.py": {"_metadata_request", "_skl_callbacks", "_sklearn_output_config"},
    "_space/parameter_names.py": {"_parameter_constraints"},
    # scipy 1.11.4 to 1.18.1
    "_memory/fingerprint.py": {
        *("_ctor_param", "_random_state", "vecentropy"),
        "_replace",  # of a named tuple, which Python documents
    },
    "_space/lograndint.py": {"_argcheck", "_get_support", "_pmf", "_ppf"},
    # pandas 2.2 to 3.1
    "_memory/data.py": {"_metadata"},
    # joblib 1.4.2 to 1.6.0
    "_evaluation/workers/dask_backend.py": {"apply_async", "data_futures"},
    "_evaluation/workers/joblib_internals.py": {
        *("LokyBackend", "backend_kwargs", "get_active_backend"),
        *("inner_max_num_threads", "nesting_level"),
        *("ShutdownExecutorError", "dumps"),
        *("TASK_DONE", "_jobs", "get_result", "return_generator"),
    },
    # Python itself: `os._exit`, and what it documents of named tuples and abstract classes
    "_evaluation/workers/orphans.py": {"_exit"},
    "_memory/code.py": {"_abc_impl"},
    # Keras 3.8 to 3.15, and TensorFlow behind it
    "_memory/networks.py": {"_name", "_self_"},
    "keras/_backends/tensorflow.py": {
        *("_get_variable_index", "_m", "_momentums", "_u", "_velocities"),
    },
    # Keras 3.8 to 3.15
    "keras/_population/batch_normalization.py": {"_moments"},
    "keras/_population/model_calls.py": {"_compile_loss", "_compile_metrics", "_flatten_layers"},
    "keras/_population/models.py": {"_symbolic_build"},
    # scikeras 0.13, scikit-learn 1.7 to 1.9.1
    "keras/_architectures/dense.py": {"_parameter_constraints"},
    "keras/_estimators.py": {"_parameter_constraints", "_target_type", "_type_of_target"},
    "keras/_population/wrappers.py": {"_fit_keras_model", "_predict_raw", "_safe_indexing"},
    "keras/_network.py": {
        *("_fit", "_initialize_callbacks", "_validate_sample_weight"),
        *("_get_param_names", "_validate_params"),
    },
}

# Those of them that are attributes or texts and do not begin with an underscore.
WITHOUT_UNDERSCORE = {
    *("apply_async", "backend_kwargs", "data_futures", "get_result", "inner_max_num_threads"),
    *("nesting_level", "return_generator", "vecentropy"),
}

NODES = {path: list(ast.walk(ast.parse(path.read_text()))) for path in MODULES}


def is_private(name):
    return name.startswith("_") and not name.startswith("__") and name.strip("_") != ""


def defined_names(nodes):
    """Yield the names of functions, classes, variables and attributes."""
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def loaded_names(nodes):
    """Yield the names of variables and attributes that are used."""
    for node in nodes:
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id


DEFINED = {name for nodes in NODES.values() for name in defined_names(nodes)}
LOADED = {name for nodes in NODES.values() for name in loaded_names(nodes)}


def is_own(attribute, path):
    """Whether an attribute is this package's: of `self` or `cls`, with a name defined here.

    Of another object, the name must be defined in the same file.
    """
    if not isinstance(attribute.value, ast.Name):
        return False
    if attribute.value.id in ("self", "cls"):
        return attribute.attr in DEFINED
    return any(
        isinstance(node, ast.FunctionDef) and node.name == attribute.attr for node in NODES[path]
    )


def imported_internals(path):
    for module, name in imports(path):
        package, *parts = module.split(".")
        # joblib documents only what it has at its top.
        is_internal = (package == "joblib" and parts) or (
            package in ("sklearn", "scipy")
            and "_param_validation" not in parts
            and any(is_private(part) for part in [*parts, name or ""])
        )
        if is_internal:
            yield name


def used_internals(path):
    """Yield what is no name of this package: an attribute, a text, a method that others call."""
    for node in NODES[path]:
        if isinstance(node, ast.Attribute):
            is_foreign = is_private(node.attr) and not is_own(node, path)
            if node.attr in WITHOUT_UNDERSCORE or is_foreign:
                yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value in WITHOUT_UNDERSCORE or (
                node.value.isidentifier() and is_private(node.value)
            ):
                yield node.value
        elif isinstance(node, ast.ClassDef):
            methods = (method.name for method in node.body if isinstance(method, ast.FunctionDef))
            yield from (name for name in methods if is_private(name) and name not in LOADED)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_internals_of_other_packages_stay_in_their_files(path):
    found = {*imported_internals(path), *used_internals(path)}
    assert found == INTERNALS.get(name_of(path), set())
