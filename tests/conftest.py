import os
import signal

import pytest
from hypothesis import settings

# What lands must not depend on chance; at home, each run tries other examples.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(autouse=True, scope="session")
def interrupts_that_arrive():
    """Undo what a shell does to what it starts in the background: SIGINT is ignored there."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
