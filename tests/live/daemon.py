# SPDX-License-Identifier: BSD-2-Clause
"""vmmqd as a test runs it, and a client of its control socket."""
import atexit
import json
import os
import signal
import socket
import subprocess
import sys

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG, wait_until  # noqa: E402


class Refused(Exception):
    """An error answer."""

    def __init__(self, error):
        super().__init__(error.get("message"))
        self.code = error.get("code")
        self.data = error.get("data", {})


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(HANG)
        self.socket.connect(path)
        self.file = self.socket.makefile("r", encoding="utf-8")
        self.id = 0

    def call(self, method, /, **params):
        self.id += 1
        request = {"jsonrpc": "2.0", "id": self.id, "method": method, "params": params}
        self.socket.sendall((json.dumps(request) + "\n").encode())
        while True:
            line = self.file.readline()
            if not line:
                raise ConnectionError("vmmqd closed the connection")
            answer = json.loads(line)
            if answer.get("id") == self.id:
                break
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]

    def close(self):
        self.file.close()
        self.socket.close()


class Daemon:
    """vmmqd in a directory of its own: socket, state, log, and vhost-user sockets of guests."""

    def __init__(self, program, directory, configuration, options=()):
        self.program, self.directory, self.options = program, directory, list(options)
        self.socket = os.path.join(directory, "vmmq.sock")
        self.state = os.path.join(directory, "state.db")
        self.configuration = os.path.join(directory, "vmmqd.yaml")
        self.log = os.path.join(directory, "log")
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(configuration)
        self.process = None
        atexit.register(self.kill)

    def start(self):
        # DPDK's AF_XDP driver forgets 80 bytes of libxdp's when it is closed, which is nothing of ours.
        suppressions = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lsan.txt")
        environment = {**os.environ, "LSAN_OPTIONS": f"suppressions={suppressions}:print_suppressions=0"}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.program, "-c", self.configuration, "--socket", self.socket,
                                             "--state", self.state, "--socket-directory", self.directory,
                                             *self.options], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, env=environment)
        wait_until(self._answers, lambda: f"vmmqd's first answer:\n{self.log_tail()}", pause=0.05)
        return self

    def _answers(self):
        assert self.process.poll() is None, f"vmmqd ended with {self.process.returncode}:\n{self.log_tail()}"
        try:
            client = Client(self.socket)
            client.call("adapter.show")
            client.close()
            return True
        except (FileNotFoundError, ConnectionError):
            return False

    def client(self):
        return Client(self.socket)

    def log_tail(self, lines=25):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-lines:])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(HANG)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
