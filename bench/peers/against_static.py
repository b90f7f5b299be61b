#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Dynamic VMMQ against static tables: a skewed capture, from a vhost-user uplink to TAP guests, on two processors.

usage: against_static.py [--quick] [--json] [BUILD]     (BUILD: build; root)

The tables name both processors in turns; the flows are Zipf's, and those with the most packets happen to be on one processor, as flows sometimes are.  The same
vmmqd has both, in turns:
- throughput, the highest rate of which nothing is dropped (RFC 1242, RFC 2544), here at most LOSS.  It is halved for, a step for either in turns.  Others run
  beside this, and who drops for their sake is not full: a rate is too high if it has lost too much in each of TRIES trials.
- a part of that which either carries: how many packets in a second of CPU time of the thread that has most of it, which is what it could carry if it had all of
  its CPU: so this needs a quiet machine less.
- overload: MORE times what static tables could carry so.  What is delivered is another mix then: of the processor with few packets all of them.
- low load, for which one processor is enough: what CPU time it takes.
What is not delivered has to have found no room; whatever else is missing was lost.
"""
import contextlib
import itertools
import json
import os
import pathlib
import random
import sys
import tempfile
import time
from typing import NamedTuple

from capture import capture_of, frame, mac
from namespace import Namespace
from process import need_root, said, wait_until
from report import report
from rounds import Unable, against, figure, rounds
from switch import Switch
from uplink_replay import RING, Replay

ROW = 12
GUESTS, FLOWS, ENTRIES = 4, 1024, 64
SHARE = 0.9  # of the packets, on one of the two processors
LOSS = 0.001  # of what is offered: more than that is too much
TRIES = 3
STEPS = 7  # to find a throughput, to a 128th of what is looked at
FIRST = 3e5  # packets a second, to see what static tables could carry; of that:
CEILING = 2.5  # more than either can
PART = 2 / 3
MORE = 2
LOW = 1 / 10  # which one processor is enough for
SETTLE = 4  # times as long as is measured: it is a second until low load is believed
DYNAMIC, STATIC = 'dynamic', 'static'
NO_ROOM = ('inbox_full', 'share_full', 'backend_full')


def configuration():
    lines = ['adapter:', '  processors: [0, 1]', '  uplink: {vhost_user: {socket: uplink.sock}}', 'vports:']
    for guest in range(1, GUESTS + 1):
        lines.append(f'  - {{id: {guest}, queue_pairs: 2, filters: [{{mac: "{mac(guest).hex(":")}"}}], rss: {{enabled: true, hash_types: [ipv4, tcp_ipv4, udp_ipv4], '
                     f'indirection_table: {[0, 1] * (ENTRIES // 2)}}}, backend: {{tap: {{interface: tap{guest}, queues: 2}}}}}}')
    return '\n'.join(lines) + '\n'


def skewed(build, directory):
    """RING frames: FLOWS flows of Zipf's sizes, those with most packets on processor 1 as vmmq itself says, until SHARE is there."""
    seeded = random.Random(1)
    flows = [frame(number % GUESTS + 1, seeded) for number in range(FLOWS)]
    pathlib.Path(directory, 'flows.yaml').write_text(configuration())
    pathlib.Path(directory, 'flows.pcap').write_bytes(capture_of(flows))
    said(f'{build}/src/vmmq/vmmq', 'replay', '-c', f'{directory}/flows.yaml', '-r', f'{directory}/flows.pcap', '--records', f'{directory}/flows.ndjson')
    on = [json.loads(line)['processor'] for line in open(f'{directory}/flows.ndjson', encoding='ascii')]
    weights = [1 / (place + 1) for place in range(FLOWS)]
    waiting = {processor: [flow for flow, at in zip(flows, on) if at == processor] for processor in (0, 1)}
    ranked, there = [], 0
    for weight in weights:
        processor = 1 if there < SHARE * sum(weights) and waiting[1] else 0 if waiting[0] else 1
        ranked.append(waiting[processor].pop())
        there += weight * processor
    frames = seeded.choices(ranked, weights, k=RING)
    return frames, sum(chosen in {flow for flow, at in zip(flows, on) if at} for chosen in frames) / RING


