"""Any backend; it is quiet, takes its share of the machine, and gives memory back."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_iris

from sklearn_natsel import GeneticSearchCV

pytest.importorskip("sklearn_natsel.keras", exc_type=ImportError)

import keras

from sklearn_natsel.keras import DenseClassifier, _environment, dense_space

X, Y = load_iris(return_X_y=True)
BACKEND = keras.backend.backend()
EXTRA = {"tensorflow": "keras", "jax": "keras-jax", "torch": "keras-torch"}[BACKEND]
SPACE = dense_space(max_hidden_layers=1, neurons=[4, 8], input_dropout=[0.0, 0.2])


def run_python(code, **variables):
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("TF_", "OMP_", "NPROC"))
    }
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, env=environment | variables, capture_output=True, text=True, check=False
    )


def test_importing_the_search_loads_no_keras():
    code = "import sys, sklearn_natsel; print(sorted({'keras', 'tensorflow'} & set(sys.modules)))"
    assert run_python(code).stdout.strip() == "[]"


@pytest.mark.parametrize("missing", [BACKEND, "scikeras"])
def test_without_the_extra_there_is_help(missing):
    code = (
        f"import sklearn_natsel, sys; sys.modules[{missing!r}] = None; import sklearn_natsel.keras"
    )
    error = run_python(code, KERAS_BACKEND=BACKEND).stderr
    assert f"ImportError: sklearn_natsel.keras needs scikeras and {BACKEND}" in error
    assert f"pip install 'sklearn-natsel[{EXTRA}]'" in error


def test_a_backend_that_trains_nothing_is_refused():
    error = run_python("import sklearn_natsel.keras", KERAS_BACKEND="numpy").stderr
    assert "backends tensorflow, jax, torch. Got KERAS_BACKEND='numpy' instead" in error


def test_no_other_backend_is_loaded():
    code = (
        "import sys, sklearn_natsel.keras; print(sorted({'tensorflow', 'torch'} & {*sys.modules}))"
    )
    expected = [] if BACKEND == "jax" else [BACKEND]
    assert run_python(code, KERAS_BACKEND=BACKEND).stdout.strip() == repr(expected)


@pytest.mark.parametrize(
    ("installed", "variable", "setting", "expected"),
    [
        ({"tensorflow", "jax"}, None, None, "tensorflow"),
        ({"tensorflow", "jax"}, "jax", None, "jax"),
        ({"tensorflow", "jax"}, None, "jax", "jax"),
        ({"jax", "torch"}, None, "tensorflow", "jax"),
        ({"jax", "torch"}, None, "torch", "torch"),
        ({"jax", "torch"}, "torch", "jax", "torch"),
        ({"torch"}, None, None, "torch"),
        ({"torch"}, "tensorflow", None, "tensorflow"),  # which is then told to be missing
        (set(), None, None, "tensorflow"),
    ],
)
def test_the_backend_is_the_one_that_is_named_or_one_that_is_there(
    monkeypatch, tmp_path, installed, variable, setting, expected
):
    monkeypatch.delitem(sys.modules, "keras")
    monkeypatch.setattr(_environment, "find_spec", lambda name: name in installed or None)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_BACKEND", variable or "")
    if setting:
        (tmp_path / "keras.json").write_text(json.dumps({"backend": setting}))
    assert _environment._backend_name() == expected


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
    from sklearn.datasets import load_iris
    X, y = load_iris(return_X_y=True)
    sklearn_natsel.keras.DenseClassifier(neurons=4, epochs=1).fit(X, y)
    (Path(os.environ["FOLDER"]) / str(i)).touch()
    end = time.monotonic() + 60
    while len(os.listdir(os.environ["FOLDER"])) < 2:  # so that both workers get one
        assert time.monotonic() < end
        time.sleep(0.01)
    names = "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "NPROC", "CUDA_VISIBLE_DEVICES"
    return os.getpid(), {name: os.environ[name] for name in names if name in os.environ}

if __name__ == "__main__":
    from joblib import parallel_config
    with parallel_config("loky", n_jobs=2, inner_max_num_threads=3):
        print(json.dumps(dict(Parallel()(delayed(report)(i) for i in range(2)))))
"""


def test_workers_are_quiet_and_take_their_share(tmp_path):
    variables = {"KERAS_BACKEND": BACKEND, "CUDA_VISIBLE_DEVICES": "5,7"}
    done = run_python(IN_WORKERS, FOLDER=str(tmp_path), **variables)
    assert done.stderr == ""
    workers = json.loads(done.stdout)
    shares = [dict(worker) for worker in workers.values()]
    assert sorted(share.pop("CUDA_VISIBLE_DEVICES") for share in shares) == ["5", "7"]
    variables = _environment._THREADS.get(BACKEND, ())
    assert shares == [dict.fromkeys(variables, "3")] * 2


def test_a_worker_keeps_the_precision_that_it_was_given(monkeypatch):
    monkeypatch.setattr(_environment, "_is_worker", lambda: True)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        _environment.release_memory(0)
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy(before)


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
