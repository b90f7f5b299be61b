# SPDX-License-Identifier: BSD-2-Clause
"""Contenders in turn, and what the rounds come to: medians with the 10th to the 90th percentile, as the other benchmarks have."""


class Unable(Exception):
    """Something that cannot run here, and why: a line of the table, not a failure."""


def figure(samples):
    ordered = sorted(samples)
    at = lambda share: ordered[round(share * (len(ordered) - 1))]  # noqa: E731
    return {'median': at(0.5), 'low': at(0.1), 'high': at(0.9), 'samples': samples}


def rounds(contenders, count, turn):
    """{name: [turn(contender) of each round]}; contenders: {name: contender}.  Who begins moves by one each round."""
    names = list(contenders)
    samples = {name: [] for name in names}
    for number in range(count):
        for at in range(len(names)):
            name = names[(number + at) % len(names)]
            samples[name].append(turn(contenders[name]))
    return samples


def against(ours, theirs, who, goal=None, least=None):
    """A peer's line, for rates (more is better).  ratio: ours to theirs, formed round by round, so above 1 ours is ahead."""
    ratio = figure([mine / other for mine, other in zip(ours, theirs)])
    return {'who': who, 'theirs': figure(theirs), 'ratio': ratio, 'goal': goal, 'reached': least and ratio['median'] >= least}