class Trial(NamedTuple):
    """Packets; and seconds, of which the thread that had most of a CPU had it for busiest, and the one that had to wait longest for a CPU waited."""

    offered: int
    refused: int
    delivered: int
    took: float
    busiest: float
    waited: float

    @property
    def rate(self):
        return self.delivered / self.took / 1e6

    @property
    def loss(self):
        return self.refused / self.offered


def most_grown(after, before):
    return max(after[thread] - before[thread] for thread in before)


class Dynamic(Switch):
    """vmmqd whose guests are TAP interfaces, and what is sent to it."""

    def __init__(self, build, directory, frames, within):
        super().__init__(f'{build}/src/vmmqd/vmmqd', directory, configuration(), within=within)
        self.trials = []
        self.uplink = Replay(f'{directory}/uplink.sock', frames)
        wait_until(lambda: self.call('adapter.show')['uplink']['state'] == 'up', 'the uplink does not come up', self)

    def scale(self, scaling):
        for guest in range(1, GUESTS + 1):
            self.call('vport.set', vport=guest, scaling=scaling)

    def trial(self, scaling, seconds, rate):
        self.scale(scaling)
        self.uplink.rate = rate
        time.sleep(seconds / 2)
        before, cpu, waited, started = self.counts(), self.thread_seconds(), self.waited_seconds(), time.monotonic()
        time.sleep(seconds)
        took, after = time.monotonic() - started, self.counts()
        self.uplink.rate = 0
        seen = Trial(*(now - then for now, then in zip(after, before)), took, most_grown(self.thread_seconds(), cpu), most_grown(self.waited_seconds(), waited))
        self.trials.append(seen)
        self.rest()
        return seen

    def carries(self, scaling, seconds, rate):
        return any(self.trial(scaling, seconds, rate).loss <= LOSS for _ in range(TRIES))

    def turn(self, scaling, seconds, rate):
        """Million packets that reach a guest: a second, and a second of CPU time of the thread that had most of it, for others may run beside it."""
        seen = self.trial(scaling, seconds, rate)
        return seen.rate, seen.delivered / seen.busiest / 1e6

    def low_turn(self, scaling, seconds, rate):
        """Million packets that reach a guest, a second of CPU time of all threads; and those CPU seconds, a second."""
        self.scale(scaling)
        self.uplink.rate = rate
        time.sleep(SETTLE * seconds)
        packets, started, cpu = self.delivered(), time.monotonic(), self.cpu_seconds()
        time.sleep(seconds)
        packets, took, cpu = self.delivered() - packets, time.monotonic() - started, self.cpu_seconds() - cpu
        self.uplink.rate = 0
        self.rest()
        return packets / cpu / 1e6, cpu / took

    def rest(self):
        """Until everything that was sent has been indicated or dropped."""
        def at_rest():
            counters = self.call('adapter.show')
            return (self.uplink.taken() == self.uplink.sent == counters['uplink']['rx_packets'] and
                    counters['received'] == counters['indicated'] + counters['dropped'])
        wait_until(at_rest, 'packets stay under way', self)

    def no_room(self):
        """Packets that vmmqd had no room for."""
        drops = [row['drops'].items() for row in self.call('vports.show')['vports']]
        return sum(count for reason, count in itertools.chain(*drops) if reason in NO_ROOM)

    def counts(self):
        """Packets offered, refused and delivered."""
        missed = self.uplink.missed
        return self.uplink.sent + missed, self.no_room() + missed, self.delivered()

    def lost(self):
        """Packets that are missing, and not for want of room."""
        return self.uplink.sent - self.delivered() - self.no_room()

    def moves(self):
        return sum(self.call('balance.show')['moved'].values())

    def stop(self):
        if hasattr(self, 'uplink'):
            self.uplink.stop()
        super().stop()


def compared(what, unit, got, which, *goal):
    ours, theirs = ([samples[which] for samples in got[scaling]] for scaling in (DYNAMIC, STATIC))
    return {'row': ROW, 'what': what, 'unit': unit, 'ours': figure(ours), 'peers': [against(ours, theirs, 'scaling static', *goal)]}


