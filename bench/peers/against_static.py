#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Dynamic VMMQ against static tables: a skewed capture, from a vhost-user uplink to TAP guests, on two processors.

usage: against_static.py [--quick] [--json] [BUILD]     (BUILD: build; root)

The tables name both processors in turns; the flows are Zipf's, and those with the most packets happen to be on one processor, as flows sometimes are.  The same
vmmqd has both, in turns, at a rate of which one processor can do little more than half.  What is not delivered has to have found no room;
whatever else is missing was lost.  Then the same at low load, for which one processor is enough: what CPU time it takes.
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
MORE = 1.8  # what is offered, over what is delivered with static tables at as much as there is
MOST = 4e6  # packets a second, to find that
LOW = 1 / 20  # of that is low load, which one processor is enough for
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


class Dynamic(Switch):
    """vmmqd whose guests are TAP interfaces, and what is sent to it."""

    def __init__(self, build, directory, frames, within):
        super().__init__(f'{build}/src/vmmqd/vmmqd', directory, configuration(), within=within)
        self.uplink = Replay(f'{directory}/uplink.sock', frames)
        wait_until(lambda: self.call('adapter.show')['uplink']['state'] == 'up', 'the uplink does not come up', self)

    def scale(self, scaling):
        for guest in range(1, GUESTS + 1):
            self.call('vport.set', vport=guest, scaling=scaling)

    def turn(self, scaling, seconds, rate):
        """Million packets that reach a guest: a second, and a second of CPU time of the thread that had most of it, for others may run beside it."""
        self.scale(scaling)
        self.uplink.rate = rate
        time.sleep(seconds / 2)
        packets, started, before = self.delivered(), time.monotonic(), self.thread_seconds()
        time.sleep(seconds)
        packets, took, after = self.delivered() - packets, time.monotonic() - started, self.thread_seconds()
        self.uplink.rate = 0
        self.rest()
        return packets / took / 1e6, packets / max(after[thread] - before[thread] for thread in before) / 1e6

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

    def lost(self):
        """Packets that are missing, and not for want of room."""
        drops = [row['drops'].items() for row in self.call('vports.show')['vports']]
        room = sum(count for reason, count in itertools.chain(*drops) if reason in NO_ROOM)
        return self.uplink.sent - self.delivered() - room

    def moves(self):
        return sum(self.call('balance.show')['moved'].values())

    def stop(self):
        if hasattr(self, 'uplink'):
            self.uplink.stop()
        super().stop()


def compared(what, unit, got, which, *goal):
    ours, theirs = ([samples[which] for samples in got[scaling]] for scaling in (DYNAMIC, STATIC))
    return {'row': ROW, 'what': what, 'unit': unit, 'ours': figure(ours), 'peers': [against(ours, theirs, 'scaling static', *goal)]}


def measure(build, directory, quick):
    seconds = 0.3 if quick else 0.6
    frames, share = skewed(build, directory)
    with contextlib.ExitStack() as running:
        namespace = Namespace(directory)
        running.callback(namespace.stop)
        switch = Dynamic(build, directory, frames, namespace.within)
        running.callback(switch.stop)
        rate = MORE * 1e6 * max(switch.turn(STATIC, seconds, MOST)[0] for _ in range(1 if quick else 5))  # others may run beside it
        got = rounds({DYNAMIC: DYNAMIC, STATIC: STATIC}, 1 if quick else 15, lambda scaling: switch.turn(scaling, seconds, rate))
        low = rounds({DYNAMIC: DYNAMIC, STATIC: STATIC}, 1 if quick else 5, lambda scaling: switch.low_turn(scaling, seconds, rate * LOW))
        lost, moves = switch.lost(), switch.moves()
    what = f'scaling dynamic: a capture with {share:.0%} of its packets on one of 2 processors, to {GUESTS} TAP guests, {rate / 1e6:.2f} Mpps offered'
    seldom = f'the same at a {round(1 / LOW)}th of that'
    return [compared(what, 'Mpps', got, 0, '1.4x', 1.4), compared(what, 'M/CPU s', got, 1), compared(seldom, 'M/CPU s', low, 0),
            *({'row': ROW, 'what': f'{seldom}: CPU seconds a second, scaling {scaling}', 'unit': 'CPU s', 'ours': figure([cpu for _, cpu in low[scaling]]),
               'peers': []} for scaling in (DYNAMIC, STATIC)),
            {'row': ROW, 'what': f'of it: packets lost, by {moves:,} moves', 'unit': 'packets', 'ours': figure([lost]) | {'goal': '0', 'reached': lost == 0}, 'peers': []}]


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
