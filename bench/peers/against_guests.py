#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Packets of virtio-user guests, in one testpmd on CPU 1, through vmmqd or OVS-DPDK with a rule per address, on CPU 0: from VM to VM, between a VM and the
uplink, and one at a time.

usage: against_guests.py [--quick] [--json] [BUILD]     (BUILD: build; root; 3 GB of hugepages while it runs)

Both switches are there all the time, each with guests of its own; one is stopped, with its guests, while the other has its turn.
"""
import contextlib
import os
import pathlib
import sys
import tempfile
import time

from capture import capture_write, mac
from hugepages import hugepages
from ovs import NOBODY, GuestsOvs
from process import Program, need, need_root
from report import report
from rounds import Unable, against, figure, rounds
from switch import Switch
from testpmd import GuestsTestpmd

ROW, ROW_GOALS = 10, 12
OURS, OVS = 'vmmqd', 'OVS-DPDK, a rule per address'
HUGEPAGES_MB = 3072
BUSY = 'while True: pass'  # of Python
TO_EACH_OTHER = (f'set eth-peer 0 {mac(2).hex(":")}', f'set eth-peer 1 {mac(1).hex(":")}')
CAPTURE = 'uplink.pcap'  # in the directory of the benchmark


class Scenario:
    """What guests do.  uplink: a device; none: there is none.  counts: how many arrive, of a loop."""

    def __init__(self, row, what, guests, commands, goal, uplink=None, counts=lambda loop: loop.guests.delivered()):
        self.row, self.what, self.guests, self.commands = row, f'vmmqd: {what}', guests, commands
        self.goal, self.uplink, self.counts = goal, uplink, counts


LOOP = Scenario(ROW, 'VM to VM, two virtio-user guests in a closed loop', 2, (*TO_EACH_OTHER, 'start tx_first 16'), ('level', 1))
SCENARIOS = (
    Scenario(ROW_GOALS, 'VM to VM, 1,500 bytes, two guests in a closed loop', 2, (*TO_EACH_OTHER, 'set txpkts 1500', 'start tx_first 16'), ('2x', 2)),
    Scenario(ROW_GOALS, 'one packet at a time each way between two VMs', 2, (*TO_EACH_OTHER, 'set burst 1', 'start tx_first 1'), ('level', 1)),
    Scenario(ROW_GOALS, 'VM to uplink (net_null), 64 bytes', 1, (f'set eth-peer 0 {mac(NOBODY).hex(":")}', 'set fwd txonly', 'start'), ('1.3x', 1.3),
             'net_null0,no-rx=1', lambda loop: loop.switch.sent()),
    Scenario(ROW_GOALS, 'uplink (net_pcap, 4,096 flows) to VM, 64 bytes', 1, ('set fwd rxonly', 'start'), ('1.3x', 1.3),
             f'net_pcap0,rx_pcap={{directory}}/{CAPTURE},infinite_rx=1'),
)


def configuration(guests, uplink):
    lines = ['adapter:', '  processors: [0]', '  moderation: poll']
    lines += [f'  uplink: {{device: "{uplink}"}}'] if uplink else []
    lines += ['vports:']
    for guest in range(1, guests + 1):
        lines.append(f'  - {{id: {guest}, queue_pairs: 1, filters: [{{mac: "{mac(guest).hex(":")}"}}], rss: {{enabled: true, '
                     f'indirection_table: [0]}}, backend: {{vhost_user: {{socket: {guest}.sock, queues: 1}}}}}}')
    return '\n'.join(lines) + '\n'


class Loop:
    """A switch and its guests."""

    def __init__(self, switch, guests):
        self.parts = contextlib.ExitStack()
        with self.parts:
            self.switch = switch
            self.parts.callback(switch.stop)
            self.guests = guests()
            self.parts.callback(self.guests.stop)
            self.parts = self.parts.pop_all()

    def pause(self):
        self.guests.pause()
        self.switch.pause()

    def resume(self):
        self.switch.resume()
        self.guests.resume()

    def stop(self):
        self.switch.resume()
        self.parts.close()


def sockets_of(scenario, directory):
    return [f'{directory}/{guest}.sock' for guest in range(1, scenario.guests + 1)]


def ours(scenario, uplink, build, directory):
    options = ('--allow-devargs',) if uplink else ()
    switch = Switch(f'{build}/src/vmmqd/vmmqd', directory, configuration(scenario.guests, uplink), '--buffers', '65536', *options)
    return Loop(switch, lambda: GuestsTestpmd(directory, sockets_of(scenario, directory), False, scenario.commands))


def theirs(scenario, uplink, directory):
    sockets = sockets_of(scenario, directory)
    return Loop(GuestsOvs(directory, sockets, uplink), lambda: GuestsTestpmd(directory, sockets, True, scenario.commands))


def turn(scenario, loop, seconds):
    """Million packets a second that arrive."""
    loop.resume()
    time.sleep(min(0.3, seconds))
    packets, started = scenario.counts(loop), time.monotonic()
    time.sleep(seconds)
    packets, took = scenario.counts(loop) - packets, time.monotonic() - started
    loop.pause()
    if packets <= 0:
        raise Unable(f'nothing arrives: {loop.guests.log_tail()}')
    return packets / took / 1e6


@contextlib.contextmanager
def busy(directory):
    """A thread that only computes on each of the two CPUs."""
    with contextlib.ExitStack() as running:
        for cpu in (0, 1):
            running.callback(Program(['taskset', '-c', str(cpu), sys.executable, '-c', BUSY], f'{directory}/busy{cpu}.log').stop)
        yield


def row(scenario, got, beside=''):
    return {'row': scenario.row, 'what': scenario.what + beside, 'unit': 'Mpps', 'ours': figure(got[OURS]),
            'peers': [against(got[OURS], got[OVS], OVS, *scenario.goal)]}


def measure(scenario, build, directory, quick):
    uplink = scenario.uplink and scenario.uplink.format(directory=directory)
    with contextlib.ExitStack() as running:
        loops = {}
        for name, make in ((OURS, lambda home: ours(scenario, uplink, build, home)), (OVS, lambda home: theirs(scenario, uplink, home))):
            loops[name] = make(tempfile.mkdtemp(dir=directory))
            running.callback(loops[name].stop)
            loops[name].pause()
        count, seconds = (1, 0.3) if quick else (7, 1.5)
        rows = [row(scenario, rounds(loops, count, lambda loop: turn(scenario, loop, seconds)))]
        if scenario is LOOP:
            with busy(directory):
                rows.append(row(scenario, rounds(loops, count, lambda loop: turn(scenario, loop, seconds)), ', beside a busy thread on each CPU'))
    return rows


def measured(build, quick):
    rows, missing = [], []
    try:
        need_root()
        need(('taskset', 'util-linux'))
        if os.cpu_count() < 2:
            raise Unable('two CPUs are needed: one that forwards and one for the guests')
        with tempfile.TemporaryDirectory(prefix='vmmq-bench-') as directory:
            mount = pathlib.Path(directory, 'hugepages')
            mount.mkdir()
            capture_write(f'{directory}/{CAPTURE}', 1, 4096)
            with hugepages(HUGEPAGES_MB, mount):
                for scenario in (LOOP, *SCENARIOS):
                    try:
                        rows += measure(scenario, build, directory, quick)
                    except Unable as unable:
                        missing.append({'row': scenario.row, 'what': scenario.what, 'why': str(unable)})
    except Unable as unable:
        missing.append({'row': ROW, 'what': 'virtio-user guests, against OVS-DPDK', 'why': str(unable)})
    if os.cpu_count() < 3:
        missing.append({'row': ROW_GOALS, 'what': 'vmmqd: VM to VM, receiver on another processor', 'why': 'three CPUs are needed: two that forward and one for the guests'})
    return {'rows': rows, 'could_not_run': missing}


if __name__ == '__main__':
    sys.exit(report(__doc__, measured))
