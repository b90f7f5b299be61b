#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The control socket under clients that err, dawdle, vanish, or mean harm.     VMMQD=PROGRAM protocol_test.py"""
import json
import os
import resource
import socket
import threading
import time
import unittest

from daemon import HANG, Client, Daemon, DaemonTest, main, wait_until


def mac(number):
    return "02:00:00:%02x:%02x:%02x" % (number >> 16 & 255, number >> 8 & 255, number & 255)


class Protocol(DaemonTest):
    def setUp(self):
        super().setUp()
        self.vmmqd = self.daemon("adapter: {processors: [0, 1]}\nvports:\n  - {id: 1, name: web}\n").start()

    def error(self, client, code):
        answer = client.answer()
        self.assertEqual(answer["error"]["code"], code, answer)
        return answer

    # Framing

    def test_pieces(self):
        request = b'{"jsonrpc":"2.0","id":"x","method":"vport.show","params":{"vport":1}}\r\n'
        with self.vmmqd.client() as client:
            for byte in request:
                client.send(bytes([byte]))
            self.assertEqual(client.answer()["result"]["name"], "web")
            client.send(request * 3)
            for _ in range(3):
                self.assertEqual(client.answer()["id"], "x")

    def test_half_sent(self):
        with self.vmmqd.client() as half, self.vmmqd.client() as whole:
            half.send(b'{"jsonrpc":"2.0","id":1,"method":"vport.add"')
            whole.ask("adapter.show")
            half.connection.shutdown(socket.SHUT_WR)
            self.error(half, -32700)
            self.assertIsNone(half.answer())
        self.assertEqual(len(self.vmmqd.ask("vports.show")["vports"]), 2)

    def test_half_closed(self):
        with self.vmmqd.client() as client:
            for number in range(300):
                client.request("filter.add", {"vport": 1, "mac": mac(number)})
            client.send(b'{"jsonrpc":"2.0","id":"last","method":"filters.show"}')  # no line end
            client.connection.shutdown(socket.SHUT_WR)
            for number in range(300):
                self.assertEqual(client.answer()["id"], number + 1)
            self.assertEqual(len(client.answer()["result"]["filters"]), 300)
            self.assertIsNone(client.line())

    def test_sent_and_gone(self):
        """What was sent whole is carried out, whoever waits for the answer."""
        client = self.vmmqd.client()
        client.send(b"".join(json.dumps({"jsonrpc": "2.0", "method": "filter.add", "params": {
            "vport": 1, "mac": mac(number)}}).encode() + b"\n" for number in range(2000)))
        client.connection.close()
        wait_until(lambda: len(self.vmmqd.ask("filters.show")["filters"]) == 2000, "2000 filters")

    def test_long_lines(self):
        with self.vmmqd.client() as client:
            refused = self.refused(-32602, client.ask, "vport.add", name="x" * (1 << 20))
            self.assertIn("1 to 256 characters", str(refused))
            for size in (1 << 20, (4 << 20) - 1000):
                self.assertEqual(client.ask("config.apply", yaml="adapter: {processors: [0, 1]}\n" + "#" * size,
                                            dry_run=True)["applied"], False)

    def test_too_long_line(self):
        with self.vmmqd.client() as client, self.vmmqd.client() as other:
            client.connection.settimeout(HANG)
            try:
                client.send(b"x" * (6 << 20) + b"\n")
            except (BrokenPipeError, ConnectionResetError):
                pass
            other.ask("adapter.show")
            self.assertIn("longer than", self.error(client, -32600)["error"]["message"])
            self.assertIsNone(client.line())

    def test_many_long_lines(self):
        """Lines that do not end must not take all memory: who has sent most is dropped, the others are served."""
        clients = [self.vmmqd.client() for _ in range(4)]
        with self.vmmqd.client() as other:
            for client in clients:
                client.connection.settimeout(HANG)
                try:
                    client.send(b"x" * ((4 << 20) - 1))
                except (BrokenPipeError, ConnectionResetError):
                    pass
                other.ask("adapter.show")
            dropped = 0
            for client in clients:
                client.connection.setblocking(False)
                try:
                    dropped += client.connection.recv(1) == b""
                except BlockingIOError:
                    pass
                except ConnectionResetError:
                    dropped += 1
                client.close()
            self.assertGreaterEqual(dropped, 2)
            other.ask("adapter.show")

    def test_not_requests(self):
        cases = [(b"nonsense", -32700), (b"\0\0\0", -32700), (b"\xff\xfe", -32700), (b"{", -32700),
                 (b"[" * 100000, -32600), (b'{"a":' * 5000 + b"1" + b"}" * 5000, -32600),
                 (b'{"a":' * 32 + b"1" + b"}" * 31, -32700),
                 (b'{"id":1,"id":1}', -32700), (b"[]", -32600), (b"7", -32700), (b"{}", -32600),
                 (b'{"jsonrpc":"2.0","id":[],"method":"adapter.show"}', -32600),
                 (b'{"jsonrpc":"2.0","id":1,"method":"adapter.show","params":[]}', -32602),
                 (b'{"jsonrpc":"2.0","id":1,"method":"adapter\\u0000show"}', -32700)]
        with self.vmmqd.client() as client:
            for line, code in cases:
                client.send(line + b"\n")
                self.error(client, code)
            client.send(b"\n \r\n\t\n")  # empty lines are nothing at all
            client.ask("adapter.show")

    def test_ids(self):
        with self.vmmqd.client() as client:
            for number in (0, -1, 2 ** 53 + 1, 1.5, "", "ä\n\"", None):
                client.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": "drops.show"}).encode() + b"\n")
                answer = client.answer()
                self.assertEqual(answer["id"], number)
                self.assertEqual(answer["result"], {"drops": []})

    def test_notifications(self):
        with self.vmmqd.client() as client:
            client.send(b'{"jsonrpc":"2.0","method":"filter.add","params":{"vport":1,"mac":"02:00:00:00:00:01"}}\n')
            client.send(b'{"jsonrpc":"2.0","method":"filter.add","params":{"vport":99,"mac":"02:00:00:00:00:02"}}\n')
            client.send(b'{"jsonrpc":"2.0","method":"nothing"}\n')
            self.assertEqual(len(client.ask("filters.show")["filters"]), 1)

    # Methods

    def test_unknown_methods(self):
        with self.vmmqd.client() as client:
            refused = self.refused(-32601, client.ask, "vport.ad")
            self.assertIn("vport.add", str(refused))
            for name in ("", "x" * 100000, "rpc", "\u2603"):
                self.refused(-32601, client.ask, name)

    def wrong_values(self, schema):
        """Values that a schema does not allow."""
        values = [None, True, False, 0, -1, 1.5, 2 ** 40, "", "x\u0001", "no-such-word", "y" * 2000, [], [None],
                  ["x"], ["ipv4", "ipv4"], {}, {"zzz": 1}]
        return [value for value in values if not fits(schema, value)]

    def members(self, schema, value, path=""):
        """Every member of an object schema: (its schema, a function that puts something else there)."""
        for name, member in schema.get("properties", {}).items():
            def put(other, name=name):
                return {**value, name: other}
            yield path + name, member, put
            inner = member["items"] if member.get("type") == "array" else member
            if "properties" in inner:
                least = example(inner)
                for sub_path, sub, sub_put in self.members(inner, least, path + name + "."):
                    def wrap(other, sub_put=sub_put, put=put, member=member):
                        made = sub_put(other)
                        return put([made] if member.get("type") == "array" else made)
                    yield sub_path, sub, wrap

    def test_wrong_types(self):
        """Every member of every method, with values of every wrong kind: -32602 that names it, and nothing changes."""
        before = self.vmmqd.everything()
        tried = 0
        with self.vmmqd.client() as client:
            for method in client.ask("rpc.discover")["methods"]:
                for path, schema, put in self.members(method["params"], example(method["params"])):
                    for value in self.wrong_values(schema):
                        number = client.request(method["name"], put(value))
                        answer = client.answer()
                        self.assertEqual(answer["id"], number)
                        self.assertIn("error", answer, f"{method['name']} {path} {value!r}")
                        self.assertEqual(answer["error"]["code"], -32602, f"{method['name']} {path} {value!r}")
                        field = answer["error"]["data"]["field"].replace("[0]", "")
                        self.assertTrue(field.startswith(path) or path.startswith(field), (path, answer))
                        tried += 1
                for name in method["params"]["required"]:
                    least = example(method["params"])
                    del least[name]
                    client.request(method["name"], least)
                    self.assertEqual(client.answer()["error"]["data"]["field"], name)
        self.assertGreater(tried, 500)
        self.assertEqual(self.vmmqd.everything(), before)

    def test_refused(self):
        with self.vmmqd.client() as client:
            refused = self.refused(-32000, client.ask, "rss.set", vport=1, indirection_table=[0, 9], enabled=True)
            self.assertEqual(refused.data["status"], "INVALID_DATA")
            self.assertIn("indirection_table[1]", refused.data["field"])
            self.assertEqual(self.refused(-32000, client.ask, "rss.show", vport="nobody").data["status"], "INVALID_PORT")
            self.assertEqual(self.refused(-32000, client.ask, "filter.delete", filter=77).data["status"],
                             "FILE_NOT_FOUND")
            self.assertEqual(self.refused(-32000, client.ask, "vport.add", name="web").data["field"], "name")
            refused = self.refused(-32000, client.ask, "config.apply", yaml="adapter:\n  processors: [0\n")
            self.assertIn("line", refused.data["text"])

    def test_order_of_one_client(self):
        """Questions see the changes before them, and not those behind."""
        with self.vmmqd.client() as client:
            for number in range(200):
                client.request("filter.add", {"vport": 1, "mac": mac(number)})
                client.request("filters.show")
            for number in range(200):
                self.assertEqual(client.answer()["id"], 2 * number + 1)
                self.assertEqual(len(client.answer()["result"]["filters"]), number + 1)

    def test_move_of_several_actors(self):
        with self.vmmqd.client() as client:
            client.ask("rss.set", vport=1, enabled=True, indirection_table=[0, 1, 0, 1])
            self.assertEqual(client.ask("rss.move", vport="web", moves=[
                {"entry": 0, "processor": 1}, {"entry": 1, "processor": 0}, {"default": True, "processor": 1}]),
                {"vport": 1, "moved": 3})
            show = client.ask("rss.show", vport=1)
            self.assertEqual((show["indirection_table"], show["default_processor"]), ([1, 0, 0, 1], 1))
            before = self.vmmqd.everything()
            refused = self.refused(-32000, client.ask, "rss.move", vport=1, moves=[
                {"entry": 0, "processor": 0}, {"entry": 1, "processor": 1}, {"entry": 3, "processor": 7}])
            self.assertEqual(refused.data["status"], "INVALID_DATA")
            self.assertTrue(refused.data["field"].startswith("moves[2]"), refused.data)
            self.refused(-32000, client.ask, "rss.move", vport=1, moves=[{"entry": 4, "processor": 0}])
            self.refused(-32000, client.ask, "rss.move", vport=1, moves=[
                {"entry": 0, "processor": 0}, {"entry": 0, "processor": 1}])
            self.assertEqual(self.vmmqd.everything(), before)

    def test_dry_run(self):
        with self.vmmqd.client() as client:
            before = self.vmmqd.everything()
            yaml = "adapter: {processors: [0, 1]}\nvports:\n  - {id: 5, filters: [{mac: \"02:00:00:00:00:05\"}]}\n"
            dry = client.ask("config.apply", yaml=yaml, dry_run=True)
            self.assertEqual(self.vmmqd.everything(), before)
            wet = client.ask("config.apply", yaml=yaml)
            self.assertEqual((dry["applied"], wet["applied"]), (False, True))
            self.assertEqual(dry["changes"], wet["changes"])
            self.assertEqual({change["change"] for change in wet["changes"]},
                             {"vport.add", "vport.delete", "filter.add"})
            self.assertEqual(client.ask("config.apply", yaml=yaml)["changes"], [])
            self.assertEqual(client.ask("config.apply", yaml=client.ask("config.show")["yaml"])["changes"], [])

    def test_oid(self):
        with self.vmmqd.client() as client:
            drop = client.ask("oid.request", oid=0x00010239, method="set", buffer="80010c00" + "00" * 8)
            self.assertEqual(drop["status"], "NOT_SUPPORTED")  # the switch is the daemon's
            made = bytearray.fromhex("80022802000000000100000000000000") + bytes(0x228 - 16)
            for pairs, status in ((16, "SUCCESS"), (17, "INVALID_PARAMETER")):  # it was made statically
                made[0x224] = pairs
                answer = client.ask("oid.request", oid=0x00010237, method="method", buffer=made.hex())
                self.assertEqual(answer["status"], status, answer["why"])
            short = client.ask("oid.request", oid=0x00010203, method="query", buffer="00")  # RSS capabilities
            self.assertEqual(short["status"], "INVALID_LENGTH")
            room = client.ask("oid.request", oid=0x00010203, method="query", buffer="00" * short["bytes"])
            self.assertEqual((room["status"], room["code"], room["why"]), ("SUCCESS", 0, None))
            self.assertEqual(len(room["buffer"]), 2 * short["bytes"])

    # Crowds

    def test_fifty_clients(self):
        """Each of 50 adds filters of its own, and deletes every second one; nothing is lost or mixed up."""
        failures = []

        def work(number):
            try:
                with self.vmmqd.client() as client:
                    ids = []
                    for step in range(20):
                        client.request("filter.add", {"vport": 1, "mac": mac(number << 8 | step)})
                    for _ in range(20):
                        ids.append(client.answer()["result"]["filter"])
                    for identity in ids[::2]:
                        client.ask("filter.delete", filter=identity)
            except Exception as error:  # told by the main thread
                failures.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        expected = {mac(number << 8 | step) for number in range(50) for step in range(1, 20, 2)}
        self.assertEqual({row["mac"] for row in self.vmmqd.ask("filters.show")["filters"]}, expected)

    def test_too_many_clients(self):
        """272 of an owner's who have all asked something: one more is told so."""
        crowd = [self.vmmqd.client() for _ in range(272)]
        for client in crowd:
            client.ask("drops.show")
        with self.vmmqd.client() as one_more:
            self.assertIn("272 clients", self.error(one_more, -32000)["error"]["message"])
            self.assertIsNone(one_more.line())
        for client in crowd:
            client.connection.close()
        wait_until(self.answers, "an answer after the crowd has left")

    def answers(self):
        try:
            self.vmmqd.ask("drops.show")
            return True
        except Exception:
            return False

    def test_one_who_does_not_read(self):
        """His requests wait; the others' do not, and the daemon does not grow with what he sends."""
        with self.vmmqd.client() as client:
            client.ask("config.apply", yaml="adapter: {processors: [0, 1]}\nvports:\n" + "".join(
                f"  - {{id: {number}}}\n" for number in range(1, 500)))
        with self.vmmqd.client() as sleeper, self.vmmqd.client() as other:
            sleeper.connection.setblocking(False)
            sent = 0
            try:
                while sent < 8 << 20:
                    sent += sleeper.connection.send(b'{"jsonrpc":"2.0","id":1,"method":"vports.show"}\n' * 1000)
            except BlockingIOError:
                pass
            for _ in range(20):
                other.ask("drops.show")  # while sleeper's stand still: he never reads
            with open(f"/proc/{self.vmmqd.process.pid}/status", encoding="ascii") as file:
                resident = [int(line.split()[1]) for line in file if line.startswith("VmRSS:")][0]
            self.assertLess(resident, 400 << 10)

    def test_subscriber(self):
        with self.vmmqd.client() as watcher, self.vmmqd.client() as client:
            watcher.ask("monitor.subscribe")
            client.ask("filter.add", vport=1, mac=mac(1))
            event = watcher.answer()
            while event["params"]["event"].startswith("client."):
                event = watcher.answer()
            self.assertEqual((event["method"], event["params"]["event"], event["params"]["vport"]),
                             ("event", "filter.added", 1))
            self.assertNotIn("id", event)
            with self.assertRaises(Exception):
                client.ask("filter.add", vport=1, mac=mac(1))
            self.assertEqual(watcher.answer()["params"]["event"], "request.refused")
            with self.vmmqd.client():
                event = watcher.answer()["params"]
                self.assertEqual((event["event"], event["pid"], event["uid"]),
                                 ("client.connected", os.getpid(), os.getuid()))
            self.assertEqual(watcher.answer()["params"]["event"], "client.disconnected")

    def test_subscriber_who_does_not_read(self):
        """He loses events, is told how many, and keeps his connection."""
        with self.vmmqd.client() as watcher, self.vmmqd.client() as client:
            watcher.ask("monitor.subscribe")
            many = "adapter: {processors: [0, 1]}\nvports:\n" + "".join(
                f"  - {{id: {number}}}\n" for number in range(1, 4001))
            for _ in range(5):
                client.ask("config.apply", yaml=many)
                client.ask("config.apply", yaml="adapter: {processors: [0, 1]}\n")
            lost = seen = 0
            watcher.connection.settimeout(1)
            while not lost:
                try:
                    event = watcher.answer()["params"]
                except socket.timeout:  # what was lost is told before the next event
                    self.vmmqd.ask("drops.show")
                    continue
                seen += event["event"].startswith("vport.")
                if event["event"] == "events.lost":
                    lost = event["count"]
            self.assertLessEqual(seen + lost, 40100)
            self.assertGreater(seen, 100)
            self.vmmqd.ask("drops.show")

    def test_out_of_descriptors(self):
        """When no more can be opened, those that are connected are served, and it goes on when there are some again."""
        with self.vmmqd.client() as client:
            client.ask("drops.show")  # it has been let in
            pid = self.vmmqd.process.pid
            used = len(os.listdir(f"/proc/{pid}/fd"))
            limit = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (used, limit[1]))
            waiting = self.vmmqd.client()
            client.ask("drops.show")
            time.sleep(0.3)
            client.ask("drops.show")
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limit)
            waiting.ask("drops.show")
            waiting.connection.close()

    @unittest.skipIf(os.getuid() != 0, "needs root: to become another user")
    def test_no_permission(self):
        self.assertFalse(os.stat(self.vmmqd.socket).st_mode & 0o007)
        os.chmod(self.directory, 0o755)
        pid = os.fork()
        if pid == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            try:
                Client(self.vmmqd.socket)
            except PermissionError:
                os._exit(13)
            os._exit(0)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 13)


