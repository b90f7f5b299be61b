#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A fleet on one machine: three ovsdb-servers as a cluster, a relay, hosts without switches (bench_fleet_agents.c), and some real vmmqd.

usage: bench/fleet/bench_fleet.py [--hosts 500] [--vports 20000] [--rate 1000] [--batch 20] [--seconds 10] [--processes 4] [--real 3] [--servers relay|any|leader]
       [--election-ms 8000] [--json] BUILD

Measured: how long it takes from a transaction until its host has seen it, until a real vmmqd has carried it out, and until that host's status is in the store, while
nothing else happens and at a rate of changes; memory and CPU of servers, relay and hosts, and what an agent costs a vmmqd; and how the hosts come back when the leader,
and then the relay, is killed.
"""
import argparse
import collections
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests" / "fleet"), str(ROOT / "bench" / "fleet")]
from real_hosts import VPORTS, RealHosts, memory_of  # noqa: E402
from cluster import Cluster  # noqa: E402
from store import messages  # noqa: E402

PATIENCE = 900  # seconds until what does not come is said not to
BATCH = 500  # VPorts in a transaction
SINGLE = 0.05  # seconds between two changes while nothing else happens
TICK = os.sysconf("SC_CLK_TCK")


def await_that(condition, what):
    end = time.monotonic() + PATIENCE  # only what hangs takes so long
    while not (value := condition()):
        if time.monotonic() > end:
            sys.exit(f"bench-fleet: after {PATIENCE} s there is still no {what}")
        time.sleep(0.05)
    return value


class Writer:
    """Sends transactions to one server without waiting for the ones before."""

    def __init__(self, store):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(store.socket)
        self.sent = self.answered = 0
        self.failed = []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for message in messages(self.connection):
            if message.get("method") == "echo":
                self.connection.sendall(json.dumps({"id": message["id"], "result": message["params"], "error": None}).encode())
            elif "result" in message:
                self.answered += 1
                errors = [part for part in message["result"] or [] if part and "error" in part]
                if errors or message["error"]:
                    self.failed.append(errors or message["error"])

    def send(self, *operations):
        self.sent += 1
        self.connection.sendall(json.dumps({"method": "transact", "params": ["VMMQ", *operations], "id": self.sent}).encode())

    def drain(self):
        await_that(lambda: self.answered == self.sent, "answer to every transaction")
        if self.failed:
            sys.exit(f"bench-fleet: the store refuses: {self.failed[0]}")


class Agents:
    """Processes of many hosts each, and what they tell."""

    def __init__(self, build, servers, remotes, hosts, processes):
        self.seen, self.applied = {}, {}
        self.applied_count = 0
        self.follows = collections.Counter()
        self.came, self.went, self.whole = {}, {}, {}
        self.processes = []
        for share in range(processes):
            process = subprocess.Popen([os.path.join(build, "bench", "bench-fleet-agents"), servers, *remotes], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True)
            process.stdin.write("".join(f"{name} {uuid}\n" for name, uuid in hosts[share::processes]))
            process.stdin.close()
            self.processes.append(process)
            threading.Thread(target=self.read, args=[process], daemon=True).start()

    def read(self, process):
        for line in process.stdout:
            kind, name, *numbers = line.split()
            if kind in "SA":
                (self.seen if kind == "S" else self.applied).setdefault((name, int(numbers[0])), int(numbers[1]))
            elif kind == "F":
                self.came[name], self.whole[name] = int(numbers[1]), int(numbers[0])
                self.follows[name] = 1
            else:
                self.went[name] = int(numbers[0])
                self.follows[name] = 0

    def stop(self):
        for process in self.processes:
            process.terminate()
            process.wait()


def cpu_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] / 1e6 if values else None


class Bench:
    def __init__(self, options):
        self.options = options
        self.generation, self.row = {}, {}
        self.result = {"hosts": options.hosts, "vports": options.vports, "processes": options.processes, "servers": options.servers}

    def say(self, text):
        if not self.options.json:
            print(text, flush=True)

    def fill(self, cluster):
        writer = Writer(cluster.leader())
        names = [f"h{number}" for number in range(self.options.hosts)]
        for first in range(0, len(names), BATCH):
            writer.send(*({"op": "insert", "table": "Host", "row": {"name": name, "drain": False}} for name in names[first:first + BATCH]))
        writer.drain()
        uuids = {row["name"]: row["_uuid"][1] for row in cluster.leader().rows("Host")}
        table = ["map", [[entry, entry % 4] for entry in range(128)]]
        for first in range(0, self.options.vports, BATCH):
            writer.send(*({"op": "insert", "table": "VPort", "row": {
                "name": f"v{number}", "generation": 1, "macs": f"02:00:00:{number >> 16:02x}:{number >> 8 & 255:02x}:{number & 255:02x}",
                "queue_pairs": 4, "rss": "on", "indirection_table": table, "scaling": "static", "activation": "at_once",
                "host": ["uuid", uuids[names[number % len(names)]]]}} for number in range(first, min(first + BATCH, self.options.vports))))
            writer.drain()
        self.generation = {f"v{number}": 1 for number in range(self.options.vports)}
        self.row = {row["name"]: row["_uuid"][1] for row in cluster.leader().rows("VPort", "name", "_uuid")}
        return [(name, uuids[name]) for name in names]

    def change(self, writer, first, count=1, more=()):
        """Changes so many VPorts, and more by name, in one transaction, by their rows' ids, which a server finds at once.
        Returns {(VPort, generation): when it was sent}."""
        keys = []
        for name in (*(f"v{number * 7919 % self.options.vports}" for number in range(first, first + count)), *more):
            self.generation[name] += 1
            keys.append((name, self.generation[name]))
        sent = time.monotonic_ns()
        writer.send(*({"op": "update", "table": "VPort", "where": [["_uuid", "==", ["uuid", self.row[name]]]],
                       "row": {"generation": generation, "default_queue": generation % 4}} for name, generation in keys))
        return dict.fromkeys(keys, sent)

    def times(self, changes, agents):
        """A host that is late sees the last of several changes only; those before it were never there for it, and are counted."""
        await_that(lambda: all((name, self.generation[name]) in agents.applied for (name, _) in changes), "status of all changes")
        seen = [agents.seen[key] - sent for key, sent in changes.items() if key in agents.seen]
        applied = [agents.applied[key] - sent for key, sent in changes.items() if key in agents.applied]
        return {"changes": len(changes), "overtaken": len(changes) - len(applied),
                **{f"{what}_{name}_ms": quantile(values, share) for what, values in (("seen", seen), ("applied", applied))
                   for name, share in (("p50", 0.5), ("p99", 0.99))}}

    def measure(self, title, writer, agents, real, processes, count, pause, batch=1):
        before, begin = {name: cpu_of(pid) for name, pid in processes.items()}, time.monotonic()
        changes, of_real = {}, []
        for number in range(0, count, batch):
            time.sleep(max(0, begin + number * pause - time.monotonic()))
            more = [real.vports[number // batch % len(real.vports)]] if real.vports else []
            made = self.change(writer, number, batch, more)
            of_real += [(name, made.pop((name, self.generation[name]))) for name in more]
            changes |= made
        asked = time.monotonic() - begin
        writer.drain()
        figures = self.times(changes, agents)
        carried = real.carried(of_real, await_that)
        if carried:
            figures |= {"real_changes": len(carried), "real_p50_ms": quantile(carried, 0.5), "real_p99_ms": quantile(carried, 0.99)}
        took = time.monotonic() - begin
        figures["rate"] = count / asked
        figures["cpu"] = {name: (cpu_of(pid) - before[name]) / took for name, pid in processes.items()}
        self.result[title] = figures
        self.say(f"{title}: {count} changes, {figures['rate']:.0f} a second; seen p50 {figures['seen_p50_ms']:.1f} ms, p99 "
                 f"{figures['seen_p99_ms']:.1f}; status stored p50 {figures['applied_p50_ms']:.1f}, p99 {figures['applied_p99_ms']:.1f}; "
                 f"{figures['overtaken']} overtaken by the next")
        if carried:
            self.say(f"  in the switches of real vmmqd: {len(carried)} of these changes, p50 {figures['real_p50_ms']:.1f}, p99 {figures['real_p99_ms']:.1f}")
        self.say("  CPU: " + ", ".join(f"{name} {100 * share:.1f} %" for name, share in figures["cpu"].items()))

    def idle(self, processes):
        before, begin = {name: cpu_of(pid) for name, pid in processes.items()}, time.monotonic()
        time.sleep(self.options.seconds)
        self.result["quiet_cpu"] = {name: (cpu_of(pid) - before[name]) / (time.monotonic() - begin) for name, pid in processes.items()}
        self.say("nothing changes: CPU " + ", ".join(f"{name} {100 * share:.2f} %" for name, share in self.result["quiet_cpu"].items()))

    def memory(self, processes):
        per = {name: memory_of(pid) for name, pid in processes.items()}
        hosts = sum(size for name, size in per.items() if name.startswith("hosts"))
        self.result["memory"] = {**per, "each_host": hosts / self.options.hosts}
        self.say("memory: " + ", ".join(f"{name} {size / 2**20:.1f} MiB" for name, size in per.items())
                 + f"; each host {hosts / self.options.hosts / 1024:.0f} KiB")

    def storm(self, which, server, cluster, agents):
        """A server dies: those that were on it go to others."""
        whole = dict(agents.whole)
        killed = time.monotonic_ns()
        server.kill()
        leader = cluster.leader()
        figures = {"leader_ms": (time.monotonic_ns() - killed) / 1e6}
        changes = self.change(Writer(leader), 0, self.options.hosts)  # of each host one at least
        figures["first_changes"] = self.times(changes, agents)
        await_that(lambda: all(agents.follows[name] for name in agents.came), "host that follows again")
        back = [agents.came[name] - killed for name, went in agents.went.items() if went >= killed]
        figures |= {"lost": len(back), "back_p50_ms": quantile(back, 0.5), "back_last_ms": quantile(back, 1),
                    "read_anew": sum(agents.whole[name] > whole[name] for name in agents.came)}
        self.result[f"{which} killed"] = figures
        self.say(f"{which} killed: one leads after {figures['leader_ms']:.0f} ms at most; {len(back)} hosts lost it"
                 + (f", followed another after p50 {figures['back_p50_ms']:.0f} ms, the last {figures['back_last_ms']:.0f} ms; "
                    f"{figures['read_anew']} read their rows anew" if back else "")
                 + f"; a change to each host, status stored p50 {figures['first_changes']['applied_p50_ms']:.0f} ms, p99 {figures['first_changes']['applied_p99_ms']:.0f}")

    def real(self, real):
        real.start_alike()
        await_that(lambda: real.running["file"].answers(), "vmmqd with a file")
        took = real.compare(self.options.seconds)
        self.result["real"] = took
        self.say(f"a vmmqd with {VPORTS} VPorts: {took['memory_fleet'] / 2**20:.1f} MiB of the fleet's, {took['memory_file'] / 2**20:.1f} MiB from a "
                 f"file; its control thread while nothing changes: {100 * took['control_fleet']:.3f} % and {100 * took['control_file']:.3f} % of a CPU")

    def readers(self, build, cluster):
        """Commands through the relay, which read all."""
        for words in (["hosts"], ["show"], ["show", "v1"]):
            begin = time.monotonic()
            subprocess.run([os.path.join(build, "src", "vmmq", "vmmq"), "fleet", *words, "--store", cluster.relay.remote, "--timeout", "60"],
                           check=True, stdout=subprocess.DEVNULL)
            self.result.setdefault("commands_s", {})[" ".join(words)] = time.monotonic() - begin
        self.say("through the relay: " + ", ".join(f"vmmq fleet {words} {took:.2f} s" for words, took in self.result["commands_s"].items()))

    def run(self, folder):
        cluster = Cluster(folder, self.options.election_ms)
        agents = None
        real = RealHosts(self.options.build, folder, self.options.real)
        try:
            begin = time.monotonic()
            hosts = self.fill(cluster)
            real.fill(cluster.leader())
            self.say(f"{self.options.vports} VPorts on {self.options.hosts} hosts stored in {time.monotonic() - begin:.1f} s")
            servers = {member.name: member.process.pid for member in cluster.members}
            begin, before = time.monotonic(), {name: cpu_of(pid) for name, pid in servers.items()}
            relays = [cluster.relay.remote] if self.options.servers == "relay" else []
            real.start(cluster.remotes, relays)
            agents = Agents(self.options.build, self.options.servers, relays + cluster.remotes, hosts, self.options.processes)
            await_that(lambda: len(agents.applied) == self.options.vports, "status of every VPort")
            self.result["start_s"] = time.monotonic() - begin
            self.result["start_cpu_s"] = {name: cpu_of(pid) - before[name] for name, pid in servers.items()}
            self.say(f"all hosts started at once: every status is in the store after {self.result['start_s']:.1f} s; CPU "
                     + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.result["start_cpu_s"].items()))
            if self.options.real:
                await_that(real.are_active, "status of every real host's VPort")
                self.say(f"{self.options.real} real vmmqd among them: {VPORTS} VPorts each are active after {time.monotonic() - begin:.1f} s")
            processes = {**servers, "relay": cluster.relay.process.pid,
                         **{f"hosts{number}": process.pid for number, process in enumerate(agents.processes)}}
            self.memory(processes)
            self.idle(processes)
            if self.options.real:
                self.real(real)
                real.watch()
                self.generation |= dict.fromkeys(real.vports, 1)
                self.row |= {row["name"]: row["_uuid"][1] for row in cluster.leader().rows("VPort", "name", "_uuid")}
            writer = Writer(cluster.leader())
            self.measure("one at a time", writer, agents, real, processes, 200, SINGLE)
            self.measure("at a rate", writer, agents, real, processes, self.options.rate * self.options.seconds // self.options.batch * self.options.batch,
                         1 / self.options.rate, self.options.batch)
            self.memory(processes)
            self.readers(self.options.build, cluster)
            self.storm("leader", cluster.leader(), cluster, agents)
            if relays:
                self.storm("relay", cluster.relay, cluster, agents)
        finally:
            real.stop()
            if agents:
                agents.stop()
            cluster.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=500)
    parser.add_argument("--vports", type=int, default=20000)
    parser.add_argument("--rate", type=int, default=1000, help="changes a second")
    parser.add_argument("--batch", type=int, default=20, help="of them in one transaction")
    parser.add_argument("--seconds", type=int, default=10, help="of changes at that rate, and of quiet")
    parser.add_argument("--processes", type=int, default=4, help="that the hosts are spread over")
    parser.add_argument("--real", type=int, default=3, help="vmmqd with VPorts of their own, besides")
    parser.add_argument("--election-ms", type=int, default=8000, help="without a leader until another is elected; a cluster's own is 1000")
    parser.add_argument("--servers", choices=["relay", "any", "leader"], default="relay", help="that hosts follow: the relay, any of the cluster, or its leader")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("build")
    options = parser.parse_args()
    if min(options.hosts, options.vports, options.rate, options.seconds, options.processes) < 1 or options.processes > options.hosts:
        parser.error("all numbers are 1 or more, and there are no more processes than hosts")
    bench = Bench(options)
    with tempfile.TemporaryDirectory() as folder:
        bench.run(folder)
    if options.json:
        print(json.dumps(bench.result, indent=1))


main()
