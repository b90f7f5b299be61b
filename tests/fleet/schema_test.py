# SPDX-License-Identifier: BSD-2-Clause
"""share/vmmq.ovsschema in a real ovsdb-server: what is right can be stored, nonsense cannot, and a host writes what is its own only."""
import json
import os
import re
import sys
import tempfile
import unittest

from store import ROOT, SCHEMA, Store, host, pki, run, tls_options, uuid_set, vport, vport_row

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import wait_until  # noqa: E402

HASH_TYPES = ["ipv4", "tcp_ipv4", "udp_ipv4", "ipv6", "tcp_ipv6", "udp_ipv6", "ipv6_ex", "tcp_ipv6_ex", "udp_ipv6_ex"]
FULL = dict(vlans=["set", [0, 7, 4095]], hash_types=["set", HASH_TYPES], hash_key="6d" * 40, default_queue=127, primary_queue=127,
            queue_pairs=128, indirection_table=["map", [[entry, entry] for entry in range(128)]],
            external_ids=["map", [["iface-id", "x"]]], macs=["set", ["02:00:00:00:00:01", "02:00:00:00:00:02"]])
WRONG = (  # a column, a value, what is said
    ("name", "", "minimum allowed length 1"),
    ("name", "n" * 65, "maximum allowed length 64"),
    ("generation", -1, "minimum allowed value 0"),
    ("macs", ["set", []], "must have 1 to 64 members"),
    ("macs", "02:00:00:00:00", "minimum allowed length 17"),
    ("vlans", 4096, "not in the valid range 0 to 4095"),
    ("vlans", -1, "not in the valid range 0 to 4095"),
    ("queue_pairs", 0, "not in the valid range 1 to 128"),
    ("queue_pairs", 129, "not in the valid range 1 to 128"),
    ("queue_pairs", "4", "expected integer"),
    ("rss", "maybe", "not one of the allowed values"),
    ("hash_types", "sctp_ipv4", "not one of the allowed values"),
    ("hash_key", "6d" * 39, "minimum allowed length 80"),
    ("indirection_table", ["map", []], "must have 1 to 128 members"),
    ("indirection_table", ["map", [[128, 0]]], "not in the valid range 0 to 127"),
    ("indirection_table", ["map", [[0, 128]]], "not in the valid range 0 to 127"),
    ("indirection_table", ["map", [[0, 0], [0, 1]]], "duplicate"),
    ("default_queue", 128, "not in the valid range 0 to 127"),
    ("primary_queue", -1, "not in the valid range 0 to 127"),
    ("scaling", "", "not one of the allowed values"),
    ("activation", "later", "not one of the allowed values"),
    ("host", ["uuid", "00000000-0000-4000-8000-000000000000"], "referential integrity violation"),
    ("destination", ["set", [["named-uuid", "a"], ["named-uuid", "b"]]], "must have 0 to 1 members"),
    ("processors", 1, "unknown column"),
)
STATUS = {"vport": "web", "host": "hv1", "generation": 1, "state": "active"}
HOST_STATUS = {"host": "hv1", "processors": 8, "version": "1", "heartbeat": 1}


def insert(table, row, **more):
    return {"op": "insert", "table": table, "row": row, **more}


def update(table, row, *where):
    return {"op": "update", "table": table, "where": list(where), "row": row}


def documented_roles(target):
    """What docs/fleet.md has administrators do, with another place to listen at."""
    with open(os.path.join(ROOT, "docs", "fleet.md"), encoding="utf-8") as file:
        text = re.search(r"ovsdb-client transact \S+ '(.*?)'", file.read(), re.DOTALL)[1]
    operations = json.loads(text.replace("pssl:6640", target))
    assert operations.pop(0) == "VMMQ"
    return operations


