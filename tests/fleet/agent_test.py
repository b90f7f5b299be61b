#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Agents of real vmmqd with a real ovsdb-server: what is stored becomes so, what cannot be is refused by status, a VPort moves, and
whatever is killed meanwhile, never two hosts have one active.

    VMMQD=PROGRAM VMMQ=PROGRAM agent_test.py
"""
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
for part in ("daemon", "live"):
    sys.path.append(os.path.join(ROOT, part))
from daemon import HANG, Client, Daemon, Refused, listening_port, wait_until  # noqa: E402
from fake_host import Meddler  # noqa: E402
from frontend import Frontend  # noqa: E402
from schema_test import documented_roles  # noqa: E402
from store import SCHEMA, Store, host, messages, pki, run, tls_options, vport, vport_row  # noqa: E402

SEED = int(os.environ.get("VMMQ_TEST_SEED", str(random.randrange(1 << 32))))
NONE = ["set", []]


def named(name):
    return [["name", "==", name]]


class Fleet(unittest.TestCase):
    hosts = ("a", "b")
    config = ""  # more lines of the configuration
    options = ()

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="vmmq-fleet-")
        self.addCleanup(self.clean)
        self.agents = {}
        self.store = self.open_store()
        results = self.store.transact(*(host(name) for name in self.hosts))
        self.uuid = {name: result["uuid"] for name, result in zip(self.hosts, results)}
        self.uuid[None] = NONE
        for name in self.hosts:
            self.agents[name] = self.agent(name).spawn()
        for name in self.hosts:
            wait_until(self.agents[name].answers, "an answer")

    def open_store(self):
        return Store(self.directory).create().start()

    def remotes(self, _name):
        """What the fleet mapping has of the store."""
        return f"remotes: [\"{self.store.remote}\"]"

    def agent(self, name):
        directory = os.path.join(self.directory, name)
        os.mkdir(directory)
        return Daemon(directory, "adapter: {processors: [0, 1, 2, 3], moderation: interrupt}\n" + self.config +
                      f"fleet: {{{self.remotes(name)}, host: {name}, sockets: \"{directory}\"}}\n",
                      ["--buffers", "2048", "--no-pin", *self.options])

    def clean(self):
        for agent in self.agents.values():
            if agent.process and agent.process.poll() is None:
                self.assertEqual(agent.stop(), 0)
            self.assertNotIn("Sanitizer", agent.log_text(), agent.log_text()[-4000:])
        self.store.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    # --- what is stored, and what has become of it ---
    def change(self, name, **row):
        """Changes a VPort's row, and its generation."""
        for column in ("host", "destination"):
            if column in row:
                row[column] = self.uuid[row[column]]
        self.store.transact({"op": "update", "table": "VPort", "where": named(name), "row": row},
                            {"op": "mutate", "table": "VPort", "where": named(name), "mutations": [["generation", "+=", 1]]})

    def add(self, name, on, number=1, **more):
        self.store.transact(vport(name, number, host=self.uuid[on], **more))

    def status(self, name, on):
        rows = self.store.rows("VPort_Status", where=[["vport", "==", name], ["host", "==", on]])
        return rows[0] if rows else {"state": None, "reason": "", "generation": None}

    def becomes(self, name, on, state, reason="", generation=None):
        """Waits for a status; generation: None: the row's."""
        def is_so():
            now = self.status(name, on)
            row = self.store.rows("VPort", where=named(name))
            wanted = generation if generation is not None or not row else row[0]["generation"]
            return now["state"] == state and reason in now["reason"] and (state is None or now["generation"] == wanted)
        wait_until(is_so, lambda: f"{name} {state} ({reason}) on {on}: {self.store.rows('VPort_Status')}")
        if state == "active":  # the right comes first
            wait_until(lambda: self.here(on).get(name, {}).get("state") == "activated", f"{name} to be activated on {on}")

    def here(self, on):
        """The fleet's VPorts on a host, by name."""
        return {one["name"]: one for one in self.agents[on].ask("vports.show")["vports"] if one["owner"] == "fleet"}

    def shown(self, on, name):
        return next((one for one in self.agents[on].ask("fleet.show")["vports"] if one["name"] == name), None)


