# SPDX-License-Identifier: BSD-2-Clause
"""The command line of a comparison, and what it prints."""
import argparse
import contextlib
import json
import os
import signal
import sys


def line(what, value, unit, spread, rest=''):
    return f'  {what:72}{value:10.3g} {unit:14} {spread["low"]:.3g} to {spread["high"]:.3g}{rest}'


def goal_of(figure):
    return f'   goal {figure["goal"]}: {"reached" if figure["reached"] else "NOT REACHED"}' if figure.get('goal') else ''


def text_of(document):
    lines = []
    for row in document['rows']:
        lines.append(line(row['what'], row['ours']['median'], row['unit'], row['ours'], goal_of(row['ours'])))
        for peer in row['peers']:
            lines.append(line(f'  {peer["who"]}', peer['theirs']['median'], row['unit'], peer['theirs']))
            lines.append(line('    ours to theirs', peer['ratio']['median'], 'times', peer['ratio'], goal_of(peer)))
    lines += [f'  could not run: {row["what"]}: {row["why"]}' for row in document['could_not_run']]
    return '\n'.join(lines)


@contextlib.contextmanager
def chatter_on_stderr():
    """What programs that are run here say is no part of what this one prints."""
    sys.stdout.flush()
    out = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(out, 1)
        os.close(out)


def report(usage, measured):
    """measured(build, quick) gives {'rows', 'could_not_run', ...}."""
    parser = argparse.ArgumentParser(description=usage, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='little work: to see that everything runs')
    parser.add_argument('--json', action='store_true')
    parser.add_argument('build', nargs='?', default='build')
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and so through all that tidies up
    with chatter_on_stderr():
        document = measured(arguments.build, arguments.quick)
    print(json.dumps(document, indent=1) if arguments.json else text_of(document))
