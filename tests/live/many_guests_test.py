#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""many_guests_test.py VMMQD [GUESTS [PAIRS]]: guests in any number, half of them with their own end of the socket, that are silent but for two.

All are connected; two exchange frames beside them and none is lost; while nobody sends anything, the processors sleep; a guest that has been
silent for long is heard at once.  What it costs is printed, for `make bench`.
"""
import os
import resource
import shutil
import sys
import tempfile
import threading
import time

from daemon import Daemon, wait_until
from frontend import Frontend

GUESTS, PAIRS = 100, 4
SECONDS = 2.0


def address(guest):
    return bytes([2, 0, 0, 6, guest >> 8, guest & 255])


def configuration(guests, pairs):
    text = "adapter: {processors: [0, 1], moderation: adaptive}\nvports:\n"
    for i in range(1, guests + 1):
        mode = "client" if i % 2 else "server"
        text += (f'  - {{id: {i}, name: guest{i}, filters: [{{mac: "{address(i).hex(":")}"}}], primary_processor: {i // 2 % 2},\n'
                 f'     backend: {{vhost_user: {{socket: {i}.sock, queues: {pairs}, mode: {mode}}}}}}}\n')
    return text


def frame(destination, source, number):
    return (address(destination) + address(source) + b"\x88\xb5" + number.to_bytes(4, "big")).ljust(60, b"\0")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle_share(pid):
    before, start = cpu_seconds(pid), time.monotonic()
    time.sleep(SECONDS)
    return (cpu_seconds(pid) - before) / (time.monotonic() - start)


def connect_all(directory, guests, pairs):
    fronts = [None] * (guests + 1)

    def connect(first):
        for i in range(first, guests + 1, 4):
            fronts[i] = Frontend(f"{directory}/{i}.sock", pairs, listen=i % 2 == 1).start()

    threads = [threading.Thread(target=connect, args=(first,), daemon=True) for first in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(fronts[1:]), "a front end was not served"
    return fronts


def exchange(fronts, one, other, count):
    """Frames both ways, window by window; returns how long a window took at worst."""
    slowest = 0.0
    for number in range(count):
        for sender, receiver in ((one, other), (other, one)):
            started = time.monotonic()
            assert fronts[sender].send([frame(receiver, sender, number)]) == 1
            got = []
            wait_until(lambda: got.extend(fronts[receiver].receive()) or got, f"frame {number} from guest {sender}", pause=0)
            assert got == [frame(receiver, sender, number)], got
            slowest = max(slowest, time.monotonic() - started)
    return slowest


def states(client):
    return [v["backend"]["state"] for v in client.call("vports.show")["vports"] if v["vport"]]


def main():
    guests = int(sys.argv[2]) if len(sys.argv) > 2 else GUESTS
    pairs = int(sys.argv[3]) if len(sys.argv) > 3 else PAIRS
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    directory = tempfile.mkdtemp(prefix="vmmq-many-")
    daemon = Daemon(sys.argv[1], directory, configuration(guests, pairs),
                    ("--no-pin", "--no-hugepages", "--buffers", "16384"))
    try:
        daemon.start()
        client = daemon.client()
        started = time.monotonic()
        fronts = connect_all(directory, guests, pairs)
        wait_until(lambda: states(client).count("up") == guests, lambda: f"all guests up: {states(client).count('up')}", pause=0.2)
        print(f"{guests} guests with {pairs} queue pairs, half of them in client mode: up after {time.monotonic() - started:.1f} s")
        descriptors = len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
        share = min(idle_share(daemon.process.pid) for _ in range(3))
        print(f"{guests * pairs} silent queues: {100 * share:.2f} % of a CPU, {descriptors} descriptors")
        first = exchange(fronts, 1, 2, 1)
        slowest = exchange(fronts, 1, 2, 300)
        exchange(fronts, guests, guests - 1, 10)
        print(f"a guest silent until then was heard after {1000 * first:.1f} ms; 600 frames beside them, slowest {1000 * slowest:.1f} ms")
        for front in fronts[1:]:
            front.close()
        wait_until(lambda: states(client).count("no_peer") == guests, "all guests gone", pause=0.2)
        assert len(os.listdir(f"/proc/{daemon.process.pid}/fd")) <= descriptors - guests, "descriptors are left over"
        client.close()
        assert daemon.stop() == 0, daemon.log_tail()
    finally:
        daemon.kill()
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
