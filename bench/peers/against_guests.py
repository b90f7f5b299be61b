#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""From VM to VM: two virtio-user guests in one testpmd pass the same 1,024 packets of 64 bytes round and round, on CPU 1, through
vmmqd or OVS-DPDK with a rule per address, on CPU 0; as it is, and with a busy loop on each CPU beside them.

usage: against_guests.py [--quick] [--json] [BUILD]     (BUILD: build; root; 3 GB of hugepages while it runs)

Both switches are there all the time, each with guests of its own; one is stopped, with its guests, while the other has its turn.
"""
import contextlib
import os
import pathlib
import sys
import tempfile
import time

from capture import mac
from hugepages import hugepages
from ovs import GuestsOvs
from process import Program, need, need_root
from report import report
from rounds import Unable, against, figure, rounds
from switch import Switch
from testpmd import GuestsTestpmd

ROW = 10
OURS, OVS = 'vmmqd', 'OVS-DPDK, a rule per address'
WHAT = 'vmmqd: VM to VM, two virtio-user guests in a closed loop'
HUGEPAGES_MB = 3072
BUSY = 'while True: pass'  # of Python


def configuration():
    lines = ['adapter: {processors: [0], moderation: poll}', 'vports:']
    for guest in (1, 2):
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


def ours(build, directory):
    switch = Switch(f'{build}/src/vmmqd/vmmqd', directory, configuration(), '--buffers', '65536')
    return Loop(switch, lambda: GuestsTestpmd(directory, [f'{directory}/{guest}.sock' for guest in (1, 2)], False))


def theirs(directory):
    sockets = [f'{directory}/{guest}.sock' for guest in (1, 2)]
    return Loop(GuestsOvs(directory, sockets), lambda: GuestsTestpmd(directory, sockets, True))


def turn(loop, seconds):
    """Million packets a second that both guests receive."""
    loop.resume()
    time.sleep(min(0.3, seconds))
    packets, started = loop.guests.delivered(), time.monotonic()
    time.sleep(seconds)
    packets, took = loop.guests.delivered() - packets, time.monotonic() - started
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


def row(what, got):
    return {'row': ROW, 'what': what, 'unit': 'Mpps', 'ours': figure(got[OURS]), 'peers': [against(got[OURS], got[OVS], OVS, 'level', 1)]}


def measure(build, directory, quick):
    with contextlib.ExitStack() as running:
        loops = {}
        for name, make in ((OURS, lambda home: ours(build, home)), (OVS, theirs)):
            loops[name] = make(tempfile.mkdtemp(dir=directory))
            running.callback(loops[name].stop)
            loops[name].pause()
        count, seconds = (1, 0.3) if quick else (7, 1.5)
        rows = [row(WHAT, rounds(loops, count, lambda loop: turn(loop, seconds)))]
        with busy(directory):
            rows.append(row(f'{WHAT}, beside a busy thread on each CPU', rounds(loops, count, lambda loop: turn(loop, seconds))))
    return rows


def measured(build, quick):
    try:
        need_root()
        need(('taskset', 'util-linux'))
        if os.cpu_count() < 2:
            raise Unable('two CPUs are needed: one that forwards and one for the guests')
        with tempfile.TemporaryDirectory(prefix='vmmq-bench-') as directory:
            mount = pathlib.Path(directory, 'hugepages')
            mount.mkdir()
            with hugepages(HUGEPAGES_MB, mount):
                return {'rows': measure(build, directory, quick), 'could_not_run': []}
    except Unable as unable:
        return {'rows': [], 'could_not_run': [{'row': ROW, 'what': WHAT, 'why': str(unable)}]}


if __name__ == '__main__':
    sys.exit(report(__doc__, measured))