def fits(schema, value):
    """Whether a value fits a schema, as far as rpc.discover's schemas go."""
    import re
    if "anyOf" in schema:
        return any(fits(one, value) for one in schema["anyOf"])
    if "const" in schema:
        return value == schema["const"] and isinstance(value, type(schema["const"]))
    if "enum" in schema:
        return value in schema["enum"]
    kind = schema["type"]
    if kind == "null":
        return value is None
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool) and \
            schema["minimum"] <= value <= schema["maximum"]
    if kind == "string":
        return isinstance(value, str) and len(value) >= schema.get("minLength", 0) and \
            len(value) <= schema.get("maxLength", 1 << 30) and \
            ("minLength" not in schema or "\u0001" not in value) and \
            ("pattern" not in schema or re.search(schema["pattern"], value) is not None)
    if kind == "array":
        return isinstance(value, list) and schema["minItems"] <= len(value) <= schema.get("maxItems", 1 << 30) and \
            (not schema.get("uniqueItems") or len(set(map(str, value))) == len(value)) and \
            all(fits(schema["items"], one) for one in value)
    return isinstance(value, dict) and all(name in value for name in schema["required"]) and \
        all(name in schema["properties"] and fits(schema["properties"][name], one) for name, one in value.items()) and \
        ("oneOf" not in schema or sum(one["required"][0] in value for one in schema["oneOf"]) == 1)


def example(schema):
    """The least that fits."""
    if "anyOf" in schema:
        return example(schema["anyOf"][0])
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema["type"]
    if kind == "boolean":
        return False
    if kind == "integer":
        return schema["minimum"]
    if kind == "string":
        return "02:00:00:00:00:01" if "{5}" in schema.get("pattern", "") else "x" * schema.get("minLength", 0)
    if kind == "array":
        return [example(schema["items"])] * schema["minItems"]
    least = {name: example(schema["properties"][name]) for name in schema["required"]}
    for one in schema.get("oneOf", [])[:1]:
        least[one["required"][0]] = example(schema["properties"][one["required"][0]])
    return least


if __name__ == "__main__":
    main()
