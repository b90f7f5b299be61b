#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""balance_race_test.py [--seconds N] [--seed N] VMMQD RACING_GUESTS: vmmqd's own controller moves load while frames are under way.

Guests send skewed and shifting load to each other, each frame the next one of its flow; meanwhile tables are changed by hand, in the same
instants, and VPorts come and go.  Nothing is lost, and nothing overtaken: with VPorts that are dynamic, and with static ones, which nobody moves.
Each goes on until enough has happened; --seconds: for so long at least.  VMMQ_TEST_SEED sets the seed as well.
"""
import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import tempfile
import time

from daemon import Daemon, HANG, Refused
from frontend import Frontend

GUESTS, PROCESSORS, ENTRIES = 3, 3, 32
CHURN = 9
ENOUGH = {"dynamic": {"moved": 300, "changes": 40, "frames": 20000}, "static": {"moved": 0, "changes": 60, "frames": 20000}}


def mac(guest):
    return bytes([2, 0, 0, 0, 7, guest]).hex(":")


def configuration(scaling):
    text = f"adapter:\n  processors: {list(range(PROCESSORS))}\n  balance: {{tick: 5, target: 30}}\nvports:\n"
    for guest in range(GUESTS):
        text += (f'  - {{id: {guest + 1}, name: guest{guest}, queue_pairs: {PROCESSORS}, scaling: {scaling}, filters: [{{mac: "{mac(guest)}"}}],\n'
                 f"     rss: {{enabled: true, indirection_table: {[0] * ENTRIES}}}, backend: {{vhost_user: {{socket: {guest}.sock, queues: 1}}}}}}\n")
    return text


class Hands:
    """Changes by hand, of all kinds that the controller has to get along with."""

    def __init__(self, client, scaling, chosen):
        self.client, self.scaling, self.random = client, scaling, chosen
        self.made, self.refused = collections.Counter(), collections.Counter()
        self.kinds = [self.move, self.move, self.table, self.key, self.scale, self.fewer, self.settings, self.churn]
        self.churned = False

    def step(self):
        kind = self.random.choice(self.kinds)
        try:
            kind()
            self.made[kind.__name__] += 1
        except Refused as refused:
            self.refused[refused.data.get("status", str(refused))] += 1

    def vport(self):
        return self.random.randrange(GUESTS) + 1

    def processor(self):
        return self.random.randrange(PROCESSORS)

    def move(self):
        moves = [{"entry": entry, "processor": self.processor()} for entry in self.random.sample(range(ENTRIES), 4)]
        self.client.call("rss.move", vport=self.vport(), moves=moves)

    def table(self):
        self.client.call("rss.set", vport=self.vport(), indirection_table=[self.processor() for _ in range(ENTRIES)])

    def key(self):
        self.client.call("rss.set", vport=self.vport(), key="random", indirection_table=[self.processor()] * ENTRIES)

    def scale(self):
        """Said again it takes the pins of moves by hand away."""
        self.client.call("vport.set", vport=self.vport(), scaling="static")
        for vport in range(1, GUESTS + 1):
            self.client.call("vport.set", vport=vport, scaling=self.scaling)

    def fewer(self):
        self.client.call("vport.set", vport=self.vport(), queue_pairs=self.random.randrange(2, PROCESSORS + 1))

    def settings(self):
        self.client.call("balance.set", tolerance=self.random.randrange(1, 20), coalesce=self.random.random() < 0.5)

    def churn(self):
        if self.churned:
            self.client.call("vport.delete", vport=CHURN)
        else:
            self.client.call("vport.add", id=CHURN, scaling=self.scaling, queue_pairs=2)
        self.churned = not self.churned


def drops(client):
    return {row["vport"]: row["drops"] for row in client.call("vports.show")["vports"] if any(row["drops"].values())}


def moved(client):
    return sum(client.call("balance.show")["moved"].values())


def guests_end(process):
    """What they have seen; those that something has not come to say so after HANG."""
    process.stdin.close()
    try:
        process.wait(HANG)
    except subprocess.TimeoutExpired:
        process.terminate()
    return json.loads(process.stdout.read())


def race(wanted, scaling, directory):
    chosen = random.Random(wanted.seed)
    daemon = Daemon(wanted.vmmqd, directory, configuration(scaling), ("--no-pin", "--no-hugepages", "--buffers", "16384")).start()
    fronts = [Frontend(f"{directory}/{guest}.sock").start() for guest in range(GUESTS)]
    client = daemon.client()
    hands, enough, started = Hands(client, scaling, chosen), ENOUGH[scaling], time.monotonic()
    handed = [(front.memfd, *front.kick) for front in fronts]
    command = [wanted.guests, str(wanted.seed), *(":".join(map(str, of)) for of in handed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[fd for of in handed for fd in of]) as process:
        while (time.monotonic() - started < wanted.seconds or moved(client) < enough["moved"] or
               sum(hands.made.values()) < enough["changes"] or client.call("adapter.show")["indicated"] < enough["frames"]):
            assert process.poll() is None and time.monotonic() - started < HANG, "not enough has happened"
            hands.step()
        seen = guests_end(process)
    balance = client.call("balance.show")
    print(f"{scaling}: {time.monotonic() - started:.1f} s, {seen}, moved {balance['moved']}, refused {balance['refused']}; "
          f"by hand {dict(hands.made)}, refused {dict(hands.refused)}", flush=True)
    assert not drops(client), drops(client)
    assert not any(seen[name] for name in ("missing", "reordered", "duplicated", "wrong")), seen
    assert scaling == "dynamic" or moved(client) == 0, balance
    for front in fronts:
        front.close()
    client.close()
    assert daemon.stop() == 0, daemon.log_tail()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("VMMQ_TEST_SEED") or time.time_ns() % 2**32))
    parser.add_argument("vmmqd")
    parser.add_argument("guests")
    wanted = parser.parse_args()
    print(f"seed {wanted.seed}")
    for scaling in ENOUGH:
        directory = tempfile.mkdtemp(prefix="vmmq-race-")
        try:
            race(wanted, scaling, directory)
        finally:
            shutil.rmtree(directory)


if __name__ == "__main__":
    main()
