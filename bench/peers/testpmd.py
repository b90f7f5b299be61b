# SPDX-License-Identifier: BSD-2-Clause
"""testpmd's io mode as a contender: it receives, and sends to one sink without looking.  The floor."""
import os
import re
import subprocess

from process import Program, need, wait_until


class Testpmd(Program):
    """Forwards on CPU 0, reads commands on CPU 1."""

    def __init__(self, directory, capture, buffers):
        need(('dpdk-testpmd', 'dpdk-dev'))
        super().__init__(['stdbuf', '-oL', 'dpdk-testpmd', '-l', '0,1', '--main-lcore', '1', '--no-pci', '--huge-unlink',
                          '--file-prefix', 'bench-io', '--vdev', f'net_pcap0,rx_pcap={capture},infinite_rx=1',
                          '--vdev', 'net_null1,no-rx=1', '--', '--no-mlockall', f'--total-num-mbufs={buffers}',
                          '--forward-mode=io', '--nb-cores=1', '-i'], f'{directory}/testpmd.log',
                         stdin=subprocess.PIPE, env={**os.environ, 'RUNTIME_DIRECTORY': str(directory)})
        try:
            self.answer('start', 'packet forwarding - ')
        except BaseException:
            self.stop()
            raise

    def answer(self, command, expected):
        """What matches in its output since the command."""
        begin = self.log.stat().st_size
        self.process.stdin.write(f'{command}\n'.encode())
        self.process.stdin.flush()
        wait_until(lambda: re.search(expected, self.log.read_text()[begin:]), f'testpmd: {command}', self)
        return re.search(expected, self.log.read_text()[begin:])

    def delivered(self):
        return int(self.answer('show port stats 1', r'TX-packets: (\d+)').group(1))

    def stop(self):
        self.resume()
        self.process.stdin.close()  # its prompt does not heed SIGTERM
        super().stop()
