#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""race_test.py PROGRAM OPTION...: runs the race test with a fresh seed and judges the JSON line that it ends with.

With --gates off or no-trail it must report reordering, with --gates whole-inbox that strangers were delayed, and nothing else;
otherwise all must be well.  On a machine too slow or too busy
for everything to happen in --seconds it is run again for longer.  VMMQ_TEST_SEED=N sets the seed.
"""
import json
import os
import subprocess
import sys
import time

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG  # noqa: E402

ZERO = ["lost", "reordered", "duplicated", "unbalanced", "wrong", "failed", "strangers_delayed"]
FOUND = {"off": "reordered", "no-trail": "reordered", "whole-inbox": "strangers_delayed"}  # by what is broken


def missing(result, gates, balance):
    """Returns what should have happened and has not, as a list of sentences."""
    bad = [f"no change of kind {kind}" for kind, count in result["changes"].items() if not count and gates == "on"]
    if gates in FOUND and not result[FOUND[gates]]:
        bad.append(f"gates are {gates}, and {FOUND[gates]} is 0: the load is too tame")
    for name in ["gates", "held"]:
        if gates == "on" and not result[name]:
            bad.append(f"{name} is 0")
    if balance and not result["balanced"]:
        bad.append("nothing was moved for its load")
    if not result["packets"] or result["packets"] == result["dropped"]:
        bad.append("no packet came through")
    if result["unchecked"] > result["packets"] / 1000:
        bad.append(f"{result['unchecked']} packets could not be compared with the model")
    return bad


def judge(result, status, gates):
    """Returns what is wrong with a result, as a list of sentences."""
    bad = [f"{name} is {result[name]}" for name in ZERO if result[name] and name != FOUND.get(gates)]
    if status != (1 if gates in FOUND and result[FOUND[gates]] else 0):
        bad.append(f"exit status {status}")
    return bad


def main():
    seed = os.environ.get("VMMQ_TEST_SEED") or str(time.time_ns() % 2**32)
    command = sys.argv[1:] + ["--seed", seed]
    seconds = command.index("--seconds") + 1
    gates = command[command.index("--gates") + 1] if "--gates" in command else "on"
    while True:
        print(" ".join(command), flush=True)
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        print(run.stdout, end="")
        result = json.loads(run.stdout.splitlines()[-1])
        bad, too_little = judge(result, run.returncode, gates), missing(result, gates, "--balance" in command)
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
