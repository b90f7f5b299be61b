#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""docs/rpc.md and docs/vmmqd.md say what is there: methods and their params, members of records, options.

    VMMQD=PROGRAM documentation_test.py
"""
import os
import re
import subprocess

from daemon import PROGRAM, DaemonTest, main

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONFIG = """adapter: {processors: [0, 1], uplink: {vhost_user: {socket: up.sock}}}
vports:
  - id: 1
    name: web
    filters: [{mac: "02:00:00:00:00:01"}]
    rss: {enabled: true, indirection_table: [0, 1]}
    backend: {device: "net_null_web,no-rx=1"}
"""


def read(name):
    with open(os.path.join(ROOT, "docs", name), encoding="utf-8") as file:
        return file.read()


def documented_methods(text):
    """{method: (is a change, text of its params)} from the two tables."""
    methods = {}
    for heading, changes in (("## Changes", True), ("## Questions", False)):
        section = text.split(heading, 1)[1].split("\n#", 1)[0]
        for row in re.findall(r"^\| (`[^|]*) \|((?:`[^`]*`|[^|])*)\|", section, re.MULTILINE):
            for name in re.findall(r"`([a-z]+\.[a-z]+)`", row[0]):
                methods[name] = (changes, row[1])
    return methods


def vport_fields(text):
    """The fields of a VPort, each in backquotes, from the first column of their table."""
    table = text.split("<!-- fields: vports -->", 1)[1].split("<!--", 1)[0]
    return " ".join(re.findall(r"^\| (`[a-z_]+`) \|", table, re.MULTILINE))


def documented_record(text, name):
    """The names of the members of a record, of the top level: "NAME:" and an object follow in the section Records."""
    start = re.search(rf"^{name}\b[^\n]*?:\s*`?\{{", text, re.MULTILINE)
    depth, names, at = 0, set(), start.end() - 1
    while True:
        character = text[at]
        if character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            if not depth:
                return names
        elif character == '"':
            end = text.index('"', at + 1)
            word = text[at + 1:end]
            before = text[:at].rstrip()[-1]
            if depth == 1 and before in "{,":
                names.add(word)
            at = end
        at += 1


class Documentation(DaemonTest):
    def setUp(self):
        super().setUp()
        self.vmmqd = self.daemon(CONFIG).start()
        self.text = read("rpc.md")

    def test_methods(self):
        documented = documented_methods(self.text)
        methods = {method["name"]: method for method in self.vmmqd.ask("rpc.discover")["methods"]}
        self.assertEqual(set(documented), set(methods))
        for name, (changes, params) in documented.items():
            self.assertEqual(methods[name]["changes"], changes, name)
            if "as in the configuration file" in params:
                params = vport_fields(read("configuration.md"))
            known = set(methods[name]["params"]["properties"])
            named = set(re.findall(r"`([a-z_]+)`", params))
            self.assertEqual(known, named, name)

    def test_records(self):
        with self.vmmqd.client() as client:
            vport = client.ask("vport.show", vport=1)
            del vport["processors"], vport["entries"]
            adapter = client.ask("adapter.show")
            records = {"adapter": adapter, "port": adapter["uplink"], "vport": vport,
                       "processor": client.ask("processors.show")["processors"][0],
                       "rss": client.ask("rss.show", vport=1), "filter": client.ask("filters.show")["filters"][0]}
        for name, record in records.items():
            self.assertEqual(documented_record(self.text, name), set(record), name)

    def test_options(self):
        options = set(re.findall(r"--[a-z-]+", subprocess.run([PROGRAM, "--help"], capture_output=True, text=True,
                                                              check=True).stdout))
        self.assertEqual(options - set(re.findall(r"--[a-z-]+", read("vmmqd.md"))), set())


if __name__ == "__main__":
    main()
