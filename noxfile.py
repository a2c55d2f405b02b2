"""The jobs of CI. ``nox -l`` lists them, ``nox -s lint`` runs one, in an environment of its own.

What follows ``--`` goes to pytest: ``nox -s "tests-3.12(oldest)" -- tests/space``.
"""

from pathlib import Path

import nox

nox.needs_version = ">=2024.4"
nox.options.sessions = ["lint", "no_extras", "docs", "build"]

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
GITHUB_FILES = {
    "github-workflows": ".github/workflows/*.yml",
    "github-issue-forms": ".github/ISSUE_TEMPLATE/form-*.yml",
    "github-issue-config": ".github/ISSUE_TEMPLATE/config.yml",
    "citation-file-format": "CITATION.cff",
}
NIGHTLY = "https://pypi.anaconda.org/scientific-python-nightly-wheels/simple"


# Of newer Pythons: before these, no wheels were built for them.
FIRST_WHEELS = {
    "3.13": {"numpy": "2.1", "scipy": "1.14"},
    "3.14": {"numpy": "2.3", "scipy": "1.16", "scikit-learn": "1.7.2"},
}


def oldest(python):
    """Return the oldest versions that pyproject.toml allows, and that there are for a Python."""
    floors = dict(line.split(">=") for line in PROJECT["project"]["dependencies"])
    floors |= FIRST_WHEELS.get(python, {})
    return [f"{name}=={version}.*" for name, version in floors.items()]


@nox.session
def lint(session):
    """Check style, types and the files that GitHub reads."""
    session.install(".", "check-jsonschema", "mypy", "ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    for schema, files in GITHUB_FILES.items():
        paths = sorted(map(str, Path().glob(files)))
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *paths)


@nox.session(python=PYTHONS)
@nox.parametrize("versions", [nox.param(name, id=name) for name in ("oldest", "newest")])
def tests(session, versions):
    """Run all tests but those of Keras."""
    session.install("-e", ".[test]", *(oldest(session.python) if versions == "oldest" else []))
    session.run("pytest", "--ignore=tests/keras", *session.posargs)


@nox.session
def nightly(session):
    """Run them with the versions that will be released next."""
    session.install("-e", ".[test]")
    session.install(
        "--pre", "--upgrade", "--extra-index-url", NIGHTLY, "numpy", "scipy", "scikit-learn"
    )
    session.run("pytest", "--ignore=tests/keras", *session.posargs)


@nox.session
def no_extras(session):
    """Run the tests that can run without an optional package; the others are skipped."""
    session.install("-e", ".", "hypothesis", "pytest")
    session.run("pytest", *session.posargs)


@nox.session
def keras(session):
    """Test the networks on TensorFlow."""
    test_networks(session, "tensorflow", "keras")


@nox.session(name="keras-jax")
def keras_jax(session):
    """Test them on JAX, those that are trained together too."""
    test_networks(session, "jax", "keras-jax")


@nox.session(name="keras-torch")
def keras_torch(session):
    """Test them on torch, of which pip installs several GB on Linux."""
    test_networks(session, "torch", "keras-torch")


def test_networks(session, backend, extra):
    """Run the tests of networks with the extra of a backend."""
    session.install("-e", f".[{extra},test]")
    default = ["tests/keras", "sklearn_natsel/keras", "docs/keras.md"]
    session.run("pytest", *(session.posargs or default), env={"KERAS_BACKEND": backend})


@nox.session
def coverage(session):
    """Measure how much of the code all tests together run, in worker processes too."""
    session.install("-e", ".[keras,keras-jax,test]")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    if not session.posargs:
        on_jax = {"KERAS_BACKEND": "jax"}
        session.run("coverage", "run", "-m", "pytest", "tests/keras/population", env=on_jax)
        session.run("coverage", "run", "-m", "pytest", "tests/keras/test_network.py", env=on_jax)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def docs(session):
    """Build the site, without a warning and without a dead link inside it."""
    session.install("-e", ".[docs]")
    site = "docs/_build/html"
    session.run("sphinx-build", "-W", "--keep-going", "-E", "-b", "html", "docs", site)
    session.run("python", "docs/check_links.py", site)


@nox.session
def build(session):
    """Build wheel and sdist, and run the example of the README with what a user gets."""
    session.install("build", "twine")
    folder = Path(session.create_tmp()).resolve()
    dist, readme = folder / "dist", Path("README.md").resolve()
    session.run("rm", "-rf", str(dist), external=True)
    # The wheel is made from the sdist, so both are complete or this fails.
    session.run("python", "-m", "build", "--outdir", str(dist))
    session.run("twine", "check", "--strict", *map(str, dist.iterdir()))
    (wheel,) = dist.glob("*.whl")
    with session.chdir(folder):
        for extras in ("", "[plot,progress]"):
            session.run("python", "-m", "venv", "--clear", "user")
            session.run("user/bin/pip", "install", "--quiet", f"{wheel}{extras}", external=True)
            session.run("user/bin/python", "-I", "-m", "doctest", str(readme), external=True)
