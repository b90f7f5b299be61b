#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A disk that takes its time keeps nobody waiting but those whose changes it has not taken.  It is held by the test, so nothing here is
judged by the clock: while it is held, whatever is asked must be answered, or the test hangs.

    VMMQD=PROGRAM HELD_DISK_LIBRARY=SHIM disk_test.py
"""
import contextlib
import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import unittest

from daemon import HANG, DaemonTest, listening_port, main, wait_until

ONE = """adapter: {processors: [0, 1], moderation: interrupt}
vports: [{id: 1, name: web, filters: [{mac: "02:00:00:00:00:01"}]}]
"""
BUSY = ONE.replace("moderation: interrupt", 'uplink: {device: "net_null0"}')


def scrape(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANG)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return text


class HeldDisk(DaemonTest):
    def held_daemon(self, config=ONE, options=(), **more):
        daemon = self.daemon(config, options, **more)
        library = os.environ["HELD_DISK_LIBRARY"]
        asan = os.environ.get("ASAN_OPTIONS", "")
        daemon.environment.update(LD_PRELOAD=library, HELD_DISK=self.directory,
                                  ASAN_OPTIONS=":".join(filter(None, (asan, "verify_asan_link_order=0"))))
        return daemon

    def path(self, name):
        return os.path.join(self.directory, name)

    def hold(self, name="hold"):
        with open(self.path(name), "w", encoding="ascii"):
            pass

    def release(self, name="hold"):
        os.unlink(self.path(name))

    def wait_until_held(self):
        wait_until(lambda: os.path.exists(self.path("held")), "a sync that is held")
        os.unlink(self.path("held"))

    def adding(self, daemon, **params):
        """A client whose change is on its way to the disk."""
        client = daemon.client()
        self.addCleanup(client.close)
        client.request("vport.add", params)
        self.wait_until_held()
        return client


class Watchdog:
    """What the service manager is told: it reads all the time, and counts how often the watchdog was fed."""

    def __init__(self, daemon, path):
        self.fed = 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        daemon.environment.update(NOTIFY_SOCKET=path, WATCHDOG_USEC="400000")
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            self.fed += b"WATCHDOG=1" in self.socket.recv(4096)


class Held(HeldDisk):
    def test_others_go_on(self):
        """Questions, events, metrics, packets and the watchdog; and nobody sees what is not durable."""
        daemon = self.held_daemon(BUSY, ["--metrics", "127.0.0.1:0"])
        watchdog = Watchdog(daemon, self.path("notify"))
        daemon.start()
        before = daemon.everything()
        with daemon.client() as monitor, daemon.client() as other:
            monitor.ask("monitor.subscribe")
            self.hold()
            client = self.adding(daemon, id=7, name="slow")
            fed = watchdog.fed
            wait_until(lambda: watchdog.fed >= fed + 3, "a watchdog that is fed")
            self.assertEqual(daemon.everything(), before)
            received = other.ask("adapter.show")["received"]
            wait_until(lambda: other.ask("adapter.show")["received"] > received, "packets while the disk is held")
            self.refused(-32000, other.ask, "vport.show", vport=7)
            self.assertNotIn('vport="7"', scrape(listening_port(daemon.process.pid)))
            self.assertEqual(other.ask("adapter.show")["changes"]["batches"], 0)
            run = subprocess.run([os.environ["VMMQ"], "show", "adapter", "--connect", daemon.socket], capture_output=True,
                                 text=True, timeout=HANG, check=True)
            self.assertIn("vmmq0", run.stdout)
            client.connection.setblocking(False)
            with self.assertRaises(BlockingIOError):
                client.connection.recv(1)
            client.connection.settimeout(HANG)
            self.release()
            self.assertEqual(client.answer()["result"]["vport"], 7)
            while (event := monitor.answer()["params"])["event"] != "vport.added":
                self.assertFalse(event["event"].startswith("vport."), event)
            self.assertEqual(other.ask("vport.show", vport=7)["name"], "slow")
            changes = other.ask("adapter.show")["changes"]
            self.assertEqual((changes["batches"], changes["requests"]), (1, 1))
        daemon.stop(signal.SIGKILL)
        daemon.start()
        self.assertEqual(daemon.ask("vport.show", vport=7)["name"], "slow")

    def test_order(self):
        """Each client's requests are done in their order; what comes behind a change is held against what it has left."""
        daemon = self.held_daemon().start()
        self.hold()
        first = self.adding(daemon, id=2, name="two")
        first.request("vport.show", {"vport": 2})
        first.request("vport.delete", {"vport": 2})
        clients = [daemon.client() for _ in range(20)]
        for number, client in enumerate(clients):
            self.addCleanup(client.close)
            client.request("adapter.show")
            client.request("vport.add", {"id": 10 + number})
            client.request("vport.set", {"vport": 10 + number, "flood_limit": number})
            client.request("vport.show", {"vport": 10 + number})
            client.request("vport.add", {"id": 10 + number})
        for client in clients:  # questions in front of the changes are answered
            self.assertEqual(client.answer()["result"]["vports"], 2)
        self.release()
        self.assertEqual([first.answer()["result"].get("vport") for _ in range(3)], [2, 2, 2])
        for number, client in enumerate(clients):
            self.assertEqual(client.answer()["result"]["vport"], 10 + number)
            self.assertEqual(client.answer()["result"]["vport"], 10 + number)
            self.assertEqual(client.answer()["result"]["flood_limit"], number)
            self.assertEqual(client.answer()["error"]["data"]["status"], "INVALID_PARAMETER")
        changes = daemon.ask("adapter.show")["changes"]
        self.assertEqual(changes["requests"], 2 + 3 * 20)
        self.assertLess(changes["batches"], 20)  # they have shared writes

    def test_refused_by_the_disk(self):
        """A change that the disk refuses is nowhere, and what has waited behind it is held against that."""
        daemon = self.held_daemon().start()
        before = daemon.everything()
        self.hold()
        client = self.adding(daemon, id=5, filters=[{"mac": "02:00:00:00:00:05"}])
        with daemon.client() as other, daemon.client() as third:
            other.request("filter.add", {"vport": 5, "mac": "02:00:00:00:00:06"})
            third.request("filter.add", {"vport": 1, "mac": "02:00:00:00:00:05"})
            third.request("vport.show", {"vport": 1})
            self.assertEqual(daemon.everything(), before)
            self.hold("fail")
            self.release()
            error = client.answer()["error"]["data"]
            self.assertEqual(error["status"], "RESOURCES")
            self.assertRegex(error["text"], "^the state cannot be written: ")
            self.assertIn(other.answer()["error"]["data"]["status"], ("INVALID_PORT", "INVALID_PARAMETER"))
            self.assertEqual(third.answer()["error"]["data"]["status"], "RESOURCES")
            self.assertEqual(third.answer()["result"]["filters"], 1)
            self.assertEqual(daemon.everything(), before)
            self.release("fail")
            third.ask("filter.add", vport=1, mac="02:00:00:00:00:05")
        before = daemon.everything()
        daemon.stop(signal.SIGKILL)
        daemon.start()
        self.assertEqual(daemon.everything(), before)

    def test_client_that_leaves(self):
        """Its change is carried out all the same, whatever way it goes, and costs no time while it waits."""
        daemon = self.held_daemon().start()
        self.hold()
        gone = self.adding(daemon, id=3)
        gone.request("vport.add", {"id": 4})
        gone.close()
        late = daemon.client()
        late.request("vport.add", {"id": 6})
        late.close()
        half = daemon.client()
        self.addCleanup(half.close)
        half.request("vport.add", {"id": 5})
        half.connection.shutdown(socket.SHUT_WR)
        daemon.ask("adapter.show")
        wait_until(lambda: self.sleeps(daemon.process.pid), "control that does not turn all the time")
        self.release()
        self.assertEqual(half.answer()["result"]["vport"], 5)
        self.assertIsNone(half.line())
        wait_until(lambda: daemon.ask("adapter.show")["vports"] == 6, "the changes of those who left")

    @staticmethod
    def sleeps(pid):
        """Whether control is asleep for most of a moment: whoever turns all the time runs, or waits for the CPU, always."""
        def awake():
            with open(f"/proc/{pid}/task/{pid}/schedstat", encoding="ascii") as file:
                ran, waited, _ = map(int, file.read().split())
            return ran + waited
        begin, before = time.monotonic_ns(), awake()
        threading.Event().wait(0.3)
        return awake() - before < (time.monotonic_ns() - begin) / 2

    def test_large_requests_wait(self):
        """Memory is for what is under way: a question in a long line waits with the changes."""
        daemon = self.held_daemon().start()
        self.hold()
        client = self.adding(daemon, id=3)
        with daemon.client() as large, daemon.client() as blank:
            large.send(b" " * 5000 + b'{"jsonrpc":"2.0","id":1,"method":"adapter.show"}\n')
            blank.send(b"\n \n" + b'{"jsonrpc":"2.0","id":1,"method":"adapter.show"}\n')
            self.assertEqual(blank.answer()["result"]["vports"], 2)
            self.release()
            self.assertEqual(client.answer()["result"]["vport"], 3)
            self.assertEqual(large.answer()["result"]["vports"], 3)
            self.hold()
            client.request("uplink.set", {"device": "net_null9"})
            self.wait_until_held()
            self.assertIsNone(blank.ask("adapter.show")["uplink"]["port"])  # one on its way is not the uplink
            self.release()
            self.assertIn("result", client.answer())
            self.assertIn("net_null9", blank.ask("adapter.show")["uplink"]["port"])


