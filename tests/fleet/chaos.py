#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""VMMQD=PROGRAM VMMQ=PROGRAM chaos.py [--moves N] [--seed N] [--within S]: a fleet of real parts, of which one after the other is killed while VPorts move.

A Raft cluster of three ovsdb-servers, a relay, vmmqd on hosts a, b and c between which VPorts move, and on host d, whose VPorts do not: two guests
there exchange numbered frames all the time.  Leader, follower, relay and agent are killed by -9 in every order, then at random, two at once where a
quorum is left, or stand still for a while.  Meanwhile administrators change rows by sockets, ovsdb-client and vmmq fleet.  All the time: no VPort is
active in two switches (but for the overlap of first_frame).  After each round, which leaves some moves under way: intent as it was acknowledged, all
servers' rows, statuses and switches agree (within S seconds).  In the end: no frame is missing, and vmmqd has not grown.
"""
import argparse
import collections
import itertools
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(os.path.join(ROOT, "daemon"))
from chaos_admin import Admin, Wrong  # noqa: E402
from chaos_agree import disagreement  # noqa: E402
from chaos_move import Mover  # noqa: E402
from chaos_watch import Switch, Traffic, overlaps  # noqa: E402
from cluster import Cluster  # noqa: E402
from daemon import HANG, Daemon, wait_until  # noqa: E402
from store import host, vport_row  # noqa: E402

VICTIMS = ("leader", "follower", "relay", "agent")
MOVERS, NAMES, MOVES_A_ROUND = 4, 16, 25
LOOKS = 8
LONG = 20.0  # seconds that nobody is there for, now and then
GROWTH_MAX = 4 << 20  # bytes of a vmmqd's resident memory, from the first round without deaths of agents to the last


def size_of(pid):
    """(resident bytes, descriptors by what they are)"""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        rows = dict(line.split(":", 1) for line in file)
    kinds = collections.Counter()
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            kinds[os.readlink(f"/proc/{pid}/fd/{fd}").split(":[")[0]] += 1
        except FileNotFoundError:
            pass  # closed meanwhile
    del kinds["pipe"]  # one of the vhost library's, from the first guest on
    return int(rows["VmRSS"].split()[0]) << 10, kinds


class Chaos:
    def __init__(self, moves, seed, within):
        self.moves, self.within = moves, within
        self.chance = random.Random(seed)
        self.directory = tempfile.mkdtemp(prefix="vmmq-chaos-")
        self.counts, self.took, self.relay_took, self.wrong, self.sizes = collections.Counter(), [], [], [], []
        self.overlapped, self.agents, self.switches, self.traffic = [], {}, {}, None
        self.cluster = Cluster(self.directory)
        self.admin = self.new_admin()
        self.uuid = {}

    def new_admin(self):
        return Admin(self.cluster, random.Random(self.chance.random()), self.counts, os.environ["VMMQ"])

    # --- what there is ---
    def servers(self, name):
        """The relay is preferred by one, and among the others of another."""
        remotes = ([self.cluster.relay.remote] if name == "c" else []) + self.cluster.remotes
        relays = [self.cluster.relay.remote] if name == "b" else []
        return ", ".join(f"{key}: [" + ", ".join(f'"{server}"' for server in servers) + "]" for key, servers in (("remotes", remotes), ("relays", relays)))

    def start(self):
        results = self.cluster.leader().transact(*(host(name) for name in "abcd"))
        self.uuid = {name: result["uuid"][1] for name, result in zip("abcd", results)}
        for name in "abcd":
            directory = os.path.join(self.directory, name)
            os.mkdir(directory)
            self.agents[name] = Daemon(directory, "adapter: {processors: [0, 1, 2, 3], moderation: interrupt}\n"
                                       f"fleet: {{{self.servers(name)}, host: {name}, sockets: \"{directory}\"}}\n",
                                       ["--buffers", "2048", "--no-pin", "--log-level", "notice"]).spawn()
        for agent in self.agents.values():
            wait_until(agent.answers, "an answer")
        for name in "abc":
            self.switches[name] = Switch(name, self.agents[name].socket)
            self.switches[name].start()
        for number in range(NAMES):  # those that move with the guest's first frame are called f…
            self.add(f"{'f' if number % 4 == 3 else 'w'}{number}", number, "abc"[number % 3], "first_frame" if number % 4 == 3 else "at_once")
        for number in (254, 255):
            self.add(f"u{number}", number, "d", "at_once")
        self.agree(0)
        self.traffic = Traffic(self.agents["d"], ("u254", "u255"), [bytes([2, 0, 0, 0, 0, number]) for number in (254, 255)])
        self.movers = [Mover(self.new_admin(), [name for name in self.admin.known if name[0] != "u"][i::MOVERS], self.uuid, self.directory)
                       for i in range(MOVERS)]
        for mover in self.movers:
            mover.admin.known = self.admin.known  # each changes those of its own names

    def add(self, name, number, on, activation):
        self.admin.add(vport_row(name, number, host=["uuid", self.uuid[on]], activation=activation))

    def stop(self):
        for switch in self.switches.values():
            switch.ends = True
        for agent in self.agents.values():
            if agent.process:
                agent.process.kill()
                agent.process.wait()
        self.cluster.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    # --- deaths ---
    def hurt(self, victim, still=False):
        """Kills it by -9, or lets it stand still; returns what brings it back."""
        self.counts[f"{victim} {'stopped' if still else 'killed'}"] += 1
        if victim == "agent":
            name = self.chance.choice("abc")
            return self.still(self.agents[name].process) if still else self.agent_dies(self.agents[name])
        if victim == "relay":
            store = self.cluster.relay
        else:
            store = self.cluster.leader() if victim == "leader" else self.cluster.follower(self.chance)
        if still:
            return self.still(store.process)
        store.kill()
        return store.spawn

    @staticmethod
    def still(process):
        process.send_signal(signal.SIGSTOP)
        return lambda: process.send_signal(signal.SIGCONT)

    @staticmethod
    def agent_dies(agent):
        agent.process.kill()
        agent.process.wait()
        return agent.start

    def pause(self, most):
        time.sleep(self.chance.uniform(0.1, most))

    def kill_in_order(self, order):
        for victim in order:
            comes_back = self.hurt(victim)
            self.pause(1.5)
            comes_back()
            self.pause(1.0)

    def kill_at_random(self, victims):
        """Up to two at once, of which one is a server of the cluster."""
        servers, others = [v for v in victims if v in VICTIMS[:2]], [v for v in victims if v not in VICTIMS[:2]]
        chosen = self.chance.choice(([self.chance.choice(servers)], [self.chance.choice(others)],
                                     [self.chance.choice(servers), self.chance.choice(others)], others))
        back = [self.hurt(victim, still=self.chance.random() < 0.2) for victim in chosen]
        self.pause(2.5)
        self.chance.shuffle(back)
        for comes_back in back:
            comes_back()
        self.pause(1.0)

    # --- a round ---
    def round(self, order, victims, moves):
        """order: of deaths, or None: as it comes, of these."""
        shares = [moves // MOVERS + (i < moves % MOVERS) for i in range(MOVERS)]
        threads = [threading.Thread(target=self.carry, args=(mover.work, share)) for mover, share in zip(self.movers, shares)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            if order:
                self.kill_in_order(order)
            else:
                self.kill_at_random(victims)
        self.last_deaths(order or [self.chance.choice(victims)])
        self.look_back()

    def last_deaths(self, order):
        """All of them in this order, so that all are dead at once, while moves begin that nobody waits for; then they come back as it comes."""
        for mover in self.movers:
            self.carry(mover.make_ready)
        threads = [threading.Thread(target=self.carry, args=(mover.leave_under_way,)) for mover in self.movers]
        for thread in threads:
            thread.start()
        back = []
        for victim in order:
            self.pause(0.3)
            back.append(self.hurt(victim))
        self.pause(LONG if self.moves >= MOVES_A_ROUND and self.chance.random() < 0.1 else 1.5)
        self.chance.shuffle(back)
        for comes_back in back:
            begin = time.monotonic()
            comes_back()
        for thread in threads:
            thread.join()
        self.agree(self.within, max(begin, *(mover.acknowledged for mover in self.movers)))

    def carry(self, work, *words):
        try:
            work(*words)
        except Exception as wrong:  # which would end in a thread, unseen
            self.wrong.append(f"{type(wrong).__name__}: {wrong}")

    def agree(self, within, begin=None):
        """within: seconds, 0: not looked at; begin: since when they are counted."""
        begin = begin or time.monotonic()
        state = self.admin, self.agents, self.uuid
        while why := disagreement(*state):
            if time.monotonic() - begin > (max(60, 3 * within) if within else HANG):
                self.wrong.append(f"after {time.monotonic() - begin:.1f} s there is no agreement: {why}")
                return
            last = why
            time.sleep(0.05)
        took = time.monotonic() - begin
        if within:
            self.took.append(took)
        if within and took > within:
            self.wrong.append(f"agreed after {took:.1f} s, and not {within:.0f}; the last was: {last}")
        if why := disagreement(*state):
            self.wrong.append(f"agreed, and not any more: {why}")
        wait_until(lambda: not disagreement(*state, relay=True), lambda: f"the relay: {disagreement(*state, relay=True)}")
        if within:
            self.relay_took.append(time.monotonic() - begin)

    def look_back(self):
        """At what was looked at all the time."""
        for one in (*self.agents.values(), *self.cluster.members, self.cluster.relay):
            if one.process.poll() is not None:
                self.wrong.append(f"{one.log} has ended by itself: {one.process.returncode}")
        for agent in self.agents.values():
            if "Sanitizer" in agent.log_text():
                self.wrong.append(agent.log_text()[-4000:])
        moved = set().union(*(mover.take_first_frames() for mover in self.movers))
        for name, one, other, seconds in overlaps({name: switch.take() for name, switch in self.switches.items()}):
            self.overlapped.append(seconds)
            if (name, frozenset((one, other))) not in moved:
                self.wrong.append(f"{name} was active on {one} and {other} at once, for {seconds:.3f} s")
        if self.traffic.wrong.value or not self.traffic.process.is_alive():
            self.wrong.append(f"guests of the host that is not concerned: {self.traffic.wrong.value} frames out of turn, or lost")

    def finish_all(self):
        for mover in self.movers:
            mover.finish_all()
        self.agree(self.within)
        looks = []
        for _ in range(LOOKS):  # a client that goes has its descriptor for a moment more
            for agent in self.agents.values():  # a connection to the leader is there while there is something to write
                wait_until(lambda one=agent: not one.ask("fleet.show")["writes_to"], "what is to be written")
            looks.append({name: size_of(agent.process.pid) for name, agent in self.agents.items()})
            time.sleep(0.1)
        self.sizes.append({name: min((look[name] for look in looks), key=lambda size: size[1].total()) for name in self.agents})

    def run(self, progress):
        self.start()
        count = max(1, self.moves // MOVES_A_ROUND)
        orders = list(itertools.permutations(VICTIMS))
        self.chance.shuffle(orders)
        calm = count - count // 4
        for number in range(count):
            victims = VICTIMS if number < calm else VICTIMS[:3]
            order = orders[number] if number < min(calm, len(orders)) else None
            if number == calm:
                self.finish_all()
            self.round(order, victims, self.moves // count + (number < self.moves % count))
            progress(f"round {number + 1} of {count}: {self.moved} moves, {len(self.wrong)} wrong, agreed after {self.took[-1:]}")
            if self.wrong:
                break
        self.finish_all()
        self.end()

    @property
    def moved(self):
        return sum(mover.begun for mover in self.movers)

    def end(self):
        dropped = [one["drops"] for one in self.agents["d"].ask("vports.show")["vports"] if one["owner"] == "fleet" and one["drops"]]
        if (missing := self.traffic.end(HANG)) or dropped:
            self.wrong.append(f"guests of the host that is not concerned: {missing} frames are missing; {dropped}")
        if len(self.sizes) > 1:
            for name, (memory, _) in self.sizes[-1].items():
                if memory - self.sizes[0][name][0] > GROWTH_MAX:
                    self.wrong.append(f"vmmqd of {name} has grown from {self.sizes[0][name][0]} to {memory} bytes")
            for names in ("abc", "d"):
                first, last = (sum((sizes[name][1] for name in names), collections.Counter()) for sizes in (self.sizes[0], self.sizes[-1]))
                if last.total() > first.total():
                    self.wrong.append(f"vmmqd of {', '.join(names)} has {listed(last - first)} descriptors more")

    def report(self):
        """What was done, and what was found."""
        kinds = collections.Counter()
        for mover in self.movers:
            kinds.update(mover.kinds)
        print(f"chaos: {self.moved:,} moves ({listed(kinds)})")
        print(f"deaths and the like: {listed({key: n for key, n in self.counts.items() if key.split()[0] in VICTIMS})}")
        print(f"asked: {listed({key: n for key, n in self.counts.items() if key.split()[0] not in VICTIMS})}")
        if self.took:
            print(f"agreed after {statistics.median(self.took):.2f} s (median of {len(self.took)}), {max(self.took):.2f} s (most); "
                  f"with the relay {statistics.median(self.relay_took):.2f} s, {max(self.relay_took):.2f} s")
        print(f"switches were looked at {sum(switch.looks for switch in self.switches.values()):,} times; two had one VPort active "
              f"{len(self.overlapped)} times" + (f", all with first_frame, for {max(self.overlapped):.3f} s at most" if self.overlapped else ""))
        print(f"host that was not concerned: {self.traffic.sent.value:,} frames sent, {self.traffic.received.value:,} received in their turn")
        if len(self.sizes) > 1:
            print("memory and descriptors: " + ", ".join(
                f"{name} {first[0] / 2**20:.1f} to {self.sizes[-1][name][0] / 2**20:.1f} MiB, {first[1].total()} to {self.sizes[-1][name][1].total()}"
                for name, first in self.sizes[0].items()))


def listed(counts):
    return ", ".join(f"{key} {counts[key]:,}" for key in sorted(counts))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[1])
    parser.add_argument("--moves", type=int, default=1000, help="besides those that each round leaves under way (%(default)s)")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("VMMQ_TEST_SEED", random.randrange(1 << 32))))
    parser.add_argument("--within", type=float, default=HANG, help="seconds in which all has to agree after the last death (%(default)s)")
    arguments = parser.parse_args()
    print(f"chaos: seed {arguments.seed}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("chaos: ended from outside"))
    terminal = sys.stderr.isatty()
    chaos = Chaos(arguments.moves, arguments.seed, arguments.within)
    try:
        chaos.run((lambda text: print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)) if terminal else lambda text: None)
        if terminal:
            print(file=sys.stderr)
        chaos.report()
    except Wrong as wrong:
        chaos.wrong.append(str(wrong))
    finally:
        chaos.stop()
    for wrong in chaos.wrong:
        print(f"chaos: WRONG: {wrong}")
    print(f"chaos: {'passed' if not chaos.wrong else 'FAILED'}, seed {arguments.seed}")
    sys.exit(1 if chaos.wrong else 0)


if __name__ == "__main__":
    main()
