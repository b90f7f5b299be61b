# SPDX-License-Identifier: BSD-2-Clause
"""What bench-growth has measured, as rows for the table, as CSV, and drawn as SVG.  Nothing but text is made here."""
import html
import math
import re

TITLE = 'Growth: '
TIMES = '  against the first'
LATENCY = '  request to effective'
# Panels, as the SVG places them: heading, and the curves in it (section, what its legend says).
PANELS = (('VPorts', (('VPorts', ''),)),
          ('processors', (('processors, 32 packets for each', 'a turn after 32 packets for each'),
                          ('processors, 32 packets for all', 'a turn after 32 packets for all'))),
          ('flows', (('flows', ''),)),
          ('moves a second', (('moves', ''),)))
COLOURS = ('#1f5fa8', '#c2570c')
WIDTH, HEIGHT = 980, 680
PLOT_WIDTH, PLOT_HEIGHT = 390, 200
LEFT, TOP, ACROSS, DOWN = 70, 110, 480, 300  # of the first plot, and from one to the next


def curves_of(sections):
    """{curve: [{'at': number, figure's name: figure}]}, in the order in which they were measured; '' is the figure itself."""
    curves = {}
    for section in sections:
        if not section['title'].startswith(TITLE):
            continue
        points = curves[section['title'].removeprefix(TITLE)] = []
        for figure in section['figures']:
            named = re.fullmatch(r'\S.*: (\d+)', figure['name'])
            if named:
                points.append({'at': int(named[1]), '': figure})
            else:
                points[-1][figure['name']] = figure
    return curves


def ends_of(sections):
    """(curve, first point, last point) of each curve that grew."""
    return [(curve, points[0], points[-1]) for curve, points in curves_of(sections).items() if len(points) > 1]


def csv_of(sections):
    lines = ['curve,at,figure,unit,median,p10,p90']
    for curve, points in curves_of(sections).items():
        for point in points:
            for name, figure in point.items():
                if name != 'at':
                    lines.append(f'"{curve}",{point["at"]},"{name.strip() or "receive to return"}",{figure["unit"]},'
                                 f'{figure["median"]:.6g},{figure["low"]:.6g},{figure["high"]:.6g}')
    return '\n'.join(lines) + '\n'


def short(number):
    """1024 and 1000 are both 1k: the ones are of counts, the others of rates."""
    for size, letter in ((1 << 20, 'M'), (1 << 10, 'k'), (1000, 'k')):
        if number >= size and number % size == 0:
            return f'{number // size}{letter}'
    return str(number)


def step_of(most):
    """The distance of lines: 4 to 8 of them up to most."""
    size = 10 ** math.floor(math.log10(most))
    return next(size * part for part in (0.2, 0.25, 0.5, 1, 2) if most / (size * part) <= 8)


def text(x, y, words, anchor='start', size=12, colour='#333', rest=''):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"{rest}>{html.escape(words)}</text>'


def line(x1, y1, x2, y2, colour, width=1.0):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


class Panel:
    """A plot at (left, top): x logarithmic over the points' numbers, 0 one step before the first; y linear from 0."""

    def __init__(self, left, top, curves):
        self.left, self.top, self.curves = left, top, curves
        numbers = sorted({point['at'] for points in curves for point in points})
        above = [number for number in numbers if number]
        self.ticks = numbers
        self.zero = above[0] ** 2 / above[1] if len(above) > 1 else above[0] / 2
        self.low, self.high = math.log(self.zero if 0 in numbers else above[0]), math.log(above[-1])
        self.most = 1.2 * max(point['']['median'] for points in curves for point in points)

    def x(self, at):
        part = (math.log(at or self.zero) - self.low) / (self.high - self.low or 1)
        return self.left + 15 + part * (PLOT_WIDTH - 30)

    def y(self, cycles):
        return self.top + PLOT_HEIGHT * (1 - min(cycles, self.most) / self.most)

    def axes(self, heading):
        yield text(self.left, self.top - 14, heading, size=15, colour='#000', rest=' font-weight="bold"')
        step, cycles = step_of(self.most), 0
        while cycles <= self.most:
            yield line(self.left, self.y(cycles), self.left + PLOT_WIDTH, self.y(cycles), '#ddd' if cycles else '#333')
            yield text(self.left - 8, self.y(cycles) + 4, f'{cycles:g}', 'end')
            cycles += step
        for at in self.ticks:
            yield line(self.x(at), self.top + PLOT_HEIGHT, self.x(at), self.top + PLOT_HEIGHT + 5, '#333')
            yield text(self.x(at), self.top + PLOT_HEIGHT + 19, short(at), 'middle')
        yield text(self.left + PLOT_WIDTH / 2, self.top + PLOT_HEIGHT + 38, f'{heading} (log scale)', 'middle')
        middle = f'{self.left - 50:.1f} {self.top + PLOT_HEIGHT / 2:.1f}'
        yield text(self.left - 50, self.top + PLOT_HEIGHT / 2, 'cycles a packet', 'middle', rest=f' transform="rotate(-90 {middle})"')

    def curve(self, points, colour, legend, number):
        for point in points:
            figure, x = point[''], self.x(point['at'])
            yield line(x, self.y(figure['low']), x, self.y(figure['high']), colour, 1.2)
            yield f'<circle cx="{x:.1f}" cy="{self.y(figure["median"]):.1f}" r="3" fill="{colour}"/>'
        path = ' '.join(f'{self.x(point["at"]):.1f},{self.y(point[""]["median"]):.1f}' for point in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        last = points[-1]
        yield text(self.x(last['at']) - 8, self.y(last['']['median']) - 8, f'{last[""]["median"]:.0f}', 'end', colour=colour)
        if legend:
            yield line(self.left + 18, self.top + 14 + 18 * number, self.left + 42, self.top + 14 + 18 * number, colour, 2)
            yield text(self.left + 48, self.top + 18 + 18 * number, legend)
        if LATENCY in last:
            words = f'at {last["at"]:,} a second a move takes effect in {last[LATENCY]["median"]:.2g} µs'
            yield text(self.left + PLOT_WIDTH - 8, self.top + PLOT_HEIGHT - 10, words, 'end')

    def drawn(self, heading, legends):
        yield from self.axes(heading)
        for number, points in enumerate(self.curves):
            yield from self.curve(points, COLOURS[number], legends[number], number)


def svg_of(sections, about):
    """about: a line on machine and time."""
    curves = curves_of(sections)
    drawn = [text(LEFT, 34, 'A packet from receive to return, as one dimension grows', size=19, colour='#000', rest=' font-weight="bold"'),
             text(LEFT, 56, f'TSC cycles, stepped in one thread; medians, bars from the 10th to the 90th percentile.  {about}')]
    for place, (heading, members) in enumerate(PANELS):
        there = [(curves[curve], legend) for curve, legend in members if curves.get(curve)]
        if there:
            panel = Panel(LEFT + ACROSS * (place % 2), TOP + DOWN * (place // 2), [points for points, _ in there])
            drawn += panel.drawn(heading, [legend for _, legend in there])
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'font-family="Helvetica, Arial, sans-serif">\n<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n'
            + '\n'.join(drawn) + '\n</svg>\n')
