#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A page of docs has the tables that a program prints:  docs_tables_test.py PROGRAM PAGE [--write]

The program prints them with the markers that they stand between, "<!-- table: NAME -->" and "<!-- end of table -->" (or another
word, the same in both); --write puts them into the page.
"""
import re
import subprocess
import sys

TABLE = re.compile(r"<!-- (\w+): (\w+) -->\n.*?<!-- end of \1 -->\n", re.DOTALL)


def main():
    program, path = sys.argv[1:3]
    result = subprocess.run([program], stdout=subprocess.PIPE, text=True, timeout=600, check=False)
    assert result.returncode == 0, result.stdout
    # What a test framework says stands between the rows.
    printed = "".join(line for line in result.stdout.splitlines(True) if line[:1] in "|<")
    tables = {match.group(2): match.group(0) for match in TABLE.finditer(printed)}
    assert tables, "no table was printed"
    with open(path, encoding="utf-8") as file:
        page = file.read()
    names = [match.group(2) for match in TABLE.finditer(page)]
    assert names == list(tables), f"the page has the tables {names}, the program {list(tables)}"
    right = TABLE.sub(lambda match: tables[match.group(2)], page)
    if "--write" in sys.argv:
        with open(path, "w", encoding="utf-8") as file:
            file.write(right)
        return
    wrong = sorted(set(page.splitlines()) ^ set(right.splitlines()))
    assert right == page, f"{path} is not what {program} prints (--write puts it right):\n" + "\n".join(wrong)


if __name__ == "__main__":
    main()
