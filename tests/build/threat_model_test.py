#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each row of docs/threat-model.md names a test that shows it, and each test that it names is there:  threat_model_test.py ROOT"""
import os
import re
import sys


def rows(text):
    """(line number, cells) of the tables, without their heads."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("| ") and not line.startswith(("| attack |", "| fault |", "| param |")):
            yield number, [cell.strip() for cell in line.strip("|").split(" | ")]


def is_there(root, name):
    """FILE:NAME is a function or constant that is defined in FILE, or what a shell script speaks of."""
    path, word = name.split(":")
    try:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return False
    if path.endswith(".sh"):
        return word in text
    return re.search(rf"^\s*def {word}\(|^{word} = |^(static )?(void|int) {word}\(", text, re.MULTILINE) is not None


def main(root):
    with open(os.path.join(root, "docs/threat-model.md"), encoding="utf-8") as file:
        text = file.read()
    wrong, found = [], 0
    for number, cells in rows(text):
        names = re.findall(r"`(tests/[^`]*:\w+)`", cells[-1])
        if len(cells) != 3 or not names or re.sub(r"`tests/[^`]*:\w+`", "", cells[-1]).strip(" |"):
            wrong.append(f"line {number}: three cells, the last with tests, are needed")
        wrong += [f"line {number}: there is no {name}" for name in names if not is_there(root, name)]
        found += len(names)
    assert found > 60, "where are the tables?"
    assert not wrong, "docs/threat-model.md:\n" + "\n".join(wrong)


main(sys.argv[1])
