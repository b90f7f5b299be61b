# SPDX-License-Identifier: BSD-2-Clause
"""A host as docs/fleet.md has it, without a switch: reads intent, writes what it has made of it.  And a server's end that meddles."""
import contextlib
import json
import os
import socket
import sys
import threading
import time

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG  # noqa: E402
from store import messages  # noqa: E402

LOOK = 0.03  # seconds


class FakeHost(threading.Thread):
    """refuses: {VPort: reason}; arrived: the VPorts whose guests have sent a frame here; lets_go False: it is deaf to moves away."""

    def __init__(self, store, name, processors=4, heartbeat=None):
        super().__init__()
        self.store, self.name, self.refuses, self.arrived, self.lets_go = store, name, {}, set(), True
        self.stopped = threading.Event()
        self.applied = []  # (VPort, state), where that changed, in order
        store.transact({"op": "insert", "table": "Host_Status",
                        "row": {"host": name, "processors": processors, "version": "test",
                                "heartbeat": int(time.time()) if heartbeat is None else heartbeat}})

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.join(HANG)

    def run(self):
        while not self.stopped.wait(LOOK):
            self.look()

    def look(self):
        select = [{"op": "select", "table": table, "where": []} for table in ("Host", "VPort", "VPort_Status")]
        hosts, vports, statuses = (result["rows"] for result in self.store.transact(*select))
        names = {row["_uuid"][1]: row["name"] for row in hosts}
        said = {(row["vport"], row["host"]): row for row in statuses}
        there = set()
        for row in vports:
            there.add(row["name"])
            on, to = ([names[uuid[1]] for uuid in [row[column]] if uuid[0] == "uuid"] for column in ("host", "destination"))
            state = self.decide(row, on, to, said)
            if state:
                self.say(row["name"], row["generation"], state, said)
        for vport, host in said:
            if host == self.name and vport not in there:
                self.store.transact({"op": "delete", "table": "VPort_Status", "where": [["vport", "==", vport], ["host", "==", host]]})

    def decide(self, row, on, to, said):
        """The state that it is to be in here; None: there is nothing to say."""
        def of(host, generation=0):
            status = said.get((row["name"], host))
            return status["state"] if status and status["generation"] >= generation else None

        name, mine = row["name"], of(self.name)
        others = [host for (vport, host), status in said.items()
                  if vport == name and host != self.name and status["state"] == "active"]
        if on != [self.name] and to != [self.name]:
            return "released" if mine not in (None, "released") else None
        if name in self.refuses:
            return "refused"
        if to == [self.name]:
            if row["activation"] == "first_frame":
                return "active" if name in self.arrived else "prepared"
            return "active" if mine in ("prepared", "active") and not others else "prepared"
        if to and self.lets_go:
            there = of(to[0], row["generation"])
            if there == "active" or (there == "prepared" and row["activation"] == "at_once"):
                return "released"
        return "active" if not others else None

    def say(self, vport, generation, state, said):
        now = said.get((vport, self.name))
        words = {"generation": generation, "state": state, "reason": self.refuses.get(vport, "") if state == "refused" else ""}
        if now and all(now[key] == value for key, value in words.items()):
            return
        if not now or now["state"] != state:
            self.applied.append((vport, state))
        if now:
            self.store.transact({"op": "update", "table": "VPort_Status", "where": [["_uuid", "==", now["_uuid"]]], "row": words})
        else:
            self.store.transact({"op": "insert", "table": "VPort_Status", "row": {"vport": vport, "host": self.name, **words}})


class Meddler:
    """Stands between a client and a server.  before(): called once, before the first change is passed on, or the
    first question where asked is "select"; loses: "before" or "after" that
    change is carried out the client's connection ends, once; "for ever": after it, and there is no server any more."""

    def __init__(self, store, before=None, loses=None, asked=""):
        self.store, self.before, self.loses, self.kinds = store, before, loses, ("insert", "update", "delete", asked)
        self.path = store.socket + ".meddler"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.threads = [threading.Thread(target=self.serve)]
        self.threads[0].start()

    @property
    def remote(self):
        return "unix:" + self.path

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(HANG)
        self.listener.close()
        os.unlink(self.path)

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.threads.append(threading.Thread(target=self.carry, args=[client]))
            self.threads[-1].start()

    def carry(self, client):
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self.store.socket)
            back = threading.Thread(target=self.back, args=[server, client])
            back.start()
            for message in messages(client):
                if not self.meddle(message):
                    break
                server.sendall(json.dumps(message).encode())
            for end in (server, client):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            back.join(HANG)

    def meddle(self, message):
        """Whether the message is to be passed on."""
        params = message.get("params")
        if message.get("method") != "transact" or params[0] != "VMMQ" or not any(
                isinstance(operation, dict) and operation.get("op") in self.kinds for operation in params):
            return True
        before, self.before = self.before, None
        if before:
            before()
        loses, self.loses = self.loses, None
        if loses in ("after", "for ever"):
            self.store.transact(*params[1:])
        if loses == "for ever":
            self.listener.shutdown(socket.SHUT_RDWR)
        return not loses

    @staticmethod
    def back(server, client):
        with contextlib.suppress(OSError):
            while more := server.recv(1 << 16):
                client.sendall(more)
