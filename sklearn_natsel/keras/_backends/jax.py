"""JAX: everything is compiled, and what was compiled takes memory."""

from __future__ import annotations

import jax

from sklearn_natsel.keras._backends.base import Backend

# Networks after which the programs are dropped: they take some 20 MB each, and those that are
# needed again are compiled again.
_MOST_PROGRAMS = 20


class Jax(Backend):
    """Would run each operation of the training on its own without XLA."""

    jit_compile = True

    def __init__(self) -> None:
        self._n_programs = 0

    def forget(self) -> None:
        """Drop the programs now and then."""
        self._n_programs += 1
        if self._n_programs >= _MOST_PROGRAMS:
            jax.clear_caches()
            self._n_programs = 0


BACKEND = Jax()
