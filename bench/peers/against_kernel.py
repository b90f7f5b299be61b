#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""From an uplink, a veth, to guests in namespaces: vmmqd with AF_PACKET and with AF_XDP to TAP guests, against the Linux bridge, with
nothing more, with RPS and with an XDP cpumap, to veth guests.  Packets that arrive per second of CPU time of the whole machine,
interrupts included, less what the sender takes and what the machine does anyway.

usage: against_kernel.py [--quick] [--json] [BUILD]     (BUILD: build; root)

The sender has CPU 1, vmmqd's processor, RPS and cpumap have CPU 0; the bridge with nothing more forwards where the sender runs.  What a
packet costs the sender is measured in each round with a veth behind which nobody is.
"""
import contextlib
import os
import sys
import tempfile
import time

import ways
from capture import capture_write
from process import Program, need, need_root
from report import report
from rounds import Unable, against, figure, rounds

ROW = 8
QUIET = 0.1  # CPUs that may be busy at rest
LOUD = f'others had more than {QUIET:.0%} of a CPU'
PATIENCE = 90  # seconds that are waited for it
NOISE = 0.01  # CPUs; work that is less cannot be told
PACKETS = 4096  # in the capture, each a flow
ROUNDS = 5
RATES = (([str(100_000)], '100,000 packets a second'), ([], 'as many as the sender can'))  # bench-sender's words, and ours
REST, SENDER = 'the machine at rest', 'the sender alone'
OURS = {'AF_PACKET': 'af_packet', 'AF_XDP': 'af_xdp'}
BRIDGE, RPS, CPUMAP = PEERS = 'Linux bridge', 'Linux bridge, RPS', 'Linux bridge, XDP cpumap'
GOALS = {RPS: ('ahead', 1)}


def busy_seconds():
    """CPU time of the whole machine that was neither idle nor taken by the hypervisor, from some time on: by what is left, for
    interrupts between two ticks are not in /proc/stat's other columns."""
    with open('/proc/stat', encoding='ascii') as file:
        fields = [int(field) for field in file.readline().split()[1:]]
    idle, iowait, steal = fields[3], fields[4], fields[7]
    return time.monotonic() * os.cpu_count() - (idle + iowait + steal) / os.sysconf('SC_CLK_TCK')


class Quiet:
    """Sees to it that nobody else has the CPUs around a turn: it waits, and repeats turns, for at most so many seconds in all."""

    def __init__(self, patience):
        self.patience = patience
        self.calm = False  # as of the last look

    def look(self):
        before, started = busy_seconds(), time.monotonic()
        time.sleep(0.3)
        self.calm = busy_seconds() - before <= QUIET * (time.monotonic() - started)
        return self.calm

    def turn(self, way, command, seconds):
        while True:
            started = time.monotonic()
            while not self.calm and not self.look() and time.monotonic() - started < self.patience:
                pass
            calm = self.calm
            turn = Turn(way, command, seconds)
            turn.undisturbed = self.look() and calm
            if turn.undisturbed:
                return turn
            self.patience -= time.monotonic() - started
            if self.patience <= 0:
                return turn


class Turn:
    """What a contender was sent in its turn, what of it arrived, and what the machine worked meanwhile.  way: None is a rest."""

    def __init__(self, way, command, seconds):
        if way:
            way.resume()
        running = Program([*way.namespace.within, *command], f'{way.directory}/sender.log') if way else None
        try:
            time.sleep(min(0.3, seconds))
            before = self.reading(way)
            time.sleep(seconds)
            after = self.reading(way)
            if running and running.process.poll() is not None:
                raise Unable(running.log_tail())
        finally:
            if way:
                running.stop()
                way.pause()
        self.sent, self.delivered, self.busy, self.seconds = (then - now for now, then in zip(before, after))

    @staticmethod
    def reading(way):
        return way.sent() if way else 0, way.delivered() if way else 0, busy_seconds(), time.monotonic()

    def worked(self, rest, alone):
        """CPU seconds for what was sent.  rest, alone: the turns of the same round without a sender, and with a sender alone."""
        at_rest = rest.busy / rest.seconds
        sender = (alone.busy - at_rest * alone.seconds) / alone.sent
        return self.busy - at_rest * self.seconds - sender * self.sent

    def packets_per_cpu_second(self, rest, alone):
        return max(self.delivered, 1) / self.worked(rest, alone)