class One(Fleet):
    hosts = ("a",)
    options = ("--metrics", "0")
    config = ("vports:\n  - {id: 3, name: by_hand, filters: [{mac: \"02:00:00:00:aa:01\"}]}\n")

    def metric(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{listening_port(self.agents['a'].process.pid)}/metrics?entries=0", timeout=HANG) as answer:
            lines = answer.read().decode().splitlines()
        return [float(line.split()[-1]) for line in lines if line.startswith(name + " ")]

    def metric_becomes(self, name, value):
        wait_until(lambda: self.metric(name) == [value], lambda: f"{name} {value}, and not {self.metric(name)}")

    def reloads(self, said):
        self.agents["a"].process.send_signal(signal.SIGHUP)
        wait_until(lambda: said in self.agents["a"].log_text(), said)

    def test_stored_changed_and_deleted(self):
        self.add("web1", "a", hash_key="6d" * 40, scaling="dynamic", vlans=["set", [5, 4095]])
        self.becomes("web1", "a", "active")
        web = self.here("a")["web1"]
        self.assertEqual((web["state"], web["filters"], web["queue_pairs"], web["rss"], web["scaling"]),
                         ("activated", 2, 4, "on", "dynamic"))
        rss = self.agents["a"].ask("rss.show", vport="web1")
        self.assertEqual(rss["key"], "6d" * 40)
        self.assertEqual(sorted(rss["indirection_table"]), [0, 1, 2, 3])
        self.assertTrue(os.path.exists(os.path.join(self.agents["a"].directory, "web1.sock")))
        asked = {words: subprocess.run([os.environ["VMMQ"], "show", *words, "--connect", self.agents["a"].socket], check=True, text=True,
                                       capture_output=True).stdout for words in (("fleet",), ("vport", "web1"))}
        self.assertRegex(asked["fleet",], r"connected +unix:.*, since(.|\n)*web1 +1000 +host +1 +activated +active")
        self.assertIn("the fleet", asked["vport", "web1"])
        # By hand it is not changed, nor by a file, which does not have it.
        for method, params in (("vport.set", {"flood_limit": 1}), ("vport.delete", {"with_filters": True}), ("rss.disable", {}),
                               ("filter.add", {"mac": "02:00:00:00:aa:02"})):
            with self.assertRaisesRegex(Refused, "is the fleet's"):
                self.agents["a"].ask(method, vport="web1", **params)
        with open(self.agents["a"].config, encoding="utf-8") as file:
            config = file.read()
        self.assertEqual(self.agents["a"].ask("config.apply", yaml=config)["changes"], [])
        with self.assertRaisesRegex(Refused, "VPort 1000"):  # which is on all four
            self.agents["a"].ask("config.apply", yaml=config.replace("[0, 1, 2, 3]", "[0, 1, 2]"))
        shown = self.agents["a"].ask("config.show")["yaml"]
        self.assertNotIn("web1", shown)
        self.assertIn(f"fleet:\n  remotes: [\"{self.store.remote}\"]\n  host: \"a\"\n  sockets: \"{self.agents['a'].directory}\"\n  mode: server\n", shown)
        self.assertEqual(self.agents["a"].ask("config.apply", yaml=shown)["changes"], [])
        # Another fleet is for the next start.
        self.reloads("configuration applied")
        self.assertNotIn("fleet: another one", self.agents["a"].log_text())
        with open(self.agents["a"].config, "w", encoding="utf-8") as file:
            file.write(config.replace("host: a", "host: z"))
        self.reloads("fleet: another one than vmmqd runs with")
        with open(self.agents["a"].config, "w", encoding="utf-8") as file:
            file.write(config)
        # A key of the host's own, which stays through changes.
        self.change("web1", hash_key=NONE)
        self.becomes("web1", "a", "active")
        own = self.agents["a"].ask("rss.show", vport="web1")["key"]
        self.assertNotEqual(own, "6d" * 40)
        self.change("web1", rss="hash_only")
        self.becomes("web1", "a", "active")
        self.assertEqual(self.here("a")["web1"]["rss"], "hash_only")
        self.assertEqual(self.agents["a"].ask("rss.show", vport="web1")["key"], own)
        # Emptied, and deleted.
        self.change("web1", host=None)
        self.becomes("web1", "a", "released")
        self.assertEqual(self.here("a"), {})
        self.metric_becomes('vmmq_fleet_vports{state="released"}', 1)
        self.assertGreater(self.metric('vmmq_fleet_transactions_total{outcome="committed"}')[0], 1)
        self.assertEqual(([1], [0]), (self.metric("vmmq_fleet_connections_total"), self.metric("vmmq_fleet_apart_seconds")))
        self.store.transact({"op": "delete", "table": "VPort", "where": named("web1")})
        wait_until(lambda: self.status("web1", "a")["state"] is None, "the status to go")
        wait_until(lambda: not self.agents["a"].ask("fleet.show")["vports"], "nothing left")

    def test_changes_close_together(self):
        """What comes while a change is on its way to the disk is another one."""
        self.add("web1", "a")
        for _ in range(8):
            for rss in ("off", "hash_only", "on", "off"):
                self.change("web1", rss=rss)
            self.becomes("web1", "a", "active")
            self.assertEqual(self.here("a")["web1"]["rss"], "off")

    def test_refused_with_a_reason_and_nothing_disturbed(self):
        self.add("good", "a", 100)
        self.becomes("good", "a", "active")
        cases = {
            "macs: \"02:00:00:00:00:0g\"; six bytes": {"macs": "02:00:00:00:00:0g"},
            "spelled in two ways": {"macs": ["set", ["02:00:00:00:00:0a", "02:00:00:00:00:0A"]]},
            "indirection_table: 3 entries; a power of two": {"indirection_table": ["map", [[0, 0], [1, 1], [2, 2]]]},
            "indirection_table: entry 1 is not there": {"indirection_table": ["map", [[0, 0], [5, 1]]]},
            "queue 4; queue_pairs is 4": {"default_queue": 4},
            "hash_key: not 80 hex digits": {"hash_key": "zz" * 40},
            "so 8 processors are needed; this host has 4": {"queue_pairs": 8, "primary_queue": 7},
            "destination: the host that it is on": {"destination": self.uuid["a"]},
            "name: \"../evil\"; letters": {"name": "../evil"},
            "VPort 3 of this host has that name, and was made by hand": {"name": "by_hand"},
            "filter 1 of VPort 3 has this MAC": {"macs": "02:00:00:00:aa:01"},
            "of VPort 1000 has this MAC": {"macs": "02:00:00:00:00:64"},
        }
        rows = [vport_row(f"bad{i}", i, host=self.uuid["a"]) | columns for i, columns in enumerate(cases.values())]
        self.store.transact(*({"op": "insert", "table": "VPort", "row": row} for row in rows))
        for row, reason in zip(rows, cases):
            self.becomes(row["name"], "a", "refused", reason)
        self.assertEqual(set(self.here("a")), {"good"})
        # Of one that is active a change is refused, and it goes on, at the generation that it has.
        self.change("good", macs="nonsense, 17 long")
        self.becomes("good", "a", "active", "generation 2: macs:", generation=1)
        self.assertEqual(self.here("a")["good"]["state"], "activated")
        # What was in the way goes: others are taken at last.
        self.store.transact({"op": "delete", "table": "VPort", "where": named("good")})
        self.becomes("bad11", "a", "active")
        self.agents["a"].ask("vport.delete", vport="by_hand", with_filters=True)
        self.becomes("by_hand", "a", "active")
        self.becomes("bad10", "a", "active")

    def test_right_of_a_host_that_is_dead(self):
        """It keeps it, until somebody has made sure and takes its row away; so does one that claims it again, whose row was taken."""
        self.store.transact({"op": "insert", "table": "VPort_Status",
                             "row": {"vport": "web1", "host": "dead", "generation": 1, "state": "active", "reason": ""}})
        self.add("web1", "a")
        self.becomes("web1", "a", "prepared", "it is active on dead")
        self.assertEqual(self.here("a")["web1"]["state"], "deactivated")
        self.store.transact({"op": "delete", "table": "VPort_Status", "where": [["host", "==", "dead"]]})
        self.becomes("web1", "a", "active")
        self.store.transact({"op": "delete", "table": "VPort_Status", "where": [["host", "==", "a"]]})
        self.becomes("web1", "a", "active")

    def test_claims_anew_what_it_reads_to_be_its_own(self):
        """A host that has lost its state cannot know whether it has given up what the store says it has: the cluster is asked, by a row made anew."""
        self.add("web1", "a")
        self.becomes("web1", "a", "active")
        before, agent = self.status("web1", "a")["_uuid"], self.agents["a"]
        agent.process.kill()
        agent.process.wait()
        os.unlink(agent.state)
        agent.start()
        self.becomes("web1", "a", "active")
        self.assertNotEqual(self.status("web1", "a")["_uuid"], before)

    def test_statuses_go_together(self):
        """Those of one pass are one transaction; one that conflicts is left to itself."""
        names = [f"v{number}" for number in range(40)]
        self.store.transact({"op": "insert", "table": "VPort_Status",
                             "row": {"vport": "v17", "host": "dead", "generation": 1, "state": "active", "reason": ""}})
        self.store.transact(*(vport(name, number, host=self.uuid["a"]) for number, name in enumerate(names)))
        for name in names:
            if name != "v17":
                self.becomes(name, "a", "active")
        self.becomes("v17", "a", "prepared", "it is active on dead")
        said = self.agents["a"].ask("fleet.show")["transactions"]
        self.assertLess(said["committed"], len(names) / 2)
        self.assertGreater(said["conflict"], 0)
        self.assertEqual(said["refused"], 0)

    def test_store_dies_and_returns(self):
        self.add("web1", "a")
        self.becomes("web1", "a", "active")
        wait_until(lambda: os.path.exists(self.agents["a"].state + ".fleet"), "what is kept of the store")
        self.assertEqual(os.stat(self.agents["a"].state + ".fleet").st_mode & 0o777, 0o600)
        self.store.kill()
        wait_until(lambda: not self.agents["a"].ask("fleet.show")["connected"], "the end of the connection to be seen")
        self.assertTrue(self.agents["a"].ask("fleet.show")["reason"])
        self.metric_becomes("vmmq_fleet_connected", 0)
        wait_until(lambda: self.metric("vmmq_fleet_apart_seconds")[0] > 0, "time to pass")
        before = self.here("a")["web1"]
        # The daemon dies, too, and begins with what it had.
        self.agents["a"].process.kill()
        self.agents["a"].process.wait()
        self.agents["a"].start()
        self.assertEqual(self.here("a")["web1"]["state"], "activated")
        self.assertEqual(self.here("a")["web1"]["vport"], before["vport"])
        requests = self.agents["a"].ask("adapter.show")["changes"]["requests"]
        self.store.start()
        wait_until(lambda: self.agents["a"].ask("fleet.show")["connected"], "the store")
        self.add("web2", "a", 2)
        self.becomes("web2", "a", "active")
        self.assertEqual(self.agents["a"].ask("adapter.show")["changes"]["requests"], requests + 2, "more than the difference")

    def test_store_that_does_not_know_the_host_takes_nothing(self):
        self.add("web1", "a")
        self.becomes("web1", "a", "active")
        self.store.kill()
        os.unlink(self.store.database)
        self.store.create().start()
        wait_until(lambda: (lambda now: now["connected"] and not now["known"])(self.agents["a"].ask("fleet.show")), "another store")
        self.assertEqual(self.here("a")["web1"]["state"], "activated")


class Two(Fleet):
    def test_move_at_once_and_back(self):
        self.add("web1", "a", hash_key="3c" * 40)
        self.becomes("web1", "a", "active")
        spread = self.agents["a"].ask("rss.show", vport="web1")
        self.change("web1", destination="b")
        self.becomes("web1", "b", "active")
        self.becomes("web1", "a", "released")
        self.assertEqual(self.here("a"), {})
        self.assertEqual(self.here("b")["web1"]["state"], "activated")
        for kept in ("key", "hash_types", "indirection_table", "default_processor"):
            self.assertEqual(self.agents["b"].ask("rss.show", vport="web1")[kept], spread[kept], kept)
        self.change("web1", host="b", destination=None)
        self.becomes("web1", "b", "active")
        self.becomes("web1", "a", None)
        # A destination that cannot take it: the host goes on.
        self.agents["a"].ask("vport.add", name="web1")
        self.change("web1", destination="a")
        self.becomes("web1", "a", "refused", "was made by hand")
        self.assertEqual(self.here("b")["web1"]["state"], "activated")
        self.change("web1", destination=None)
        self.becomes("web1", "a", None)
        self.becomes("web1", "b", "active")

    def test_move_with_the_guests_first_frame(self):
        self.add("web1", "a", activation="first_frame")
        self.becomes("web1", "a", "active")
        self.change("web1", destination="b")
        self.becomes("web1", "b", "prepared")
        guest = Frontend(os.path.join(self.agents["b"].directory, "web1.sock"))
        guest.start()
        self.assertEqual(self.here("b")["web1"]["state"], "deactivated")
        self.assertEqual(self.status("web1", "a")["state"], "active")
        # Without the store, too, a guest that has arrived has its network.
        self.store.kill()
        frame = bytes.fromhex("ffffffffffff020000000001") + b"\x08\x06" + bytes(46)
        guest.send([frame])
        wait_until(lambda: self.here("b")["web1"]["state"] == "activated", "the guest's network")
        self.store.start()
        self.becomes("web1", "b", "active")
        self.becomes("web1", "a", "released")
        self.assertEqual(self.here("a"), {})
        guest.close()

    def test_random_changes_and_deaths(self):
        print("VMMQ_TEST_SEED", SEED, file=sys.stderr)
        chance = random.Random(SEED)
        names = [f"v{i}" for i in range(6)]
        for i, name in enumerate(names):
            self.add(name, chance.choice(self.hosts), i)
        stop = threading.Event()
        watcher = threading.Thread(target=self.watch, args=(stop,))
        self.two_active = []
        watcher.start()
        try:
            for step in range(25):
                self.random_step(chance, chance.choice(names), step)
        finally:
            stop.set()
            watcher.join()
        self.assertEqual(self.two_active, [])
        for name in names:
            row, = self.store.rows("VPort", where=named(name))
            on = next((one for one in self.hosts if self.uuid[one] in (row["host"], row["destination"])), None)
            wanted = next((one for one in self.hosts if row["destination"] == self.uuid[one]), on)
            for one in self.hosts:
                if one == wanted:
                    self.becomes(name, one, "active")
                wait_until(lambda: (self.here(one).get(name, {}).get("state") == "activated") == (one == wanted),
                           lambda: f"{name} only on {wanted}: {self.store.rows('VPort_Status')} {row} {self.shown(one, name)}")
            if wanted:
                self.assertEqual(self.here(wanted)[name]["rss"], row["rss"])

    def random_step(self, chance, name, step):
        kind = chance.randrange(8)
        if kind < 2:
            self.change(name, host=chance.choice((*self.hosts, None)), destination=None)
        elif kind < 5:
            on = chance.choice(self.hosts)
            self.change(name, host=on, destination=next(one for one in self.hosts if one != on))
        elif kind < 7:
            self.change(name, rss=chance.choice(("on", "off", "hash_only")))
        elif step % 3 == 0:
            self.store.kill()
            self.store.start()
        else:
            agent = self.agents[chance.choice(self.hosts)]
            agent.process.kill()
            agent.process.wait()
            agent.start()

    def watch(self, stop):
        """Looks at one host, the other, and the first again: who is active at both ends of that time was so in between."""
        while not stop.is_set():
            seen = []
            for on in ("a", "b", "a"):
                try:
                    with Client(self.agents[on].socket) as client:
                        seen.append({one["name"]: (one["vport"], client.ask("adapter.show")["pid"])
                                     for one in client.ask("vports.show")["vports"]
                                     if one["owner"] == "fleet" and one["state"] == "activated"})
                except (OSError, AssertionError):
                    break
            if len(seen) == 3:
                self.two_active += [name for name in seen[1] if name in seen[0] and seen[0][name] == seen[2].get(name)]


class Holder(Meddler):
    """A server that puts statuses aside until something else is written, as ovsdb-server does in some moments of a cluster."""

    def carry(self, client):
        held, self.beats = [], []
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self.store.socket)
            back = threading.Thread(target=self.back, args=[server, client])
            back.start()
            for message in messages(client):
                tables = [part.get("table") for part in message.get("params", []) if isinstance(part, dict)]
                if message.get("method") == "transact" and "VPort_Status" in tables and held is not None:
                    held.append(message)
                    continue
                server.sendall(json.dumps(message).encode())
                if "Host_Status" in tables and message.get("method") == "transact":
                    self.beats += [part["row"]["heartbeat"] for part in message["params"][1:]]
                    if held:
                        server.sendall("".join(map(json.dumps, held)).encode())
                        held = None
            for end in (server, client):
                end.shutdown(socket.SHUT_RDWR)
            back.join()


