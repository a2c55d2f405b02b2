"""What differs between the libraries that Keras computes with: each has a file, `base.py` the rest.

`backend` is that of the library which Keras runs on.
"""

from importlib import import_module

import keras

from sklearn_natsel.keras._backends.base import Backend

backend: Backend = import_module(f"{__name__}.{keras.backend.backend()}").BACKEND

__all__ = ["backend"]
