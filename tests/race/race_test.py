#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""race_test.py PROGRAM OPTION...: runs the race test with a fresh seed and judges the JSON line that it ends with.

With --gates off it must report reordering, and nothing else; otherwise all must be well.  VMMQ_TEST_SEED=N sets the seed.
"""
import json
import os
import subprocess
import sys
import time

ZERO = ["lost", "reordered", "duplicated", "unbalanced", "wrong", "failed"]


def judge(result, status, gates_off):
    """Returns what is wrong with a result, as a list of sentences."""
    bad = [f"{name} is {result[name]}" for name in ZERO if result[name] and not (gates_off and name == "reordered")]
    if gates_off and not result["reordered"]:
        bad.append("gates are off and nothing was reordered: the load is too tame")
    if status != (1 if gates_off else 0):
        bad.append(f"exit status {status}")
    if not gates_off and not result["gates"]:
        bad.append("no gate was passed")
    bad += [f"no change of kind {kind}" for kind, count in result["changes"].items() if not count]
    if not result["packets"] or result["packets"] == result["dropped"]:
        bad.append("no packet came through")
    if result["unchecked"] > result["packets"] / 1000:
        bad.append(f"{result['unchecked']} packets could not be compared with the model")
    return bad


def main():
    seed = os.environ.get("VMMQ_TEST_SEED") or str(time.time_ns() % 2**32)
    command = sys.argv[1:] + ["--seed", seed]
    print(" ".join(command), flush=True)
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    print(run.stdout, end="")
    result = json.loads(run.stdout.splitlines()[-1])
    bad = judge(result, run.returncode, "off" in command)
    rate = result["changes_total"] / result["seconds"]
    print(f"{result['packets']} packets, {result['changes_total']} changes ({rate:.0f} a second)")
    print("\n".join(bad) or "all is well")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
