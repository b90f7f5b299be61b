# SPDX-License-Identifier: BSD-2-Clause
"""Guests, VMMs and clients that mean harm: processes that do one thing after another until they are killed."""
import os
import random
import signal
import socket
import time

import frames
import hostile_vmm
from frontend import Frontend

hostile_vmm.TOGGLES = 50
CLIENT_LINES = (b"[" * 2000 + b"]" * 2000 + b"\n", b"x" * (1 << 20), b'{"jsonrpc":"2.0","id":1,"method":"vports.show"}\n' * 100,
                b'{"jsonrpc":"2.0","id":1,"method":"vport.add","params":{"x":[' + b"1," * 10000 + b"1]}}\n", b'{"jsonrpc":', b"\x00\xff\n")


def flood(path, rng, me):
    """Sends more than anybody takes, of what it may not send as well, reads nothing, and goes in the middle of it."""
    front = Frontend(path).start()
    for _ in range(rng.randrange(20, 200)):
        source = frames.mac(rng.choice((me, me, 1, 0xEE)))
        destination = rng.choice((frames.BROADCAST, frames.mac(rng.randrange(1, 10)), bytes.fromhex("0180c2000000")))
        kind = rng.choice((b"\x08\x00", b"\x88\x08", b"\x81\x00\x00\x0a", b"\x88\xa8\x00\x14\x81\x00\x00\x0a", b"\x86\xdd"))
        front.send([(destination + source + kind).ljust(rng.randrange(14, 1600), b"h")] * 64)
        time.sleep(0.005)
    front.close()


def garbage(path, rng, _me):
    front = Frontend(path).start()
    for _ in range(5):
        front.garbage(rng)
        time.sleep(0.01)
    front.close()


def refused(path, rng, _me):
    vmm = hostile_vmm.Raw(path)
    rng.choice(hostile_vmm.REFUSED)[0](vmm)
    time.sleep(0.02)
    vmm.close()


def halves(path, _rng, _me):
    hostile_vmm.halves(path, lambda: time.sleep(0.01))


def toggles(path, _rng, _me):
    hostile_vmm.toggles(path)


def memory_cut(path, _rng, _me):
    hostile_vmm.memory_cut(path, lambda: "cut off", lambda: time.sleep(0.05))


def memory_flickers(path, _rng, _me):
    hostile_vmm.memory_cut_in_messages(path, lambda: time.sleep(0.01))


DEEDS = (flood, flood, flood, garbage, garbage, refused, refused, halves, toggles, memory_cut, memory_flickers)


def guest(path, me, seed, deeds):
    """The process of a hostile guest.  deeds: a shared counter."""
    rng, parent = random.Random(seed), os.getppid()
    while os.getppid() == parent:
        try:
            rng.choice(DEEDS)(path, rng, me)
        except (OSError, ConnectionError, ValueError, AssertionError):
            pass  # vmmqd has hung up, or has gone
        deeds.value += 1
        time.sleep(0.05)


def client(path, seed, deeds):
    """The process of a client that sends nonsense to the control socket, and large questions whose answers it does not read."""
    rng, parent = random.Random(seed), os.getppid()
    while os.getppid() == parent:
        connections = []
        try:
            for _ in range(rng.randrange(1, 20)):
                connection = socket.socket(socket.AF_UNIX)
                connection.settimeout(0.2)
                connection.connect(path)
                connections.append(connection)
                connection.sendall(rng.choice(CLIENT_LINES))
        except OSError:
            pass
        for connection in connections:
            connection.close()
        deeds.value += 1
        time.sleep(rng.random())


def start(function, *arguments):
    """The process id of one."""
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        function(*arguments)
    finally:
        os._exit(0)


def end(pid):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
