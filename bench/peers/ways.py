# SPDX-License-Identifier: BSD-2-Clause
"""Ways from an uplink, a veth, to guests in namespaces of their own.  Each has its own veth: frames sent into "wire" come out of "uplink"."""
import contextlib
import pathlib
import tempfile

from capture import mac
from namespace import Namespace
from process import Program, wait_until
from switch import Switch

GUESTS = 4
FORWARDING_CPU = '0'  # the sender has CPU 1


class Way(contextlib.ExitStack):
    """Nothing behind the uplink, whose kernel throws the frames away: what the sender alone costs."""

    program = None  # that forwards, where it is not the kernel

    def __init__(self, directory):
        super().__init__()
        self.directory = tempfile.mkdtemp(dir=directory)
        try:
            self.namespace = self.started(Namespace(self.directory))
            self.ip('link', 'add', 'uplink', 'type', 'veth', 'peer', 'name', 'wire')
            self.ip('link', 'set', 'wire', 'up')
            self.ip('link', 'set', 'uplink', 'up')
            self.guests = []
            self.set_up()
        except BaseException:
            self.close()
            raise

    def set_up(self):
        pass

    def started(self, program):
        self.callback(program.stop)
        return program

    def ip(self, *words):
        self.namespace.run('ip', *words)

    def add_guest(self, device):
        """A namespace with what stands here as device as its eth0.  Its address is none of the capture's, so that it throws packets
        away as soon as they have arrived: all guests alike, and as little of it as can be."""
        guest = self.started(Namespace(self.directory))
        self.guests.append(guest)
        self.ip('link', 'set', device, 'netns', str(guest.process.pid))
        guest.run('ip', 'link', 'set', device, 'name', 'eth0', 'up')

    def sent(self):
        return self.namespace.sent('wire')

    def delivered(self):
        return sum(guest.received('eth0') for guest in self.guests) if self.guests else self.namespace.received('uplink')

    def pause(self):
        if self.program:
            self.program.pause()

    def resume(self):
        if self.program:
            self.program.resume()


class Vmmqd(Way):
    def __init__(self, directory, build, driver, moderation='adaptive'):
        self.build, self.driver, self.moderation = build, driver, moderation
        super().__init__(directory)

    def set_up(self):
        lines = ['adapter:', f'  processors: [{FORWARDING_CPU}]', f'  moderation: {self.moderation}',
                 f'  uplink: {{{self.driver}: {{interface: uplink}}}}', 'vports:']
        for guest in range(1, GUESTS + 1):
            lines.append(f'  - {{id: {guest}, queue_pairs: 1, filters: [{{mac: "{mac(guest).hex(":")}"}}], rss: {{enabled: true, '
                         f'indirection_table: [{FORWARDING_CPU}]}}, backend: {{tap: {{interface: tap{guest}}}}}}}')
        self.program = self.started(Switch(f'{self.build}/src/vmmqd/vmmqd', self.directory, '\n'.join(lines) + '\n', within=self.namespace.within))
        for guest in range(1, GUESTS + 1):
            self.add_guest(f'tap{guest}')


class Bridge(Way):
    """The Linux bridge, which need not learn or flood, nor show its frames to netfilter; each guest has a veth."""

    def set_up(self):
        self.ip('link', 'add', 'bridge', 'type', 'bridge', 'mcast_snooping', '0')
        self.namespace.run('sysctl', '-q', '-e', '-w', 'net.bridge.bridge-nf-call-iptables=0')
        self.ip('link', 'set', 'bridge', 'up')
        self.ip('link', 'set', 'uplink', 'master', 'bridge')
        for guest in range(1, GUESTS + 1):
            self.ip('link', 'add', f'port{guest}', 'type', 'veth', 'peer', 'name', f'guest{guest}')
            self.ip('link', 'set', f'port{guest}', 'master', 'bridge', 'up')
            self.add_guest(f'guest{guest}')
            self.namespace.run('bridge', 'fdb', 'replace', mac(guest).hex(':'), 'dev', f'port{guest}', 'master', 'static')
        for port in ['uplink'] + [f'port{guest}' for guest in range(1, GUESTS + 1)]:
            self.namespace.run('bridge', 'link', 'set', 'dev', port, 'learning', 'off', 'flood', 'off')
        self.spread()

    def spread(self):
        pass


class Rps(Bridge):
    """The same, when the kernel hands the uplink's packets to another CPU by their flow's hash."""

    def spread(self):
        self.namespace.run('sh', '-c', f'echo {1 << int(FORWARDING_CPU):x} >/sys/class/net/uplink/queues/rx-0/rps_cpus')


class Cpumap(Bridge):
    """The same, when an XDP program hands them over."""

    def __init__(self, directory, build):
        self.build = build
        super().__init__(directory)

    def spread(self):
        redirect = self.started(Program([*self.namespace.within, f'{self.build}/bench/bench-cpumap', 'uplink', FORWARDING_CPU],
                                        pathlib.Path(self.directory, 'cpumap.log')))
        wait_until(lambda: 'prog/xdp' in self.namespace.run('ip', 'link', 'show', 'uplink'), 'no XDP program', redirect)
