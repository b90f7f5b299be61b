# SPDX-License-Identifier: BSD-2-Clause
"""The client in C against servers that lie, flood, stop in the middle and talk nonsense: each is left for a reason that says so."""
import concurrent.futures
import itertools
import json
import os
import socket
import sys
import tempfile
import threading
import time
import unittest

from follow import Follow
from store import SCHEMA, messages, pki

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG, wait_until  # noqa: E402

with open(SCHEMA, encoding="utf-8") as schema_file:
    GOOD_SCHEMA = json.load(schema_file)
ZERO, TXN, ROW = (f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "012")
GOOD_SERVER = {"name": "VMMQ", "model": "clustered", "connected": True, "leader": True, "cid": ["uuid", ROW]}
VPORT = {"name": "web", "macs": "02:00:00:00:00:01"}


class Liar:
    """A server that answers as it is told: answers: {what: value or a function of the request's params}; None: not at all."""

    def __init__(self, path, **answers):
        self.answers = {"server": {"Database": {ROW: {"initial": GOOD_SERVER}}}, "index": [{"rows": [{"index": 7}]}],
                        "schema": GOOD_SCHEMA, "rows": [False, TXN, {}], "aware": {}, **answers}
        self.after = self.answers.pop("after", b"")
        self.hello = self.answers.pop("hello", b"")
        self.piece = self.answers.pop("piece", 1 << 20)
        self.trickles = False
        self.asked, self.got = [], []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(HANG)

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self.serve(connection)
                except OSError:
                    pass

    def send(self, connection, data):
        for at in range(0, len(data), self.piece):
            connection.sendall(data[at:at + self.piece])

    def serve(self, connection):
        self.send(connection, self.hello)
        for message in messages(connection):
            self.answer(connection, message)

    def answer(self, connection, message):
        if "method" not in message:
            self.got.append(message)
            return
        self.asked.append(message)
        what = {"monitor_cond": "server", "transact": "index", "get_schema": "schema", "monitor_cond_since": "rows",
                "set_db_change_aware": "aware"}[message["method"]]
        answer = self.answers[what]
        if callable(answer):
            answer = answer(message)
        if answer is not None:
            self.send(connection, answer if isinstance(answer, bytes) else reply(message["id"], answer))
        if what == "rows":
            self.send(connection, self.after)
            while self.trickles:
                connection.sendall(b" ")
                time.sleep(0.005)


def reply(number, result):
    return json.dumps({"id": number, "result": result, "error": None}).encode()


def notify(method, *params):
    return json.dumps({"method": method, "params": params, "id": None}).encode()


def update(changes, table="VPort"):
    return notify("update3", "rows", TXN, {table: changes})


def server(**more):
    row = {**GOOD_SERVER, **more}
    return {"Database": {ROW: {"initial": {name: value for name, value in row.items() if value is not None}}}}


def types(table, column, of):
    schema = json.loads(json.dumps(GOOD_SCHEMA))
    if of is None:
        del schema["tables"][table]["columns"][column]
    else:
        schema["tables"][table]["columns"][column]["type"] = of
    return schema


