"""TensorFlow as a guest: quiet, and with no more than its share of the machine."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

# Bytes of training data from which on a garbage collection costs less than it saves.
_WORTH_COLLECTING = 4_000_000


def prepare_tensorflow() -> None:
    """Load TensorFlow and scikeras, limited to the share of a joblib worker if this is one.

    What the user has set in the environment (``TF_NUM_INTRAOP_THREADS``,
    ``TF_CPP_MIN_LOG_LEVEL``) is left as it is.

    Raises
    ------
    ImportError
        If one of them is not installed, or Keras runs on another backend.
    """
    if _is_worker():
        _limit_threads()
        _choose_gpu()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        with _quiet_stderr():
            import keras
            import tensorflow as tf

            # scikeras does not load with other backends, for less clear reasons.
            if keras.backend.backend() == "tensorflow":
                import scikeras  # noqa: F401

            # This also makes TensorFlow look for GPUs now, while it is muted.
            for gpu in tf.config.list_physical_devices("GPU"):
                tf.config.experimental.set_memory_growth(gpu, True)
    except ImportError as error:
        chosen = os.environ.get("KERAS_BACKEND", "tensorflow")
        if chosen != "tensorflow":  # which is what is missing
            raise _wrong_backend(chosen) from error
        raise ImportError(
            "sklearn_natsel.keras needs scikeras and tensorflow: "
            "pip install 'sklearn-natsel[keras]'."
        ) from error
    except RuntimeError:
        # TensorFlow has been used already, so the GPUs are set up as the user wants them.
        pass
    if keras.backend.backend() != "tensorflow":
        raise _wrong_backend(keras.backend.backend())
    logging.getLogger("tensorflow").addFilter(_is_not_about_retracing)
    if _is_worker():
        # TensorFlow's own half a million objects, gone through for each network, cost as much as
        # training a small one.
        gc.freeze()


def _wrong_backend(chosen: str) -> ImportError:
    return ImportError(
        "sklearn_natsel.keras needs Keras with TensorFlow as its backend. "
        f"Got KERAS_BACKEND={chosen!r} instead."
    )


def release_memory(n_bytes: int) -> None:
    """Free what the training of a network on that much data leaves behind.

    Keras' objects refer to each other, so that they and the data live until
    Python's garbage collection comes round. Its global state is cleared too,
    but only in a worker: elsewhere the user's own networks may depend on it.
    """
    if _is_worker():
        import keras

        keras.backend.clear_session()  # collects the garbage, too
    elif n_bytes > _WORTH_COLLECTING:
        gc.collect()


def _is_worker() -> bool:
    return "Loky" in _process_name() or multiprocessing.parent_process() is not None


def _process_name() -> str:
    return multiprocessing.current_process().name


def _is_not_about_retracing(record: logging.LogRecord) -> bool:
    # TensorFlow takes the networks of a search for one that is compiled again and again.
    return "triggered tf.function retracing" not in record.getMessage()


def _limit_threads() -> None:
    # joblib tells its workers their share of the cores in the variables of the numerical
    # libraries that it knows, and TensorFlow's are not among them.
    share = os.environ.get("OMP_NUM_THREADS")
    if share is not None:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", share)
        os.environ.setdefault("TF_NUM_INTEROP_THREADS", share)


def _choose_gpu() -> None:
    """Take one of the visible GPUs, in turn: one dense network never uses more."""
    devices = [d for d in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if d.strip()]
    number = _process_name().rpartition("-")[2].rpartition(":")[2]
    if len(devices) > 1 and number.isdecimal():
        os.environ["CUDA_VISIBLE_DEVICES"] = devices[(int(number) - 1) % len(devices)]


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
