"""TensorFlow is quiet, takes its share of the machine, and gives memory back."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_iris

from sklearn_natsel import GeneticSearchCV

pytest.importorskip("tensorflow")
pytest.importorskip("scikeras")

import keras

from sklearn_natsel.keras import DenseClassifier, dense_space
from sklearn_natsel.keras._environment import prepare_tensorflow

X, Y = load_iris(return_X_y=True)
SPACE = dense_space(max_hidden_layers=1, neurons=[4, 8], input_dropout=[0.0, 0.2])


def run_python(code, **variables):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "OMP_"))}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, env=environment | variables, capture_output=True, text=True, check=False
    )


def test_importing_the_search_loads_no_keras():
    code = "import sys, sklearn_natsel; print(sorted({'keras', 'tensorflow'} & set(sys.modules)))"
    assert run_python(code).stdout.strip() == "[]"


@pytest.mark.parametrize("missing", ["tensorflow", "scikeras"])
def test_without_the_extra_there_is_help(missing):
    code = f"import sys; sys.modules[{missing!r}] = None; import sklearn_natsel.keras"
    error = run_python(code).stderr
    assert "ImportError: sklearn_natsel.keras needs" in error
    assert "pip install 'sklearn-natsel[keras]'" in error


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ImportError, match=r"TensorFlow as its backend\. Got KERAS_BACKEND='jax'"):
        prepare_tensorflow()


def test_a_backend_that_is_not_installed_is_refused_too():
    code = "import sys; sys.modules['jax'] = None; import sklearn_natsel.keras"
    error = run_python(code, KERAS_BACKEND="jax").stderr
    assert "needs Keras with TensorFlow as its backend. Got KERAS_BACKEND='jax' instead" in error


def test_a_service_without_stderr_may_import_it():
    code = "import sys; sys.stderr = None; import sklearn_natsel.keras; print('imported')"
    assert run_python(code).stdout == "imported\n"


def test_scores_do_not_depend_on_n_jobs():
    searches = [
        GeneticSearchCV(
            DenseClassifier(epochs=1, random_state=0),
            SPACE,
            population_size=3,
            max_evaluations=4,
            cv=2,
            n_jobs=n_jobs,
            random_state=0,
        ).fit(X, Y)
        for n_jobs in (1, 2)
    ]
    one, two = (search.cv_results_ for search in searches)
    assert one["params"] == two["params"]
    np.testing.assert_array_equal(one["mean_test_score"], two["mean_test_score"])
    np.testing.assert_array_equal(*(search.predict_proba(X) for search in searches))


IN_WORKERS = """
import json, os, time
from pathlib import Path
from joblib import Parallel, delayed

def report(i):
    import sklearn_natsel.keras
    from tensorflow.python.eager import context
    from sklearn.datasets import load_iris
    X, y = load_iris(return_X_y=True)
    sklearn_natsel.keras.DenseClassifier(neurons=4, epochs=1).fit(X, y)
    (Path(os.environ["FOLDER"]) / str(i)).touch()
    end = time.monotonic() + 60
    while len(os.listdir(os.environ["FOLDER"])) < 2:  # so that both workers get one
        assert time.monotonic() < end
        time.sleep(0.01)
    names = "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "CUDA_VISIBLE_DEVICES"
    return os.getpid(), [os.environ.get(name) for name in names]

if __name__ == "__main__":
    from joblib import parallel_config
    with parallel_config("loky", n_jobs=2, inner_max_num_threads=3):
        print(json.dumps(dict(Parallel()(delayed(report)(i) for i in range(2)))))
"""


def test_workers_are_quiet_and_take_their_share(tmp_path):
    done = run_python(IN_WORKERS, CUDA_VISIBLE_DEVICES="5,7", FOLDER=str(tmp_path))
    assert done.stderr == ""
    workers = json.loads(done.stdout)
    assert sorted(workers.values()) == [["3", "3", "5"], ["3", "3", "7"]]


def test_memory_stays_flat():
    wide = np.tile(X.astype(np.float32), (10, 500))  # 12 MB

    def megabytes_after(fits):
        for _ in range(fits):
            DenseClassifier(n_hidden_layers=0, epochs=1).fit(wide.copy(), np.tile(Y, 10))
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    if not os.path.exists("/proc/self/statm"):
        pytest.skip("memory is read from /proc")
    assert megabytes_after(4) + 60 > megabytes_after(12)
