"""What belongs to Python and to installed packages: it counts by name and version."""

from __future__ import annotations

import platform
import re
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from operator import attrgetter
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from sklearn_natsel._memory.digest import digest_bytes

_STDLIB = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")]
_FOLDERS_OF_PACKAGES = {"site-packages", "dist-packages"}


def version_of(module_name: str) -> str | None:
    """Return the version of the installed package that a module belongs to.

    None of a module of the user's own, of one that is installed so that it can be edited and of
    one whose version nobody knows. The version of the standard library is that of Python.
    """
    if _is_the_users_part(module_name):
        return None
    return _version_of_package(module_name.partition(".")[0])


def _is_the_users_part(module_name: str) -> bool:
    """Whether a module is the user's part of a namespace, of which other parts are installed."""
    name = module_name.partition(".")[0]
    if name == module_name or getattr(sys.modules.get(name), "__file__", None) is not None:
        return False
    while name := module_name:
        file = getattr(sys.modules.get(name), "__file__", None)
        if file is not None:
            return _FOLDERS_OF_PACKAGES.isdisjoint(Path(file).parts)
        module_name = name.rpartition(".")[0]
    return False


@lru_cache(maxsize=1024)
def _version_of_package(name: str) -> str | None:
    if name == "__main__":
        return None
    if name in sys.builtin_module_names:
        return platform.python_version()
    origin = _origin(name)
    if origin == "frozen":
        return platform.python_version()
    if origin is None:
        return None
    path = Path(origin)
    if not _FOLDERS_OF_PACKAGES.isdisjoint(path.parts):
        return _stated_version(name)
    is_standard = name in sys.stdlib_module_names and any(
        folder in path.parents for folder in _STDLIB
    )
    return platform.python_version() if is_standard else None


def _origin(name: str) -> str | None:
    """Return the file of a package, which need not be imported."""
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is not None:
        return str(file)
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):  # made by hand, and so without a specification
        return None
    if spec is None:
        return None
    return spec.origin or next(iter(spec.submodule_search_locations or ()), None)


def _stated_version(name: str) -> str | None:
    # Not by an attribute: some packages warn of being asked for it.
    stated = getattr(sys.modules.get(name), "__dict__", {}).get("__version__")
    if isinstance(stated, str):
        version = str.__str__(stated)  # torch's is of a class of its own
    else:
        # Of a namespace, the versions of all that share it.
        owners = sorted(set(_packages_by_module().get(name, [])))
        version = ", ".join(map(metadata.version, owners))
    return f"{version} {_builds_by_module().get(name, '')}".strip() or None


@lru_cache(maxsize=1)
def _packages_by_module() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


@lru_cache(maxsize=1)
def _builds_by_module() -> Mapping[str, str]:
    """Return digests of the modules that were installed from a folder, a file or a repository.

    They may be other code each time they are installed, under the same version.
    """
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for distribution in metadata.distributions():
        if distribution.read_text("direct_url.json") is not None:
            for line in (distribution.read_text("RECORD") or "").splitlines():
                if not line.endswith(",,"):  # without a digest: compiled from the others, if at all
                    lines[re.split(r"[/.,]", line)[0]].append(line)
    return {
        name: digest_bytes("\n".join(sorted(own)).encode()).hex() for name, own in lines.items()
    }


@lru_cache(maxsize=4096)
def is_of_the_user(module_name: Any) -> bool:
    """Whether a module was written by the user: it is neither installed nor made by a machine."""
    if module_name == "__main__" or not isinstance(module_name, str):
        return module_name == "__main__"
    module = sys.modules.get(module_name)
    file = getattr(module, "__file__", None)
    if module is None or file is None or is_compiled(module):
        return False
    # What nobody knows the version of may still be a part of a package.
    is_of_a_package = not _FOLDERS_OF_PACKAGES.isdisjoint(Path(file).parts)
    return not is_of_a_package and version_of(module_name) is None


def is_compiled(module: ModuleType) -> bool:
    """Whether a module is of machine code."""
    file = getattr(module, "__file__", None)
    return file is not None and not file.endswith((".py", ".pyc", ".ipynb"))


def is_installed(definition: Any) -> bool:
    """Whether a class or function is what an installed package has under its name."""
    module_name, name = definition.__module__, definition.__qualname__
    if not isinstance(module_name, str) or version_of(module_name) is None:
        return False
    # A function may have borrowed its name, as by `functools.wraps`.
    if isinstance(definition, FunctionType) and version_of(module_of(definition)) is None:
        return False
    return found_under_its_name(module_name, name) is definition


def module_of(function: FunctionType) -> str:
    """Return the name of the module whose globals a function has."""
    return str(function.__globals__.get("__name__", "__main__"))


def found_under_its_name(module_name: str, name: str) -> Any:
    """Return what a module has under a name with dots; None if there is nothing."""
    try:
        return attrgetter(name)(sys.modules[module_name])
    except (KeyError, AttributeError):
        return None


def shown_by_a_package(value: Any) -> tuple[str, str] | None:
    """Return package and name of what is in a module of an installed package.

    Some things have no other name than the one under which a module has them. To look for it takes
    a while.
    """
    found = [
        (module_name.partition(".")[0], name)
        for module_name, module in list(sys.modules.items())
        if version_of(module_name) is not None
        for name, shown in list(getattr(module, "__dict__", {}).items())
        if shown is value
    ]
    return min(found, default=None)
