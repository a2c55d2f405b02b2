"""Keras and its backend as guests: quiet, and with no more than their share of the machine."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from sklearn_natsel.keras._gpus import lease_gpu, visible_gpus

# Backends, in the order in which they are looked for, and the extra that installs each.
_EXTRAS = {"tensorflow": "keras", "jax": "keras-jax", "torch": "keras-torch"}

# What bounds the threads of each. Torch heeds OMP_NUM_THREADS itself.
_THREADS = {"tensorflow": ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "jax": ("NPROC",)}

# The messages of TensorFlow, and a GPU that JAX takes as it needs it, not whole.
_DEFAULTS = {"TF_CPP_MIN_LOG_LEVEL": "3", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}

# Bytes of training data from which on a garbage collection costs less than it saves.
_WORTH_COLLECTING = 4_000_000


def prepare_keras() -> None:
    """Load Keras with its backend and scikeras; in a joblib worker, limited to its share.

    The backend is the one that ``KERAS_BACKEND`` or the settings of Keras name. If none is
    named, or TensorFlow, which is Keras' default, and that is not installed, it is one that
    is. What else the user has set in the environment (``TF_NUM_INTRAOP_THREADS``,
    ``NPROC``, ``TF_CPP_MIN_LOG_LEVEL``) is left as it is.

    Raises
    ------
    ImportError
        If something is not installed, or the networks can't be trained by the backend.
    """
    name = _backend_name()
    if name not in _EXTRAS:
        raise ImportError(
            "sklearn_natsel.keras needs Keras with one of the backends "
            f"{', '.join(_EXTRAS)}. Got KERAS_BACKEND={name!r} instead."
        )
    os.environ["KERAS_BACKEND"] = name  # workers shall have the same one
    for variable, value in _DEFAULTS.items():
        os.environ.setdefault(variable, value)
    if _is_worker():
        _limit_threads(name)
        _choose_gpu()
    try:
        with _quiet_stderr():
            import scikeras.wrappers  # noqa: F401  # loads TensorFlow, if that is installed

            import sklearn_natsel.keras._backends  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"sklearn_natsel.keras needs scikeras and {name}: "
            f"pip install 'sklearn-natsel[{_EXTRAS[name]}]'."
        ) from error
    if _is_worker():
        # TensorFlow's own half a million objects, gone through for each network, cost as much as
        # training a small one.
        gc.freeze()


def _backend_name() -> str:
    """Return the backend that Keras has, or will have."""
    if "keras" in sys.modules:
        return str(sys.modules["keras"].backend.backend())
    named = os.environ.get("KERAS_BACKEND") or _named_in_settings()
    if named != "tensorflow" or os.environ.get("KERAS_BACKEND") or find_spec("tensorflow"):
        return named
    return next((name for name in _EXTRAS if find_spec(name)), "tensorflow")


def _named_in_settings() -> str:
    # Keras writes this file itself, with its default, when it is loaded for the first time.
    folder = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
    try:
        return str(json.loads((folder / "keras.json").read_text())["backend"])
    except (OSError, ValueError, KeyError):
        return "tensorflow"


def release_memory(n_bytes: int) -> None:
    """Free what the training of a network on that much data leaves behind.

    Keras' objects refer to each other, so that they and the data live until
    Python's garbage collection comes round. Its global state is cleared too,
    but only in a worker: elsewhere the user's own networks may depend on it.
    """
    if _is_worker():
        import keras

        policy = keras.config.dtype_policy()
        keras.backend.clear_session()  # collects the garbage, too
        keras.config.set_dtype_policy(policy)  # which a process of the user's may have set
    elif n_bytes > _WORTH_COLLECTING:
        gc.collect()


def _is_worker() -> bool:
    is_of_joblib = "Loky" in multiprocessing.current_process().name
    return is_of_joblib or multiprocessing.parent_process() is not None


def _limit_threads(backend: str) -> None:
    # joblib tells its workers their share of the cores in the variables of the numerical
    # libraries that it knows, and those of the backends are not among them.
    share = os.environ.get("OMP_NUM_THREADS")
    if share is not None:
        for variable in _THREADS.get(backend, ()):
            os.environ.setdefault(variable, share)


def _choose_gpu() -> None:
    """Take one of several GPUs: one dense network never uses more."""
    gpus = visible_gpus()
    if len(gpus) > 1:
        os.environ["CUDA_VISIBLE_DEVICES"] = lease_gpu(gpus)


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Hold back what is written to stderr, unless there is an error.

    TensorFlow's libraries write there while they load, whatever the log level is.
    """
    if sys.stderr is None:  # as in a service that has closed it
        yield
        return
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(shown, held.read())
            raise
        finally:
            os.dup2(shown, 2)
            os.close(shown)
