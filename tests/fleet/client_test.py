# SPDX-License-Identifier: BSD-2-Clause
"""The client in C (src/ovsdb) against a real ovsdb-server: what it knows is what is there, whatever happens to the server."""
import json
import os
import random
import sys
import tempfile
import unittest

from follow import Follow
from store import SCHEMA, Store, host, pki, run, tls_options, uuid_set, vport

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import wait_until  # noqa: E402

COLUMNS = {"Host": ["name", "drain"],
           "VPort": ["name", "generation", "macs", "vlans", "hash_key", "indirection_table", "host", "external_ids"]}
SEED = int(os.environ.get("VMMQ_TEST_SEED", random.randrange(1 << 32)))


def plain(value):
    """A value as ovsdb-follow and servers both may write it: in order."""
    if isinstance(value, list) and value[0] in ("set", "map"):
        return [value[0], sorted(value[1])]
    return value


def stored(store):
    return {table: {row["_uuid"][1]: {name: plain(row[name]) for name in columns}
                    for row in store.rows(table, "_uuid", *columns)} for table, columns in COLUMNS.items()}


def known(follow):
    return {table: {uuid: {name: plain(value) for name, value in row.items()} for uuid, row in rows.items()}
            for table, rows in follow.dump().items()}


def where_name(name):
    return [["name", "==", name]]


def random_change(chance, names):
    """One operation on the VPorts; names: of those that there are."""
    def some(most):
        return sorted(chance.sample(range(12), chance.randint(0, most)))

    kind = chance.choice(["insert", "delete", "update", "mutate", "mutate", "mutate", "mutate"]) if names else "insert"
    if kind == "insert":
        names.append(f"vport{chance.randrange(1 << 40)}")
        return vport(names[-1], len(names), vlans=["set", some(9)], external_ids=["map", [[str(key), "x"] for key in some(5)]])
    name = chance.choice(names)
    if kind == "delete":
        names.remove(name)
        return {"op": "delete", "table": "VPort", "where": where_name(name)}
    if kind == "update":
        table = [[entry, chance.randrange(9)] for entry in range(chance.choice([1, 2, 4, 8]))]
        return {"op": "update", "table": "VPort", "where": where_name(name),
                "row": {"indirection_table": ["map", table], "hash_key": chance.choice([["set", []], "6d" * 40, "ab" * 40])}}
    return {"op": "mutate", "table": "VPort", "where": where_name(name), "mutations": chance.choice([
        [["vlans", "insert", ["set", some(4)]]], [["vlans", "delete", ["set", some(4)]]], [["generation", "+=", 1]],
        [["external_ids", "insert", ["map", [[str(key), "y"] for key in some(4)]]]],
        [["external_ids", "delete", ["set", [str(key) for key in some(4)]]]]])}


