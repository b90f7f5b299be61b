#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""controller_test.py PROGRAM: instructions of a tick of vmmqd's controller of dynamic VMMQ, counted by callgrind: 1,000 VPorts of 16 entries,
64 processors, every entry with load and nothing to move.  LIMIT is what a core does in 1 % of a tick of 10 ms at 2.45 GHz and 1.6
instructions per cycle; what the memory takes besides, bench-controller measures."""
import re
import subprocess
import sys
import tempfile
import pathlib

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))
from hang import HANG  # noqa: E402

LIMIT, ENTRIES, BUSY, TICKS = 400_000, "16", "1000", 4


def main():
    with tempfile.TemporaryDirectory() as directory:
        run = subprocess.run(["valgrind", "--tool=callgrind", "--vgdb=no", f"--callgrind-out-file={directory}/out",
                              "--collect-atstart=no", "--toggle-collect=controller_counted", sys.argv[1], "--count", ENTRIES,
                              BUSY, str(TICKS)], capture_output=True, text=True, timeout=HANG, check=False)
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode or not collected or run.stdout != f"{TICKS}\n":
        sys.exit(f"exit status {run.returncode}\n{run.stdout}{run.stderr}")
    each = int(collected[1]) // TICKS
    print(f"{each} instructions a tick, at most {LIMIT}")
    sys.exit(not 0 < each <= LIMIT)


if __name__ == "__main__":
    main()
