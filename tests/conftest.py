import signal

import pytest


@pytest.fixture(autouse=True, scope="session")
def interrupts_that_arrive():
    """Undo what a shell does to what it starts in the background: SIGINT is ignored there."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