class Signals(HeldDisk):
    def test_reload(self):
        """SIGHUP while a change waits comes behind it; while its own waits, others go on."""
        daemon = self.held_daemon().start()
        self.hold()
        client = self.adding(daemon, id=3)
        daemon.write_config(ONE.replace("web", "renamed"))
        daemon.process.send_signal(signal.SIGHUP)
        self.assertEqual(daemon.ask("vport.show", vport=1)["name"], "web")
        self.release()
        self.assertEqual(client.answer()["result"]["vport"], 3)
        daemon.wait_for_log("configuration applied: 2 changes")
        daemon.write_config(ONE)
        self.hold()
        daemon.process.send_signal(signal.SIGHUP)
        self.wait_until_held()
        client.request("vport.set", {"vport": 1, "name": "again"})
        self.assertEqual(daemon.ask("vport.show", vport=1)["name"], "renamed")
        self.release()
        self.assertEqual(client.answer()["result"]["vport"], 1)
        daemon.wait_for_log("configuration applied: 1 change")
        self.assertEqual(daemon.ask("vport.show", vport=1)["name"], "again")

    def test_stop(self):
        """SIGTERM: what is under way is answered, what waits behind it is not begun; questions are answered meanwhile."""
        daemon = self.held_daemon().start()
        self.hold()
        client = self.adding(daemon, id=3)
        with daemon.client() as other:
            other.request("vport.add", {"id": 4})
            daemon.process.send_signal(signal.SIGTERM)
            daemon.wait_for_log("SIGTERM: stopping")
            self.assertEqual(daemon.ask("adapter.show")["vports"], 2)
            self.release()
            self.assertEqual(client.answer()["result"]["vport"], 3)
            self.assertIsNone(other.line())
        self.assertEqual(daemon.wait(), 0)
        daemon.start()
        self.assertEqual(daemon.ask("adapter.show")["vports"], 3)

    def test_stop_with_a_dead_disk(self):
        """It is not waited for longer than 5 s; the state is the old one or the new one."""
        daemon = self.held_daemon().start()
        self.hold()
        client = self.adding(daemon, id=3)
        daemon.process.send_signal(signal.SIGTERM)
        self.assertIsNone(client.line())
        self.assertEqual(daemon.wait(), 0)
        self.assertIn("the disk has not taken the last change", daemon.log_text())
        self.whole(daemon)

    def test_second_signal(self):
        daemon = self.held_daemon().start()
        self.hold()
        self.adding(daemon, id=3)
        daemon.process.send_signal(signal.SIGTERM)
        daemon.wait_for_log("SIGTERM: stopping")
        daemon.process.send_signal(signal.SIGINT)
        self.assertEqual(daemon.wait(), -signal.SIGINT)
        self.whole(daemon)

    def test_killed(self):
        daemon = self.held_daemon().start()
        self.hold()
        self.adding(daemon, id=3, filters=[{"mac": "02:00:00:00:00:03"}])
        daemon.stop(signal.SIGKILL)
        self.whole(daemon)

    def whole(self, daemon):
        """The change that was under way is in the state with all it has, or is not there."""
        self.release()
        daemon.start()
        adapter = daemon.ask("adapter.show")
        self.assertIn(adapter["vports"], (2, 3))
        self.assertIn("vport.add" if adapter["vports"] == 2 else "id: 3", "vport.add" + daemon.everything()["yaml"])


