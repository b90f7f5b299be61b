#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The table of bench/run from made-up figures: bench_table_test.py RUN.  Nothing is measured."""
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree


def figure(name, median, low, high, **goal):
    return {'name': name, 'unit': '', 'median': median, 'low': low, 'high': high} | goal


def section(title, *figures, note=''):
    return {'title': title, 'note': note, 'figures': list(figures)}


FIGURES = [{'sections': [
    section('Toeplitz, IPv4 4-tuple, 1 key', figure('vmmq, vpclmul, in bulk', 10, 9, 11),
            figure('DPDK rte_softrss_be()', 300, 290, 310), figure('  against the first', 31, 29, 33),
            note='this CPU has no GFNI with AVX-512'),
    section("A packet's whole way, stepped in one thread", figure('receive', 100, 90, 110),
            figure('rte_distributor', 70, 60, 80), figure('  against the first', 0.71, 0.7, 0.8)),
    section('Uplink to 64 VMs', figure('the adapter alone', 100, 99, 101)),
    section('VM to VM', figure('the adapter alone', 130, 120, 140), figure('  against uplink to VMs', 1.3, 1.2, 1.4)),
    section('Changes under full load, every core busy: latency', figure('move, p99', 7, 7, 7, goal='< 1000 us', reached=True)),
]}]

def comparisons(rounds):
    """As the programs of bench/peers print it; these figures are made up, too."""
    ours = [5, 6, 7]
    capture = {'row': 5, 'what': 'made up: a capture to sinks', 'unit': 'Mpps', 'ours': rounds.figure(ours),
               'peers': [rounds.against(ours, [4, 4, 4], 'made-up OVS', '2x', 2),
                         rounds.against(ours, [10, 12, 14], 'made-up io', '0.45x', 0.45)]}
    uplink = {'row': 8, 'what': 'made up: uplink on veth', 'unit': 'M/CPU s', 'ours': rounds.figure([1]),
              'peers': [rounds.against([1], [2], 'made-up bridge')]}
    guests = {'row': 11, 'what': 'made up: silent queues', 'unit': '% of a CPU', 'peers': [],
              'ours': rounds.figure([0.5]) | {'goal': '< 1 %', 'reached': True}}
    return [{'rows': [capture, guests], 'could_not_run': []},
            {'rows': [uplink], 'could_not_run': [{'row': 8, 'what': 'made-up cpumap', 'why': 'made up: no XDP here'}]}]


def turn(against_kernel, sent, delivered, busy, seconds, undisturbed=True):
    made_up = object.__new__(against_kernel.Turn)
    made_up.__dict__.update(sent=sent, delivered=delivered, busy=busy, seconds=seconds, undisturbed=undisturbed)
    return made_up


def cpu_seconds(against_kernel, rounds):
    """Made up: 0.1 CPUs are busy at rest, the sender takes 1 us a packet; then 1 us is left for each of 500,000 that arrive."""
    rest, alone = turn(against_kernel, 0, 0, 0.2, 2), turn(against_kernel, 400000, 0, 0.5, 1)
    ours = turn(against_kernel, 600000, 500000, 1.2, 1)
    assert round(ours.packets_per_cpu_second(rest, alone)) == 1000000
    disturbed = turn(against_kernel, 600000, 500000, 2, 1, undisturbed=False)
    too_little = turn(against_kernel, 600000, 500000, 0.6, 1)
    got = {against_kernel.REST: [rest] * 3, against_kernel.SENDER: [alone] * 3, 'ours': [disturbed, ours, too_little]}
    assert against_kernel.quiet_rounds(got)['ours'] == [ours]
    try:
        against_kernel.quiet_rounds({against_kernel.REST: [rest], against_kernel.SENDER: [alone], 'ours': [disturbed]})
    except rounds.Unable as unable:
        assert 'quiet' in str(unable)
    else:
        raise AssertionError('a loud machine gave figures')


# Made up, too: of growth, three points of one curve, two of one with moves.
GROWTH = [{'sections': [
    section('Growth: VPorts', figure('VPorts: 1', 200, 190, 210), figure('VPorts: 64', 300, 290, 310), figure('  against the first', 1.5, 1.4, 1.6),
            figure('VPorts: 4096', 800, 700, 900), figure('  against the first', 4, 2, 5)),
    section('Growth: moves', figure('moves a second: 0', 100, 90, 110), figure('moves a second: 100000', 125, 100, 150),
            figure('  against the first', 1.25, 1, 2), figure('  request to effective', 3, 2, 4)),
]}]
GROWTH_CSV = """curve,at,figure,unit,median,p10,p90
"VPorts",1,"receive to return",,200,190,210
"VPorts",64,"receive to return",,300,290,310
"VPorts",64,"against the first",,1.5,1.4,1.6
"VPorts",4096,"receive to return",,800,700,900
"VPorts",4096,"against the first",,4,2,5
"moves",0,"receive to return",,100,90,110
"moves",100000,"receive to return",,125,100,150
"moves",100000,"against the first",,1.25,1,2
"moves",100000,"request to effective",,3,2,4
"""


