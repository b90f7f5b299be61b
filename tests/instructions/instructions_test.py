#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""instructions_test.py PROGRAM --compiler 'ID VERSION' [--write] [--table FILE]: instructions per packet of each stage,
counted by callgrind, against instructions.json.

The counts are exact: the seeds are fixed, and only stage_counted() is counted.  They depend on the compiler, which
the table names; with another one the test is skipped.  A rise of more than RISE is a regression; after a fall of more
than FALL the table no longer says what there is to lose.  --write writes it anew.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG  # noqa: E402

TABLE = pathlib.Path(__file__).with_name("instructions.json")
RISE, FALL = 4, 10  # percent
NOT_HERE = 77
OWN = ["hash-ipv4", "hash-ipv6", "classify", "looking", "tunnel", "inside"]  # stages in which the implementation is ours to choose
BEST = ["receive", "send", "transfer"]  # they take the best one that there is, under valgrind clmul
ROWS = [(stage, implementation) for stage in OWN for implementation in ["portable", "clmul", "vpclmul", "gfni"]]
ROWS += [(stage, "clmul") for stage in BEST]


def count(program, stage, implementation):
    """Returns the instructions per packet, to a tenth; None: valgrind's CPU cannot, or takes a better one."""
    with tempfile.TemporaryDirectory() as directory:  # of callgrind's output, which is not needed
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--vgdb=no", f"--callgrind-out-file={directory}/out",
             "--collect-atstart=no", "--toggle-collect=stage_counted", program, stage, implementation],
            capture_output=True, text=True, timeout=HANG, check=False)
    if run.returncode == NOT_HERE:
        return None
    collected = re.search(r"Collected : (\d+)", run.stderr)
    if run.returncode or not collected or not int(collected[1]):
        sys.exit(f"{stage} {implementation}: exit status {run.returncode}, nothing counted\n{run.stderr}")
    return round(int(collected[1]) / int(run.stdout), 1)


def judge(name, was, now):
    """Returns what is wrong with a count, or None."""
    if was is None:
        return f"{name}: {now} instructions per packet, and the table has none: --write"
    change = f"{name}: was {was}, is {now} instructions per packet"
    if now > was * (1 + RISE / 100):
        return f"{change}: {100 * (now / was - 1):.1f} % more, allowed are {RISE} %"
    if now < was * (1 - FALL / 100):
        return f"{change}: {100 * (1 - now / was):.1f} % less, more than {FALL} %: update the table with --write"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--table", type=pathlib.Path, default=TABLE)
    options = parser.parse_args()
    table = {} if options.write else json.loads(options.table.read_text())

    if not shutil.which("valgrind"):
        print("instructions: skipped, valgrind is missing")
        return NOT_HERE
    if not options.write and table["compiler"] != options.compiler:
        print(f"instructions: skipped, the table is of {table['compiler']}, and this is {options.compiler}")
        return NOT_HERE
    counts = {" ".join(row): count(options.program, *row) for row in ROWS}
    cannot = [name for name, now in counts.items() if now is None]
    counts = {name: now for name, now in counts.items() if now is not None}
    for name, now in counts.items():
        print(f"{name:20} {now:8} instructions per packet")
    if cannot:
        print("not run, for valgrind's CPU cannot, or takes a better one: " + ", ".join(cannot))
    if options.write:
        table = {"compiler": options.compiler, "instructions per packet": counts}
        options.table.write_text(json.dumps(table, indent=2) + "\n")
        return 0
    was = table["instructions per packet"]
    bad = [wrong for name, now in counts.items() if (wrong := judge(name, was.get(name), now))]
    bad += [f"{name}: in the table, and no such stage" for name in was if name not in counts and name not in cannot]
    for wrong in bad:
        print(wrong, file=sys.stderr)
    return 1 if bad or not counts else 0


if __name__ == "__main__":
    sys.exit(main())
