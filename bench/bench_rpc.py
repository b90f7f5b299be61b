#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Control requests: what vmmqd does in a second when each one is on disk before it is acknowledged, how long one
takes, how long 4,096 VPorts take to apply, and what an idle VPort costs.

usage: bench_rpc.py [--quick] [--json] VMMQD [DIRECTORY]     (state and socket go to DIRECTORY, or to a temporary one)
"""
import argparse
import json
import os
import select
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))
from rounds import Unable  # noqa: E402
from switch import Switch, request  # noqa: E402

VPORTS = 4096
CLIENTS = 16
DEPTH = 16  # requests that a client has under way


class Daemon(Switch):
    def resident(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        return 0


def configuration(vports):
    lines = ["adapter: {processors: [0, 1]}", "vports:"]
    for vport in range(1, vports + 1):
        lines.append(f"  - {{id: {vport}, filters: [{{mac: \"02:00:00:00:{vport >> 8:02x}:{vport & 255:02x}\"}}], "
                     "rss: {enabled: true, indirection_table: [0, 1, 0, 1]}}")
    return "\n".join(lines) + "\n"


class Client:
    """Moves a table entry of its VPort to and fro, DEPTH requests under way."""

    def __init__(self, daemon, vport):
        self.connection = daemon.connect()
        self.vport = vport
        self.sent = []  # when, by the request's number
        self.answered = 0
        self.latency = []
        self.rest = b""

    def fill(self, total):
        batch = b""
        while len(self.sent) < total and len(self.sent) - self.answered < DEPTH:
            number = len(self.sent)
            batch += request(number, "rss.set", {"vport": self.vport,
                                                 "indirection_table": [number & 1, ~number & 1]})
            self.sent.append(time.monotonic())
        if batch:
            self.connection.sendall(batch)

    def take(self):
        *lines, self.rest = (self.rest + self.connection.recv(1 << 16)).split(b"\n")
        now = time.monotonic()
        for line in lines:
            answer = json.loads(line)
            if answer["id"] != self.answered or "error" in answer:
                sys.exit(f"bench_rpc: unexpected answer {line.decode()}")
            self.latency.append(now - self.sent[self.answered])
            self.answered += 1


def throughput(daemon, clients, total):
    """Returns requests a second and all latencies, sorted."""
    crowd = [Client(daemon, number % 64 + 1) for number in range(clients)]
    by_fd = {client.connection.fileno(): client for client in crowd}
    poll = select.poll()
    for fd in by_fd:
        poll.register(fd, select.POLLIN)
    begin = time.monotonic()
    for client in crowd:
        client.fill(total)
    while any(client.answered < total for client in crowd):
        for fd, _ in poll.poll(10000):
            by_fd[fd].take()
            by_fd[fd].fill(total)
    seconds = time.monotonic() - begin
    for client in crowd:
        client.connection.close()
    return clients * total / seconds, sorted(value for client in crowd for value in client.latency)


def percentile(values, share):
    return values[min(len(values) - 1, int(len(values) * share))]


def figures(daemon, quick):
    """Yields (name, value, unit, goal, reached)."""
    one = daemon.resident()
    begin = time.monotonic()
    daemon.call("config.apply", yaml=configuration(VPORTS))
    seconds = time.monotonic() - begin
    many = daemon.resident()
    yield "4,096 VPorts applied from one file", seconds, "s", "< 5", seconds < 5
    per_vport = (many - one) / (VPORTS - 1) / 1024
    yield "memory per idle VPort", per_vport, "KiB", "< 64", per_vport < 64
    daemon.call("config.apply", yaml=configuration(64))
    rates, latencies = [], []
    for _ in range(1 if quick else 5):
        rate, latency = throughput(daemon, CLIENTS, 20 if quick else 500)
        rates.append(rate)
        latencies.extend(latency)
    latencies.sort()
    rate = sorted(rates)[len(rates) // 2]
    yield f"durable requests, {CLIENTS} pipelining clients", rate, "/s", "> 2000", rate > 2000
    yield "  latency, median", percentile(latencies, 0.5) * 1e3, "ms", None, True
    yield "  latency, 99th percentile", percentile(latencies, 0.99) * 1e3, "ms", None, True
    global DEPTH
    DEPTH = 1
    rate, latency = throughput(daemon, 1, 20 if quick else 500)
    yield "durable requests, one client, one at a time", rate, "/s", None, True
    yield "  latency, 99th percentile", percentile(latency, 0.99) * 1e3, "ms", None, True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="little work: to see that everything runs")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("program")
    parser.add_argument("directory", nargs="?")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        try:
            daemon = Daemon(arguments.program, directory, configuration(1), "--no-hugepages")
            try:
                rows = list(figures(daemon, arguments.quick))
            finally:
                daemon.stop()
        except Unable as unable:
            sys.exit(f"bench_rpc: {unable}")
    if arguments.json:
        print(json.dumps([dict(zip(("name", "value", "unit", "goal", "reached"), row)) for row in rows], indent=1))
        return
    print("Control requests (vmmqd, every one on disk before it is acknowledged)")
    for name, value, unit, goal, reached in rows:
        print(f"  {name:48}{value:10.1f} {unit:4}" + (f"  goal {goal}: {'reached' if reached else 'MISSED'}" if goal else ""))


main()
