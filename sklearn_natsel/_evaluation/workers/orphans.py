"""Worker processes end when the search that started them is gone."""

from __future__ import annotations

import os
import threading
import time
from functools import lru_cache

_SECONDS_BETWEEN_LOOKS = 1.0


@lru_cache(maxsize=1)
def end_with_parent(parent: int) -> None:
    """Have this process end soon after its parent, which has this id.

    loky's workers wait five minutes for work from a process that was killed, and
    hold their memory while a new search is already running.
    """
    threading.Thread(target=_watch, args=(parent,), daemon=True, name="end_with_parent").start()


def _watch(parent: int) -> None:
    # A parent that has ended exists on until its own parent takes note of that.
    is_child = os.getppid() == parent
    while os.getppid() == parent if is_child else _exists(parent):
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os._exit(1)


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # but not ours to look at
    return True
