"""JAX: everything is compiled, and what was compiled takes memory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax

from sklearn_natsel.keras._backends.base import Backend

# Networks after which the programs are dropped: they take some 20 MB each, and those that are
# needed again are compiled again.
_MOST_PROGRAMS = 20


# Seconds of compiling from which on a program is kept on disk: nearly all epochs take as much.
_WORTH_KEEPING = 0.2

# They make an epoch no faster on a CPU, and take a fifth of the time of compiling it.
_NOT_WORTH_THEIR_TIME = ("loop_unrolling", "slp_vectorizer", "tiled_emitter")


class Jax(Backend):
    """Would run each operation of the training on its own without XLA."""

    jit_compile = True
    trains_together = True

    def __init__(self) -> None:
        self._n_programs = 0
        disabled = ",".join(f"xla_cpu_disable_{each}" for each in _NOT_WORTH_THEIR_TIME)
        os.environ.setdefault("XLA_FLAGS", f"--xla_backend_extra_options={disabled}")
        if not jax.config.values["jax_compilation_cache_dir"]:
            caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
            jax.config.update("jax_compilation_cache_dir", str(caches / "sklearn_natsel" / "jax"))
        if "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS" not in os.environ:
            jax.config.update("jax_persistent_cache_min_compile_time_secs", _WORTH_KEEPING)

    def train_together(self, trainings: Sequence[Any]) -> Sequence[dict[str, list[float]] | None]:
        """Train what is alike as one program."""
        from sklearn_natsel.keras._population import train_together

        return train_together(trainings)

    def forget(self) -> None:
        """Drop the programs now and then."""
        self._n_programs += 1
        if self._n_programs >= _MOST_PROGRAMS:
            jax.clear_caches()
            self._n_programs = 0


BACKEND = Jax()