class WithMeddler(Fleet):
    """meddler: the class of what stands between the agent and the store."""
    hosts = ("a",)
    meddler = Meddler

    def open_store(self):
        store = Store(self.directory).create().start()
        self.between = self.meddler(store)
        self.addCleanup(self.between.listener.close)
        self.addCleanup(self.between.listener.shutdown, socket.SHUT_RDWR)  # connections end with the agent
        return store

    def remotes(self, _name):
        return f"remotes: [\"{self.between.remote}\"]"


class WithHolder(WithMeddler):
    meddler = Holder

    def test_who_is_not_answered_writes(self):
        wait_until(lambda: self.store.rows("Host_Status"), "the first heartbeat")
        self.add("web1", "a")
        self.becomes("web1", "a", "active")
        self.assertLess(self.between.beats[-1] - self.between.beats[0], 45, "it was the heartbeat of each minute")


class Late(Meddler):
    """A server that takes its time with statuses."""
    DELAY = 0.1

    def meddle(self, message):
        if message.get("method") == "transact" and "VPort_Status" in json.dumps(message["params"]):
            time.sleep(self.DELAY)
        return True


class WithLate(WithMeddler):
    meddler = Late

    def test_reports_wait_and_go_together(self):
        """A store that has much to do is told less often what is so: after 0.1 s for a transaction the next report is 0.5 s later at least."""
        self.add("web1", "a")
        self.becomes("web1", "a", "active")
        said = self.agents["a"].ask("fleet.show")["transactions"]["committed"]
        begin = time.monotonic()
        for _ in range(20):
            self.change("web1", rss="off")
            time.sleep(0.05)
        self.becomes("web1", "a", "active")
        took = time.monotonic() - begin
        self.assertLessEqual(self.agents["a"].ask("fleet.show")["transactions"]["committed"] - said, 2 + took / (Late.DELAY + 0.5))

    def test_what_others_wait_for_does_not(self):
        self.add("web1", "a")
        self.becomes("web1", "a", "active")
        self.change("web1", rss="off")
        self.becomes("web1", "a", "active")  # from now on reports wait
        self.change("web1", rss="on")
        self.store.transact({"op": "delete", "table": "VPort", "where": named("web1")})
        wait_until(lambda: not self.store.rows("VPort_Status"), "that it is let go")


