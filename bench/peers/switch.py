# SPDX-License-Identifier: BSD-2-Clause
"""vmmqd as a benchmark runs it: configuration, socket and state in its directory."""
import json
import pathlib
import socket

from process import Program, wait_until
from rounds import Unable


def request(number, method, params):
    return (json.dumps({'jsonrpc': '2.0', 'id': number, 'method': method, 'params': params}) + '\n').encode()


class Switch(Program):
    def __init__(self, program, directory, configuration, *options, within=()):
        directory = pathlib.Path(directory)
        self.path = str(directory / 'vmmq.sock')
        (directory / 'vmmqd.yaml').write_text(configuration)
        for old in list(directory.glob('state.db*')) + list(directory.glob('vmmq.sock')):
            old.unlink()
        super().__init__([*within, program, '-c', str(directory / 'vmmqd.yaml'), '--log-level', 'error',
                          '--state', str(directory / 'state.db'), '--socket', self.path, '--socket-directory', str(directory), *options], directory / 'vmmqd.log')
        try:
            wait_until(self.answers, 'vmmqd does not start', self)
        except BaseException:
            self.stop()
            raise

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self.path)
        except OSError:
            connection.close()
            raise
        return connection

    def call(self, method, **params):
        with self.connect() as connection, connection.makefile() as answers:
            connection.sendall(request(0, method, params))
            answer = json.loads(answers.readline())
        if 'error' in answer:
            raise Unable(f'{method}: {answer["error"]["message"]}')
        return answer['result']

    def answers(self):
        try:
            return bool(self.call('adapter.show'))
        except (FileNotFoundError, ConnectionError):
            return False

    def delivered(self):
        counters = self.call('adapter.show')
        return counters['indicated'] - counters['host_dropped']

    def sent(self):
        """Packets to the uplink."""
        return self.call('adapter.show')['uplink']['tx_packets']
