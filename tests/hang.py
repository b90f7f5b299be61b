# SPDX-License-Identifier: BSD-2-Clause
"""How long a test waits for what must happen: so long that only what hangs takes longer, on a slow machine, under
sanitizers, beside other work.  VMMQ_TEST_TIMEOUT sets it, in seconds."""
import os
import time

HANG = float(os.environ.get("VMMQ_TEST_TIMEOUT", "300"))


def wait_until(condition, what, pause=0.02):
    """Returns what condition() returns once that is true.  what: a text, or a function that returns one."""
    deadline = time.monotonic() + HANG
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError("never came: " + (what() if callable(what) else what))
        time.sleep(pause)
    return value