class BesideRelay(Fleet):
    hosts = ("a",)

    def open_store(self):
        store = Store(self.directory).create().start()
        self.relay = Store(self.directory, "relay", f"relay:VMMQ:{store.remote}").start()
        self.addCleanup(self.relay.kill)
        return store


class WithRelay(BesideRelay):
    """Of two servers that are named, one is a relay of the other."""

    def remotes(self, _name):
        return f"remotes: [\"{self.relay.remote}\", \"{self.store.remote}\"]"

    def test_relay_is_all_there_is_for_a_while(self):
        """A relay takes no statuses: whoever has fallen back to it writes them all the same, once the store is there again."""
        self.add("web1", "a")
        self.becomes("web1", "a", "active")
        before = self.agents["a"].ask("fleet.show")["server"]
        self.store.kill()
        wait_until(lambda: self.agents["a"].ask("fleet.show")["server"] != before, "the next server")
        self.store.start()
        self.change("web1", rss="off")
        self.becomes("web1", "a", "active")
        self.assertEqual(self.here("a")["web1"]["rss"], "off")


class WithPreferredRelay(BesideRelay):
    """The same by what the configuration has for relays: it is followed, and the store is written to."""

    def remotes(self, _name):
        return f"remotes: [\"{self.store.remote}\"], relays: [\"{self.relay.remote}\"]"

    def test_relay_is_followed_while_it_is_there(self):
        self.add("web1", "a")
        self.becomes("web1", "a", "active")
        self.assertEqual(self.agents["a"].ask("fleet.show")["server"], self.relay.remote)
        shown = self.agents["a"].ask("config.show")["yaml"]
        self.assertIn(f"  remotes: [\"{self.store.remote}\"]\n  relays: [\"{self.relay.remote}\"]\n", shown)
        self.relay.kill()
        wait_until(lambda: self.agents["a"].ask("fleet.show")["server"] == self.store.remote, "the store itself")
        self.change("web1", rss="off")
        self.becomes("web1", "a", "active")
        self.assertEqual(self.here("a")["web1"]["rss"], "off")