class Client(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.store = Store(self.folder.name).create().start()
        self.addCleanup(lambda: self.store.kill())

    def agrees(self, follow):
        wait_until(lambda: known(follow) == stored(self.store), lambda: f"seed {SEED}: {known(follow)} is not {stored(self.store)}")

    def change(self, count, names, chance):
        for _ in range(count):
            self.store.transact(*(random_change(chance, names) for _ in range(chance.randint(1, 3))))

    def test_rows_are_what_the_server_has(self):
        """By differences of sets and maps alone: nothing is read whole again."""
        chance, names = random.Random(SEED), []
        self.change(20, names, chance)
        with Follow(self.store.remote) as follow:
            follow.following(whole=1)
            self.agrees(follow)
            for _ in range(10):
                self.change(30, names, chance)
                self.agrees(follow)
            self.assertEqual((1, 0), (follow.state()["whole"], follow.state()["resumed"]))

    def test_a_server_that_is_killed(self):
        self.store.transact(host("hv1"), *(vport(f"v{number}", number, host=uuid_set("hv1")) for number in range(20)))
        with Follow(self.store.remote) as follow:
            follow.following(whole=1)
            self.store.kill()
            follow.said("closed the connection")
            before = len(follow.of("row"))
            self.store.start()
            self.store.transact({"op": "update", "table": "VPort", "where": where_name("v7"), "row": {"generation": 2}},
                                {"op": "delete", "table": "VPort", "where": where_name("v8")})
            follow.following(whole=2)  # a server alone does not remember its transactions
            self.agrees(follow)
            changed = sorted((event["before"]["name"], event["after"] and event["after"]["generation"])
                             for event in follow.of("row")[before:])
            self.assertEqual([("v7", 2), ("v8", None)], changed)  # and yet only differences are told

    def test_compaction(self):
        with Follow(self.store.remote) as follow:
            follow.following(whole=1)
            self.store.transact(host("hv1"), vport("web", host=uuid_set("hv1")))
            self.store.appctl("ovsdb-server/compact")
            self.store.transact({"op": "update", "table": "VPort", "where": [], "row": {"generation": 2}})
            follow.row(lambda before, after: before and after and after["generation"] == 2)
            self.agrees(follow)
            self.assertEqual((1, 0), (follow.state()["whole"], follow.state()["resumed"]))

    def test_a_schema_that_changes(self):
        with open(SCHEMA, encoding="utf-8") as file:
            schema = json.load(file)
        newer, older = os.path.join(self.folder.name, "newer"), os.path.join(self.folder.name, "older")
        schema["version"] = "1.1.0"
        schema["tables"]["VPort"]["columns"]["colour"] = {"type": "string"}
        schema["tables"]["VPort"]["columns"]["vlans"]["type"]["max"] = "unlimited"
        with open(newer, "w", encoding="utf-8") as file:
            json.dump(schema, file)
        schema["version"] = "0.9.0"
        del schema["tables"]["VPort"]["columns"]["macs"]
        with open(older, "w", encoding="utf-8") as file:
            json.dump(schema, file)
        self.store.transact(vport("web"))
        with Follow(self.store.remote) as follow:
            follow.following(whole=1)
            run("ovsdb-client", "convert", self.store.remote, newer)
            follow.following(whole=2)
            self.store.transact({"op": "update", "table": "VPort", "where": [], "row": {"colour": "red", "generation": 5}})
            follow.row(lambda before, after: after and after["generation"] == 5)
            self.agrees(follow)
            run("ovsdb-client", "convert", self.store.remote, older)
            follow.said("its schema (version 0.9.0) has no column macs in table VPort")
            self.assertEqual({"web"}, {row["name"] for row in follow.dump()["VPort"].values()})

    def test_transactions(self):
        with Follow(self.store.remote) as follow:
            follow.following()
            until = {"op": "wait", "timeout": 0, "table": "VPort", "where": where_name("web"), "columns": ["generation"], "until": "==",
                     "rows": [{"generation": 1}]}
            raise_it = {"op": "update", "table": "VPort", "where": where_name("web"), "row": {"generation": 2}}
            outcome, why, results = follow.transact(vport("web"))
            self.assertEqual(("committed", "", "uuid"), (outcome, why, results[0]["uuid"][0]))
            self.assertEqual("committed", follow.transact(until, raise_it)[0])
            self.assertEqual("conflict", follow.transact(until, raise_it)[0])  # somebody was first
            outcome, why, _ = follow.transact(vport("web"))
            self.assertEqual("refused", outcome)
            self.assertIn("constraint violation", why)
            self.assertEqual("refused", follow.transact({"op": "nonsense"})[0])
            self.store.pause()
            follow.command(transact=[vport("mail", 2)], id=99)
            wait_until(lambda: follow.dump(), "a sign that it was sent")
            self.store.kill()
            lost, = follow.until(lambda: [event for event in follow.of("done") if event["id"] == 99], "the one that is lost")
            self.assertEqual("lost", lost["outcome"])
            follow.command(transact=[vport("mail", 2)], id=100)
            refused, = follow.until(lambda: [event for event in follow.of("done") if event["id"] == 100], "its refusal")
            self.assertEqual(("not now", "no server is connected"), (refused["outcome"], refused["why"]))

    def test_rows_that_are_wanted(self):
        self.store.transact(host("hv1"), host("hv2"), *(vport(f"v{number}", number, host=uuid_set(f"hv{number % 2 + 1}"))
                                                        for number in range(6)))
        with Follow(self.store.remote) as follow:
            follow.command(where=["VPort", [False]])
            follow.following()
            own = next(uuid for uuid, row in follow.dump()["Host"].items() if row["name"] == "hv1")
            self.assertEqual({}, follow.dump()["VPort"])
            follow.command(where=["VPort", [["host", "includes", ["uuid", own]]]])
            wait_until(lambda: len(follow.dump()["VPort"]) == 3, "the rows of hv1")
            self.store.transact({"op": "update", "table": "VPort", "where": where_name("v0"), "row": {"host": ["set", []]}},
                                {"op": "update", "table": "VPort", "where": where_name("v1"), "row": {"host": ["uuid", own]}})
            wait_until(lambda: {row["name"] for row in follow.dump()["VPort"].values()} == {"v1", "v2", "v4"}, "v1 in the place of v0")
            self.store.kill()
            follow.said("closed the connection")
            follow.command(where=["VPort", [["name", "==", "v3"]]])  # while there is no server
            self.store.start()
            follow.following(whole=2)
            self.assertEqual({"v3"}, {row["name"] for row in follow.dump()["VPort"].values()})

    def test_a_server_that_stands_still(self):
        second = Store(self.folder.name, "second").create().start()
        self.addCleanup(second.kill)
        with Follow("--probe-ms", "300", self.store.remote, second.remote) as follow:
            first, other = (self.store, second) if follow.following()["remote"] == self.store.remote else (second, self.store)
            first.pause()
            follow.said(first.remote + ": it has not answered for")
            self.assertEqual(other.remote, follow.following()["remote"])
            first.resume()

    def test_tls(self):
        folder, stranger = self.folder.name, os.path.join(self.folder.name, "stranger")
        os.mkdir(stranger)
        pki(folder, "store", "hv1")
        pki(stranger, "hv1")
        secure = Store(folder, "secure", remotes=["pssl:0:127.0.0.1"], options=tls_options(folder, "store")).create().start()
        self.addCleanup(secure.kill)
        port = wait_until(lambda: secure.listening(), "the port")
        remote = f"ssl:127.0.0.1:{port}"

        def words(where, ca):
            return ["--key", f"{where}/hv1.key", "--certificate", f"{where}/hv1.pem", "--ca", f"{ca}/ca.pem", remote]

        with Follow(*words(folder, folder)) as follow:
            follow.following()
            long = "x" * 200
            names = [[f"{number}", long] for number in range(64)]
            for number in range(40):  # more than a record of TLS, both ways
                self.assertEqual("committed", follow.transact(vport(f"v{number}", number, external_ids=["map", names]))[0])
            self.assertEqual(40, len(follow.dump()["VPort"]))
        with Follow(*words(folder, folder)) as follow:
            follow.following()
            self.assertEqual(40, len(follow.dump()["VPort"]))
        with Follow(*words(folder, stranger)) as follow:
            follow.said("its certificate is not to be trusted")
        with Follow(*words(stranger, folder)) as follow:
            follow.said(f"{remote}: TLS: ")

    def test_what_cannot_be_begun(self):
        pki(self.folder.name, "hv1")
        pki_of = self.folder.name
        good = {"--key": f"{pki_of}/hv1.key", "--certificate": f"{pki_of}/hv1.pem", "--ca": f"{pki_of}/ca.pem"}
        for remote, files, said in (
                ("udp:1.2.3.4:1", {}, "unix:PATH, tcp:ADDRESS:PORT or ssl:ADDRESS:PORT is needed"), ("tcp:localhost:1", {}, "in numbers"),
                ("tcp:127.0.0.1:65536", {}, "is needed"), ("tcp:[::1:6640", {}, "is needed"), ("tcp:127.0.0.1:0", {}, "is needed"),
                ("unix:" + "x" * 108, {}, "is needed"), ("unix:", {}, "is needed"), ("tcp:127.0.0.1:66x", {}, "is needed"),
                ("ssl:127.0.0.1:1", {}, "need a private key"),
                ("ssl:127.0.0.1:1", {**good, "--ca": "/nowhere"}, "CA's certificate /nowhere"),
                ("ssl:127.0.0.1:1", {**good, "--key": "/nowhere"}, "private key /nowhere"),
                ("ssl:127.0.0.1:1", {**good, "--certificate": "/dev/null"}, "certificate /dev/null")):
            with self.subTest(remote=remote, files=files):
                follow = Follow(*(word for pair in files.items() for word in pair), remote)
                follow.process.wait()
                self.assertIn(said, follow.process.stderr.read())
                self.assertEqual(1, follow.process.returncode)
                follow.reader.join()
                for stream in (follow.process.stdin, follow.process.stdout, follow.process.stderr):
                    stream.close()


if __name__ == "__main__":
    print(f"VMMQ_TEST_SEED={SEED}")
    unittest.main()
