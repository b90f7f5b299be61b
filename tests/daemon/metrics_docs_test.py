#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""docs/metrics.md and the Grafana dashboard name the metrics that there are:  metrics_docs_test.py SOURCE_ROOT [--table]

The table in the page must be, row by row, the one in src/metrics/metrics_table.h; --table prints it.
"""
import json
import os
import re
import sys

ROOT = sys.argv[1]
ROW = re.compile(r'X\((\w+), "([^"]+)", "(\w+)", "([^"]*)", "((?:[^"\\]|\\.)*)"\)')


def rows():
    with open(os.path.join(ROOT, "src/metrics/metrics_table.h"), encoding="utf-8") as file:
        found = ROW.findall(file.read())
    assert len(found) > 40, "the table cannot be read"
    return [(name, kind, labels, text) for _, name, kind, labels, text in found]


def table():
    return [f"| `{name}` | {kind} | {', '.join(labels.split(',')) if labels else ''} | {text} |"
            for name, kind, labels, text in rows()]


def expressions(value):
    if isinstance(value, dict):
        for name, member in value.items():
            if name in ("expr", "query", "definition") and isinstance(member, str):
                yield member
            else:
                yield from expressions(member)
    elif isinstance(value, list):
        for member in value:
            yield from expressions(member)


def main():
    if "--table" in sys.argv:
        print("\n".join(table()))
        return
    names = {name for name, *_ in rows()}
    with open(os.path.join(ROOT, "docs/metrics.md"), encoding="utf-8") as file:
        page = file.read()
    documented = [line for line in page.splitlines() if line.startswith("| `vmmq_")]
    assert documented == table(), "docs/metrics.md differs from src/metrics/metrics_table.h (--table prints what is right): " \
        + "\n".join(sorted(set(documented) ^ set(table())))
    for name, kind, labels, text in rows():
        assert (kind == "counter") == name.endswith("_total"), f"{name}: counters, and only they, end in _total"
        assert text.endswith(".") and "\\" not in text, f"{name}: help is a sentence without escapes"
    with open(os.path.join(ROOT, "packaging/grafana/vmmq.json"), encoding="utf-8") as file:
        dashboard = json.load(file)
    used = set()
    for expression in expressions(dashboard):
        used |= set(re.findall(r"\bvmmq_\w+", expression))
    assert len(used) > 10, "the dashboard asks for nothing"
    assert used <= names, f"the dashboard asks for what is not exported: {used - names}"
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids)), "two panels have one id"
    places = [panel["gridPos"] for panel in dashboard["panels"]]
    for i, a in enumerate(places):
        assert a["x"] + a["w"] <= 24, "a panel is wider than the dashboard"
        for b in places[:i]:
            assert (a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"] or a["y"] + a["h"] <= b["y"]
                    or b["y"] + b["h"] <= a["y"]), f"panels overlap: {a} {b}"


if __name__ == "__main__":
    main()