class Fallback(DaemonTest):
    """A state that cannot be used does not keep a host without network."""

    def setUp(self):
        super().setUp()
        self.fallback = os.path.join(self.directory, "fallback.yaml")
        with open(self.fallback, "w", encoding="utf-8") as file:
            file.write(ONE.replace("web", "rescue"))

    def rescued(self, options=(), **more):
        daemon = self.daemon(ONE, ["--fallback-config", self.fallback, *options], **more)
        return daemon

    def write_state(self, daemon, *statements):
        """A state, and what is done to it."""
        if not os.path.exists(daemon.state):
            daemon.start()
            daemon.stop()
        with contextlib.closing(sqlite3.connect(daemon.state)) as state:
            for statement in statements:
                state.execute(statement)
            state.commit()

    def kept(self):
        return [name for name in os.listdir(self.directory) if re.search(r"\.unusable-\w+Z(-\d+)?$", name)]

    def check_fallback(self, daemon, reason):
        """It runs with the fallback configuration, and says so in every way; the state is kept as it was."""
        with open(daemon.state, "rb") as file:
            state = file.read()
        daemon.start()
        fallback = daemon.ask("adapter.show")["fallback"]
        self.assertEqual(fallback["config"], self.fallback)
        self.assertIn(reason, fallback["reason"])
        self.assertIsNone(fallback["unwritable"])
        self.assertRegex(fallback["kept"], r"/state\.db\.unusable-\d{8}T\d{6}Z(-\d+)?$")
        with open(fallback["kept"], "rb") as file:
            self.assertEqual(file.read(), state)
        self.assertEqual(os.stat(daemon.state).st_mode & 0o777, 0o600)
        self.assertEqual(daemon.ask("vport.show", vport=1)["name"], "rescue")
        self.assertRegex(daemon.log_text(), f"error.*runs with the fallback configuration {self.fallback}")
        self.assertIn("daemon.fallback: config", daemon.log_text())
        return fallback

    def test_all_that_is_told(self):
        daemon = self.rescued(["--metrics", "127.0.0.1:0"])
        with open(daemon.state, "wb") as file:
            file.write(b"what is this?" * 100)
        fallback = self.check_fallback(daemon, "no SQLite database")
        self.assertIn("\nvmmq_fallback 1\n", scrape(listening_port(daemon.process.pid)))
        run = subprocess.run([os.environ["VMMQ"], "show", "adapter", "--connect", daemon.socket], capture_output=True,
                             text=True, timeout=HANG, check=True)
        for words in ("FALLBACK", self.fallback, "no SQLite database", fallback["kept"]):
            self.assertIn(words, " ".join(run.stdout.split()))
        daemon.ask("vport.set", vport=1, name="mended")  # the new state is as good as any
        daemon.stop(signal.SIGKILL)
        daemon.start()
        self.assertIsNone(daemon.ask("adapter.show")["fallback"])
        self.assertEqual(daemon.ask("vport.show", vport=1)["name"], "mended")
        self.assertIn(f"a state that could not be used is kept as {fallback['kept']}", daemon.log_text())
        self.assertIn("\nvmmq_fallback 0\n", scrape(listening_port(daemon.process.pid)))

    def test_newer_and_senseless(self):
        daemon = self.rescued()
        self.write_state(daemon, "PRAGMA user_version=9")
        self.assertNotIn("damaged", self.check_fallback(daemon, "a newer one wrote it")["reason"])
        daemon.stop()
        self.write_state(daemon, "UPDATE vport SET primary_processor=77 WHERE id=1")
        self.check_fallback(daemon, "vports[id 1]")
        daemon.stop()
        self.write_state(daemon, "UPDATE vport SET queue_pairs=0 WHERE id=1")
        self.check_fallback(daemon, "damaged")
        daemon.stop()
        self.assertEqual(len(self.kept()), 3)

    def test_in_use(self):
        """Another vmmqd's state is no reason to run beside it."""
        first = self.rescued().start()
        second = self.rescued(path=os.path.join(self.directory, "other.sock"))
        second.log += "2"
        status, log = second.fails()
        self.assertEqual(status, 1)
        self.assertIn(str(first.process.pid), log)
        self.assertEqual(self.kept(), [])

    def test_no_place_for_a_state(self):
        """Where no state can be made either, it runs all the same, and changes nothing, as it could not keep that."""
        daemon = self.rescued(state=os.path.join(self.directory, "none", "state.db"))
        daemon.start()
        before = daemon.everything()
        fallback = daemon.ask("adapter.show")["fallback"]
        self.assertIsNone(fallback["kept"])
        self.assertIn("No such file", fallback["unwritable"])
        refusal = self.refused(-32000, daemon.ask, "vport.add", id=5)
        self.assertEqual(refusal.data["status"], "RESOURCES")
        self.assertIn("the state cannot be written: ", refusal.data["text"])
        self.assertEqual(daemon.everything(), before)
        daemon.ask("config.apply", yaml=before["yaml"])  # which changes nothing

    def test_bad_fallback(self):
        """It is told of while it is not needed, and needed it is not used."""
        with open(self.fallback, "w", encoding="utf-8") as file:
            file.write("adapter: {procesors: [0]}\n")
        daemon = self.rescued().start()
        self.assertIn("the fallback configuration cannot be used: ", daemon.log_text())
        daemon.stop()
        self.write_state(daemon, "PRAGMA user_version=9")
        status, log = daemon.fails()
        self.assertEqual(status, 1)
        self.assertIn("a newer one wrote it", log)
        self.assertEqual(self.kept(), [])


if __name__ == "__main__":
    main()
