# SPDX-License-Identifier: BSD-2-Clause
"""Real vmmqd among the hosts of bench_fleet.py, and beside each other: one whose VPorts are the fleet's, one that has the same from a file."""
import os
import pathlib
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "daemon"))

VPORTS = 100  # of each
TABLE = [entry % 4 for entry in range(128)]
ADAPTER = "adapter: {processors: [0, 1, 2, 3], moderation: interrupt}\n"
OPTIONS = ["--buffers", "2048", "--no-pin", "--log-level", "info"]


def mac(host, number):
    return f"02:00:01:{host:02x}:{number >> 8:02x}:{number & 255:02x}"


def memory_of(pid):
    """Bytes that are its own and in memory."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as file:
        return 1024 * sum(int(line.split()[1]) for line in file if line.startswith("Private_"))


def control_ns(pid):
    """Nanoseconds of CPU that the control thread, in which the agent is, has had."""
    with open(f"/proc/{pid}/task/{pid}/schedstat", encoding="utf-8") as file:
        return int(file.read().split()[0])


class RealHosts:
    def __init__(self, build, folder, count):
        os.environ["VMMQD"] = os.path.join(build, "src", "vmmqd", "vmmqd")
        from daemon import Daemon  # which reads that
        self.daemon, self.folder = Daemon, folder
        self.names = [f"real{number}" for number in range(count)]
        self.running = {}
        self.vports = []  # in turn of each host, once they are watched
        self.changed = {}  # VPort: when its RSS parameters did, in seconds since 1970

    def fill(self, store):
        """Their hosts and VPorts, in the store."""
        for number, name in enumerate(self.names):
            host = store.transact({"op": "insert", "table": "Host", "row": {"name": name, "drain": False}})[0]["uuid"]
            store.transact(*({"op": "insert", "table": "VPort", "row": {
                "name": f"{name}-{vport}", "generation": 1, "macs": mac(number, vport), "queue_pairs": 4, "rss": "on",
                "indirection_table": ["map", [list(entry) for entry in enumerate(TABLE)]], "scaling": "static", "activation": "at_once",
                "host": host}} for vport in range(VPORTS)))

    def spawn(self, name, config):
        directory = os.path.join(self.folder, name)
        os.mkdir(directory)
        self.running[name] = self.daemon(directory, config, OPTIONS).spawn()

    def start(self, remotes, relays):
        remotes, relays = (", ".join(f'"{server}"' for server in servers) for servers in (remotes, relays))
        for name in self.names:
            self.spawn(name, ADAPTER + f"fleet: {{remotes: [{remotes}], relays: [{relays}], host: {name}}}\n")

    def active(self, name):
        try:
            shown = self.running[name].ask("fleet.show")["vports"]
        except (OSError, AssertionError):
            return 0
        return sum(vport["state"] == "active" and vport["here"] == "activated" for vport in shown)

    def are_active(self):
        return all(self.active(name) == VPORTS for name in self.names)

    def watch(self):
        """From now on each says when the RSS parameters of a VPort have changed in its switch."""
        self.vports = [f"{name}-{vport}" for vport in range(VPORTS) for name in self.names]
        for name in self.names:
            events = self.running[name].client()
            events.connection.settimeout(None)
            events.ask("monitor.subscribe")
            threading.Thread(target=self.read, args=[events], daemon=True).start()

    def read(self, events):
        while (answer := events.answer()) is not None:
            event = answer["params"]
            if event["event"] == "rss.changed":
                self.changed.setdefault(event["name"], []).append(event["time"])

    def carried(self, changes, await_that):
        """changes: [(VPort, when it was sent, in nanoseconds of the monotonic clock)].  Returns how long each took, in nanoseconds; one that was
        overtaken by the next is none."""
        wall = time.time_ns() - time.monotonic_ns()
        sent = {name: wall + when for name, when in changes}  # the last of each
        await_that(lambda: all(self.changed.get(name) and self.changed[name][-1] * 1e9 >= when for name, when in sent.items()), "change in a real switch")
        took = []
        for name, when in changes:
            after = [1e9 * told - when - wall for told in self.changed[name] if 1e9 * told >= when + wall]
            took += after[:1]
        return took

    def start_alike(self):
        """One that has from a file what the first has from the store."""
        table = ", ".join(map(str, TABLE))
        vports = "".join(f"  - {{id: {1000 + number}, name: f{number}, queue_pairs: 4, filters: [{{mac: \"{mac(0, number)}\"}}], "
                         f"rss: {{enabled: true, indirection_table: [{table}]}}}}\n" for number in range(VPORTS))
        self.spawn("file", ADAPTER + "vports:\n" + vports)

    def compare(self, seconds):
        """What the agent costs: its vmmqd less the other, in bytes, and both control threads' share of a CPU while nothing changes."""
        pids = {name: self.running[name].process.pid for name in (self.names[0], "file")}
        before, begin = {name: control_ns(pid) for name, pid in pids.items()}, time.monotonic_ns()
        time.sleep(seconds)
        took = time.monotonic_ns() - begin
        agent, file = ((control_ns(pid) - before[name]) / took for name, pid in pids.items())
        memory = {name: memory_of(pid) for name, pid in pids.items()}
        return {"vports": VPORTS, "memory_fleet": memory[self.names[0]], "memory_file": memory["file"],
                "control_fleet": agent, "control_file": file}

    def stop(self):
        for vmmqd in self.running.values():
            vmmqd.stop()
