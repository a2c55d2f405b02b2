"""Worker processes that end after the search."""

import subprocess
import sys

from processes import wait_for_end

WORKER = """
import os, sys, time
from sklearn_natsel._evaluation.workers.orphans import end_with_parent
end_with_parent(int(sys.argv[1]))
print(os.getpid(), flush=True)
time.sleep(1000)
"""

SEARCH = """
import os, subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1], str(os.getpid())])
"""


def start(code, argument=""):
    return subprocess.Popen(
        [sys.executable, "-c", code, argument], stdout=subprocess.PIPE, text=True
    )


def test_a_worker_ends_after_its_parent_was_killed():
    search = start(SEARCH, WORKER)
    worker_pid = int(search.stdout.readline())
    search.kill()
    search.communicate()
    wait_for_end([worker_pid])


def test_a_worker_ends_after_the_search_that_is_not_its_parent():
    search = start("import time; time.sleep(1000)")
    worker = start(WORKER, str(search.pid))
    assert int(worker.stdout.readline()) == worker.pid
    assert worker.poll() is None
    search.kill()
    search.communicate()
    worker.communicate(timeout=30)
    assert worker.returncode == 1