def throughputs(switch, seconds, ceiling, steps):
    """{scaling: million packets a second}"""
    low, high = dict.fromkeys((DYNAMIC, STATIC), 0.0), dict.fromkeys((DYNAMIC, STATIC), ceiling)
    for _ in range(steps):
        for scaling in low:
            rate = (low[scaling] + high[scaling]) / 2
            (low if switch.carries(scaling, seconds, rate * 1e6) else high)[scaling] = rate
    if not all(low.values()):
        raise Unable('every rate loses packets: others have the CPUs')
    return low


def loads(switch, quick):
    """{load: (packets a second that are offered, {scaling: what its rounds have found})}"""
    seconds, count = (0.3, 1) if quick else (0.6, 15)
    both = {DYNAMIC: DYNAMIC, STATIC: STATIC}
    could = max(switch.turn(STATIC, seconds, FIRST)[1] for _ in range(1 if quick else 5)) * 1e6
    found = [throughputs(switch, seconds, CEILING * could / 1e6, 3 if quick else STEPS) for _ in range(1 if quick else 5)]
    return {'throughput': (None, {scaling: [(each[scaling],) for each in found] for scaling in both}),
            'part': (PART * could, rounds(both, count, lambda scaling: switch.turn(scaling, seconds, PART * could))),
            'over': (MORE * could, rounds(both, count, lambda scaling: switch.turn(scaling, seconds, MORE * could))),
            'low': (LOW * could, rounds(both, min(count, 5), lambda scaling: switch.low_turn(scaling, seconds, LOW * could)))}


def measure(build, directory, quick):
    frames, share = skewed(build, directory)
    with contextlib.ExitStack() as running:
        namespace = Namespace(directory)
        running.callback(namespace.stop)
        switch = Dynamic(build, directory, frames, namespace.within)
        running.callback(switch.stop)
        seen = loads(switch, quick)
        lost, moves, waited = switch.lost(), switch.moves(), figure([100 * trial.waited / trial.took for trial in switch.trials])
    offered = {load: f'{rate / 1e6:.2f} Mpps' for load, (rate, _) in seen.items() if rate}
    got = {load: samples for load, (_, samples) in seen.items()}
    what = f'a capture with {share:.0%} of its packets on one of 2 processors, to {GUESTS} TAP guests'
    return [compared(f'scaling dynamic: {what}: throughput, at most {LOSS:.1%} lost', 'Mpps', got['throughput'], 0, '1.4x', 1.4),
            compared(f'the same, {offered["part"]}, by the CPU time of the thread that has most', 'M/CPU s', got['part'], 1, '1.4x', 1.4),
            compared(f'the same, delivered of {offered["over"]}', 'Mpps', got['over'], 0),
            compared(f'the same, {offered["over"]}, by the CPU time of the thread that has most', 'M/CPU s', got['over'], 1),
            compared(f'the same, {offered["low"]}, by the CPU time of all threads', 'M/CPU s', got['low'], 0),
            *({'row': ROW, 'what': f'the same, {offered["low"]}: CPU seconds a second, scaling {scaling}', 'unit': 'CPU s',
               'ours': figure([cpu for _, cpu in got['low'][scaling]]), 'peers': []} for scaling in (DYNAMIC, STATIC)),
            {'row': ROW, 'what': f'of it: packets lost, by {moves:,} moves', 'unit': 'packets', 'ours': figure([lost]) | {'goal': '0', 'reached': lost == 0}, 'peers': []},
            {'row': ROW, 'what': 'of it: trials\' time in which others had the CPU of one of its threads', 'unit': '%', 'ours': waited, 'peers': []}]


def measured(build, quick):
    try:
        need_root()
        if os.cpu_count() < 2:
            raise Unable('two CPUs are needed')
        with tempfile.TemporaryDirectory(prefix='vmmq-bench-') as directory:
            return {'rows': measure(os.path.abspath(build), directory, quick), 'could_not_run': []}
    except Unable as unable:
        return {'rows': [], 'could_not_run': [{'row': ROW, 'what': 'dynamic VMMQ against static tables', 'why': str(unable)}]}


if __name__ == '__main__':
    sys.exit(report(__doc__, measured))