class Schema(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.store = Store(self.folder.name).create()
        self.addCleanup(lambda: self.store.kill())

    def test_version(self):
        self.assertEqual("1.0.0", run("ovsdb-tool", "schema-version", SCHEMA).strip())
        self.assertEqual("VMMQ", run("ovsdb-tool", "schema-name", SCHEMA).strip())
        self.assertEqual("no", run("ovsdb-tool", "needs-conversion", self.store.database, SCHEMA).strip())
        with open(SCHEMA, encoding="utf-8") as file:
            bounded = json.load(file)["tables"]
        for table, definition in bounded.items():  # what a host is to hold in memory has an end
            for column, of in definition["columns"].items():
                for atom in (part for part in (of["type"]["key"], of["type"].get("value")) if part):
                    self.assertTrue(atom["type"] != "string" or "maxLength" in atom or "enum" in atom, f"{table}.{column}")

    def test_what_is_right_is_stored(self):
        self.store.start()
        self.store.transact(host("hv1"), host("hv2"), vport("web", host=uuid_set("hv1"), destination=uuid_set("hv2"), **FULL),
                            insert("VPort_Status", STATUS), insert("VPort_Status", {**STATUS, "host": "hv2", "state": "prepared"}),
                            insert("Host_Status", HOST_STATUS))
        row, = self.store.rows("VPort")
        self.assertEqual(FULL["hash_key"], row["hash_key"])
        self.assertEqual(sorted(HASH_TYPES), row["hash_types"][1])
        self.store.transact(vport("least", 9))

    def test_nonsense_is_refused(self):
        self.store.start()
        self.store.transact(host("hv1"), vport("web", host=uuid_set("hv1")))
        before = self.store.rows("VPort")
        for column, value, said in WRONG:
            with self.subTest(column=column, value=value):
                self.assertIn(said, self.store.refused(host("a"), host("b"), insert("VPort", {**vport_row("x"), column: value})))
        for left_out in ("name", "macs", "queue_pairs", "rss", "scaling", "activation"):
            with self.subTest(left_out=left_out):
                row = {column: value for column, value in vport_row("x").items() if column != left_out}
                self.assertIn("constraint violation", self.store.refused(insert("VPort", row)))
        self.assertIn("constraint violation", self.store.refused(vport("web", 2)))
        self.assertIn("constraint violation", self.store.refused(host("hv1")))
        self.assertIn("referential integrity", self.store.refused({"op": "delete", "table": "Host", "where": []}))
        self.assertIn("constraint violation", self.store.refused(update("VPort", {"name": "mail"})))
        self.assertIn("constraint violation", self.store.refused(update("Host", {"name": "hv9"})))
        self.assertEqual(before, self.store.rows("VPort"))

    def test_nonsense_of_a_host_is_refused(self):
        self.store.start()
        self.store.transact(insert("VPort_Status", STATUS), insert("Host_Status", HOST_STATUS), insert("Fleet", {}))
        self.assertIn("constraint violation", self.store.refused(insert("VPort_Status", STATUS)))
        self.assertIn("constraint violation", self.store.refused(insert("Host_Status", HOST_STATUS)))
        self.assertIn("greater than the schema-defined limit of 1", self.store.refused(insert("Fleet", {})))
        for table, row in (("VPort_Status", {"state": "fine"}), ("VPort_Status", {"reason": "x" * 1025}),
                           ("VPort_Status", {"host": "hv2"}), ("VPort_Status", {"vport": "mail"}), ("Host_Status", {"processors": 0}),
                           ("Host_Status", {"host": "hv2"}), ("Host_Status", {"heartbeat": -1})):
            with self.subTest(row=row):
                self.assertIn("constraint violation", self.store.refused(update(table, row)))

    def test_a_host_writes_what_is_its_own(self):
        folder = self.folder.name
        pki(folder, "store", "hv1", "hv2")
        self.store.options = tls_options(folder, "store")
        self.store.remotes = ["db:VMMQ,Fleet,connections"]
        self.store.start()
        self.store.transact(host("hv1"), host("hv2"), vport("web", host=uuid_set("hv1")), *documented_roles("pssl:0:127.0.0.1"))
        port = wait_until(lambda: self.store.listening(), lambda: "the port of the connection")
        one, two = ({"remote": f"ssl:127.0.0.1:{port}", "options": tls_options(folder, name)} for name in ("hv1", "hv2"))
        self.store.transact(insert("Host_Status", HOST_STATUS), insert("VPort_Status", STATUS), **one)
        self.store.transact(update("VPort_Status", {"state": "released", "reason": "drained"}, ["vport", "==", "web"]), **one)
        for operation in (insert("Host_Status", {**HOST_STATUS, "host": "hv3"}), update("VPort_Status", {"state": "active"}),
                          {"op": "delete", "table": "VPort_Status", "where": []}, update("VPort", {"queue_pairs": 1}),
                          {"op": "mutate", "table": "VPort", "where": [], "mutations": [["generation", "+=", 1]]},
                          {"op": "delete", "table": "VPort", "where": []}, update("Host", {"drain": True}),
                          insert("Host", {"name": "hv3"}), update("RBAC_Role", {"permissions": ["map", []]}),
                          update("Connection", {"role": ""}), update("Fleet", {"connections": ["set", []]})):
            with self.subTest(operation=operation):
                self.assertIn("permission error", self.store.refused(operation, **two))
        self.assertEqual(["released"], [row["state"] for row in self.store.rows("VPort_Status")])


if __name__ == "__main__":
    unittest.main()
