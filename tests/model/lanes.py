#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""lanes.py [RUNS]: the gate protocol of src/engine as a random simulation, wider than what gate.pml can search.

Several sources that adopt late, each with an inbox at each processor; tables, keys and filters change all the time; one processor
is slow, one stands still for long.  Each flow's packets must come in order and all of them, and a turn that had room for more
must leave nothing of a stranger: a VPort that never changes.  Then each rule is broken in its turn, which must show.
VMMQ_TEST_SEED=N sets the first seed.
"""
import os
import random
import sys

PROCESSORS, VPORTS, LANES, FLOWS, SOURCES, BATCH, STEPS = 4, 4, 4, 16, 2, 4, 3000
APART = 1  # VPorts that are waited for one by one at one processor; beyond, one wait is for all (LANE_WAITS_APART)
STRANGER = VPORTS - 1  # has its lanes at the processors that do not stall
NONE = 1 << 60
RULES = ["no trail", "gates looked at twice", "new packets first", "head before oldest", "oldest raised early", "head only",
         "gates merged whatever lies between", "no gates", "whole inbox"]


class Inbox:
    def __init__(self):
        self.ring, self.next, self.head = [], 0, 0  # of (flow, number, VPort, lane); positions
        self.gates, self.fresh, self.held = [], [], []  # held: (position, packet)
        self.oldest = [NONE] * VPORTS
        self.put, self.out = [0] * VPORTS, [0] * VPORTS


class Gate:
    def __init__(self, inbox, vport, waits):
        self.position, self.vport, self.mark, self.waits = len(inbox.ring), vport, inbox.put[vport], waits
        self.closed = set()


def add(waits, more):
    """Adds waits: by (lane, processor, VPort or None for all) the position below which all must be indicated."""
    for key, position in more.items():
        waits[key] = max(waits.get(key, 0), position)
    for processor in range(PROCESSORS):
        there = [wait for wait in waits if wait[1] == processor]
        vports = {wait[2] for wait in there}
        if len(vports) > APART or (None in vports and len(vports) > 1):
            position = max(waits.pop(wait) for wait in there)
            waits.update({(lane, processor, None): position for lane in {wait[0] for wait in there}})


class View:
    def __init__(self, rng):
        self.table = [[rng.randrange(1, PROCESSORS) for _ in range(LANES)] for _ in range(VPORTS)]
        self.key = [0] * VPORTS
        self.owner = [flow % VPORTS for flow in range(FLOWS)]

    def copy(self):
        view = View.__new__(View)
        view.table = [list(row) for row in self.table]
        view.key, view.owner = list(self.key), list(self.owner)
        return view

    def lane(self, flow):
        return (flow // VPORTS * 5 + self.key[self.owner[flow]]) % LANES

    def change(self, rng):
        """Returns the next view: a few entries, a key, or a filter."""
        view, vport = self.copy(), rng.randrange(STRANGER)
        kind = rng.random()
        if kind < 0.6:
            for lane in range(LANES):
                if rng.random() < 0.5:
                    view.table[vport][lane] = rng.randrange(PROCESSORS)
        elif kind < 0.8:
            view.key[vport] = rng.randrange(97)
        else:
            flow = rng.choice([flow for flow in range(FLOWS) if self.owner[flow] != STRANGER])
            view.owner[flow] = vport
        return view


class Source:
    def __init__(self, first, view):
        self.flows = range(first, FLOWS, SOURCES)
        self.view, self.inbox = view, [Inbox() for _ in range(PROCESSORS)]
        self.trail = [{} for _ in range(VPORTS)]

    def is_over(self, wait, position, broken=None):
        _, processor, vport = wait
        inbox = self.inbox[processor]
        oldest = min(inbox.oldest) if vport is None else inbox.oldest[vport]
        return inbox.head >= position and (broken == "head only" or oldest >= position)

    def places(self, vport, processors, lanes):
        """Returns waits for what is of a VPort at processors now."""
        return {(lane, p, vport): len(self.inbox[p].ring) for p in processors for lane in lanes
                if self.inbox[p].put[vport] != self.inbox[p].out[vport]}

    def step(self, view, broken):
        old, followed = self.view, [{} for _ in range(VPORTS)]
        for trail in self.trail:
            for wait in [wait for wait, position in trail.items() if self.is_over(wait, position)]:
                del trail[wait]
        for a in range(VPORTS):
            if old.key[a] != view.key[a]:
                self.mix(old, view, a, a, followed, broken)
            else:
                self.move(old, view, a, followed, broken)
        for a, b in {(old.owner[f], view.owner[f]) for f in range(FLOWS) if old.owner[f] != view.owner[f]}:
            self.mix(old, view, a, b, followed, broken)
        if broken != "no trail":
            for trail, more in zip(self.trail, followed):
                add(trail, more)
        self.view = view

    def mix(self, old, view, a, b, followed, broken):
        waits = self.places(a, set(old.table[a]), range(LANES))
        for (_, p, vport), position in self.trail[a].items():
            add(waits, {(lane, p, vport): position for lane in range(LANES)})
        add(followed[b], waits)
        for to in set(view.table[b]):
            self.gate(to, b, dict(waits), broken)

    def move(self, old, view, a, followed, broken):
        for to in range(PROCESSORS):
            moved = [lane for lane in range(LANES) if view.table[a][lane] == to != old.table[a][lane]]
            waits = {}
            for lane in moved:
                add(waits, self.places(a, [old.table[a][lane]], [lane]))
            add(waits, {wait: position for wait, position in self.trail[a].items() if wait[0] in moved})
            add(followed[a], waits)
            self.gate(to, a, waits, broken)

    def gate(self, to, vport, waits, broken):
        if not waits or broken == "no gates":
            return
        self.inbox[to].fresh.append(Gate(self.inbox[to], vport, waits))

    def send(self, flow, number):
        vport, lane = self.view.owner[flow], self.view.lane(flow)
        inbox = self.inbox[self.view.table[vport][lane]]
        inbox.ring.append((flow, number, vport, lane))
        inbox.put[vport] += 1


class Run:
    def __init__(self, seed, broken):
        self.rng, self.broken = random.Random(seed), broken
        self.views = [View(self.rng)]
        self.sources = [Source(i, self.views[0]) for i in range(SOURCES)]
        self.adopted = [0] * SOURCES
        self.sent, self.expected = [0] * FLOWS, [0] * FLOWS
        self.turns = {}
        self.reordered = self.delayed = 0

    def deliver(self, inbox, packets):
        for flow, number, vport, _ in packets:
            self.reordered += number < self.expected[flow]
            self.expected[flow] = max(self.expected[flow], number + 1)
            inbox.out[vport] += 1

    def look(self, source, inbox, forgets=True):
        for gate in inbox.gates:
            over = [wait for wait, position in gate.waits.items() if source.is_over(wait, position, self.broken)]
            gate.closed = {wait[0] for wait in gate.waits if wait not in over}
            for wait in over if forgets else []:
                del gate.waits[wait]
        if forgets:
            inbox.gates = [gate for gate in inbox.gates if gate.waits]

    def is_closed(self, inbox, position, packet):
        whole = self.broken == "whole inbox"
        return any(gate.position <= position and gate.closed and
                   (whole or (gate.vport == packet[2] and packet[3] in gate.closed)) for gate in inbox.gates)

    def take_fresh(self, inbox):
        for gate in inbox.fresh:
            for same in inbox.gates:
                if same.vport == gate.vport and \
                        (same.mark == gate.mark or self.broken == "gates merged whatever lies between"):
                    add(same.waits, gate.waits)
                    break
            else:
                inbox.gates.append(gate)
        inbox.fresh = []

    def release(self, inbox, batch):
        kept, due = [], False
        for position, packet in inbox.held:
            opens = not self.is_closed(inbox, position, packet)
            if opens and len(batch) < BATCH:
                batch.append(packet)
                continue
            due |= opens
            kept.append((position, packet))
        inbox.held = kept
        return due

    def take(self, inbox, batch, tail):
        """Takes new packets; returns VPorts whose oldest held packet has yet to be noted: none, if all is well."""
        late = []
        while len(batch) < BATCH and inbox.next < tail:
            packet = inbox.ring[inbox.next]
            if self.is_closed(inbox, inbox.next, packet):
                inbox.held.append((inbox.next, packet))
                if self.broken == "head before oldest":
                    late.append((packet[2], inbox.next))
                else:
                    inbox.oldest[packet[2]] = min(inbox.oldest[packet[2]], inbox.next)
            else:
                batch.append(packet)
            inbox.next += 1
        return late

    def turn(self, source, processor):
        """A processor's turn at one inbox; others go on wherever it yields."""
        inbox, batch = source.inbox[processor], []
        tail = len(inbox.ring)
        yield
        self.take_fresh(inbox)
        self.look(source, inbox)
        first = self.broken == "new packets first"
        due = self.release(inbox, batch) if not first else False
        released = {packet[2] for packet in batch}
        if self.broken == "gates looked at twice":
            yield
            self.look(source, inbox, False)
        late = self.take(inbox, batch, tail) if not due else []
        if first:
            count = len(batch)
            self.release(inbox, batch)
            released = {packet[2] for packet in batch[count:]}
        if len(batch) < BATCH:
            self.delayed += sum(packet[2] == STRANGER for _, packet in inbox.held)
        if self.broken == "oldest raised early":
            self.raise_oldest(inbox, released)
        yield
        for vport in dict.fromkeys(packet[2] for packet in batch):
            self.deliver(inbox, [packet for packet in batch if packet[2] == vport])
            yield
        self.raise_oldest(inbox, released)
        yield
        inbox.head = inbox.next
        for vport, position in late:
            yield
            inbox.oldest[vport] = min(inbox.oldest[vport], position)

    @staticmethod
    def raise_oldest(inbox, released):
        for vport in released:
            inbox.oldest[vport] = min((position for position, packet in inbox.held if packet[2] == vport), default=NONE)

    def advance(self, processor):
        if processor not in self.turns:
            self.turns[processor] = self.turn_all(processor)
        try:
            next(self.turns[processor])
        except StopIteration:
            del self.turns[processor]

    def turn_all(self, processor):
        for source in self.sources:
            yield from self.turn(source, processor)
            yield

    def adopt(self, i):
        while self.adopted[i] + 1 < len(self.views):
            self.adopted[i] += 1
            self.sources[i].step(self.views[self.adopted[i]], self.broken)

    def go(self):
        rng, stalled = self.rng, False
        for _ in range(STEPS):
            kind = rng.random()
            if kind < 0.3:
                i = rng.randrange(SOURCES)
                flow = rng.choice(self.sources[i].flows)
                self.sources[i].send(flow, self.sent[flow])
                self.sent[flow] += 1
            elif kind < 0.36:
                self.views.append(self.views[-1].change(rng))
            elif kind < 0.42:
                self.adopt(rng.randrange(SOURCES))
            else:
                processor = rng.randrange(PROCESSORS)
                if not (processor == 0 and stalled) and (processor != 1 or rng.random() < 0.3):
                    self.advance(processor)
            if rng.random() < 0.004:
                stalled = not stalled
        for _ in range(2000):
            for processor in range(PROCESSORS):
                self.advance(processor)
        lost = sum(self.sent) - sum(sum(inbox.out) for source in self.sources for inbox in source.inbox)
        return self.reordered, lost, self.delayed


def total(seed, runs, broken):
    sums = [0, 0, 0]
    for i in range(runs):
        sums = [a + b for a, b in zip(sums, Run(seed + i, broken).go())]
        if broken and any(sums):
            break  # it shows
    return sums


def main():
    seed = int(os.environ.get("VMMQ_TEST_SEED", "1"))
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    bad = False
    for broken in [None] + RULES:
        reordered, lost, delayed = total(seed, runs if not broken else 20 * runs, broken)
        wrong = not (reordered or lost or delayed) if broken else bool(reordered or lost or delayed)
        print(f"{'broken: ' + broken if broken else 'as it is':44} {reordered} reordered, {lost} never indicated, "
              f"{delayed} delayed{'  FAILED' if wrong else ''}")
        bad |= wrong
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
