#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""vmmqd over two processors against vmmqd over one: a capture that processor 0 receives, to the null sinks of 16 VPorts, each of
which is spread over all processors.

usage: against_one.py [--quick] [--json] [BUILD]     (BUILD: build; root; 4 GB of hugepages while it runs)

Both are there all the time; one is stopped while the other has its turn.
"""
import contextlib
import os
import pathlib
import sys
import tempfile
import time

from against_ovs import HUGEPAGES_MB, ROW, SINKS, switch
from capture import capture_write
from hugepages import hugepages
from process import need_root
from report import report
from rounds import Unable, against, figure, rounds

PACKETS = 4096
PROCESSORS = {'over two processors': (0, 1), 'over one processor': (0,)}
TWO, ONE = PROCESSORS
WHAT = f'vmmqd {TWO}: a capture of {PACKETS:,} packets to {SINKS} VPorts'


def turn(contender, seconds):
    """Million packets that reach a sink, per second of CPU time of the thread that had most of it: others may run beside it."""
    contender.resume()
    time.sleep(min(0.3, seconds))
    packets, before = contender.delivered(), contender.thread_seconds()
    time.sleep(seconds)
    packets, after = contender.delivered() - packets, contender.thread_seconds()
    contender.pause()
    if packets <= 0:
        raise Unable(f'nothing arrives: {contender.log_tail()}')
    return packets / max(after[thread] - before[thread] for thread in before) / 1e6


def measure(build, directory, quick):
    capture = f'{directory}/capture.pcap'
    capture_write(capture, SINKS, PACKETS)
    with contextlib.ExitStack() as running:
        contenders = {}
        for name, processors in PROCESSORS.items():
            home = pathlib.Path(directory, str(len(processors)))
            home.mkdir()
            contenders[name] = switch(build, home, capture, SINKS, processors)
            running.callback(contenders[name].stop)
            contenders[name].pause()
        got = rounds(contenders, 1 if quick else 7, lambda contender: turn(contender, 0.3 if quick else 1))
    return {'row': ROW, 'what': WHAT, 'unit': 'Mpps', 'ours': figure(got[TWO]),
            'peers': [against(got[TWO], got[ONE], f'itself {ONE}', '1.4x', 1.4)]}


def measured(build, quick):
    try:
        need_root()
        if os.cpu_count() < 2:
            raise Unable('two CPUs are needed')
        with tempfile.TemporaryDirectory(prefix='vmmq-bench-') as directory:
            mount = pathlib.Path(directory, 'hugepages')
            mount.mkdir()
            with hugepages(HUGEPAGES_MB, mount):
                return {'rows': [measure(build, directory, quick)], 'could_not_run': []}
    except Unable as unable:
        return {'rows': [], 'could_not_run': [{'row': ROW, 'what': WHAT, 'why': str(unable)}]}


if __name__ == '__main__':
    sys.exit(report(__doc__, measured))
