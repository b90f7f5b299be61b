#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""many_guests_test.py [--mode MODE] [--json] VMMQD [GUESTS [PAIRS]]: guests in any number that are silent but for two.

All are connected; two exchange frames beside them and none is lost; while nobody sends anything, the processors sleep; a guest that has been
silent for long is heard at once.  MODE: vmmqd's, server or client; without it half of the guests have the one, half the other.  --json: what
it costs, for `make bench`.
"""
import argparse
import json
import os
import resource
import shutil
import tempfile
import threading
import time

from daemon import Daemon, wait_until
from frontend import Frontend

GUESTS, PAIRS = 100, 4
AT_ONCE = 16  # that connect; a client looks for its server now and then only
SECONDS = 2.0


def address(guest):
    return bytes([2, 0, 0, 6, guest >> 8, guest & 255])


def is_client(guest, mode):
    """Whether vmmqd is the client of that guest's socket."""
    return mode == "client" or (not mode and guest % 2 == 1)


def configuration(guests, pairs, mode):
    text = "adapter: {processors: [0, 1], moderation: adaptive}\nvports:\n"
    for i in range(1, guests + 1):
        its_mode = "client" if is_client(i, mode) else "server"
        text += (f'  - {{id: {i}, name: guest{i}, filters: [{{mac: "{address(i).hex(":")}"}}], primary_processor: {i // 2 % 2},\n'
                 f'     backend: {{vhost_user: {{socket: {i}.sock, queues: {pairs}, mode: {its_mode}}}}}}}\n')
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


def connect_all(directory, guests, pairs, mode):
    fronts = [None] * (guests + 1)

    def connect(first):
        for i in range(first, guests + 1, AT_ONCE):
            fronts[i] = Frontend(f"{directory}/{i}.sock", pairs, listen=is_client(i, mode)).start()

    threads = [threading.Thread(target=connect, args=(first,), daemon=True) for first in range(1, AT_ONCE + 1)]
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


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=("server", "client"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("vmmqd")
    parser.add_argument("guests", nargs="?", type=int, default=GUESTS)
    parser.add_argument("pairs", nargs="?", type=int, default=PAIRS)
    return parser.parse_args()


def measure(daemon, directory, guests, pairs, mode):
    """What it costs; fails where something is lost or left over."""
    client = daemon.client()
    started = time.monotonic()
    fronts = connect_all(directory, guests, pairs, mode)
    wait_until(lambda: states(client).count("up") == guests, lambda: f"all guests up: {states(client).count('up')}", pause=0.2)
    got = {"guests": guests, "pairs": pairs, "mode": mode or "half of them in client mode", "seconds": time.monotonic() - started}
    descriptors = len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
    got |= {"descriptors": descriptors, "idle_share": min(idle_share(daemon.process.pid) for _ in range(3))}
    got["first_ms"] = 1000 * exchange(fronts, 1, 2, 1)
    got["slowest_ms"] = 1000 * exchange(fronts, 1, 2, 300)
    exchange(fronts, guests, guests - 1, 10)
    for front in fronts[1:]:
        front.close()
    wait_until(lambda: states(client).count("no_peer") == guests, "all guests gone", pause=0.2)
    assert len(os.listdir(f"/proc/{daemon.process.pid}/fd")) <= descriptors - guests, "descriptors are left over"
    client.close()
    return got


def show(got):
    print(f"{got['guests']} guests with {got['pairs']} queue pairs, {got['mode']}: up after {got['seconds']:.1f} s")
    print(f"{got['guests'] * got['pairs']} silent queues: {100 * got['idle_share']:.2f} % of a CPU, {got['descriptors']} descriptors")
    print(f"a guest silent until then was heard after {got['first_ms']:.1f} ms; 600 frames beside them, slowest {got['slowest_ms']:.1f} ms")


def main():
    wanted = options()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    directory = tempfile.mkdtemp(prefix="vmmq-many-")
    daemon = Daemon(wanted.vmmqd, directory, configuration(wanted.guests, wanted.pairs, wanted.mode),
                    ("--no-pin", "--no-hugepages", "--buffers", "16384"))
    try:
        daemon.start()
        got = measure(daemon, directory, wanted.guests, wanted.pairs, wanted.mode)
        assert daemon.stop() == 0, daemon.log_tail()
    finally:
        daemon.kill()
        shutil.rmtree(directory)
    if wanted.json:
        print(json.dumps(got))
    else:
        show(got)


if __name__ == "__main__":
    main()
