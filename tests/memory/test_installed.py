"""What belongs to Python and to installed packages."""

import functools
import importlib
import platform
import sys
from types import ModuleType

import numpy as np
import pytest
import sklearn
from sklearn.metrics import accuracy_score
from sklearn.svm import SVC

from sklearn_natsel._memory.installed import is_installed, shown_by_a_package, version_of


@pytest.mark.parametrize("name", ["json", "json.decoder", "sys", "math", "zipimport", "_heapq"])
def test_the_standard_library_has_the_version_of_python(name):
    assert version_of(name) == platform.python_version()


def test_packages_have_theirs_and_the_user_has_none():
    assert version_of("sklearn.svm._classes") == sklearn.__version__
    assert version_of("numpy") == np.__version__
    assert version_of("dateutil.parser") is not None  # states none of its own, or not when loaded
    assert version_of("__main__") is None
    assert version_of(__name__) is None
    assert version_of("no_such_module") is None


def test_a_package_is_not_loaded_for_its_version():
    before = "lazy_importer" in sys.modules or "wheel" in sys.modules
    assert version_of("wheel") is not None or version_of("pip") is not None
    assert ("lazy_importer" in sys.modules or "wheel" in sys.modules) is before


def test_a_module_of_the_user_with_a_name_of_the_standard_library(tmp_path, monkeypatch):
    mine = ModuleType("statistics")
    mine.__file__ = str(tmp_path / "statistics.py")
    monkeypatch.setitem(sys.modules, "statistics", mine)
    version_of.__globals__["_version_of_package"].cache_clear()
    try:
        assert version_of("statistics") is None
    finally:
        version_of.__globals__["_version_of_package"].cache_clear()


def test_what_has_borrowed_a_name_is_not_installed():
    @functools.wraps(accuracy_score)
    def borrowed(*args):
        return 0

    assert is_installed(accuracy_score)
    assert is_installed(SVC)
    assert not is_installed(borrowed)
    assert not is_installed(type("SVC", (), {"__module__": "sklearn.svm._classes"}))


def test_what_only_a_module_names_is_found_there():
    from scipy.linalg.lapack import dpotrf

    package, name, version = shown_by_a_package(dpotrf)
    assert (package, name) == ("scipy", "dpotrf")
    assert version == version_of("scipy")
    assert shown_by_a_package(object()) is None


def test_a_package_that_warns_of_being_asked_is_not_asked(tmp_path, monkeypatch):
    folder = tmp_path / "site-packages" / "shy_package"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(
        "import warnings\n"
        "def __getattr__(name):\n"
        "    if name == '__version__':\n"
        "        warnings.warn('use importlib.metadata', DeprecationWarning)\n"
        "        return '1.0'\n"
        "    raise AttributeError(name)\n"
    )
    monkeypatch.syspath_prepend(folder.parent)
    importlib.import_module("shy_package")
    # It has no other version, so its code is followed; a warning would be an error here.
    assert version_of("shy_package") is None