class WithRoles(Fleet):
    """By TLS, with the roles that docs/fleet.md has: all that an agent does is what a host may."""

    def open_store(self):
        pki(self.directory, "store", *self.hosts)
        store = Store(self.directory, remotes=["db:VMMQ,Fleet,connections"], options=tls_options(self.directory, "store")).create().start()
        store.transact(*documented_roles("pssl:0:127.0.0.1"))
        self.port = wait_until(store.listening, "the port of the connection")
        return store

    def remotes(self, name):
        return (f"remotes: [\"ssl:127.0.0.1:{self.port}\"], certificate: {self.directory}/{name}.pem, "
                f"private_key: {self.directory}/{name}.key, ca_certificate: {self.directory}/ca.pem")

    def agent(self, name):
        """a's certificate is made later."""
        agent = super().agent(name)
        if name == "a":
            os.rename(f"{self.directory}/a.pem", f"{self.directory}/a.kept")
        return agent

    def give_certificate(self):
        os.rename(f"{self.directory}/a.kept", f"{self.directory}/a.pem")
        wait_until(lambda: self.agents["a"].ask("fleet.show")["connected"], "a connection")

    def test_certificate_that_comes_later_and_is_replaced(self):
        self.add("web1", "a")
        wait_until(lambda: "certificate" in (self.agents["a"].ask("fleet.show")["reason"] or ""), "a reason")
        self.assertIn("a.pem: No such file", self.agents["a"].ask("fleet.show")["reason"])
        self.assertIn("a.pem: No such file", self.agents["a"].log_text())
        os.mkfifo(f"{self.directory}/a.pem")  # which is not waited for
        wait_until(lambda: "it is not a file" in self.agents["a"].ask("fleet.show")["reason"], "another reason")
        os.unlink(f"{self.directory}/a.pem")
        self.give_certificate()
        self.becomes("web1", "a", "active")
        # Another CA's, for store and hosts: taken with the next connection.
        pki(self.directory, "store", *self.hosts)
        self.store.kill()
        self.store.remotes = [f"pssl:{self.port}:127.0.0.1"]
        self.store.start()
        self.change("web1", rss="off")
        self.becomes("web1", "a", "active")

    def test_life_of_a_vport(self):
        self.give_certificate()
        self.add("web1", "a")
        self.becomes("web1", "a", "active")
        self.change("web1", destination="b")
        self.becomes("web1", "b", "active")
        self.becomes("web1", "a", "released")
        self.change("web1", host="b", destination=None)
        self.becomes("web1", "a", None)
        self.store.transact({"op": "delete", "table": "VPort", "where": named("web1")})
        self.becomes("web1", "b", None)
        self.assertEqual({row["host"] for row in self.store.rows("Host_Status")}, {"a", "b"})


