"""Worker processes end when the search that started them is gone."""

from __future__ import annotations

import os
import threading
import time
from functools import lru_cache

_SECONDS_BETWEEN_LOOKS = 1.0


@lru_cache(maxsize=1)
def end_with_parent(parent_pid: int) -> None:
    """End this process soon after its parent process has ended.

    loky's workers wait five minutes for work from a process that was killed, and
    hold their memory while a new search is already running.
    """
    threading.Thread(target=_watch, args=(parent_pid,), daemon=True, name="end_with_parent").start()


def _watch(parent_pid: int) -> None:
    # An ended process still exists for `os.kill` until its own parent has asked how it ended. So a
    # child looks at who its parent is now. A grandchild can only ask whether the process exists.
    is_child = os.getppid() == parent_pid
    while os.getppid() == parent_pid if is_child else _exists(parent_pid):
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os._exit(1)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it exists, but belongs to another user
    return True
