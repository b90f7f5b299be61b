# SPDX-License-Identifier: BSD-2-Clause
"""A vmmqd under test, in a directory of its own, and a client of its control socket."""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG, wait_until  # noqa: E402

PROGRAM = os.environ.get("VMMQD", "vmmqd")
CONFIG = "adapter: {processors: [0, 1]}\n"


class Refused(Exception):
    def __init__(self, error):
        super().__init__(error["message"])
        self.code = error["code"]
        self.data = error["data"]


class Client:
    def __init__(self, path):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.settimeout(HANG)
        try:
            self.connection.connect(path)
        except OSError:
            self.connection.close()
            raise
        self.rest = b""
        self.number = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.connection.close()

    def send(self, data):
        self.connection.sendall(data)

    def line(self):
        """The next line, without its end; None when the daemon has closed the connection."""
        while b"\n" not in self.rest:
            try:
                more = self.connection.recv(1 << 20)
            except ConnectionResetError:
                more = b""
            if not more:
                return None
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return line

    def answer(self):
        line = self.line()
        return None if line is None else json.loads(line)

    def request(self, method, params=None, **more):
        """Sends without waiting; returns the id."""
        self.number += 1
        message = {"jsonrpc": "2.0", "id": self.number, "method": method, **more}
        if params is not None:
            message["params"] = params
        self.send(json.dumps(message).encode() + b"\n")
        return self.number

    def ask(self, method, /, **params):
        number = self.request(method, params)
        answer = self.answer()
        assert answer is not None, f"{method}: the connection was closed"
        assert answer["jsonrpc"] == "2.0" and answer["id"] == number, answer
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["result"]


class Daemon:
    """options: further words of the command line."""

    def __init__(self, directory, config=CONFIG, options=(), state=None, path=None):
        self.directory = directory
        self.config = os.path.join(directory, "config.yaml")
        self.state = state or os.path.join(directory, "state.db")
        self.socket = path or os.path.join(directory, "vmmqd.sock")
        self.log = os.path.join(directory, "log")
        self.options = list(options)
        self.process = None
        self.environment = {key: value for key, value in os.environ.items() if key != "NOTIFY_SOCKET"}
        if config is not None:
            self.write_config(config)

    def write_config(self, config):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(config)

    def command(self):
        level = [] if "--log-level" in self.options else ["--log-level", "debug"]
        return [PROGRAM, "-c", self.config, "--state", self.state, "--socket", self.socket, "--no-hugepages",
                "--socket-directory", self.directory, "--allow-devargs", *level, *self.options]

    def spawn(self, **more):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=self.environment, **more)
        return self

    def start(self, **more):
        """Returns when it answers."""
        self.spawn(**more)
        wait_until(self.answers, lambda: "vmmqd's first answer:\n" + self.log_text())
        return self

    def answers(self):
        assert self.process.poll() is None, "vmmqd does not start:\n" + self.log_text()
        try:
            with self.client() as client:
                client.ask("rpc.discover")
            return True
        except (FileNotFoundError, ConnectionError):
            return False

    def wait(self):
        return self.process.wait(HANG)

    def stop(self, with_signal=signal.SIGTERM):
        self.process.send_signal(with_signal)
        return self.wait()

    def fails(self):
        """Starts what must not start; returns exit status and the last line of its log."""
        self.spawn()
        status = self.wait()
        return status, self.log_text().strip().rsplit("\n", 1)[-1]

    def client(self):
        return Client(self.socket)

    def ask(self, method, /, **params):
        with self.client() as client:
            return client.ask(method, **params)

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_for_log(self, text):
        wait_until(lambda: text in self.log_text(), lambda: f"{text!r} in the log:\n{self.log_text()}")

    def everything(self):
        """What survives, and only that."""
        return {"yaml": self.ask("config.show")["yaml"], "filters": self.ask("filters.show")["filters"]}


def ports_of(pid):
    """The TCP ports that a process listens at."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in file][1:]
    ports = {f"socket:[{row[9]}]": int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A"}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{fd}")
        except OSError:
            continue
        if target in ports:
            yield ports[target]


def listening_port(pid):
    """The one TCP port that a process listens at, or is about to; it chose one itself, so that two tests never have the same."""
    wait_until(lambda: any(ports_of(pid)), "a port that it listens at")
    return next(ports_of(pid))


class DaemonTest(unittest.TestCase):
    """Each test has a directory, and ends with no daemon running."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="vmmqd-")
        self.daemons = []
        self.addCleanup(self.clean)

    def clean(self):
        for daemon in self.daemons:
            if daemon.process and daemon.process.poll() is None:
                daemon.process.kill()
                daemon.process.wait()
            if os.path.exists(daemon.log):
                self.assertNotIn("Sanitizer", daemon.log_text(), daemon.log_text()[-4000:])
        shutil.rmtree(self.directory, ignore_errors=True)

    def daemon(self, *arguments, **more):
        daemon = Daemon(self.directory, *arguments, **more)
        self.daemons.append(daemon)
        return daemon

    def refused(self, code, function, *arguments, **more):
        with self.assertRaises(Refused) as caught:
            function(*arguments, **more)
        self.assertEqual(caught.exception.code, code, str(caught.exception))
        return caught.exception


def main():
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f"VMMQD={PROGRAM}: not a program")
    unittest.main()