class OfACluster(Fleet):
    """Three servers: one dies in the middle of moves, whichever it is."""

    def open_store(self):
        self.members = []
        for name in ("one", "two", "three"):
            member, peer = Store(self.directory, name), f"unix:{self.directory}/{name}.raft"
            if not self.members:
                run("ovsdb-tool", "create-cluster", member.database, SCHEMA, peer)
            else:
                run("ovsdb-tool", "join-cluster", member.database, "VMMQ", peer, f"unix:{self.directory}/one.raft")
            self.members.append(member.spawn())
            self.addCleanup(member.kill)
        for member in self.members:
            wait_until(lambda: "Status: cluster member" in run("ovs-appctl", "-t", member.control, "cluster/status", "VMMQ", check=False),
                       "a member")
        wait_until(lambda: not [one for one in self.members if "Leader: unknown" in self.cluster_status(one)], "a leader")
        self.relay = Store(self.directory, "relay", "relay:VMMQ:" + ",".join(one.remote for one in self.members)).start()
        self.addCleanup(self.relay.kill)
        return self.members[0]

    def cluster_status(self, member):
        return run("ovs-appctl", "-t", member.control, "cluster/status", "VMMQ", check=False)

    def remotes(self, _name):
        return "remotes: [" + ", ".join(f"\"{one.remote}\"" for one in (self.relay, *self.members)) + "]"

    def test_written_to_the_leader(self):
        """Whoever is followed; and the connection for that ends by itself."""
        leader = next(one for one in self.members if "Role: leader" in self.cluster_status(one))
        agent = self.agents["a"]
        while wait_until(lambda: agent.ask("fleet.show")["connected"] and agent.ask("fleet.show")["server"], "a server") == leader.remote:
            agent.stop()
            agent.start()
        self.add("web1", "a")
        self.becomes("web1", "a", "active")
        self.assertEqual(agent.ask("fleet.show")["writes_to"], leader.remote)
        wait_until(lambda: agent.ask("fleet.show")["writes_to"] is None, "the end of the second connection")
        self.assertTrue(agent.ask("fleet.show")["connected"])

    def test_leader_dies_while_vports_move(self):
        names = [f"v{i}" for i in range(8)]
        for i, name in enumerate(names):
            self.add(name, "a", i)
        for name in names:
            self.becomes(name, "a", "active")
        leader = next(one for one in self.members if "Role: leader" in self.cluster_status(one))
        self.store = next(one for one in self.members if one is not leader)
        for name in names:
            self.change(name, destination="b")
        leader.kill()
        for name in names:
            self.becomes(name, "b", "active")
            self.becomes(name, "a", "released")
        self.assertEqual(self.here("a"), {})
        self.assertEqual({one["state"] for one in self.here("b").values()}, {"activated"})


if __name__ == "__main__":
    unittest.main()
