# SPDX-License-Identifier: BSD-2-Clause
"""vmmqd as a contender: configuration, socket and state in the benchmark's directory."""
import json
import pathlib
import socket

from process import Program, wait_until


class Switch(Program):
    def __init__(self, build, directory, configuration, *options, within=()):
        directory = pathlib.Path(directory)
        self.path = str(directory / 'vmmq.sock')
        (directory / 'vmmqd.yaml').write_text(configuration)
        for old in list(directory.glob('state.db*')) + list(directory.glob('vmmq.sock')):
            old.unlink()
        super().__init__([*within, f'{build}/src/vmmqd/vmmqd', '-c', str(directory / 'vmmqd.yaml'), '--log-level', 'error',
                          '--state', str(directory / 'state.db'), '--socket', self.path, *options], directory / 'vmmqd.log')
        try:
            wait_until(self.answers, 'vmmqd does not start', self)
        except BaseException:
            self.stop()
            raise

    def call(self, method):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.path)
            connection.sendall(json.dumps({'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': {}}).encode() + b'\n')
            with connection.makefile() as answers:
                return json.loads(answers.readline())['result']

    def answers(self):
        try:
            return bool(self.call('adapter.show'))
        except (FileNotFoundError, ConnectionError):
            return False

    def delivered(self):
        counters = self.call('adapter.show')
        return counters['indicated'] - counters['host_dropped']
