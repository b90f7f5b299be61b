#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""The table of bench/run from made-up figures: bench_table_test.py RUN.  Nothing is measured."""
import importlib.machinery
import importlib.util
import sys


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
    section('VM to VM', figure('the adapter alone', 130, 120, 140)),
    section('Changes under full load, every core busy: latency', figure('move, p99', 7, 7, 7, goal='< 1000 us', reached=True)),
]}]

# As the programs of bench/peers print it; these figures are made up, too.
COMPARISONS = [{'rows': [
    {'row': 5, 'what': 'made up: a capture to sinks', 'unit': 'Mpps', 'ours': figure('', 6, 5, 7), 'peers': [
        {'who': 'made-up OVS', 'theirs': figure('', 4, 3, 5), 'ratio': figure('', 1.5, 1.4, 1.6), 'goal': '2x', 'reached': False},
        {'who': 'made-up io', 'theirs': figure('', 12, 11, 13), 'ratio': figure('', 0.5, 0.4, 0.6), 'goal': '0.45x', 'reached': True}]}],
    'could_not_run': []},
    {'rows': [
        {'row': 8, 'what': 'made up: uplink on veth', 'unit': 'M/CPU s', 'ours': figure('', 1, 1, 1), 'peers': [
            {'who': 'made-up bridge', 'theirs': figure('', 2, 2, 2), 'ratio': figure('', 0.5, 0.5, 0.5), 'goal': None, 'reached': None}]}],
     'could_not_run': [{'row': 8, 'what': 'made-up cpumap', 'why': 'made up: no XDP here'}]}]


def main():
    loader = importlib.machinery.SourceFileLoader('run', sys.argv[1])
    sys.dont_write_bytecode = True
    run = importlib.util.module_from_spec(importlib.util.spec_from_loader('run', loader))
    loader.exec_module(run)
    got = [(line['row'], line['ours'], line['theirs'], line['ratio'] and round(line['ratio'], 2), line['reached'])
           for line in run.table_of(FIGURES, COMPARISONS)]
    want = [(1, 10, 300, 31, True), (3, 100, None, None, False), (3, 100, 70, 0.71, False), (4, 130, 100, 0.77, False),
            (5, 6, 4, 1.5, False), (5, 6, 12, 0.5, True), (6, 7, None, None, True), (8, 1, 2, 0.5, None)]
    assert got == want, got
    missing = [(line['row'], line['what']) for line in run.missing_of(FIGURES, COMPARISONS, [('bench-host', 'it failed')])]
    assert missing[0] == (None, 'bench-host') and [number for number, _ in missing[1:]] == [1, 7, 8], missing
    text = run.text_of({'table': run.table_of(FIGURES, COMPARISONS), 'could_not_run': run.missing_of(FIGURES, COMPARISONS, [])})
    assert 'could not run, and why' in text and 'not built yet' in text and 'made up: no XDP here' in text, text
    nothing = [{'rows': [], 'could_not_run': [{'row': 5, 'what': 'made-up row', 'why': 'needs root'}]}]
    assert run.missing_of([], nothing, [])[0]['why'] == 'needs root' and run.table_of([], nothing) == []


main()
