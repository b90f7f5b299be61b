# SPDX-License-Identifier: BSD-2-Clause
"""A real ovsdb-server under test, in a directory of its own, and what asks it: ovsdb-client and ovsdb-tool."""
import json
import os
import signal
import socket
import subprocess
import sys

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG, wait_until  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCHEMA = os.path.join(ROOT, "share", "vmmq.ovsschema")
ENVIRONMENT = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}


def run(*words, check=True):
    """Returns what a program printed; its error where it fails and may."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=HANG, env=ENVIRONMENT)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout if done.returncode == 0 else done.stderr


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def pki(directory, *names):
    """A CA and for each name a key and a certificate of it: NAME.key, NAME.pem, ca.pem in the directory."""
    def path(name):
        return os.path.join(directory, name)

    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run("openssl", "req", "-x509", *new_key, "-days", "30", "-subj", "/CN=ca", "-keyout", path("ca.key"), "-out", path("ca.pem"))
    for name in names:
        run("openssl", "req", *new_key, "-subj", f"/CN={name}", "-keyout", path(name + ".key"), "-out", path(name + ".csr"))
        run("openssl", "x509", "-req", "-days", "30", "-in", path(name + ".csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
            "-CAcreateserial", "-out", path(name + ".pem"))


def tls_options(directory, name):
    return [f"--private-key={directory}/{name}.key", f"--certificate={directory}/{name}.pem", f"--ca-cert={directory}/ca.pem"]


def messages(connection):
    """What comes over it, until the other end hangs up."""
    text, decoder = "", json.JSONDecoder()
    while more := connection.recv(1 << 20):
        text += more.decode()
        while text:
            try:
                message, end = decoder.raw_decode(text)
            except json.JSONDecodeError:
                break
            text = text[end:].lstrip()
            yield message


def read_answer(connection):
    """The result of the request with id 1."""
    for message in messages(connection):
        if message.get("id") == 1 and "method" not in message:
            assert message["error"] is None, message
            return message["result"]
    raise AssertionError("the server hung up")


class Store:
    """One ovsdb-server.  database: a file, or relay:VMMQ:REMOTE; remotes: what it listens at besides its own socket."""

    def __init__(self, directory, name="store", database=None, remotes=(), options=()):
        self.directory = directory
        self.name = name
        self.database = database or os.path.join(directory, name + ".db")
        self.socket = os.path.join(directory, name + ".sock")
        self.control = os.path.join(directory, name + ".ctl")
        self.log = os.path.join(directory, name + ".log")
        self.remotes = list(remotes)
        self.options = list(options)
        self.process = None

    @property
    def remote(self):
        return "unix:" + self.socket

    def create(self, schema=SCHEMA):
        run("ovsdb-tool", "create", self.database, schema)
        return self

    def start(self):
        """Returns when it answers."""
        self.spawn()
        wait_until(self.answers, lambda: f"{self.name}'s first answer")
        return self

    def spawn(self):
        words = ["ovsdb-server", self.database, f"--remote=punix:{self.socket}", f"--unixctl={self.control}", "--no-chdir",
                 "-vconsole:off", f"--log-file={self.log}", *(f"--remote={remote}" for remote in self.remotes), *self.options]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT)
        return self

    def answers(self):
        if self.process.poll() is not None:
            with open(self.log, encoding="utf-8") as log:
                raise AssertionError(f"{self.name} does not start:\n" + log.read())
        return "VMMQ" in run("ovsdb-client", "--timeout=5", "list-dbs", self.remote, check=False).split("\n")

    def listening(self):
        """The TCP port that it listens at, once it does."""
        with open(self.log, encoding="utf-8") as log:
            ports = [line.split("listening on port ")[1].split()[0] for line in log if "listening on port" in line]
        return ports[0] if ports else None

    def kill(self, with_signal=signal.SIGKILL):
        if self.process:
            self.process.send_signal(with_signal)
            self.process.wait(HANG)
            self.process = None

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def appctl(self, *words):
        return run("ovs-appctl", "-t", self.control, *words)

    def ask(self, *operations, remote=None, options=()):
        """The results of a transaction: a list, in which the last may be an error.  remote: by ovsdb-client."""
        params = ["VMMQ", *operations]
        if remote:
            return json.loads(run("ovsdb-client", *options, "transact", remote, json.dumps(params)))
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(HANG)
            connection.connect(self.socket)
            connection.sendall(json.dumps({"method": "transact", "params": params, "id": 1}).encode())
            return read_answer(connection)

    def transact(self, *operations, **more):
        """A transaction that must succeed."""
        results = self.ask(*operations, **more)
        errors = [result for result in results if result and "error" in result]
        assert not errors, errors
        return results

    def refused(self, *operations, **more):
        """A transaction that must be refused; returns "error: details"."""
        errors = [result for result in self.ask(*operations, **more) if result and "error" in result]
        assert errors, "it was not refused"
        return f"{errors[0]['error']}: {errors[0].get('details', '')}"

    def rows(self, table, *columns, where=()):
        return self.transact({"op": "select", "table": table, "where": list(where),
                              **({"columns": list(columns)} if columns else {})})[0]["rows"]


def uuid_set(*names):
    return ["set", [["named-uuid", name] for name in names]]


def host(name, **more):
    return {"op": "insert", "table": "Host", "row": {"name": name, "drain": False}, "uuid-name": name.replace("-", "_"), **more}


def vport_row(name, number=1, **more):
    """A row that is right."""
    return {"name": name, "generation": 1, "macs": f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}", "queue_pairs": 4, "rss": "on",
            "indirection_table": ["map", [[0, 0], [1, 1], [2, 2], [3, 3]]], "scaling": "static", "activation": "at_once", **more}


def vport(name, number=1, **more):
    return {"op": "insert", "table": "VPort", "row": vport_row(name, number, **more)}
