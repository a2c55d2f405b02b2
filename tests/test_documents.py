"""What the pages claim of this repository."""

import ast
import importlib
import re
from pathlib import Path

import pytest

import sklearn_natsel

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted([*ROOT.glob("benchmarks/*.py"), *ROOT.glob("examples/*.py")])
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")])
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+) \((unreleased|\d{4}-\d\d-\d\d)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        path = target.partition("#")[0]
        if ":" not in path and not path.startswith("auto_examples/"):  # which the build makes
            assert (page.parent / path).exists(), target


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_import_what_there_is(script):
    for node in ast.walk(ast.parse(script.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("sklearn_natsel"):
            if node.module.startswith("sklearn_natsel.keras"):
                pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)
            module = importlib.import_module(node.module)
            assert {alias.name for alias in node.names} <= set(dir(module))


def test_tests_of_the_faults_exist():
    lines = (ROOT / "docs/faults.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("|")]
    named = 0
    for row in rows[2:]:
        files = re.findall(r"test_\w+\.py", row)
        assert files
        tests = set()
        for file in files:
            [path] = (ROOT / "tests").rglob(file)
            tree = ast.parse(path.read_text("utf-8"))
            tests |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        wanted = re.findall(r"\btest_\w+\b(?!\.py)", row)
        assert set(wanted) <= tests
        named += len(wanted)
    assert named > 15


def test_changelog_has_its_format():
    title, *sections = (ROOT / "CHANGELOG.md").read_text("utf-8").split("\n## ")
    assert title.strip() == "# Changelog"
    versions = []
    for number, section in enumerate(sections):
        heading, _, entries = section.partition("\n\n")
        match = VERSION.fullmatch(heading)
        assert match, heading
        assert (match[4] == "unreleased") <= (number == 0), "only the next version is unreleased"
        versions.append(tuple(map(int, match.groups()[:3])))
        for entry in re.split(r"^- ", entries, flags=re.MULTILINE)[1:]:
            assert entry.rstrip().endswith("."), entry
            assert not re.search(r"\n(?!  |\n|$)", entry), entry
    assert versions == sorted(set(versions), reverse=True)
    heading = sections[0].partition("\n")[0]
    newest, released = heading.split()[0], "unreleased" not in heading
    assert sklearn_natsel.__version__ == (newest if released else f"{newest}.dev0")


def test_citation_is_of_this_version():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {sklearn_natsel.__version__}\n" in citation
