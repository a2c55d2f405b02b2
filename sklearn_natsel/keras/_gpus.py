"""Which GPU a worker has: one that nobody else has, as long as there is one."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO
from urllib.parse import quote

# Files that are locked as long as this process lives.
_held: list[IO[str]] = []


def visible_gpus() -> list[str]:
    """Return the GPUs that CUDA would show, as ``CUDA_VISIBLE_DEVICES`` names them."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is None:
        return [str(i) for i in range(len(list(Path("/dev").glob("nvidia[0-9]*"))))]
    gpus = [name.strip() for name in named.split(",")]
    return list(itertools.takewhile(lambda name: name not in ("", "-1"), gpus))


def lease_gpu(gpus: Sequence[str]) -> str:
    """Take the GPU that the fewest processes have, until this process ends.

    The system itself gives a lock back when a process ends, however it does, so that a
    worker that replaces a dead one gets its GPU.

    Parameters
    ----------
    gpus : list of str
        Their names.

    Returns
    -------
    gpu : str
        One of them; any, where files can't be locked.
    """
    try:
        folder = Path(tempfile.gettempdir()) / f"sklearn_natsel-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        for n_others in itertools.count():
            for gpu in gpus:
                if _locks(folder / f"gpu-{quote(gpu, safe='')}-{n_others}"):
                    return gpu
    except (AttributeError, ImportError, OSError):  # the first two on Windows
        pass
    return gpus[os.getpid() % len(gpus)]


def _locks(path: Path) -> bool:
    """Lock a file, unless another process has done so."""
    import fcntl

    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    except OSError:
        file.close()
        raise
    _held.append(file)
    return True
