#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""TCP (iperf3) from one Linux guest to another on one vmmqd, with offloads (frames of 64 KiB go as they are) and without: QEMU's emulation of both guests
takes most of the time, so what is saved there shows, too.

usage: guests_tcp.py [--quick] [--json] [BUILD]     (BUILD: build; no root)
"""
import gzip
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(1, str(HERE.parents[1] / 'tests/live'))

from report import report
from rounds import against, figure

from daemon import Daemon
from guest import Guest

ROW = 12
GOAL = 3.0
ROUNDS, SECONDS = 5, 8
OFF = 'csum guest_csum guest_tso4 guest_tso6 host_tso4 host_tso6 guest_uso4 guest_uso6 host_uso'.split()
CONFIGURATION = 'adapter: {processors: [0], moderation: adaptive}\nvports:\n'
VPORT = ('  - {{id: {number}, name: vm{number}, filters: [{{mac: "{mac}"}}], rss: {{enabled: true, indirection_table: [0]}},\n'
         '     backend: {{vhost_user: {{socket: vm{number}.sock, queues: 1{features}}}}}}}\n')


def mac_of(number):
    return f'02:00:00:00:12:{number:02x}'


def give_iperf3(initrd):
    """Puts the program, with its libraries where they are here, into a guest's initrd: archives one behind the other are one."""
    program = shutil.which('iperf3') or sys.exit('guests_tcp.py: iperf3 is missing: apt-get install iperf3')
    libraries = re.findall(r'(/\S+) \(0x', subprocess.run(['ldd', program], check=True, capture_output=True, text=True).stdout)
    files = [pathlib.Path(file) for file in (program, *libraries)]
    names = sorted({str(part).lstrip('/') for file in files for part in (file, *file.parents) if str(part) != '/'})
    archive = subprocess.run(['cpio', '-o', '-L', '-H', 'newc', '--quiet'], cwd='/', input='\n'.join(names).encode(), check=True, capture_output=True).stdout
    with open(initrd, 'ab') as file:
        file.write(gzip.compress(archive, 1))


class Pair:
    """Two guests, by number, of which the first sends to the second."""

    def __init__(self, directory, first):
        self.numbers = (first, first + 1)
        self.guests = [Guest(f'vm{n}', directory, mac_of(n), f'{directory}/vm{n}.sock', queues=1, ip4=f'10.12.0.{n}/24').start()
                       for n in self.numbers]
        for guest in self.guests:
            guest.await_up()

    def rate(self, seconds):
        """MB/s that are received."""
        sender, receiver = self.guests
        receiver.must('pidof iperf3 >/dev/null || /usr/bin/iperf3 -s -D')
        told = sender.must(f'/usr/bin/iperf3 -c 10.12.0.{self.numbers[1]} -t {seconds} -J')
        return json.loads(told[told.index('{'):])['end']['sum_received']['bits_per_second'] / 8e6

    def close(self):
        for guest in self.guests:
            guest.kill()


def configuration():
    without = ', features: {' + ', '.join(f'{name}: off' for name in OFF) + '}'
    return CONFIGURATION + ''.join(VPORT.format(number=n, mac=mac_of(n), features=without if n > 2 else '') for n in range(1, 5))


def measured(build, quick):
    rates = ([], [])
    with tempfile.TemporaryDirectory(prefix='vmmq-bench-') as directory:
        subprocess.run([str(HERE.parents[1] / 'examples/two-vms/make-guest'), directory], check=True)
        give_iperf3(f'{directory}/initrd')
        daemon = Daemon(f'{build}/src/vmmqd/vmmqd', directory, configuration()).start()
        pairs = [Pair(directory, 1), Pair(directory, 3)]
        for _ in range(1 if quick else ROUNDS):
            for pair, rate in zip(pairs, rates):
                rate.append(pair.rate(1 if quick else SECONDS))
        for pair in pairs:
            pair.close()
        daemon.stop()
    return {'rows': [{'row': ROW, 'what': 'TCP from Linux guest to Linux guest under QEMU TCG, with TSO', 'unit': 'MB/s', 'ours': figure(rates[0]),
                      'peers': [against(*rates, 'without offloads', f'{GOAL:g} times', GOAL)]}],
            'could_not_run': []}


if __name__ == '__main__':
    report(__doc__, measured)
