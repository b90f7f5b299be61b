#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run the commands of a transcript and compare what they print.

    check_transcripts.py VMMQ TRANSCRIPT...            compare
    check_transcripts.py --update VMMQ TRANSCRIPT...   write down what is printed now; then read every line of it

A transcript has the lines

    $ a shell command, in which vmmq is the program under test; \\ at the end continues it
    | a line on standard output
    ! a line on standard error
    ? the exit status, when it is not 0

and anything else is a comment.  Commands run in the transcript's directory.  Of the environment they see PATH, and S where
it is set: the control socket of a vmmqd that runs (live_test.py).
"""
import difflib
import os
import subprocess
import sys

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG  # noqa: E402


def run(command, directory, vmmq):
    environment = {"PATH": os.path.dirname(vmmq) + ":" + os.environ["PATH"], "LC_ALL": "C", "TERM": "dumb",
                   "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""), "S": os.environ.get("S", "")}
    done = subprocess.run(["bash", "-c", command], cwd=directory, env=environment, capture_output=True, text=True,
                          timeout=HANG, stdin=subprocess.DEVNULL)
    lines = ["|" + (" " + line if line else "") for line in done.stdout.splitlines()]
    lines += ["!" + (" " + line if line else "") for line in done.stderr.splitlines()]
    return lines + (["? %d" % done.returncode] if done.returncode else [])


def replay(path, vmmq):
    """Returns the transcript's lines as they stand and as they would be now, and the number of commands."""
    with open(path, encoding="utf-8") as file:
        old = file.read().splitlines()
    new, commands, at = [], 0, 0
    while at < len(old):
        line = old[at]
        at += 1
        if line[:1] in ("|", "!", "?"):
            continue
        new.append(line)
        if not line.startswith("$ "):
            continue
        command = line[2:]
        while command.endswith("\\"):
            command += "\n" + old[at]
            new.append(old[at])
            at += 1
        commands += 1
        new += run(command, os.path.dirname(os.path.abspath(path)), vmmq)
    return old, new, commands


def main(arguments):
    update = arguments[0] == "--update"
    vmmq, *transcripts = arguments[update:]
    failed = False
    for path in transcripts:
        old, new, commands = replay(path, os.path.abspath(vmmq))
        if update:
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n".join(new) + "\n")
        elif old != new:
            failed = True
            print("\n".join(difflib.unified_diff(old, new, path, "now", lineterm="")))
        print("%s: %d commands" % (path, commands))
        failed |= commands == 0
    return failed


sys.exit(main(sys.argv[1:]))
