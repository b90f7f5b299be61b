# SPDX-License-Identifier: BSD-2-Clause
"""What is looked at all the time: which switches have a VPort active, and whether a host that is not concerned loses a frame."""
import json
import multiprocessing
import os
import socket
import sys
import threading
import time

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "live"))
from frontend import Frontend, wait_until  # noqa: E402

PAUSE = 0.01  # seconds between two looks at a host
SLACK = 0.002  # seconds: events have milliseconds, and are told after what they tell of
WINDOW = 128  # frames under way at most: half of what a guest has buffers for
BURST = 16


class Switch(threading.Thread):
    """Looks at one vmmqd again and again.  spans[name]: times [from, to] during all of which that VPort was active, as looks and the events between
    them tell, which have a time."""

    def __init__(self, name, path):
        super().__init__(daemon=True)
        self.host, self.path, self.ends, self.looks = name, path, False, 0
        self.spans, self.open, self.lock = {}, {}, threading.Lock()

    def run(self):
        while not self.ends:
            try:
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.settimeout(60)
                    connection.connect(self.path)
                    self.follow(connection)
            except (OSError, EOFError):
                time.sleep(PAUSE)  # it is dead, or just comes
            with self.lock:
                self.open = {}

    def follow(self, connection):
        file = connection.makefile("rb")
        self.ask(connection, file, "monitor.subscribe")
        while not self.ends:
            asked = time.time()
            vports, events = self.ask(connection, file, "vports.show")
            answered = time.time()
            active = {one["name"] for one in vports["vports"] if one["owner"] == "fleet" and one["state"] == "activated"}
            with self.lock:
                began = self.tell(events)
                self.look(active, began, asked, answered)
            time.sleep(PAUSE)

    def tell(self, events):
        """Ends what was deleted; returns when others may have begun: where they are active in the look that follows, they did then."""
        began = {}
        for event in events:
            name = event.get("name")
            if event["event"] == "events.lost":
                self.open, began = {}, {}
            elif event["event"] == "vport.deleted":
                end, begin, span = event["time"] - SLACK, began.pop(name, None), self.open.pop(name, None)
                if span:  # it was active in the last look, and until then
                    span[1] = max(span[1], end)
                elif begin and begin < end:  # between two looks
                    self.spans.setdefault(name, []).append([begin, end])
            elif event["event"] == "vport.changed" and event["field"] == "ndis" and name not in self.open:
                began.setdefault(name, event["time"] + SLACK)
        return began

    def look(self, active, began, asked, answered):
        self.looks += 1
        for name in active:
            if name in self.open:
                self.open[name][1] = asked
            else:
                begin = min(began.get(name, answered), answered)
                self.open[name] = [begin, max(begin, asked)]
                self.spans.setdefault(name, []).append(self.open[name])
        for name in self.open.keys() - active:
            del self.open[name]

    @staticmethod
    def ask(connection, file, method):
        """The result, and the events before it was made."""
        connection.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method}).encode() + b"\n")
        events = []
        while line := file.readline():
            message = json.loads(line)
            if "id" in message:
                return message["result"], events
            events.append(message["params"])
        raise EOFError

    def take(self):
        """The spans since it was last asked, and those that go on."""
        with self.lock:
            spans = {name: [tuple(span) for span in all_of] for name, all_of in self.spans.items()}
            self.spans = {name: [span] for name, span in self.open.items()}
        return spans


def overlaps(spans_of):
    """(name, host, host, seconds) of each two spans of two hosts that have a time in common.  spans_of: {host: Switch.take()}."""
    found, hosts = [], sorted(spans_of)
    for i, one in enumerate(hosts):
        for other in hosts[i + 1:]:
            for name in spans_of[one].keys() & spans_of[other].keys():
                both = max((min(a[1], b[1]) - max(a[0], b[0]) for a in spans_of[one][name] for b in spans_of[other][name]), default=0)
                if both > 0:
                    found.append((name, one, other, both))
    return found


class Traffic:
    """Two guests of one host, in a process of their own, who send one another numbered frames; each has to arrive, in its turn."""

    def __init__(self, agent, names, macs):
        self.sent, self.received, self.wrong, self.ends = (multiprocessing.Value("Q", 0, lock=False) for _ in range(4))
        self.process = multiprocessing.get_context("fork").Process(target=self.run, args=(agent, names, macs), daemon=True)
        self.process.start()

    def run(self, agent, names, macs):
        guests = [Frontend(os.path.join(agent.directory, name + ".sock")).start() for name in names]
        wait_until(lambda: all(agent.ask("vport.show", vport=name)["backend"]["state"] == "up" for name in names), "both guests")
        sent, received = [0, 0], [0, 0]
        while not self.ends.value or sum(received) < sum(sent):
            for me, guest in enumerate(guests):
                for frame in guest.receive():
                    number = int.from_bytes(frame[14:22], "big")
                    self.wrong.value += number != received[me] or frame[6:12] != macs[1 - me]
                    received[me] += 1
                room = WINDOW - (sent[me] - received[1 - me])
                if not self.ends.value and room >= BURST:
                    head = macs[1 - me] + macs[me] + b"\x88\xb5"
                    sent[me] += guest.send([head + (sent[me] + i).to_bytes(8, "big") + bytes(100) for i in range(BURST)])
            self.sent.value, self.received.value = sum(sent), sum(received)
            time.sleep(PAUSE / 2)

    def end(self, seconds):
        """Waits until all that was sent has arrived, or is taken for lost; returns how many are missing."""
        self.ends.value = 1
        self.process.join(seconds)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        return self.sent.value - self.received.value
