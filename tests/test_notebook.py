"""A search in a notebook: cells, kernels, the interrupt of a kernel, what a cell shows."""

import asyncio
import re
import threading
import time

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")

# How the client talks to its kernel is no concern of these tests.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

SETUP = """
import time
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_iris
from sklearn_natsel import GeneticSearchCV

X, y = load_iris(return_X_y=True)
"""

CLASS = """
class Threshold(ClassifierMixin, BaseEstimator):
    def __init__(self, threshold=1.0, seconds=0.0):
        self.threshold = threshold
        self.seconds = seconds

    def fit(self, X, y):
        with open("fits.txt", "a") as log:
            log.write("fit\\n")
        time.sleep(self.seconds)
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return (X[:, 2] > self.threshold).astype(int)
"""

SEARCH = """
space = {"threshold": [1.0, 2.0, 3.0, 4.0]}
search = GeneticSearchCV(Threshold(), space, memory=memory, n_jobs=2, cv=3, random_state=0)
search.fit(X, y)
"""
N_FITS = 4 * 3 + 1  # with the refit

LONG_SEARCH = """
space = {"threshold": np.linspace(0, 5, 2000)}
search = GeneticSearchCV(
    Threshold(seconds=0.05), space, n_jobs=2, cv=2, max_evaluations=2000, random_state=0
)
search.fit(X, y)
"""


class Kernel:
    """A notebook whose cells are run one by one, in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self._client = nbclient.NotebookClient(
            nbformat.v4.new_notebook(),
            kernel_name="python3",
            timeout=60,
            resources={"metadata": {"path": str(folder)}},
        )

    def __enter__(self):
        self._running = self._client.setup_kernel()
        self._running.__enter__()
        self.run(SETUP)
        return self

    def __exit__(self, *error):
        return self._running.__exit__(*error)

    def run(self, source):
        """Run a cell; return the text and the HTML that it shows."""
        cells = self._client.nb.cells
        cells.append(nbformat.v4.new_code_cell(source))
        self._client.execute_cell(cells[-1], len(cells) - 1)
        shown = [output.get("data", {}) for output in cells[-1].outputs]
        return tuple(
            "".join(d.get(kind, "") for d in shown) for kind in ("text/plain", "text/html")
        )

    def interrupt(self):
        """Press the button of that name: the kernel and its workers get a SIGINT."""
        asyncio.run(self._client.km.interrupt_kernel())

    @property
    def n_fits(self):
        log = self.folder / "fits.txt"
        return len(log.read_text().splitlines()) if log.exists() else 0


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    with Kernel(tmp_path_factory.mktemp("notebook")) as kernel:
        yield kernel


def _interrupt_after(kernel, n_fits):
    while kernel.n_fits < n_fits:
        time.sleep(0.05)
    kernel.interrupt()


def test_a_class_of_a_cell_is_searched_by_processes(kernel):
    before = kernel.n_fits
    kernel.run("memory = None" + CLASS)
    _, html = kernel.run(SEARCH)
    assert "Threshold" in html
    assert kernel.run("search.best_params_")[0] == "{'threshold': 2.0}"
    assert kernel.n_fits == before + N_FITS


def test_an_interrupt_of_the_kernel_keeps_what_was_found(kernel):
    kernel.run("memory = None" + CLASS)
    button = threading.Thread(target=_interrupt_after, args=(kernel, kernel.n_fits + 60))
    button.start()
    started = time.monotonic()
    _, html = kernel.run(LONG_SEARCH)
    button.join()
    assert time.monotonic() - started < 30  # all of it would take 100
    assert kernel.run("search.stop_reason_")[0] == "'interrupted'"
    assert 20 <= int(kernel.run("search.n_evaluations_")[0]) < 2000
    assert "interrupted" in re.sub("<[^>]*>", " ", html)
    # The kernel and its workers are as good as new.
    kernel.run(SEARCH)
    assert kernel.run("search.best_params_")[0] == "{'threshold': 2.0}"


def test_memory_knows_a_class_of_a_cell_in_another_kernel(kernel):
    kernel.run("memory = 'memory'" + CLASS)
    kernel.run(SEARCH)
    before = kernel.n_fits
    with Kernel(kernel.folder) as other:
        other.run("# Another comment moves it.\nmemory = 'memory'" + CLASS)
        other.run(SEARCH)
        assert other.run("search.best_params_")[0] == "{'threshold': 2.0}"
        assert other.n_fits == before + 1  # the refit


def test_memory_forgets_a_class_of_a_cell_that_was_edited(kernel):
    kernel.run("memory = 'memory'" + CLASS)
    kernel.run(SEARCH)
    before = kernel.n_fits
    kernel.run(CLASS.replace("X[:, 2]", "X[:, 2] - 2"))  # and run again
    kernel.run(SEARCH)
    assert kernel.n_fits == before + N_FITS
    assert kernel.run("search.best_params_")[0] == "{'threshold': 1.0}"


PATCHED_SEARCH = """
def greatest(X, axis):
    return SCALE * X.max(axis)

SCALE = 1
np.ptp = greatest
search = GeneticSearchCV(
    SVC(), {"C": [1.0, 2.0]}, scoring=lambda *args: np.ptp(X, axis=0)[0], memory="patched", cv=2
)
search.fit(X, y)
"""


def test_memory_knows_what_a_cell_has_put_into_a_package(kernel):
    kernel.run("from sklearn.svm import SVC\noriginal = np.ptp")
    kept = []
    for cell in (PATCHED_SEARCH, PATCHED_SEARCH, PATCHED_SEARCH.replace("= 1", "= 2")):
        kernel.run(cell)
        files = len(list((kernel.folder / "patched").rglob("*.json")))
        kept.append((float(kernel.run("float(search.best_score_)")[0]), files))
    assert kept == [(7.9, 4), (7.9, 4), (15.8, 8)]
    # Worker processes have another `np.ptp`.
    kernel.run(
        "error, SCALE = None, 3\nsearch.set_params(n_jobs=2)\n"
        "try:\n    search.fit(X, y)\nexcept Exception as e:\n    error = str(e)\n"
        "np.ptp = original"
    )
    assert "'numpy'" in kernel.run("error")[0]
    assert "(ptp)" in kernel.run("error")[0]
