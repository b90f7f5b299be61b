# SPDX-License-Identifier: BSD-2-Clause
"""testpmd's io mode as a contender: it receives, and sends to one sink without looking.  The floor."""
import os
import re
import subprocess

from capture import mac
from process import Program, need, wait_until


class Prompt(Program):
    """testpmd in io mode, which takes commands."""

    def __init__(self, directory, name, options, buffers, start):
        need(('dpdk-testpmd', 'dpdk-dev'))
        super().__init__(['stdbuf', '-oL', 'dpdk-testpmd', *options, '--no-pci', '--file-prefix', name,
                          '--', '--no-mlockall', f'--total-num-mbufs={buffers}', '--forward-mode=io', '--nb-cores=1', '-i',
                          *self.ports], f'{directory}/testpmd.log',
                         stdin=subprocess.PIPE, env={**os.environ, 'RUNTIME_DIRECTORY': str(directory)})
        try:
            for command, answer in start:
                self.answer(command, answer)
        except BaseException:
            self.stop()
            raise

    ports = ()  # options of its own

    def answer(self, command, expected):
        """What matches in its output since the command."""
        begin = self.log.stat().st_size
        self.process.stdin.write(f'{command}\n'.encode())
        self.process.stdin.flush()
        wait_until(lambda: re.search(expected, self.log.read_text()[begin:]), f'testpmd: {command}', self)
        return re.search(expected, self.log.read_text()[begin:])

    def stop(self):
        self.resume()
        self.process.stdin.close()  # its prompt does not heed SIGTERM
        super().stop()


class Testpmd(Prompt):
    """From a capture to a null sink: forwards on CPU 0, reads commands on CPU 1."""

    def __init__(self, directory, capture, buffers):
        super().__init__(directory, 'bench-io', ['-l', '0,1', '--main-lcore', '1', '--huge-unlink', '--vdev', f'net_pcap0,rx_pcap={capture},infinite_rx=1',
                                                 '--vdev', 'net_null1,no-rx=1'], buffers, [('start', 'packet forwarding - ')])

    def delivered(self):
        return int(self.answer('show port stats 1', r'TX-packets: (\d+)').group(1))


class GuestsTestpmd(Prompt):
    """Guests on CPU 1.  server: the sockets are theirs; commands: what they are told to do, the last one to start it."""

    ports = ('--txd=1024', '--rxd=1024')

    def __init__(self, directory, sockets, server, commands):
        self.guests = range(len(sockets))
        options = ['--lcores', '0@1,1@1', '-m', '256', '--in-memory', '--single-file-segments']
        for guest, path in enumerate(sockets):
            options += ['--vdev', f'virtio_user{guest},path={path},server={int(server)},mac={mac(guest + 1).hex(":")},queues=1,queue_size=1024']
        super().__init__(directory, f'bench-guests-{int(server)}', options, 16384,
                         [(command, '') for command in commands[:-1]] + [(commands[-1], 'packet forwarding - ')])

    def delivered(self):
        return sum(int(self.answer(f'show port stats {port}', r'RX-packets: (\d+)').group(1)) for port in self.guests)
