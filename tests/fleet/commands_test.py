# SPDX-License-Identifier: BSD-2-Clause
"""vmmq fleet against a real ovsdb-server, with hosts that only say what they would do (fake_host.py), and at last with two vmmqd.

    VMMQ=PROGRAM VMMQD=PROGRAM commands_test.py
"""
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from fake_host import FakeHost, Meddler
from store import Store, pki, tls_options

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "daemon"))
from daemon import Daemon  # noqa: E402
from hang import HANG, wait_until  # noqa: E402

VMMQ = os.environ.get("VMMQ", "vmmq")
MAC = "02:00:00:00:00:01"


class Fleet(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.store = Store(self.folder.name).create().start()
        self.addCleanup(lambda: self.store.kill())

    def start(self, *words, store=None, **more):
        environment = {**os.environ, "TERM": "xterm", "VMMQ_FLEET_STORE": store or self.store.remote}
        return subprocess.Popen([VMMQ, "fleet", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment,
                                **{"stderr": subprocess.PIPE, **more})

    def ended(self, process, status=0):
        """(standard output, standard error) of what has ended with that status."""
        out, error = process.communicate(timeout=HANG)
        self.assertEqual(status, process.returncode, out + (error or ""))
        return out, error

    def fleet(self, *words, **more):
        out, error = self.ended(self.start(*words, **more))
        self.assertEqual("", error)
        return out

    def json(self, *words, status=0, **more):
        return json.loads(self.ended(self.start(*words, "--json", **more), status)[0])

    def refused(self, says, *words, status=1, **more):
        """That changes nothing of what administrators write."""
        before = self.everything()
        _, error = self.ended(self.start(*words, **more), status)
        self.assertIn(says, error)
        self.assertEqual(before, self.everything())

    def everything(self):
        rows = [self.store.rows(table) for table in ("VPort", "Host", "RBAC_Role", "Connection")]
        return sorted(json.dumps(row, sort_keys=True) for table in rows for row in table)

    def vport(self, name="web"):
        """What the store has of it; None: nothing."""
        there = [vport["name"] for vport in self.json("show")["vports"]]
        return self.json("show", name)["vports"][0] if name in there else None

    def states(self, name="web"):
        return {row["host"]: row["state"] for row in self.store.rows("VPort_Status", where=[["vport", "==", name]])}

    def change(self, name="web", **columns):
        """Somebody else's change."""
        self.store.transact({"op": "update", "table": "VPort", "where": [["name", "==", name]], "row": columns},
                            {"op": "mutate", "table": "VPort", "where": [["name", "==", name]], "mutations": [["generation", "+=", 1]]})

    def become(self, name="web", **states):
        """Waits until hosts have said so; who has released it may say so or not any more."""
        def is_so():
            return {host: state for host, state in self.states(name).items() if state != "released" or host in states} == states
        wait_until(is_so, lambda: f"{states}, and not {self.states(name)}")

    @contextlib.contextmanager
    def hosts(self, *names, **processors):
        self.fleet("init", *names)
        with contextlib.ExitStack() as stack:
            yield [stack.enter_context(FakeHost(self.store, name, processors.get(name, 4))) for name in names]


class Intent(Fleet):
    def test_init(self):
        """Twice is once; what is another's is not touched."""
        words = ["init", "--listen", "pssl:0", "hv1", "hv2", "hv1"]
        self.assertEqual({"added": ["role host", "connection pssl:0", "host hv1", "host hv2"]}, self.json(*words))
        self.assertEqual({"added": []}, self.json(*words))
        self.assertEqual("host hv3 added\n", self.fleet("init", "hv3", "hv1"))
        granted = {row["table"]: row for row in self.store.rows("RBAC_Permission")}
        self.assertEqual(["set", ["heartbeat", "processors", "version"]], granted["Host_Status"]["update"])
        self.assertEqual(["set", ["generation", "reason", "state"]], granted["VPort_Status"]["update"])
        self.assertEqual({("host", True)}, {(row["authorization"], row["insert_delete"]) for row in granted.values()})
        self.assertEqual("connection pssl:0:127.0.0.1 added\n", self.fleet("init", "--listen", "pssl:0:127.0.0.1"))
        self.assertEqual(2, len(self.store.rows("Fleet")[0]["connections"][1]))
        self.store.transact({"op": "update", "table": "RBAC_Permission", "where": [["table", "==", "VPort_Status"]],
                             "row": {"authorization": ["set", []]}})
        self.refused("another role \"host\"", "init", "hv4")
        self.refused("pssl:PORT", "init", "--listen", "ptcp:6640", status=2)
        self.refused("a name of 1 to 64 bytes is needed", "init", "h" * 65, status=2)

    def test_host_rm(self):
        """With all that it has said, once nothing is on it."""
        with self.hosts("hv1", "hv2"):
            wait_until(lambda: len(self.store.rows("Host_Status")) == 2, "hosts to be there")
            self.fleet("vport", "add", "web", "--mac", MAC, "--host", "hv1")
            self.become(hv1="active")
            self.refused("hv1 is not empty: web, web (active there)", "host", "rm", "hv1")
            self.refused("the store has no host \"hv9\"", "host", "rm", "hv9")
            self.fleet("move", "web", "hv2")
        self.refused("hv2 is not empty: web, web (active there)", "host", "rm", "hv2")
        self.fleet("move", "web", "hv1", "--no-wait")
        self.refused("hv1 is not empty: web (on its way there)", "host", "rm", "hv1")
        self.fleet("move", "web", "--cancel")
        self.store.transact({"op": "insert", "table": "VPort_Status",
                             "row": {"vport": "old", "host": "hv1", "generation": 1, "state": "refused", "reason": "no"}})
        self.assertEqual({"host": "hv1", "removed": True}, self.json("host", "rm", "hv1"))
        for table, column in (("Host", "name"), ("Host_Status", "host"), ("VPort_Status", "host")):
            self.assertEqual({"hv2"}, {row[column] for row in self.store.rows(table)}, table)

    def test_host_rm_while_something_is_put_there(self):
        """Whoever comes second is told."""
        self.fleet("init", *(f"hv{number}" for number in range(6)))
        for number in range(6):
            add = self.start("vport", "add", f"v{number}", "--mac", f"02:00:00:00:00:{number:02x}", "--host", f"hv{number}")
            remove = self.start("host", "rm", f"hv{number}")
            ends = [process.wait(HANG) for process in (add, remove)]
            for process in (add, remove):
                process.communicate()
            self.assertEqual([0, 1], sorted(ends))
            self.assertEqual(ends[0] == 0, f"hv{number}" in [row["name"] for row in self.store.rows("Host")])

    def add_between(self, number, mac):
        """Somebody else puts a VPort on hv1."""
        return lambda: self.fleet("vport", "add", f"other{number}", "--mac", mac, "--host", "hv1")

    def test_others_put_on_the_same_host_meanwhile(self):
        """One MAC is one VPort's; with MACs of their own both are added."""
        self.fleet("init", "hv1", "hv2")
        taken = [f"02:00:00:00:01:{number:02x}" for number in range(3)]
        with Meddler(self.store, before=self.add_between(0, taken[0])) as meddler:
            _, error = self.ended(self.start("vport", "add", "web", "--mac", taken[0], "--host", "hv1", store=meddler.remote), 1)
            self.assertIn(f"hv1 would refuse it: macs: {taken[0]}", error)
        with Meddler(self.store, before=self.add_between(1, taken[1])) as meddler:
            self.ended(self.start("vport", "add", "web", "--mac", MAC, "--host", "hv1", store=meddler.remote))
        self.fleet("vport", "add", "guest", "--mac", taken[2], "--host", "hv2")
        with Meddler(self.store, before=self.add_between(2, taken[2])) as meddler:
            _, error = self.ended(self.start("move", "guest", "hv1", "--no-wait", store=meddler.remote), 1)
            self.assertIn("what is on its host, has changed meanwhile; nothing was changed", error)
        self.assertIsNone(self.vport("guest")["destination"])

    def test_init_by_two(self):
        """Both end well, and it is there once."""
        with Meddler(self.store, before=lambda: self.fleet("init", "hv1", "--listen", "pssl:0")) as meddler:
            self.assertEqual({"added": []}, self.json("init", "hv1", "--listen", "pssl:0", store=meddler.remote))
        for loses in ("before", "after"):
            with Meddler(self.store, loses=loses) as meddler:
                self.ended(self.start("init", "hv2" + loses, store=meddler.remote))
        self.assertEqual({"hv1", "hv2before", "hv2after"}, {row["name"] for row in self.store.rows("Host")})

    def test_vport(self):
        self.fleet("init", "hv1")
        self.assertEqual({"vport": "web", "generation": 1}, self.json(
            "vport", "add", "web", "--mac", "02-00-00-00-00-01,02:00:00:00:00:0A", "--vlan", "0,7,any", "--queue-pairs", "4",
            "--table", "0,1,2,3", "--default", "1", "--primary-queue", "2", "--types", "ipv4,tcp_ipv4", "--key", "6D" * 40,
            "--scaling", "dynamic", "--host", "hv1"))
        intent = {"name": "web", "generation": 1, "macs": [MAC, "02:00:00:00:00:0a"], "vlans": [0, 7, 4095], "queue_pairs": 4,
                  "rss": "on", "hash_types": ["ipv4", "tcp_ipv4"], "hash_key": "6d" * 40, "indirection_table": [0, 1, 2, 3],
                  "default_queue": 1, "primary_queue": 2, "scaling": "dynamic", "host": "hv1", "destination": None,
                  "activation": "at_once", "status": []}
        self.assertEqual(intent, self.vport())
        self.fleet("vport", "set", "web", "--no-vlan", "--no-types", "--no-key", "--no-host", "--rss", "hash_only")
        self.assertEqual({**intent, "generation": 2, "vlans": [], "hash_types": [], "hash_key": None, "host": None,
                          "rss": "hash_only"}, self.vport())
        self.fleet("vport", "add", "plain", "--mac", MAC)
        self.assertEqual({**intent, "name": "plain", "macs": [MAC], "vlans": [], "queue_pairs": 16, "rss": "off", "hash_types": [],
                          "hash_key": None, "indirection_table": [0], "default_queue": 0, "primary_queue": 0,
                          "scaling": "static", "host": None}, self.vport("plain"))
        self.fleet("vport", "set", "plain", "--key", "random", "--host", "hv1")
        self.assertEqual(80, len(self.vport("plain")["hash_key"]))
        self.assertEqual({"vport": "web", "removed": True}, self.json("vport", "rm", "web"))
        self.assertIsNone(self.vport())

    def test_what_a_host_would_refuse(self):
        with self.hosts("hv1", "hv2", hv2=2):
            self.fleet("vport", "add", "web", "--mac", MAC, "--host", "hv1", "--table", "0,1,2,3")
            add = ["vport", "add", "mail", "--mac", MAC]
            for says, words in (
                    ("hv1 would refuse it: macs: " + MAC, ["--host", "hv1"]),
                    ("hv2 would refuse it: frames go to queue 2, so 3 processors are needed; hv2 has 2",
                     ["--host", "hv2", "--primary-queue", "2"]),
                    ("the store has no host \"hv9\"", ["--host", "hv9"]),
                    ("indirection_table: 3 entries", ["--table", "0,1,2"]),
                    ("default_queue: queue 3", ["--queue-pairs", "2", "--default", "3"])):
                self.refused(says, *add, *words)
            self.refused("letters, digits", "vport", "add", "a/b", "--mac", MAC)
            self.refused("the store has a VPort \"web\" already", "vport", "add", "web", "--mac", MAC)
            self.refused("web is on hv1; 'vmmq fleet move web hv2' moves it", "vport", "set", "web", "--host", "hv2")
            self.refused("hv2 would refuse web: frames go to queue 3", "move", "web", "hv2")
            self.fleet("vport", "add", "mail", "--mac", "02:00:00:00:00:02", "--host", "hv1")
            self.refused("hv1 would refuse it: macs: " + MAC, "vport", "set", "mail", "--mac", MAC)
            self.fleet("vport", "set", "mail", "--mac", MAC, "--vlan", "7")

    def test_wrong_use(self):
        self.fleet("init", "hv1")
        self.fleet("vport", "add", "web", "--mac", MAC)
        key = "6d" * 39 + "6x"
        for says, *words in (
                ("of which \"x\" is wrong", "vport", "add", "a", "--mac", MAC + ",x"),
                ("of which \"" + MAC + "\" is there twice", "vport", "add", "a", "--mac", MAC + "," + MAC),
                ("--mac MAC,... is needed", "vport", "add", "a"),
                ("0 to 4094 or any", "vport", "set", "web", "--vlan", "4095"),
                ("1, 2, 4, ... 128 queues", "vport", "set", "web", "--table", "0,128"),
                ("a queue from 0 to 127", "vport", "set", "web", "--default", "1,2"),
                ("a number from 1 to 128", "vport", "set", "web", "--queue-pairs", "0"),
                ("did you mean dynamic", "vport", "set", "web", "--scaling", "dynamix"),
                ("80 hex digits, or random", "vport", "set", "web", "--key", key),
                ("contradict each other", "vport", "set", "web", "--key", "random", "--no-key"),
                ("nothing to change", "vport", "set", "web"),
                ("expected: NAME HOST", "move", "web"),
                ("take no HOST", "move", "web", "hv1", "--cancel"),
                ("contradict each other", "move", "web", "--cancel", "--finish"),
                ("a number from 1 to 64", "drain", "hv1", "--parallel", "0"),
                ("not both", "show", "web", "--host", "hv1"),
                ("ADDRESS:PORT", "show", "--store", "somewhere"),
                ("at most 24 servers", "show", "--store", ",".join(["unix:/x"] * 25))):
            self.refused(says, *words, status=2)
        self.assertNotIn(key, self.ended(self.start("vport", "set", "web", "--key", key), 2)[1])
        for says, *words in (
                ("the store has no VPort \"no\"", "show", "no"), ("the store has no VPort \"no\"", "vport", "rm", "no"),
                ("the store has no VPort \"no\"", "move", "no", "hv1"), ("the store has no host \"no\"", "drain", "no"),
                ("the store has no host \"no\"", "show", "--host", "no"), ("web is not on its way", "move", "web", "--finish"),
                ("'vmmq fleet vport set web --host hv1' puts it there", "move", "web", "hv1"),
                ("has not said anything of web", "release", "web", "hv1"),
                ("No such file", "show", "--store", "unix:/nonexistent", "--timeout", "1")):
            self.refused(says, *words)
        process = subprocess.run([VMMQ, "fleet", "show"], capture_output=True, text=True, timeout=HANG,
                                 env={key: value for key, value in os.environ.items() if key != "VMMQ_FLEET_STORE"})
        self.assertEqual(2, process.returncode)
        self.assertIn("no store is named", process.stderr)

    def test_show(self):
        with self.hosts("hv1", "hv2") as (_, there):
            there.refuses = {"mail": "no processors"}
            self.fleet("vport", "add", "web", "--mac", MAC, "--host", "hv1")
            self.fleet("vport", "add", "mail", "--mac", MAC, "--host", "hv2")
            self.become(hv1="active")
            wait_until(lambda: self.states("mail") == {"hv2": "refused"}, "mail")
            self.assertEqual(["VPORT HOST STATE   GENERATION REASON", "mail  hv2  refused        1/1 no processors",
                              "web   hv1  active         1/1 "], self.fleet("show").splitlines())
            self.assertEqual([{"name": "web", "generation": 1, "host": "hv1", "destination": None, "activation": "at_once", "status": [
                {"host": "hv1", "state": "active", "generation": 1, "reason": ""}]}], self.json("show", "--host", "hv1")["vports"])
            self.assertEqual("VPort web, generation 1", self.fleet("show", "web").splitlines()[0])
            host = self.json("hosts")["hosts"][0]
            self.assertEqual(("hv1", 4, "test", 1, 0, False),
                             tuple(host[key] for key in ("host", "processors", "version", "vports", "arriving", "drain")))
            self.assertRegex(self.fleet("hosts"), r"hv2 +4 test +\d+ .*ago +1 +0 no")


class Conflict(Fleet):
    def setUp(self):
        super().setUp()
        self.fleet("init", "hv1", "hv2")
        self.fleet("vport", "add", "web", "--mac", MAC, "--host", "hv1")

    def conflict(self, says, other, *words, asked=""):
        """While the command is about to write, or to ask what is on a host, somebody else does other()."""
        with Meddler(self.store, before=other, asked=asked) as meddler:
            _, error = self.ended(self.start(*words, store=meddler.remote), 1)
            self.assertIn(says, error)

    def test_says_what_changed(self):
        self.conflict("generation was 1 and is 2, queue_pairs was 16 and is 8; nothing was changed",
                      lambda: self.change(queue_pairs=8), "vport", "set", "web", "--queue-pairs", "4")
        self.assertEqual((2, 8), (self.vport()["generation"], self.vport()["queue_pairs"]))
        self.conflict("generation was 2 and is 3, host was hv1 and is none, macs is another one",
                      lambda: self.change(macs="02:00:00:00:00:09", host=["set", []]), "vport", "rm", "web")
        self.conflict("web has been removed meanwhile", lambda: self.fleet("vport", "rm", "web"),
                      "vport", "set", "web", "--host", "hv1")
        self.conflict("somebody else has added a VPort \"web\" meanwhile",
                      lambda: self.fleet("vport", "add", "web", "--mac", MAC, "--host", "hv2"), "vport", "add", "web", "--mac", MAC)
        self.assertEqual("hv2", self.vport()["host"])
        self.conflict("destination was none and is hv1", lambda: self.fleet("move", "web", "hv1", "--no-wait"),
                      "vport", "set", "web", "--queue-pairs", "2")

    def test_what_was_read_first_counts(self):
        """Not what has come while the command looked at other rows, by which nothing was judged."""
        for says, *words in (("queue_pairs was 16 and is 1", "vport", "set", "web", "--table", "0,1,2,3"),
                             ("queue_pairs was 16 and is 1", "move", "web", "hv2", "--no-wait")):
            self.conflict(says, lambda: self.change(queue_pairs=1), *words, asked="select")
            self.assertEqual((1, [0], None), tuple(self.vport()[key] for key in ("queue_pairs", "indirection_table", "destination")))
            self.change(queue_pairs=16)

    def test_many_at_once(self):
        """Each that ends well has raised the generation by one, and the last one's is what is there."""
        racers = [self.start("vport", "set", "web", "--queue-pairs", str(number), "--json") for number in range(1, 9)]
        won = []
        for number, racer in enumerate(racers, 1):
            out, error = racer.communicate(timeout=HANG)
            self.assertTrue(racer.returncode == 0 or "somebody else meanwhile" in error, error)
            if racer.returncode == 0:
                won.append((json.loads(out)["generation"], number))
        self.assertEqual(list(range(2, 2 + len(won))), sorted(generation for generation, _ in won))
        self.assertEqual(max(won), (self.vport()["generation"], self.vport()["queue_pairs"]))

    def test_lost_server(self):
        """Whether the server went before or after it had carried a change out, it is carried out once."""
        for loses in ("before", "after"):
            for generation, words in enumerate((["vport", "add", loses, "--mac", MAC], ["vport", "set", loses, "--queue-pairs", "2"]), 1):
                with Meddler(self.store, loses=loses) as meddler:
                    self.assertEqual({"vport": loses, "generation": generation}, self.json(*words, store=meddler.remote))
                self.assertEqual(generation, self.vport(loses)["generation"])
            with Meddler(self.store, loses=loses) as meddler:
                self.ended(self.start("vport", "rm", loses, store=meddler.remote))
            self.assertIsNone(self.vport(loses))
        with Meddler(self.store, loses="for ever") as meddler:
            _, error = self.ended(self.start("vport", "set", "web", "--queue-pairs", "2", "--timeout", "1", store=meddler.remote), 1)
            self.assertIn("whether it was carried out is not known", error)
        self.assertEqual(2, self.vport()["queue_pairs"])


class Move(Fleet):
    def test_at_once_and_with_the_first_frame(self):
        with self.hosts("hv1", "hv2") as (here, there):
            self.fleet("vport", "add", "web", "--mac", MAC, "--host", "hv1")
            self.become(hv1="active")
            self.assertEqual("", self.fleet("move", "web", "hv2"))
            self.assertEqual([("web", "prepared"), ("web", "active")], there.applied[:2])
            self.assertEqual([("web", "active"), ("web", "released")], here.applied[:2])
            self.assertEqual(("hv2", None, 3), tuple(self.vport()[key] for key in ("host", "destination", "generation")))
            self.assertEqual("there already", self.json("move", "web", "hv2")["state"])
            self.become(hv1="released", hv2="active")
            terminal, end = os.openpty()
            move = self.start("move", "web", "hv1", "--first-frame", "--json", stderr=end)
            os.close(end)
            told = ""
            while "\r\x1b[Khv1 has prepared web, and waits for the guest's first frame" not in told:
                told += os.read(terminal, 4096).decode()
            self.assertEqual({"hv1": "prepared", "hv2": "active"}, self.states())
            self.assertIsNone(move.poll())
            here.arrived = {"web"}
            self.assertEqual({"vport": "web", "from": "hv2", "to": "hv1", "state": "moved"}, json.loads(self.ended(move)[0]))
            os.close(terminal)
            self.assertEqual("hv1", self.vport()["host"])

    def test_without_waiting(self):
        with self.hosts("hv1", "hv2", "hv3") as (here, there, _):
            here.lets_go = False
            self.fleet("vport", "add", "web", "--mac", MAC, "--host", "hv1")
            self.become(hv1="active")
            self.assertEqual("moving", self.json("move", "web", "hv2", "--no-wait")["state"])
            self.become(hv1="active", hv2="prepared")
            self.refused("web is on its way from hv1 to hv2", "move", "web", "hv3")
            self.refused("hv2 has prepared web, hv1 is to let go", "move", "web", "--finish")
            self.refused("web is on its way from hv1 to hv2", "vport", "set", "web", "--no-host")
            self.assertEqual("cancelled", self.json("move", "web", "--cancel")["state"])
            self.become(hv1="active", hv2="released")
            here.lets_go = True
            self.fleet("move", "web", "hv2", "--no-wait")
            self.become(hv1="released", hv2="active")
            self.refused("it cannot be taken back: hv2 has activated web", "move", "web", "--cancel")
            self.assertEqual("moved", self.json("move", "web", "--finish")["state"])
            self.assertEqual(("hv2", None), (self.vport()["host"], self.vport()["destination"]))
            self.assertTrue(there.applied)

    def test_waits_again(self):
        """A command that was stopped has stopped nothing; two that wait both end well."""
        with self.hosts("hv1", "hv2") as (here, _):
            here.lets_go = False
            self.fleet("vport", "add", "web", "--mac", MAC, "--host", "hv1")
            self.become(hv1="active")
            move = self.start("move", "web", "hv2")
            self.become(hv1="active", hv2="prepared")
            move.send_signal(signal.SIGINT)
            self.assertIn("It stays on its way", self.ended(move, 1)[1])
            self.assertIn("It stays on its way", self.ended(self.start("move", "web", "hv2", "--wait", "1"), 1)[1])
            both = [self.start("move", "web", "hv2"), self.start("move", "web", "hv2")]
            here.lets_go = True
            for move in both:
                self.ended(move)
            self.assertEqual(("hv2", 3), (self.vport()["host"], self.vport()["generation"]))

    def test_refused(self):
        with self.hosts("hv1", "hv2") as (_, there):
            there.refuses = {"web": "filters: the MAC is here\x1b[2J"}  # which no terminal is to obey
            self.fleet("vport", "add", "web", "--mac", MAC, "--host", "hv1")
            self.become(hv1="active")
            self.assertIn("hv2 refuses web: filters: the MAC is here?[2J; it stays on hv1", self.ended(self.start("move", "web", "hv2"), 1)[1])
            self.assertEqual(("hv1", None), (self.vport()["host"], self.vport()["destination"]))

    def test_removed_meanwhile(self):
        with self.hosts("hv1", "hv2") as (here, _):
            here.lets_go = False
            self.fleet("vport", "add", "web", "--mac", MAC, "--host", "hv1")
            move = self.start("move", "web", "hv2")
            wait_until(lambda: "prepared" in self.states().values(), "the move")
            self.fleet("vport", "rm", "web")
            self.assertIn("web has been removed meanwhile", self.ended(move, 1)[1])

    def test_release(self):
        """Of a host that is dead, and of a move away from it; one that is alive is left alone."""
        self.fleet("init", "hv1", "hv2")
        dead = FakeHost(self.store, "hv1", heartbeat=int(time.time()) - 1000)
        with FakeHost(self.store, "hv2"):
            self.fleet("vport", "add", "web", "--mac", MAC, "--host", "hv1")
            dead.look()
            self.become(hv1="active")
            self.fleet("move", "web", "hv2", "--no-wait")
            self.become(hv1="active", hv2="prepared")
            self.refused("hv1 is to let go (hv1 was there 16 min", "move", "web", "--finish")
            self.assertEqual({"vport": "web", "released": "hv1"}, self.json("release", "web", "hv1"))
            self.become(hv2="active")
            self.assertEqual(("hv2", None), (self.vport()["host"], self.vport()["destination"]))
            self.refused("--force releases it all the same", "release", "web", "hv2")
            self.fleet("move", "web", "hv1", "--no-wait")
            dead.look()
            self.assertIn("hv1", self.states())
            self.assertEqual("hv1", self.json("release", "web", "hv1")["released"])
            self.assertEqual(("hv2", None), (self.vport()["host"], self.vport()["destination"]))


class Drain(Fleet):
    def fill(self, count):
        for number in range(count):
            self.fleet("vport", "add", f"v{number}", "--mac", f"02:00:00:00:01:{number:02x}", "--host", "hv1")

    def start_until_it_waits(self, *words):
        """(command, its terminal), once that says that it waits for hv2."""
        terminal, end = os.openpty()
        self.addCleanup(os.close, terminal)
        process = self.start(*words, stderr=end)
        os.close(end)
        told = ""
        while "hv2 is to prepare" not in told:
            told += os.read(terminal, 4096).decode()
        return process, terminal

    def on(self):
        return {vport["name"]: vport["host"] for vport in self.json("show")["vports"]}

    def test_to_where_there_is_room(self):
        with self.hosts("hv1", "hv2", "hv3", hv2=2, hv3=6):
            self.fill(8)
            self.assertEqual("8 moved, 0 left\n", self.fleet("drain", "hv1", "--parallel", "8"))
            hosts = {host["host"]: host for host in self.json("hosts")["hosts"]}
            self.assertEqual({"hv1": 0, "hv2": 2, "hv3": 6}, {name: host["vports"] for name, host in hosts.items()})
            self.assertTrue(hosts["hv1"]["drain"])
            self.refused("hv1 is being drained", "move", "v0", "hv1")
            self.refused("hv1 is being drained", "vport", "add", "more", "--mac", MAC, "--host", "hv1")
            self.assertEqual({"host": "hv1", "moved": [], "left": []}, self.json("drain", "hv1"))
            self.assertEqual({"host": "hv1", "drain": False}, self.json("drain", "hv1", "--off"))
            self.fleet("move", "v0", "hv1")

    def test_somebody_else_moves_too(self):
        """What another administrator moves while it waits for its turn goes where he wants it."""
        with self.hosts("hv1", "hv2", "hv3", hv2=64) as (here, _, _):
            here.lets_go = False
            self.fill(3)
            drain = self.start("drain", "hv1", "--parallel", "1", "--json")
            wait_until(lambda: "prepared" in self.states("v0").values(), "v0's move")
            self.fleet("move", "v1", "hv3", "--no-wait")
            self.fleet("vport", "rm", "v2")
            here.lets_go = True
            moved = json.loads(self.ended(drain)[0])["moved"]
            self.assertEqual([("v0", "hv2"), ("v1", "hv3"), ("v2", None)], [(vport["vport"], vport["to"]) for vport in moved])

    def test_what_is_left(self):
        """Where one refuses, others are asked; what none takes is left, with the reason."""
        with self.hosts("hv1", "hv2", "hv3", "hv4", hv1=8, hv4=1) as (here, second, third, _):
            second.refuses = {"v0": "not this one", "v1": "not that one"}
            third.refuses = {"v1": "nor here"}
            self.fill(3)
            self.fleet("vport", "add", "wide", "--mac", MAC, "--queue-pairs", "8", "--table", "0,7", "--host", "hv1")
            self.fleet("vport", "set", "v1", "--table", "0,1")
            self.fleet("drain", "hv4")
            result = self.json("drain", "hv1", status=1)
            self.assertEqual({"v0", "v2"}, {vport["vport"] for vport in result["moved"]})
            left = {vport["vport"]: vport["why"] for vport in result["left"]}
            self.assertEqual({"v1", "wide"}, set(left))
            self.assertRegex(left["v1"], "hv[23] refuses v1: (not that one|nor here)")
            self.assertIn("so 8 processors are needed", left["wide"])
            self.assertEqual({"v0": "hv3", "v1": "hv1", "wide": "hv1"}, {name: host for name, host in self.on().items() if name != "v2"})
            here.lets_go, second.refuses, third.refuses = False, {}, {}
            drain = self.start("drain", "hv1")
            wait_until(lambda: "prepared" in self.states("v1").values(), "v1's move")
            drain.send_signal(signal.SIGTERM)  # what is on its way stays so
            self.assertRegex(self.ended(drain, 1)[0], "v1 +hv[23] has prepared v1, hv1 is to let go")
            here.lets_go = True  # and begun again it is waited for
            self.assertEqual(["v1"], [vport["vport"] for vport in self.json("drain", "hv1", status=1)["moved"]])

    def test_what_is_said_at_the_end_is_so(self):
        """Of both, where the end comes together with news that others have read already."""
        with self.hosts("hv1") as (here,):
            here.lets_go = False
            self.fleet("init", "hv2")
            there = FakeHost(self.store, "hv2")
            self.fill(1)
            self.become("v0", hv1="active")
            self.fleet("move", "v0", "hv2", "--no-wait")
            waiting = [self.start_until_it_waits(*words) for words in (["move", "v0", "hv2"], ["drain", "hv1"])]
            for process, _ in waiting:
                process.send_signal(signal.SIGSTOP)
                os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
            there.look()
            self.assertEqual("prepared", self.states("v0")["hv2"])
            for process, terminal in waiting:
                process.send_signal(signal.SIGTERM)
                process.send_signal(signal.SIGCONT)
                out, _ = self.ended(process, 1)
                self.assertIn("hv2 has prepared v0, hv1 is to let go", out + os.read(terminal, 4096).decode())


class RealHosts(Fleet):
    def spawn(self, name):
        directory = os.path.join(self.folder.name, name)
        os.mkdir(directory)
        daemon = Daemon(directory, "adapter: {processors: [0, 1, 2, 3], moderation: interrupt}\n"
                        f"fleet: {{remotes: [\"{self.store.remote}\"], host: {name}, sockets: \"{directory}\"}}\n", ["--buffers", "2048", "--no-pin"])
        self.addCleanup(self.end, daemon.spawn())

    @staticmethod
    def end(daemon):
        daemon.process.kill()
        daemon.process.wait()

    def test_all_of_it(self):
        """vmmqd makes of it what the commands wait for."""
        self.fleet("init", "a", "b")
        self.spawn("a")
        self.spawn("b")
        wait_until(lambda: all("processors" in host for host in self.json("hosts")["hosts"]), "both hosts")
        self.fleet("vport", "add", "web", "--mac", MAC, "--table", "0,1", "--host", "a")
        self.fleet("vport", "add", "mail", "--mac", "02:00:00:00:00:02", "--host", "a")
        self.become(a="active")
        self.fleet("move", "web", "b")
        self.become(b="active")
        self.assertEqual([{"vport": "mail", "to": "b"}], self.json("drain", "a")["moved"])
        self.fleet("drain", "a", "--off")
        self.fleet("move", "web", "a", "--first-frame", "--no-wait")
        self.become(a="prepared", b="active")
        self.fleet("move", "web", "--cancel")
        self.become(b="active")
        self.fleet("vport", "rm", "web")
        wait_until(lambda: not self.states(), lambda: f"nothing, and not {self.states()}")


class Servers(Fleet):
    def test_relay(self):
        """It is read through, and never written to, whoever else is named."""
        relay = Store(self.folder.name, "relay", f"relay:VMMQ:{self.store.remote}").start()
        self.addCleanup(relay.kill)
        self.fleet("hosts", store=relay.remote)
        self.refused("is a relay", "init", "hv1", store=relay.remote)
        for number in range(4):
            self.fleet("init", f"hv{number}", store=f"{relay.remote},{self.store.remote}")
        wait_until(lambda: len(self.json("hosts", store=relay.remote)["hosts"]) == 4, "the relay")
        for number in range(4):  # the next one after a server that has gone is no other
            name = f"web{number}"
            with Meddler(self.store, loses="before") as meddler:
                self.fleet("vport", "add", name, "--mac", f"02:00:00:00:01:{number:02x}", store=f"{meddler.remote},{relay.remote}")
            self.assertEqual(1, self.vport(name)["generation"])

    def test_tls_and_role(self):
        """A host's certificate does not change what VPorts are."""
        pki(self.folder.name, "server", "admin")
        self.fleet("init", "hv1", "--listen", "pssl:0:127.0.0.1")
        self.store.kill()
        self.store.remotes = ["db:VMMQ,Fleet,connections"]
        self.store.options = tls_options(self.folder.name, "server")
        self.store.start()
        port = wait_until(self.store.listening, "the server's port")
        files = [word for option, file in (("private-key", "admin.key"), ("certificate", "admin.pem"), ("ca-certificate", "ca.pem"))
                 for word in ("--" + option, f"{self.folder.name}/{file}")]
        remote = f"ssl:127.0.0.1:{port}"
        self.assertEqual("hv1", self.json("hosts", *files, store=remote)["hosts"][0]["host"])
        self.refused("permission error", "init", "hv2", *files, store=remote)
        self.refused("permission error", "vport", "add", "web", "--mac", MAC, *files, store=remote)
        self.refused("private key", "hosts", store=remote, status=2)


if __name__ == "__main__":
    unittest.main()
