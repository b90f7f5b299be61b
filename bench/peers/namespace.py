# SPDX-License-Identifier: BSD-2-Clause
"""Network namespaces without a name: each is there as long as the process that holds it."""
import pathlib

from process import Program, said, wait_until
from rounds import Unable


class Namespace(Program):
    """With a /sys of its own, where its devices are."""

    def __init__(self, directory):
        self.ready = pathlib.Path(directory, 'ready')
        self.ready.unlink(missing_ok=True)
        super().__init__(['unshare', '--net', '--mount', 'sh', '-c',
                          'mount -t sysfs none /sys && : >"$0" && exec sleep infinity', str(self.ready)],
                         f'{directory}/namespace.log')
        try:
            wait_until(self.ready.exists, 'no network namespace', self)
            self.run('sysctl', '-q', '-w', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1')
        except BaseException:
            self.stop()
            raise

    @property
    def within(self):
        """The words before a command that is to run here."""
        return ['nsenter', '-t', str(self.process.pid), '-n', '-m', '--']

    def run(self, *command):
        return said(*self.within, *command)

    def stop(self):
        self.process.kill()  # sleep as it is: nothing to tidy up
        self.process.wait()

    def counter(self, device, column):
        for line in pathlib.Path(f'/proc/{self.process.pid}/net/dev').read_text().splitlines():
            name, _, counters = line.partition(':')
            if name.strip() == device:
                return int(counters.split()[column])
        raise Unable(f'{device} has left its namespace')

    def received(self, device):
        """Packets, as the device counts them."""
        return self.counter(device, 1)

    def sent(self, device):
        return self.counter(device, 9)
