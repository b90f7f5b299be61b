#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""race_test.py PROGRAM OPTION...: runs the race test with a fresh seed and judges the JSON line that it ends with.

With --gates off it must report reordering, and nothing else; otherwise all must be well.  On a machine too slow or too busy
for everything to happen in --seconds it is run again for longer.  VMMQ_TEST_SEED=N sets the seed.
"""
import json
import os
import subprocess
import sys
import time

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG  # noqa: E402

ZERO = ["lost", "reordered", "duplicated", "unbalanced", "wrong", "failed"]


def missing(result, gates_off):
    """Returns what should have happened and has not, as a list of sentences."""
    bad = [f"no change of kind {kind}" for kind, count in result["changes"].items() if not count]
    if gates_off and not result["reordered"]:
        bad.append("gates are off and nothing was reordered: the load is too tame")
    if not gates_off and not result["gates"]:
        bad.append("no gate was passed")
    if not result["packets"] or result["packets"] == result["dropped"]:
        bad.append("no packet came through")
    if result["unchecked"] > result["packets"] / 1000:
        bad.append(f"{result['unchecked']} packets could not be compared with the model")
    return bad


def judge(result, status, gates_off):
    """Returns what is wrong with a result, as a list of sentences."""
    bad = [f"{name} is {result[name]}" for name in ZERO if result[name] and not (gates_off and name == "reordered")]
    if status != (1 if gates_off and result["reordered"] else 0):
        bad.append(f"exit status {status}")
    return bad


def main():
    seed = os.environ.get("VMMQ_TEST_SEED") or str(time.time_ns() % 2**32)
    command = sys.argv[1:] + ["--seed", seed]
    seconds = command.index("--seconds") + 1
    while True:
        print(" ".join(command), flush=True)
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        print(run.stdout, end="")
        result = json.loads(run.stdout.splitlines()[-1])
        bad, too_little = judge(result, run.returncode, "off" in command), missing(result, "off" in command)
        if bad or not too_little or float(command[seconds]) > HANG / 4:
            break
        print("\n".join(too_little) + ": once more, four times as long")
        command[seconds] = str(4 * float(command[seconds]))
    bad += too_little
    rate = result["changes_total"] / result["seconds"]
    print(f"{result['packets']} packets, {result['changes_total']} changes ({rate:.0f} a second)")
    print("\n".join(bad) or "all is well")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