HELLO = {  # what comes before anything else: what is said of it
    b"HTTP/1.1 400 Bad Request\r\n\r\n": "it does not speak OVSDB",
    b"[]": "each of its messages has to begin with {",
    b"{]": "it sent what is no JSON",
    b'{"a": 1, "a": 2}': "it sent what is no JSON: duplicate object key",
    b'{"id": 1e999}': "it sent what is no JSON: real number overflow",
    b'{"\xff": 1}': "it sent what is no JSON",
    b'{"a": "\\u0000"}': "it sent what is no JSON",
    b"{" + b'"x":[' * 40: "a message of more than 32 levels",
    b'{"x": "' + b"y" * 70000: "a message of more than 65536 bytes",
    b'{"x": [' + b"1," * 33000 + b"[],": "a message of more than 65536 bytes",
    reply(99, {}): "it answered what it was not asked",
    reply(None, {}): "it answered what it was not asked",
    reply("1", {}): "it answered what it was not asked",
    update({}): "it sent rows that were not asked for",
    notify("update2", "server", {}): "it sent an update that was not asked for",
    notify("monitor_canceled", "rows"): "its database has been taken away or converted",
    b'{"error": {"x": 1}}': "it answered what it was not asked",
}
SAID = (  # an answer that lies: what is said of it
    ({"server": {}}, "it has no database VMMQ"),
    ({"server": server(name="Other")}, "it has no database VMMQ"),
    ({"server": server(connected=False)}, "it is not connected to its cluster"),
    ({"server": server(connected=None)}, "it is not connected to its cluster"),
    ({"server": server(connected="yes")}, "Database.connected: a value of type boolean is needed"),
    ({"server": server(model="relay", connected=False)}, "it is not connected to what it relays"),
    ({"server": server(name=["set", ["VMMQ", "x"]])}, "Database.name: 2 elements, where 1 to 1 are allowed"),
    ({"server": server(extra=1)}, "Database.extra: this column was not asked for"),
    ({"server": server(name="V" * 5000)}, "more than 4096 bytes of rows"),
    ({"server": []}, "updates are an object"),
    ({"schema": {}}, "its schema is not that of database VMMQ"),
    ({"schema": {"name": "VMMQ"}}, "its schema (version unknown) has no table Host"),
    ({"schema": types("VPort", "macs", None)}, "its schema (version 1.0.0) has no column macs in table VPort"),
    ({"schema": types("VPort", "macs", "integer")}, "has another type in column VPort.macs: integer and void, where string and void"),
    ({"schema": types("VPort", "macs", "colour")}, 'its schema\'s column VPort.macs: "colour" is no type'),
    ({"schema": types("VPort", "macs", {"key": "string", "max": 0})}, '"max" 1 or more'),
    ({"rows": [False, TXN]}, "updates are an object"),
    ({"rows": [False, "x", {}]}, "rows without the id of their transaction"),
    ({"rows": [False, TXN, {"Secret": {}}]}, "table Secret was not asked for"),
    ({"rows": [False, TXN, {"VPort": []}]}, "VPort: a table's updates are an object"),
    ({"rows": [False, TXN, {"VPort": {"x": {"initial": VPORT}}}]}, 'VPort: "x" is no UUID'),
    ({"rows": [False, TXN, {"VPort": {ROW.upper() + "0": {"initial": VPORT}}}]}, "is no UUID"),
    ({"rows": [False, TXN, {"VPort": {ROW: {}}}]}, "VPort: a row's update has one member"),
    ({"rows": [False, TXN, {"VPort": {ROW: {"initial": VPORT, "insert": VPORT}}}]}, "VPort: a row's update has one member"),
    ({"rows": [False, TXN, {"VPort": {ROW: {"initial": None}}}]}, "VPort: a row is an object"),
    ({"rows": [False, TXN, {"VPort": {ROW: {"initial": {"macs": ["set", ["a", "a"]]}}}}]}, "VPort.macs: an element is there twice"),
    ({"rows": [False, TXN, {"VPort": {ROW: {"initial": {"host": ["uuid", "x"]}}}}]}, "VPort.host: a value of type uuid is needed"),
    ({"rows": [False, TXN, {"VPort": {ROW: {"initial": {"vlans": ["set", list(range(65))]}}}}]}, "VPort.vlans: 65 elements, where 0 to 64"),
    ({"rows": [False, TXN, {"VPort": {ROW: {"initial": {"indirection_table": ["map", [[1]]]}}}}]}, "has a key and a value"),
    ({"rows": [False, TXN, {"VPort": {ROW: {"initial": {"indirection_table": 1}}}}]}, "VPort.indirection_table: a map is needed"),
    ({"rows": [True, TXN, {"VPort": {ROW: {"modify": VPORT}}}]}, '"modify" of a row that it has not sent'),
    ({"after": update({ROW: {"modify": VPORT}})}, f'VPort: "modify" of row {ROW}, which is not here'),
    ({"after": update({ROW: {"delete": None}})}, f'VPort: "delete" of row {ROW}, which is not here'),
    ({"after": update({ROW: {"insert": {"macs": ["set", []]}}})}, "VPort.macs: 0 elements, where 1 to 64"),
    ({"after": update({ROW: {"insert": VPORT}}) + update({ROW: {"modify": {"macs": VPORT["macs"]}}})}, "VPort.macs: 0 elements"),
    ({"after": update({ROW: {"insert": VPORT}}) + update({ROW: {"burn": {}}})}, '"burn" is no update of a row'),
    ({"after": notify("update3", "other", TXN, {})}, "it sent rows that were not asked for"),
    ({"after": notify("update3")}, "it sent rows that were not asked for"),
    ({"after": update({f"{number:08x}{ROW[8:]}": {"insert": {**VPORT, "external_ids": ["map", [["k", "v" * 200]]]}}
                       for number in range(100)})}, "more than 30000 bytes of rows for this client"),
    ({"index": lambda message: b'{"id": %d, "result": null, "error": "\x1b[31m\\n"}' % message["id"]}, "it sent what is no JSON"),
    ({"index": lambda message: b'{"id": %d, "result": null, "error": "a\\u001b[31m\\nb\\u00e4"}' % message["id"]},
     "it refuses to be followed: a?[31m?b??"),
    ({"rows": lambda message: b'{"id": %d, "result": null, "error": {"error": "unknown", "details": "no"}}' % message["id"]},
     "it refuses to be followed: unknown: no"),
)