def check_growth(run):
    got = [(line['row'], line['what'], line['ours'], line['theirs'], line['ratio'], line['spread']) for line in run.table_of(GROWTH, [])]
    want = [(7, 'growth: VPorts, 4,096', 800, 200, 0.25, [0.2, 0.5]), (7, 'growth: moves, 100,000', 125, 100, 0.8, [0.5, 1]),
            (7, 'growth: moves, 100,000: request to effective', 3, None, None, [2, 4])]
    assert got == want, got
    document = {'programs': GROWTH, 'machine': {'cpu': 'made <up>', 'cpus': 2, 'tsc_mhz': 1000.0}, 'when': '2000-01-01T00:00:00'}
    with tempfile.TemporaryDirectory() as build:
        assert [path.name for path in run.growth_write(build, document)] == ['growth.csv', 'growth.svg']
        csv = pathlib.Path(build, 'growth.csv').read_text()
        drawing = xml.etree.ElementTree.parse(pathlib.Path(build, 'growth.svg')).getroot()
        assert not run.growth_write(build, document | {'programs': FIGURES})
    assert csv == GROWTH_CSV, csv
    name = '{http://www.w3.org/2000/svg}'
    lines = [[tuple(map(float, point.split(','))) for point in curve.get('points').split()] for curve in drawing.iter(name + 'polyline')]
    assert [len(line) for line in lines] == [3, 2], lines
    (first, _, last), flat = lines[0], lines[1]
    assert first[0] < last[0] and first[1] > last[1] and flat[0][0] < flat[1][0], 'more is to the right, and higher'
    words = [label.text for label in drawing.iter(name + 'text')]
    assert {'VPorts', '4k', 'moves a second', '100k', 'cycles a packet', '800'} <= set(words) and 'made <up>' in words[1], words


CHATTY = """
import subprocess
from report import report

def measured(build, quick):
    subprocess.run(['echo', 'from a program'], check=True)
    print('from a module')
    return {'rows': [], 'could_not_run': []}

report('made up', measured)
"""


def check_chatter(peers):
    """What a comparison's programs say is no part of its JSON."""
    got = subprocess.run([sys.executable, '-B', '-c', CHATTY, '--json'], env={**os.environ, 'PYTHONPATH': peers}, capture_output=True, text=True, check=True)
    assert json.loads(got.stdout) == {'rows': [], 'could_not_run': []}, got.stdout
    assert 'from a program' in got.stderr and 'from a module' in got.stderr, got.stderr


def main():
    loader = importlib.machinery.SourceFileLoader('run', sys.argv[1])
    sys.dont_write_bytecode = True
    run = importlib.util.module_from_spec(importlib.util.spec_from_loader('run', loader))
    loader.exec_module(run)
    sys.path.insert(0, os.path.join(os.path.dirname(sys.argv[1]), 'peers'))
    import against_kernel
    import rounds
    cpu_seconds(against_kernel, rounds)
    compared = comparisons(rounds)
    got = [(line['row'], line['ours'], line['theirs'], line['ratio'] and round(line['ratio'], 2), line['reached'])
           for line in run.table_of(FIGURES, compared)]
    want = [(1, 10, 300, 31, True), (3, 100, None, None, False), (3, 100, 70, 0.71, False), (4, 130, 100, 0.77, False),
            (5, 6, 4, 1.5, False), (5, 6, 12, 0.5, True), (6, 7, None, None, True), (8, 1, 2, 0.5, None),
            (11, 0.5, None, None, True)]
    assert got == want, got
    missing = [(line['row'], line['what']) for line in run.missing_of(FIGURES, compared, [('bench-host', 'it failed')])]
    assert missing[0] == (None, 'bench-host') and [number for number, _ in missing[1:]] == [1, 8], missing
    text = run.text_of({'table': run.table_of(FIGURES, compared), 'could_not_run': run.missing_of(FIGURES, compared, [])})
    assert 'could not run, and why' in text and 'made up: no XDP here' in text, text
    nothing = [{'rows': [], 'could_not_run': [{'row': 5, 'what': 'made-up row', 'why': 'needs root'}]}]
    assert run.missing_of([], nothing, [])[0]['why'] == 'needs root' and run.table_of([], nothing) == []
    failed = []
    assert all(run.has_rows('good', comparison, failed) for comparison in compared) and not failed, failed
    del compared[0]['rows'][0]['peers'][0]['goal']
    assert not run.has_rows('bad', compared[0], failed) and failed[0][0] == 'bad' and 'goal' in failed[0][1], failed
    check_growth(run)
    check_chatter(sys.path[0])


main()
