#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""docs/forwarding.md says what the host does with each frame:  forwarding_docs_test.py TABLES PAGE [--write]

TABLES is the program that sends the frames and prints the tables, with the markers that they stand between; --write puts them
into the page.
"""
import re
import subprocess
import sys

TABLE = re.compile(r"<!-- table: (\w+) -->\n.*?<!-- end of table -->\n", re.DOTALL)


def main():
    result = subprocess.run([sys.argv[1]], stdout=subprocess.PIPE, text=True, timeout=600, check=False)
    assert result.returncode == 0, result.stdout
    # What the test framework says stands between the rows.
    printed = "".join(line for line in result.stdout.splitlines(True) if line[:1] in "|<")
    tables = {match.group(1): match.group(0) for match in TABLE.finditer(printed)}
    assert tables, "no table was printed"
    with open(sys.argv[2], encoding="utf-8") as file:
        page = file.read()
    names = [match.group(1) for match in TABLE.finditer(page)]
    assert names == list(tables), f"the page has the tables {names}, the host {list(tables)}"
    right = TABLE.sub(lambda match: tables[match.group(1)], page)
    if "--write" in sys.argv:
        with open(sys.argv[2], "w", encoding="utf-8") as file:
            file.write(right)
        return
    wrong = sorted(set(page.splitlines()) ^ set(right.splitlines()))
    assert right == page, "docs/forwarding.md is not what the host does (--write puts it right):\n" + "\n".join(wrong)


if __name__ == "__main__":
    main()
