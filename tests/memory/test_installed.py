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

from sklearn_natsel._memory.installed import (
    is_installed,
    is_of_the_user,
    shown_by_a_package,
    version_of,
)


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

    assert shown_by_a_package(dpotrf) == ("scipy", "dpotrf")
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


@pytest.fixture
def fresh_versions():
    """Forget which packages there are, before and after."""

    def forget():
        for name in ("_version_of_package", "_builds_by_module", "_packages_by_module"):
            version_of.__globals__[name].cache_clear()

    forget()
    yield forget
    forget()


def test_a_package_of_a_folder_or_repository_counts_by_its_files(
    tmp_path, monkeypatch, fresh_versions
):
    folder = tmp_path / "site-packages"
    info = folder / "mine_of_a_folder-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "mine_of_a_folder.py").write_text("__version__ = '1.0'\n")
    (info / "METADATA").write_text("Name: mine_of_a_folder\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(folder))
    versions = []
    for address, digest in [(None, "a"), (None, "b"), ("{}", "a"), ("{}", "b"), ("{}", "b")]:
        (info / "RECORD").write_text(f"mine_of_a_folder.py,sha256={digest},9\n")
        if address is not None:
            (info / "direct_url.json").write_text(address)
        fresh_versions()
        versions.append(version_of("mine_of_a_folder"))
    assert versions[0] == versions[1] == "1.0"
    assert versions[3] == versions[4]
    assert len(set(versions)) == 3


def test_the_user_has_written_what_no_package_has_and_no_machine_has_made(tmp_path, monkeypatch):
    assert is_of_the_user("__main__")
    assert is_of_the_user(__name__)
    for name in ("sklearn.svm", "json", "numpy._core._multiarray_umath", "no_such_module", None):
        assert not is_of_the_user(name)
    vendored = ModuleType("vendored_without_a_version")
    vendored.__file__ = str(tmp_path / "site-packages" / "vendored_without_a_version.py")
    monkeypatch.setitem(sys.modules, vendored.__name__, vendored)
    assert version_of(vendored.__name__) is None
    assert not is_of_the_user(vendored.__name__)


def test_a_part_of_a_namespace_is_the_users_where_another_part_is_installed(
    tmp_path, monkeypatch, fresh_versions
):
    for folder, part in [("site-packages", "core"), ("source", "models")]:
        (tmp_path / folder / "shared_name" / part).mkdir(parents=True)
        (tmp_path / folder / "shared_name" / part / "__init__.py").touch()
        monkeypatch.syspath_prepend(str(tmp_path / folder))
    info = tmp_path / "site-packages" / "shared_core-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: shared_core\nVersion: 1.0\n")
    (info / "RECORD").write_text("shared_name/core/__init__.py,,\n")
    monkeypatch.setattr(sys, "path", sys.path[1:] + sys.path[:1])  # the installed part is first
    for part in ("core", "models"):
        importlib.import_module(f"shared_name.{part}")
    assert version_of("shared_name.core") == "1.0"
    assert version_of("shared_name.models") is None
    assert version_of("shared_name.models.not_loaded") is None
