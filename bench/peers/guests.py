#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""How many vhost-user guests one vmmqd takes, how soon they are all connected, and what they cost while they are silent: 500 that connect to it, and
1,000 that it connects to, with 4 queue pairs each, or as many as the limit of descriptors (ulimit -n) has room for
(tests/live/many_guests_test.py, which also passes frames beside them).

usage: guests.py [--quick] [--json] [BUILD]     (BUILD: build)
"""
import json
import pathlib
import resource
import subprocess
import sys

from report import report
from rounds import Unable, figure

ROW = 11
TEST = pathlib.Path(__file__).resolve().parents[2] / 'tests/live/many_guests_test.py'
GUESTS = {'server': 500, 'client': 1000}  # by vmmqd's mode
PAIRS = (4, 2, 1)
IDLE_MOST = 1.0  # % of a CPU, for all that is silent


def pairs_of(guests):
    """The most queue pairs for which vmmqd has descriptors enough."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    for pairs in PAIRS:
        if guests * (8 + 6 * pairs) < most:
            return pairs
    raise Unable(f'{guests * 14} descriptors are needed, {most} are allowed (ulimit -n)')


def run(build, mode, guests):
    test = subprocess.run([sys.executable, str(TEST), '--json', '--mode', mode, f'{build}/src/vmmqd/vmmqd', str(guests), str(pairs_of(guests))],
                          capture_output=True, text=True, check=False)
    if test.returncode:
        raise Unable(f'{test.stderr.strip()[-300:]}')
    return json.loads(test.stdout)


def row(what, unit, value, **goal):
    return {'row': ROW, 'what': what, 'unit': unit, 'ours': figure([value]) | goal, 'peers': []}


def rows_of(got):
    what = f'{got["guests"]} guests in {got["mode"]} mode, {got["pairs"]} queue pairs each'
    idle = 100 * got['idle_share']
    yield row(f'{what}: connected', 'guests', got['guests'])
    yield row(f'{what}: until the last was up', 's', got['seconds'])
    yield row(f'{what}: descriptors', 'fds', got['descriptors'])
    yield row(f'{what}: {got["guests"] * got["pairs"]:,} silent queues', '% of a CPU', idle, goal=f'< {IDLE_MOST:g} %', reached=idle < IDLE_MOST)


def measured(build, quick):
    rows, missing = [], []
    for mode, guests in GUESTS.items():
        try:
            rows += rows_of(run(build, mode, guests // 10 if quick else guests))
        except Unable as unable:
            missing.append({'row': ROW, 'what': f'{guests} guests in {mode} mode', 'why': str(unable)})
    return {'rows': rows, 'could_not_run': missing}


if __name__ == '__main__':
    sys.exit(report(__doc__, measured))
