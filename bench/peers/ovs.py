# SPDX-License-Identifier: BSD-2-Clause
"""
OVS-DPDK as a contender: an ovsdb-server and an ovs-vswitchd of the benchmark's own, with their files in its directory, and in a
network namespace, since the TAP devices that they make outlive them.
"""
import contextlib
import os
import pathlib
import re

from capture import mac
from namespace import Namespace
from process import Program, need, said, wait_until
from rounds import Unable

VSWITCHD = '/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk'
SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema'
UPLINK = 100  # OpenFlow port; the sinks are 1 and up
NOBODY = 200  # number of an address that no guest has


class Bridge(Program):
    """Forwards on CPU 0; everything else it does on CPU 1.  set_up() adds ports and rules."""

    def __init__(self, directory, options=()):
        need((VSWITCHD, 'openvswitch-switch-dpdk'), ('ovsdb-server', 'openvswitch-switch'))
        self.directory, self.socket = pathlib.Path(directory), f'unix:{directory}/db.sock'
        with contextlib.ExitStack() as parts:
            self.start(parts, options)
            self.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev')
            said('ovs-ofctl', 'del-flows', f'unix:{self.directory}/br0.mgmt')
            self.set_up()
            self.parts = parts.pop_all()

    def set_up(self):
        raise NotImplementedError

    def start(self, parts, options):
        namespace = Namespace(self.directory)
        parts.callback(namespace.stop)
        own = {**os.environ, **{f'OVS_{name}DIR': str(self.directory) for name in ('RUN', 'LOG', 'DB', 'SYSCONF')},
               'RUNTIME_DIRECTORY': str(self.directory)}  # DPDK's
        said('ovsdb-tool', 'create', f'{self.directory}/conf.db', SCHEMA)
        server = Program(['ovsdb-server', f'{self.directory}/conf.db', f'--remote=p{self.socket}', f'--unixctl={self.directory}/ovsdb.ctl'],
                         self.directory / 'ovsdb.log', env=own)
        parts.callback(server.stop)
        wait_until((self.directory / 'db.sock').exists, 'ovsdb-server does not start', server)
        self.vsctl('--no-wait', 'init')
        self.vsctl('--no-wait', 'set', 'Open_vSwitch', '.', 'other_config:dpdk-init=true', 'other_config:pmd-cpu-mask=0x1',
                   'other_config:dpdk-lcore-mask=0x2', 'other_config:dpdk-socket-mem=1024', 'other_config:max-idle=600000',
                   'other_config:dpdk-extra="--file-prefix=bench-ovs --no-pci --huge-unlink"', *options)
        super().__init__([*namespace.within, VSWITCHD, self.socket, f'--unixctl={self.directory}/vswitchd.ctl'],
                         self.directory / 'vswitchd.log', env=own)
        parts.callback(super().stop)

    def rules(self, output):
        """output: {address's number: port}"""
        rules = [f'dl_dst={mac(number).hex(":")},actions=output:{port}' for number, port in output.items()]
        (self.directory / 'rules').write_text('\n'.join(rules) + '\n')
        said('ovs-ofctl', 'add-flows', f'unix:{self.directory}/br0.mgmt', f'{self.directory}/rules')

    def add_port(self, name, number, *options):
        self.vsctl('add-port', 'br0', name, '--', 'set', 'Interface', name, *options, f'ofport_request={number}')
        error = self.vsctl('get', 'Interface', name, 'error').strip()
        if error != '[]':
            raise Unable(f'OVS: {name}: {error}')

    def add_device(self, name, device, number):
        self.add_port(name, number, 'type=dpdk', f'options:dpdk-devargs="{device}"')

    def vsctl(self, *words):
        return said('ovs-vsctl', f'--db={self.socket}', '--timeout=20', *words)

    def delivered(self):
        ports = said('ovs-ofctl', 'dump-ports', f'unix:{self.directory}/br0.mgmt')
        return sum(int(packets) for packets in re.findall(r'tx pkts=(\d+)', ports))

    def stop(self):
        self.parts.close()


class Ovs(Bridge):
    """From a capture to null sinks."""

    def __init__(self, directory, capture, sinks, addresses, options=()):
        self.capture, self.sinks, self.addresses = capture, sinks, addresses
        super().__init__(directory, ('other_config:tx-flush-interval=50', *options))  # us: fuller bursts to the sinks

    def set_up(self):
        for sink in range(1, self.sinks + 1):
            self.add_device(f'sink{sink}', f'net_null{sink},no-rx=1', sink)
        self.rules({number: (number - 1) % self.sinks + 1 for number in range(1, self.addresses + 1)})
        self.add_device('uplink', f'net_pcap0,rx_pcap={self.capture},infinite_rx=1', UPLINK)


class GuestsOvs(Bridge):
    """Between guests, whose sockets it connects to, and an uplink if there is one: a device, which gets what no guest does."""

    def __init__(self, directory, sockets, uplink=None):
        self.sockets, self.uplink = sockets, uplink
        super().__init__(directory)

    def set_up(self):
        for number, path in enumerate(self.sockets, 1):
            self.add_port(f'guest{number}', number, 'type=dpdkvhostuserclient', f'options:vhost-server-path={path}')
        outputs = {number: number for number in range(1, len(self.sockets) + 1)}
        if self.uplink:
            self.add_device('uplink', self.uplink, UPLINK)
            outputs[NOBODY] = UPLINK
        self.rules(outputs)

    def sent(self):
        """Packets to the uplink."""
        return int(re.search(r'tx pkts=(\d+)', said('ovs-ofctl', 'dump-ports', f'unix:{self.directory}/br0.mgmt', str(UPLINK))).group(1))
