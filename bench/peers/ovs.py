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


class Ovs(Program):
    """Forwards on CPU 0; everything else it does on CPU 1."""

    def __init__(self, directory, capture, sinks, addresses, options=()):
        need((VSWITCHD, 'openvswitch-switch-dpdk'), ('ovsdb-server', 'openvswitch-switch'))
        self.directory, self.socket = pathlib.Path(directory), f'unix:{directory}/db.sock'
        with contextlib.ExitStack() as parts:
            self.start(parts, options)
            self.set_up(capture, sinks, addresses)
            self.parts = parts.pop_all()

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
                   'other_config:tx-flush-interval=50',  # us: fuller bursts to the sinks
                   'other_config:dpdk-extra="--file-prefix=bench-ovs --no-pci --huge-unlink"', *options)
        super().__init__([*namespace.within, VSWITCHD, self.socket, f'--unixctl={self.directory}/vswitchd.ctl'],
                         self.directory / 'vswitchd.log', env=own)
        parts.callback(super().stop)

    def set_up(self, capture, sinks, addresses):
        self.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev')
        for sink in range(1, sinks + 1):
            self.add_port(f'sink{sink}', f'net_null{sink},no-rx=1', sink)
        rules = [f'dl_dst={mac(number).hex(":")},actions=output:{(number - 1) % sinks + 1}' for number in range(1, addresses + 1)]
        (self.directory / 'rules').write_text('\n'.join(rules) + '\n')
        said('ovs-ofctl', 'del-flows', f'unix:{self.directory}/br0.mgmt')
        said('ovs-ofctl', 'add-flows', f'unix:{self.directory}/br0.mgmt', f'{self.directory}/rules')
        self.add_port('uplink', f'net_pcap0,rx_pcap={capture},infinite_rx=1', UPLINK)

    def add_port(self, name, device, number):
        self.vsctl('add-port', 'br0', name, '--', 'set', 'Interface', name, 'type=dpdk', f'options:dpdk-devargs="{device}"',
                   f'ofport_request={number}')
        error = self.vsctl('get', 'Interface', name, 'error').strip()
        if error != '[]':
            raise Unable(f'OVS: {name}: {error}')

    def vsctl(self, *words):
        return said('ovs-vsctl', f'--db={self.socket}', '--timeout=20', *words)

    def delivered(self):
        ports = said('ovs-ofctl', 'dump-ports', f'unix:{self.directory}/br0.mgmt')
        return sum(int(packets) for packets in re.findall(r'tx pkts=(\d+)', ports))

    def stop(self):
        self.parts.close()
