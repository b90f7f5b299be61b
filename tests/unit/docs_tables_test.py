#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""docs/configuration.md has the tables that src/schema/field_table.h gives:  configuration_docs_test.py TABLES PAGE [--write]

TABLES is the program that prints them, with the markers that they stand between; --write puts them into the page.
"""
import re
import subprocess
import sys

TABLE = re.compile(r"<!-- fields: (\w+) -->\n.*?<!-- end of fields -->\n", re.DOTALL)


def main():
    printed = subprocess.run([sys.argv[1]], capture_output=True, text=True, check=True, timeout=60).stdout
    tables = {match.group(1): match.group(0) for match in TABLE.finditer(printed)}
    assert tables, "no table was printed"
    with open(sys.argv[2], encoding="utf-8") as file:
        page = file.read()
    names = [match.group(1) for match in TABLE.finditer(page)]
    assert names == list(tables), f"the page has the tables {names}, the schema {list(tables)}"
    right = TABLE.sub(lambda match: tables[match.group(1)], page)
    if "--write" in sys.argv:
        with open(sys.argv[2], "w", encoding="utf-8") as file:
            file.write(right)
        return
    wrong = sorted(set(page.splitlines()) ^ set(right.splitlines()))
    assert right == page, "docs/configuration.md differs from src/schema/field_table.h (--write puts it right):\n" + \
        "\n".join(wrong)


if __name__ == "__main__":
    main()
