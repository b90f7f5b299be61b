#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""vmmq simulate beside a slow simulation of its own: simulate_reference.py VMMQ.

Random series, in which lanes are added up tick by tick: static RSS where they began, and our policy with the moves that --moves
tells, each in effect from the tick at its time on.  Every figure that does not depend on a histogram has to be the same; no tick tells
more moves than the budget, and each lane is where its move says that it comes from.
VMMQ_TEST_SEED=N repeats a run.
"""
import json
import os
import random
import subprocess
import sys
import time

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG  # noqa: E402

SERIES, BUDGET, WHOLE = 8, 512, 1000000


def make(rng):
    """(processors, lines as (tick, vport, lane, load in ppm))"""
    processors, lines, tick = rng.randint(1, 6), [], 0
    lanes = [(vport, lane) for vport in rng.sample(range(1, 500), rng.randint(1, 4))
             for lane in rng.sample(list(range(128)) + ['default', 'primary'], rng.randint(1, 40))]
    for _ in range(rng.randint(1, 6)):
        for vport, lane in rng.sample(lanes, rng.randint(1, len(lanes))):
            load = rng.choice((0, rng.randint(0, 2 * processors * WHOLE // len(lanes) % (15 * WHOLE))))
            lines.append((tick, vport, lane, load))
        tick += rng.randint(1, 150)
    return processors, lines


def index(lane):
    return {'default': 128, 'primary': 129}.get(lane, lane)


def simulate(processors, lines, ticks, moves):
    """The figures of a rule that makes `moves`: {tick: [(lane, from, to)]}."""
    place = {(vport, lane): index(lane) % processors for _, vport, lane, _ in lines}
    load = dict.fromkeys(place, 0)
    by_tick, overs, above, longest, now, awake_sum = {}, [], 0, 0, 0, 0
    for tick, vport, lane, ppm in lines:
        by_tick.setdefault(tick, []).append(((vport, lane), ppm))
    for tick in range(ticks):
        for lane, source, target in moves.get(tick, ()):
            assert place[lane] == source != target, f'{lane} at tick {tick}: told from {source}, it is at {place[lane]}'
            place[lane] = target
        load.update(by_tick.get(tick, ()))
        sums = [0] * processors
        for lane, ppm in load.items():
            sums[place[lane]] += ppm
        awake = sum(s > 0 for s in sums)
        if not awake:
            continue
        over = max(sums) * awake / sum(sums)
        overs.append(over)
        awake_sum += awake
        now = now + 1 if over > 1.1 and max(sums) * 100 > max(load.values()) * 101 else 0
        above += now > 0
        longest = max(longest, now)
    return {'above_s': above / 100, 'above_longest_s': longest / 100, 'loaded_s': len(overs) / 100,
            'peak_over_mean': sum(overs) / max(len(overs), 1), 'peak_over_mean_most': max(overs, default=0),
            'awake': awake_sum / max(len(overs), 1)}


def check_one(vmmq, processors, lines):
    text = 'time,vport,lane,load\n' + ''.join(f'{tick / 100:.2f},{vport},{lane},{ppm / WHOLE:.6f}\n'
                                               for tick, vport, lane, ppm in lines)
    done = subprocess.run([vmmq, 'simulate', '-s', '-', '--processors', str(processors), '--json', '--moves'], input=text,
                          capture_output=True, text=True, timeout=HANG)
    assert done.returncode == 0, done.stderr + text
    answer, moves, count = json.loads(done.stdout), {}, 0
    for move in answer['moves']:
        moves.setdefault(round(move['time'] * 100), []).append(((move['vport'], move['lane']), move['from'], move['to']))
        count += 1
    assert all(len(list_) <= BUDGET for list_ in moves.values())
    rules = {rule['rule']: rule for rule in answer['rules']}
    assert rules['vmmq']['moves'] == count and rules['static']['moves'] == 0
    for name, made in (('static', {}), ('vmmq', moves)):
        wanted = simulate(processors, lines, lines[-1][0] + 1, made)
        for key, value in wanted.items():
            assert abs(rules[name][key] - value) < 1e-6, f'{name}: {key} is {rules[name][key]}, {value} is right, for\n{text}'


def main():
    seed = int(os.environ.get('VMMQ_TEST_SEED') or time.time_ns())
    print(f'VMMQ_TEST_SEED={seed}')
    rng = random.Random(seed)
    for _ in range(SERIES):
        check_one(sys.argv[1], *make(rng))


if __name__ == '__main__':
    main()
