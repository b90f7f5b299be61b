#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""mutation_test.py PROGRAM WRONG_SO WRONG_C: every wrong subject of wrong.c is found by cases of its rule.

With nothing broken the same wrapper passes.  Each mutation of WRONG_C is listed here with rules that must find it.
"""
import json
import os
import re
import subprocess
import sys

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG  # noqa: E402

FOUND_BY = {
    "delete-default": ["3.1/5", "3.2/5"],
    "delete-with-filters": ["3.2/6"],
    "unchanged-ignored": ["10.2/2", "10.2/3", "10.2/4", "10.2/6", "21/9"],
    "disable-reads-members": ["10.2/5"],
    "function-zero-refused": ["10.2/7"],
    "refused-takes-key": ["10.3/7", "21/10"],
    "key-length-ignored": ["10.4/6"],
    "no-queues-ignored": ["10.4/10", "10.5/4", "11.2/3", "11.2/5", "11.3/s7", "21/12"],
    "not-accepted-ignored": ["11.3/3", "21/14"],
    "actor-without-group": ["11.3/3"],
    "pending-left": ["11.3/7"],
    "no-groups": ["11.3/8", "11.3/10", "11.3/d1", "19/15", "21/13"],
    "no-queues-keeps-inactive": ["11.3/d2"],
    "transient-excess": ["11.3/10"],
    "self-move-refused": ["11.3/4", "21/14"],
    "inactive-validated": ["19/6", "11.2/5"],
    "id-limit": ["11.3/d3", "19/5"],
    "no-invalid-port": ["11.3/s3", "11.2/1", "19/5"],
    "special-indices-refused": ["19/4"],
    "shrink-accepted": ["11.2/4", "21/11"],
    "grow-does-not-repeat": ["11.2/4", "21/11"],
    "enable-is-an-edge": ["11.2/f1"],
    "pairs-fixed": ["3.3/8", "19/1"],
    "activated-at-once": ["3.1/1", "3.1/4"],
    "deactivation": ["3.1/3"],
    "refused-takes-name": ["3.4/16"],
    "mac-matches-tagged": ["4.3/1", "19/8", "21/4"],
    "duplicate-filter": ["4.5/3"],
    "move-loses": ["4.5/5", "21/6"],
    "no-needed-bytes": ["3.4/17"],
    "offsets-unchecked": ["10.4/3"],
    "enum-default-only": ["3.4/19"],
    "show-file-not-found": ["3.4/20"],
    "properties-missing": ["13.3/1"],
    "encapsulation-ignored": ["21/17"],
    "encapsulation-port-lost": ["21/17"],
    "config-is-capabilities": ["21/17"],
    "inner-flag-ignored": ["21/18"],
    "inner-flag-hidden": ["21/18"],
    "enum-both-flags": ["3.4/21"],
    "activated-create-taken": ["3.1/6"],
    "primary-stale": ["3.4/22"],
    "static-differs-taken": ["3.4/23"],
    "move-pends": ["11.3/15"],
    "move-aborts": ["11.3/15"],
    "default-filter-stays": ["4.5/7"],
    "hash-spoiled": ["21/1", "10.3/1"],
    "hash-stale": ["21/7"],
    "vport-missing": ["21/3"],
    "tag-beside-missing": ["4.3/2", "8.1/1"],
    "service-tag-lost": ["8.1/2"],
    "priority-tag-left": ["8.1/3"],
    "disable-needs-moves": ["19/14"],
    "udp-as-tcp": ["21/2"],
    "twice": ["21/6", "21/16"],
    "overtaken": ["21/16"],
    "primary-first": ["21/15"],
    "send-hash-lost": ["21/8"],
    "send-zero-is-absent": ["21/8"],
    "send-type-is-enough": ["21/8"],
    "no-gates": ["21/16"],
}


def run(program, subject, rules):
    """Returns the rules of which a case failed, how many cases ran, and the exit status."""
    command = [program, "--subject", subject, "--json"] + [f"--case={rule}" for rule in rules]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=HANG, check=False)
    result = json.loads(done.stdout)
    failed = {case["rule"] for case in result["cases"] if case["outcome"] == "failed"}
    return failed, len(result["cases"]), done.returncode


def main():
    program, wrong, source = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        names = set(re.findall(r'^\t\{ "([a-z-]+)"', file.read(), re.M)) - {"none"}
    bad = [f"{name} is in wrong.c or here only" for name in names ^ set(FOUND_BY)]
    failed, count, status = run(program, f"{wrong}:none", [])
    if failed or status or count < 200:
        bad.append(f"nothing is broken, {count} cases, exit status {status}, failed: {sorted(failed)}")
    for name, rules in FOUND_BY.items():
        failed, count, status = run(program, f"{wrong}:{name}", rules)
        missed = [rule for rule in rules if rule not in failed]
        print(f"{name}: found by {', '.join(sorted(failed)) or 'nothing'}")
        if missed or status != 1:
            bad.append(f"{name}: not found by {', '.join(missed)} (exit status {status})")
    print("\n".join(bad) or f"{len(FOUND_BY)} mutations, all found")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