class Hostile(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.count = itertools.count()

    def liar(self, **answers):
        path = os.path.join(self.folder.name, f"liar{next(self.count)}")
        liar = Liar(path, **answers)
        self.addCleanup(liar.close)
        return liar, "unix:" + path

    def is_left(self, case):
        """Returns what is wrong with a case: (answers, what is to be said of them)."""
        answers, said = case
        _, remote = self.liar(**answers)
        try:
            with Follow("--message-len", "65536", "--rows-len", "30000", remote) as follow:
                follow.said(said)
        except AssertionError as wrong:
            return f"{said}: {wrong}"
        return None

    def are_left(self, cases):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for case, wrong in zip(cases, pool.map(self.is_left, cases)):
                with self.subTest(said=case[1]):
                    self.assertIsNone(wrong)

    def test_hello(self):
        self.are_left([({"hello": hello}, said) for hello, said in HELLO.items()])

    def test_hello_byte_by_byte(self):
        self.are_left([({"hello": b" \n" + reply(1, {}) + b"\n" + reply(2, server()) + b"x", "piece": 1}, "it does not speak OVSDB")])

    def test_answers(self):
        self.are_left(SAID)

    def test_what_is_good_comes_in_any_pieces(self):
        for piece in (1, 7, 1 << 20):
            _, remote = self.liar(rows=[False, TXN, {"VPort": {ROW: {"initial": {**VPORT, "name": 'a"]}\\'}}}}], piece=piece)
            with self.subTest(piece=piece), Follow(remote) as follow:
                follow.following(whole=1)
                self.assertEqual(['a"]}\\'], [row["name"] for row in follow.dump()["VPort"].values()])

    def test_an_update_that_is_wrong_in_its_last_row_changes_nothing(self):
        rows = {f"{number:08x}{ROW[8:]}": {"insert": {**VPORT, "name": str(number)}} for number in range(9)}
        bad = update({**rows, ROW: {"insert": {**VPORT, "generation": "x"}}})
        liar, remote = self.liar(rows=[False, TXN, {"VPort": {TXN: {"initial": VPORT}}}], after=bad)
        with Follow(remote) as follow:
            follow.said("VPort.generation: a value of type integer is needed")
            wait_until(lambda: sum(message["method"] == "monitor_cond_since" for message in liar.asked) > 1, "the next try")
            self.assertEqual({TXN}, set(follow.dump()["VPort"]))
            again = [message["params"][3] for message in liar.asked if message["method"] == "monitor_cond_since"]
            self.assertEqual([ZERO.replace("4", "0").replace("8", "0")] * 2, again[:2])  # all of it is asked for

    def test_a_server_that_goes_on_where_another_left_off(self):
        """And one that says so without having been asked."""
        given = []

        def rows(message):
            given.append(message["params"][3])
            if len(given) == 1:
                return [True, TXN, {"VPort": {ROW: {"initial": VPORT}}}]
            return [True, TXN, {"VPort": {ROW: {"modify": {"vlans": 5}}}}]

        liar, remote = self.liar(rows=rows)
        liar.after = update({ROW: {"modify": {"generation": 3}}}) + b"x"
        with Follow(remote) as follow:
            follow.said("it does not speak OVSDB")
            follow.row(lambda before, after: before and after["vlans"] == 5 and after["generation"] == 3)
            self.assertEqual(TXN, given[1])
            self.assertEqual(1, follow.state()["whole"])

    def test_echoes(self):
        echo = b'{"method": "echo", "id": "x", "params": [1]}' + b'{"method": "steal", "id": 7, "params": []}'
        liar, remote = self.liar(after=echo)
        with Follow(remote) as follow:
            follow.following()
            wait_until(lambda: len(liar.got) == 2, "both answers")
        self.assertEqual([{"result": [1], "error": None, "id": "x"}, {"result": None, "error": "unknown method", "id": 7}], liar.got)

    def test_echoes_whose_answers_nobody_reads(self):
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        path = os.path.join(self.folder.name, "deaf")
        listener.bind(path)
        listener.listen()
        with Follow("--message-len", "65536", "unix:" + path) as follow:
            connection, _ = listener.accept()
            connection.settimeout(HANG)
            try:
                while True:
                    connection.sendall(b'{"method": "echo", "id": "x", "params": ["' + b"y" * 60000 + b'"]}')
            except (BrokenPipeError, ConnectionResetError):
                pass
            follow.said("it does not read what is sent to it")
            connection.close()

    def test_one_that_is_behind(self):
        """Also when one between did not say how far it was."""
        numbers = iter([9, ["set", []], 8])
        _, remote = self.liar(index=lambda message: [{"rows": [{"index": next(numbers, 9)}]}], after=b"x")
        with Follow(remote) as follow:
            follow.said("it is behind: at index 8, where its cluster was at 9 before")
            follow.until(lambda: follow.state()["whole"] > 2, "it has caught up")

    def test_another_cluster(self):
        """What was known of the first is not gone on with, however far behind the second is."""
        first = iter([{**GOOD_SERVER}])
        other = {**GOOD_SERVER, "cid": ["uuid", TXN]}
        numbers = iter([9])
        liar, remote = self.liar(server=lambda message: {"Database": {ROW: {"initial": next(first, other)}}},
                                 index=lambda message: [{"rows": [{"index": next(numbers, 1)}]}], after=b"x")
        with Follow(remote) as follow:
            follow.until(lambda: follow.state()["whole"] >= 2, "both")
        self.assertEqual(1, len({message["params"][3] for message in liar.asked if message["method"] == "monitor_cond_since"}
                                - {TXN}))

    def test_tls(self):
        """What is no TLS, an alert, half a record, silence, and an end in the middle of the handshake."""
        folder = self.folder.name
        pki(folder, "hv1")
        for hello, said in ((b"HTTP/1.1 400 Bad Request\r\n\r\n", "TLS: "), (b"\x15\x03\x03\x00\x02\x02\x28", "TLS: "),
                            (b"\x16\x03\x03\x40\x00", "closed the connection"), (b"", "closed the connection"),
                            (None, "it has not answered for")):
            with self.subTest(hello=hello), socket.create_server(("127.0.0.1", 0)) as listener, \
                    Follow("--probe-ms", "2000" if hello is not None else "50", "--key", f"{folder}/hv1.key", "--certificate",
                           f"{folder}/hv1.pem", "--ca", f"{folder}/ca.pem", f"ssl:127.0.0.1:{listener.getsockname()[1]}") as follow:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(1 << 16)
                    if hello is not None:
                        connection.sendall(hello)
                        connection.shutdown(socket.SHUT_WR)
                    follow.said(said)

    def saved(self, **more):
        """A file as a client saves it that has seen index 7 and one row."""
        path = os.path.join(self.folder.name, f"saved{next(self.count)}")
        _, remote = self.liar(rows=[False, TXN, {"VPort": {ROW: {"initial": {**VPORT, "vlans": ["set", [1, 2]]}}}}])
        with Follow("--saved", path, remote) as follow:
            follow.following()
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        with open(path, "w", encoding="utf-8") as file:
            json.dump({**content, **more}, file)
        return path, content

    def test_one_that_is_behind_what_was_saved(self):
        path, _ = self.saved()
        _, remote = self.liar(index=[{"rows": [{"index": 6}]}])
        with Follow("--saved", path, remote) as follow:
            follow.said("it is behind: at index 6, where its cluster was at 7 before")
            self.assertEqual({ROW}, set(follow.dump()["VPort"]))  # which is known without any server

    def test_a_saved_state_that_is_spoiled(self):
        _, content = self.saved()
        bad_row = {**content["rows"], "VPort": {ROW: {"initial": {"vlans": "x"}}}}
        for more, said in (({"last": "x"}, "last: a UUID is needed"), ({"cluster": None}, "cluster: a UUID is needed"),
                           ({"index": -1}, "index: a number of 0 or more"), ({"where": []}, "where: one for each of 2 tables"),
                           ({"where": [None, 1]}, "lists of conditions"), ({"schema": {}}, "not that of database VMMQ"),
                           ({"rows": bad_row}, "VPort.vlans: a value of type integer is needed"),
                           ({"rows": None}, "updates are an object")):
            path, _ = self.saved(**more)
            follow = Follow("--saved", path, "unix:/nowhere")
            with self.subTest(said=said), self.assertRaisesRegex(AssertionError, f"ended with 1: .*{said}"), follow:
                follow.process.wait(HANG)

    def test_silence(self):
        for silent in ("server", "index", "schema", "rows"):
            with self.subTest(silent=silent):
                _, remote = self.liar(**{silent: None})
                with Follow("--probe-ms", "50", remote) as follow:
                    follow.said("it has not answered for")

    def test_one_that_talks_and_does_not_answer(self):
        liar, remote = self.liar(rows=None)
        liar.trickles = True
        with Follow("--probe-ms", "50", remote) as follow:
            follow.said("it has not answered for")


if __name__ == "__main__":
    unittest.main()