def quiet_rounds(got):
    """The rounds in which the machine was the benchmark's; where more than the work is taken off, it was not."""
    keep = []
    for turns in zip(*got.values()):
        rest, alone, *others = turns
        keep.append(all(turn.undisturbed for turn in turns) and all(turn.worked(rest, alone) > NOISE * turn.seconds for turn in others))
    if not any(keep):
        raise Unable(f'needs a quiet machine: {LOUD} in every round')
    return {name: [turn for turn, kept in zip(turns, keep) if kept] for name, turns in got.items()}


def rows_of(got, rate):
    """got: {name: [turn of each round]}"""
    figures = {name: [turn.packets_per_cpu_second(rest, alone) / 1e6 for turn, rest, alone in zip(turns, got[REST], got[SENDER])]
               for name, turns in got.items() if name not in (REST, SENDER)}
    arrived = {name: f'{sum(turn.delivered for turn in turns) / max(1, sum(turn.sent for turn in turns)):.0%} arrive'
               for name, turns in got.items()}
    for name in OURS:
        if name in figures:
            yield {'row': ROW, 'what': f'vmmqd, uplink {name} on veth to {ways.GUESTS} TAP guests, {rate} ({arrived[name]})',
                   'unit': 'M/CPU s', 'ours': figure(figures[name]),
                   'peers': [against(figures[name], figures[peer], f'{peer} ({arrived[peer]})', *GOALS.get(peer, ()))
                             for peer in PEERS if peer in figures]}


def contenders_of(build, directory, running, missing):
    """All that can be set up here; a row of missing for what cannot."""
    made = {REST: None, SENDER: lambda: ways.Way(directory)}
    made |= {name: lambda driver=driver: ways.Vmmqd(directory, build, driver) for name, driver in OURS.items()}
    made |= {BRIDGE: lambda: ways.Bridge(directory), RPS: lambda: ways.Rps(directory), CPUMAP: lambda: ways.Cpumap(directory, build)}
    contenders = {}
    for name, make in made.items():
        try:
            contenders[name] = make and running.enter_context(make())
            if make:
                contenders[name].pause()
        except Unable as unable:
            if name == SENDER:
                raise
            missing.append({'row': ROW, 'what': name, 'why': str(unable)})
    return contenders


def measured(build, quick):
    rows, missing, quiet = [], [], Quiet(0 if quick else PATIENCE)
    try:
        need_root()
        if os.cpu_count() < 2:
            raise Unable('two CPUs are needed: the sender\'s and one that forwards')
        sender = os.path.abspath(f'{build}/bench/bench-sender')
        need((sender, 'ninja bench/bench-sender'), ('nsenter', 'util-linux'), ('ip', 'iproute2'))
        with tempfile.TemporaryDirectory(prefix='vmmq-bench-') as directory, contextlib.ExitStack() as running:
            capture = f'{directory}/capture.pcap'
            capture_write(capture, ways.GUESTS, PACKETS)
            contenders = contenders_of(os.path.abspath(build), directory, running, missing)
            for words, rate in RATES:
                command = ['taskset', '-c', '1', sender, 'wire', capture, *words]
                got = rounds(contenders, 1 if quick else ROUNDS, lambda way: quiet.turn(way, command, 0.3 if quick else 1))
                for name in [name for name, turns in got.items() if turns[0].sent and not any(turn.delivered for turn in turns)]:
                    missing.append({'row': ROW, 'what': f'{name}, {rate}', 'why': 'no packet arrives'})
                    del got[name]
                kept = quiet_rounds(got)
                if len(kept[REST]) < len(got[REST]):
                    missing.append({'row': ROW, 'what': rate,
                                    'why': f'{len(kept[REST])} of {len(got[REST])} rounds count: {LOUD} in the others'})
                rows += rows_of(kept, rate)
    except Unable as unable:
        missing.insert(0, {'row': ROW, 'what': 'uplink on veth to TAP guests, against the Linux bridge, RPS and XDP', 'why': str(unable)})
    return {'rows': rows, 'could_not_run': missing}


if __name__ == '__main__':
    sys.exit(report(__doc__, measured))
