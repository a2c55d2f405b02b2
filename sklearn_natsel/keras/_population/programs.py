"""Compiled programs, kept for what comes next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any

import jax

from sklearn_natsel.keras._population.forgotten import Forgotten

# They take some 20 MB each, of which JAX gives nothing back before all are dropped. So many keep
# workers below the growth at which joblib replaces them.
_MOST_PROGRAMS = 12

_programs = Forgotten()
_lock = threading.Lock()


def program_for(key: Hashable, make: Callable[[], Any]) -> Any:
    """Return the program with this key, which is made when it is first asked for."""
    with _lock:
        if key not in _programs:
            if len(_programs) == _MOST_PROGRAMS:
                _programs.clear()
                jax.clear_caches()
            _programs[key] = make()
        return _programs[key]
