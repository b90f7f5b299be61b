#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A capture through vmmqd to the null sinks of 16 VPorts on one CPU, against OVS-DPDK with a rule per MAC address on the same
devices, and testpmd, which only receives and sends.

usage: against_ovs.py [--quick] [--json] [BUILD]     (BUILD: build; root; 4 GB of hugepages while it runs)

All three are there all the time; two are stopped while the third has its turn on CPU 0.
"""
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile
import time

from capture import capture_write, mac
from hugepages import hugepages
from ovs import VSWITCHD, Ovs
from process import need_root, said
from report import report
from rounds import Unable, against, figure, rounds
from switch import Switch
from testpmd import Testpmd

ROW = 5
SINKS = 16
OURS, OVS, IO = 'vmmqd', 'OVS-DPDK, a rule per address', 'testpmd io, one sink'
GOALS = {OVS: ('2x', 2), IO: ('0.45x', 0.45)}
BUFFERS = 1 << 17  # the capture stands in buffers
WORKLOADS = ((16, 4096), (16, 65536), (256, 65536))  # addresses, packets of the capture: all different
OVS_CACHE = 8192  # flows of its exact match cache; with more of them it is faster without, and is given that
CACHE_OFF = ('other_config:emc-insert-inv-prob=0',)
HUGEPAGES_MB = 4096
TOO_MANY = ('256 null sinks and the capture are 257 devices, and DPDK as Debian builds it has room for 32 (RTE_MAX_ETHPORTS): '
            'measured with 256 addresses on 16 VPorts instead')


def configuration(capture, addresses, processors=(0,)):
    entries = [processors[entry % len(processors)] for entry in range(16)]
    lines = ['adapter:', f'  processors: {list(processors)}', '  moderation: poll',
             f'  uplink: {{device: "net_pcap0,rx_pcap={capture},infinite_rx=1"}}', 'vports:']
    for vport in range(1, SINKS + 1):
        filters = ', '.join(f'{{mac: "{mac(number).hex(":")}"}}' for number in range(vport, addresses + 1, SINKS))
        lines += [f'  - id: {vport}', '    queue_pairs: 4', f'    filters: [{filters}]',
                  f'    rss: {{enabled: true, key: random, indirection_table: {entries}}}',
                  f'    backend: {{device: "net_null{vport},no-rx=1"}}']
    return '\n'.join(lines) + '\n'


def switch(build, directory, capture, addresses, processors=(0,)):
    return Switch(f'{build}/src/vmmqd/vmmqd', directory, configuration(capture, addresses, processors), '--allow-devargs', '--buffers', str(BUFFERS))


def turn(contender, seconds):
    """Million packets that reach a sink, per second of the contender's CPU time."""
    contender.resume()
    time.sleep(min(0.3, seconds))
    packets, cpu = contender.delivered(), contender.cpu_seconds()
    time.sleep(seconds)
    packets, cpu = contender.delivered() - packets, contender.cpu_seconds() - cpu
    contender.pause()
    if packets <= 0:
        raise Unable(f'nothing arrives: {contender.log_tail()}')
    return packets / cpu / 1e6


def measure(build, directory, addresses, packets, quick, missing):
    """A row; what cannot run beside vmmqd becomes one of missing."""
    capture = f'{directory}/capture.pcap'
    capture_write(capture, addresses, packets)
    with contextlib.ExitStack() as running:
        contenders = {}
        for name, make in (
                (OURS, lambda: switch(build, directory, capture, addresses)),
                (OVS, lambda: Ovs(tempfile.mkdtemp(dir=directory), capture, SINKS, addresses, CACHE_OFF if packets > OVS_CACHE else ())),
                (IO, lambda: Testpmd(directory, capture, BUFFERS))):
            try:
                contenders[name] = make()
            except Unable as unable:
                if name == OURS:
                    raise
                missing.append({'row': ROW, 'what': f'{name}, {packets:,} packets, {addresses} addresses', 'why': str(unable)})
                continue
            running.callback(contenders[name].stop)
            contenders[name].pause()
        got = rounds(contenders, 1 if quick else 5, lambda contender: turn(contender, 0.3 if quick else 2))
    return {'row': ROW, 'what': f'vmmqd: a capture of {packets:,} packets to {addresses} addresses of {SINKS} VPorts, 1 CPU',
            'unit': 'Mpps', 'ours': figure(got[OURS]),
            'peers': [against(got[OURS], got[name], name, *goal) for name, goal in GOALS.items() if name in got]}


def measured(build, quick):
    rows, missing = [], [{'row': ROW, 'what': '256 VPorts with a null sink each', 'why': TOO_MANY}]
    try:
        need_root()
        if os.cpu_count() < 2:
            raise Unable('two CPUs are needed: one that forwards and one for everything else')
        with tempfile.TemporaryDirectory(prefix='vmmq-bench-') as directory:
            mount = pathlib.Path(directory, 'hugepages')
            mount.mkdir()
            with hugepages(HUGEPAGES_MB, mount):
                for addresses, packets in WORKLOADS:
                    rows.append(measure(build, directory, addresses, packets, quick, missing))
    except Unable as unable:
        missing.insert(0, {'row': ROW, 'what': 'vmmqd from a capture to null sinks, against OVS-DPDK and testpmd', 'why': str(unable)})
    return {'rows': rows, 'could_not_run': missing, 'ovs': said(VSWITCHD, '--version').split('\n')[0] if rows and shutil.which(VSWITCHD) else None}


if __name__ == '__main__':
    sys.exit(report(__doc__, measured))
