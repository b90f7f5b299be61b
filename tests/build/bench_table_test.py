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


def main():
    loader = importlib.machinery.SourceFileLoader('run', sys.argv[1])
    sys.dont_write_bytecode = True
    run = importlib.util.module_from_spec(importlib.util.spec_from_loader('run', loader))
    loader.exec_module(run)
    got = [(line['row'], line['ours'], line['theirs'], line['ratio'] and round(line['ratio'], 2), line['reached'])
           for line in run.table_of(FIGURES)]
    want = [(1, 10, 300, 31, True), (3, 100, None, None, False), (3, 100, 70, 0.71, False), (4, 130, 100, 0.77, False),
            (6, 7, None, None, True)]
    assert got == want, got
    missing = [(line['row'], line['what']) for line in run.missing_of(FIGURES, [('bench-host', 'it failed')])]
    assert missing[0] == (None, 'bench-host') and [number for number, _ in missing[1:]] == [1, 5, 7, 8], missing
    text = run.text_of({'table': run.table_of(FIGURES), 'could_not_run': run.missing_of(FIGURES, [])})
    assert 'could not run, and why' in text and 'not built yet' in text, text


main()
