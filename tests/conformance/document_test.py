#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""document_test.py PROGRAM FILE: docs/conformance.md is what vmmq-conformance --markdown writes."""
import difflib
import subprocess
import sys


def main():
    program, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        committed = file.read()
    written = subprocess.run([program, "--markdown"], stdout=subprocess.PIPE, text=True, check=True).stdout
    difference = difflib.unified_diff(committed.splitlines(True), written.splitlines(True), path, "--markdown")
    sys.stdout.writelines(difference)
    return 1 if committed != written else 0


if __name__ == "__main__":
    sys.exit(main())
