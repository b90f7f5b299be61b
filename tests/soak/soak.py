#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""soak.py [--seconds N] [--seed N] VMMQD VMMQ: vmmqd for as long as one likes, with everything that may happen to it.

Guests come, go, stop reading, are killed and mean harm; changes of all kinds; clients that send nonsense; vmmqd is killed by -9 and started
again; its disk is full.  Every few seconds the well-behaved pause, and every frame has to be accounted for: delivered, or dropped for a reason.
In the second half vmmqd is one process from beginning to end, whose memory and descriptors must not grow.
"""
import argparse
import collections
import multiprocessing
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "live"), HERE]
from changes import CHURN, Changes  # noqa: E402
from daemon import Daemon, Refused, wait_until  # noqa: E402
import frames  # noqa: E402
from soak_guest import Station  # noqa: E402
import hostile  # noqa: E402
from ledger import Ledger, read  # noqa: E402

GUESTS, HOSTILE = range(1, 7), (7, 8)
PAUSE_S = 0.02  # between a guest's bursts: bounded load
ROUND_S = 8.0
CHECKPOINTS = 8  # in the second half; what grows until the first is warming up
DISK = 32 << 20
LOG_MAX = 8 << 20
GROWTH_MAX = 4 << 20  # bytes of resident memory in the second half
DESCRIPTORS_MORE = 2  # of clients that went this moment; a leak is one for each guest, client or change


def is_client(vport):
    return vport % 2 == 0


def vport_yaml(vport):
    return (f'  - {{id: {vport}, name: guest{vport}, queue_pairs: 2, filters: [{{mac: "{frames.mac(vport).hex(":")}"}}],\n'
            f'     primary_processor: {vport % 2}, rss: {{enabled: true, indirection_table: [0, 1]}}, flood_limit: 1000,\n'
            f'     backend: {{vhost_user: {{socket: {vport}.sock, mode: {"client" if is_client(vport) else "server"}}}}}}}\n')


CONFIGURATION = (f"adapter: {{processors: [0, 1], mtu: {frames.MTU}, moderation: adaptive, uplink: {{vhost_user: {{socket: uplink.sock}}}}}}\nvports:\n" +
                 "".join(vport_yaml(vport) for vport in (*GUESTS, *HOSTILE)))


def status_of(pid):
    """Resident bytes, threads and descriptors."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        rows = dict(line.split(":", 1) for line in file)
    return {"rss": int(rows["VmRSS"].split()[0]) << 10, "threads": int(rows["Threads"]), "descriptors": len(os.listdir(f"/proc/{pid}/fd"))}


class Soak:
    def __init__(self, vmmqd, vmmq, seconds, seed):
        self.vmmq, self.seconds, self.random = vmmq, seconds, random.Random(seed)
        self.directory = tempfile.mkdtemp(prefix="vmmq-soak-")
        self.disk = os.path.join(self.directory, "disk")
        self.mounted = self.mount()
        self.daemon = Daemon(vmmqd, self.directory, CONFIGURATION, ("--no-pin", "--no-hugepages", "--log-level", "notice"))
        self.daemon.state, self.daemon.log = os.path.join(self.disk, "state.db"), os.path.join(self.disk, "log")
        self.ledger, self.faults = Ledger(), collections.Counter()
        self.changes = Changes(self, list(GUESTS))
        self.unaccounted = self.log_bytes = 0
        self.deeds = {name: multiprocessing.Value("Q", 0) for name in ("guests", "clients")}
        peers = [*GUESTS, frames.UPLINK]
        self.stations = {me: Station(me, f"{self.directory}/{me}.sock", is_client(me), [p for p in peers if p != me],
                                     self.random, PAUSE_S) for me in GUESTS}
        self.stations[frames.UPLINK] = Station(frames.UPLINK, f"{self.directory}/uplink.sock", False, list(GUESTS), self.random, PAUSE_S)
        self.harm = {}
        self.client, self.flat = None, []

    def mount(self):
        os.mkdir(self.disk)
        if os.getuid():
            return False
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", self.disk], check=True)
        return True

    # --- vmmqd ---
    def call(self, method, /, **params):
        return self.client.call(method, **params)

    def configuration(self):
        return self.call("config.show")["yaml"]

    def backend(self, vport):
        return {"vhost_user": {"socket": f"{vport}.sock", "mode": "client" if is_client(vport) else "server"}}

    def start_daemon(self):
        self.daemon.start()
        self.client = self.daemon.client()

    def end_daemon(self, with_signal):
        """What was acknowledged is there again, whatever ended it."""
        before = self.configuration()
        self.client.close()
        self.daemon.process.send_signal(with_signal)
        status = self.daemon.process.wait()
        assert status == (0 if with_signal == signal.SIGTERM else -with_signal), f"vmmqd ended with {status}"
        self.start_daemon()
        assert self.configuration() == before, f"before:\n{before}\nafter:\n{self.configuration()}"
        self.faults[f"vmmqd ended by {with_signal.name} and started again"] += 1

    # --- guests ---
    def keep_guests(self):
        """A guest that has ended comes again."""
        for station in self.stations.values():
            station.reap()
            if not station.pid:
                station.start()
        for me in HOSTILE:
            if me not in self.harm:
                self.harm[me] = hostile.start(hostile.guest, f"{self.directory}/{me}.sock", me, self.random.randrange(1 << 32),
                                              self.deeds["guests"])

    def end_harm(self):
        for pid in self.harm.values():
            hostile.end(pid)
        self.harm.clear()

    def any_guest(self):
        return self.random.choice([station for station in self.stations.values() if station.pid])

    # --- faults ---
    def guest_killed(self):
        self.any_guest().kill()

    def guest_leaves(self):
        self.any_guest().leave()

    def guest_deaf(self):
        self.any_guest().control.deaf = 1

    def guest_hears(self):
        for station in self.stations.values():
            if station.pid:
                station.control.deaf = 0

    def hostile_guest_killed(self):
        if self.harm:
            me, pid = self.random.choice([*self.harm.items()])
            hostile.end(pid)
            del self.harm[me]

    def client_comes(self):
        if "client" not in self.harm:
            self.harm["client"] = hostile.start(hostile.client, self.daemon.socket, self.random.randrange(1 << 32), self.deeds["clients"])

    def socket_deleted(self):
        os.unlink(self.daemon.socket)
        wait_until(lambda: os.path.exists(self.daemon.socket), "the control socket to come back")

    def read_again(self):
        """SIGHUP with a configuration that is a FIFO: refused, and nothing waits."""
        moved = self.daemon.configuration + ".moved"
        os.rename(self.daemon.configuration, moved)
        os.mkfifo(self.daemon.configuration)
        self.daemon.process.send_signal(signal.SIGHUP)
        self.call("adapter.show")
        time.sleep(0.2)
        os.rename(moved, self.daemon.configuration)

    def daemon_stopped(self):
        """The whole process stands still for a while."""
        self.daemon.process.send_signal(signal.SIGSTOP)
        time.sleep(self.random.random() / 2)
        self.daemon.process.send_signal(signal.SIGCONT)

    def disk_full(self):
        """Changes are refused, or there was room still; packets go on, and so do changes once there is room."""
        if not self.mounted:
            return
        filler, refused = os.path.join(self.disk, "filler"), 0
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        before = self.configuration()
        for number in range(40):
            try:
                self.call("vport.set", vport=1, name=f"full{number}" + "x" * 200)
                before = self.configuration()
            except Refused as error:
                assert error.data["status"] == "RESOURCES", error
                refused += 1
            assert self.configuration() == before
        if self.random.random() < 0.3:
            os.unlink(filler)
            self.end_daemon(signal.SIGKILL)
            self.wild = True
        else:
            os.unlink(filler)
        self.call("vport.set", vport=1, name="room")
        self.faults["changes refused as the disk was full"] += refused

    def fault(self):
        calm = [self.guest_killed, self.guest_leaves, self.guest_deaf, self.guest_hears, self.guest_hears, self.hostile_guest_killed,
                self.client_comes, self.socket_deleted, self.read_again, self.daemon_stopped]
        fault = self.random.choice(calm)
        fault()
        self.faults[fault.__name__.replace("_", " ")] += 1

    # --- rounds ---
    def act(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.keep_guests()
            for _ in range(self.random.randrange(1, 6)):
                self.changes.step()
            if self.random.random() < 0.15:
                self.fault()
            time.sleep(self.random.random() / 5)

    def pause(self):
        """The well-behaved send nothing more, and read what there is."""
        self.guest_hears()
        self.end_harm()
        for station in self.stations.values():
            if station.pid:
                station.control.pause = 1
                station.control.deaf = 0

        def settled():
            for station in self.stations.values():
                station.reap()
            return all(station.is_settled() or not station.control.up for station in self.stations.values() if station.pid)

        def how():
            return str({me: (station.control and [getattr(station.control, name[0]) for name in station.control._fields_])
                        for me, station in self.stations.items()})

        # What a guest has put into its ring may stay there, where its backend was taken away for good.
        wait_until(settled, lambda: f"guests to come to rest: {how()}", pause=0.05)

    def settle(self, exact):
        self.pause()
        if exact:
            wait_until(lambda: not self.ledger.violations(read(self.client), self.stations, frames.UPLINK),
                       lambda: "what does not add up:\n" + "\n".join(self.ledger.violations(read(self.client), self.stations, frames.UPLINK)),
                       pause=0.05)
            self.ledger.settle(read(self.client), self.stations)
        for what in ("damaged", "disordered"):
            assert not (count := sum(station.total(what) for station in self.stations.values())), f"{count} frames {what}"

    def canonical(self):
        """The configuration of the beginning, all guests up: what can be compared with the same of another time."""
        self.call("config.apply", yaml=self.seed_configuration)
        for me in GUESTS:  # opened anew with the queues that they have now
            self.call("vport.set", vport=me, backend=None)
            self.call("vport.set", vport=me, backend=self.backend(me))
        self.keep_guests()

        def up():
            for station in self.stations.values():
                station.reap()
                if not station.pid:
                    station.start()
            rows = {row["vport"]: row["backend"]["state"] for row in self.call("vports.show")["vports"]}
            return (all(rows[me] == "up" for me in GUESTS) and self.call("adapter.show")["uplink"]["state"] == "up" and
                    all(station.control and station.control.up for station in self.stations.values()))

        self.end_harm()
        wait_until(up, "all guests up", pause=0.05)
        wait_until(lambda: all(self.call("vport.show", vport=me)["backend"]["state"] == "no_peer" for me in HOSTILE),
                   "the hostile gone", pause=0.05)
        self.rotate_log()
        time.sleep(1)  # who has gone is closed
        return status_of(self.daemon.process.pid)

    def rotate_log(self):
        size = os.stat(self.daemon.log).st_size
        if size > LOG_MAX:
            self.log_bytes += size
            os.truncate(self.daemon.log, 0)

    def resume(self):
        for station in self.stations.values():
            if station.pid:
                station.control.pause = 0

    def rebase(self):
        """After what cannot be accounted for: a vmmqd that was killed under load took its counters along."""
        self.pause()
        self.ledger.begin(wait_until(self.still, "vmmqd to be still"), self.stations)

    def still(self):
        reading = read(self.client)
        time.sleep(0.1)
        return read(self.client)["vports"] == reading["vports"] and reading

    def frames_at_ends(self):
        return sum(station.total("tx") for station in self.stations.values())

    def round(self, may_end):
        self.wild = False
        before = self.frames_at_ends()
        self.resume()
        self.act(ROUND_S * (0.5 + self.random.random()))
        if self.random.random() < 0.2:
            self.disk_full()
            self.faults["disk full"] += self.mounted
        end = self.random.choice((None, None, "quiet", "loaded", "rough")) if may_end else self.random.choice((None, None, None, "rough"))
        if end == "loaded" or self.wild:
            if end == "loaded":
                self.rough()
                self.end_daemon(self.random.choice((signal.SIGKILL, signal.SIGTERM)))
            self.rebase()
            self.unaccounted += self.frames_at_ends() - before
            self.faults["rounds without account: vmmqd ended under load"] += 1
            return
        self.settle(True)
        if end == "quiet":
            self.end_daemon(self.random.choice((signal.SIGKILL, signal.SIGTERM)))
        elif end == "rough":
            self.rough()
        self.rebase()

    def rough(self):
        """VPorts that are deleted with all that they have, whoever sends to them."""
        for row in self.call("vports.show")["vports"]:
            if row["vport"] in CHURN:
                self.call("vport.delete", vport=row["vport"], with_filters=True)
                self.faults["VPorts deleted as they were"] += 1

    def checkpoint(self):
        status = self.canonical()
        self.rebase()
        return status

    def run(self):
        self.start_daemon()
        self.seed_configuration = self.configuration()
        began = time.monotonic()
        half, end = began + self.seconds / 2, began + self.seconds
        self.keep_guests()
        self.checkpoint()
        while time.monotonic() < half:
            self.round(may_end=True)
        step = (end - half) / CHECKPOINTS
        while time.monotonic() < end:
            self.round(may_end=False)
            if time.monotonic() > half + step * (1 + len(self.flat)):
                self.flat.append(self.checkpoint())
                print(f"{time.monotonic() - began:.0f} s: {sum(self.ledger.frames.values()):,} frames accounted for; vmmqd has "
                      f"{self.flat[-1]['rss'] >> 10:,} KiB and {self.flat[-1]['descriptors']} descriptors", flush=True)
        self.flat.append(self.checkpoint())
        self.took = time.monotonic() - began

    def verdict(self):
        """What is not as it should be."""
        first, last = self.flat[0], self.flat[-1]
        found = [f"{what}: {first[what]} at the first checkpoint of the second half, {last[what]} at its end"
                 for what, more in (("threads", 0), ("descriptors", DESCRIPTORS_MORE)) if last[what] > first[what] + more]
        if last["rss"] - first["rss"] > GROWTH_MAX:
            found.append(f"memory grew by {(last['rss'] - first['rss']) >> 10} KiB, {GROWTH_MAX >> 10} KiB may be")
        return found

    def close(self):
        self.end_harm()
        for station in self.stations.values():
            station.kill()
        self.daemon.kill()
        if self.mounted:
            subprocess.run(["umount", "-l", self.disk], check=True)
        shutil.rmtree(self.directory, ignore_errors=True)


def lines(title, counts):
    return [title] + [f"  {name:<56}{count:>12,}" for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def report(soak):
    first, last = soak.flat[0], soak.flat[-1]
    out = [f"{soak.took:.0f} s; every frame of {soak.ledger.settlements} stretches is accounted for"]
    out += lines("frames accounted for", soak.ledger.frames)
    out += lines("frames of which most was lent", soak.ledger.lent)
    out += lines("losses by reason", soak.ledger.drops)
    out += [f"frames sent in stretches that vmmqd did not survive  {soak.unaccounted:>16,}"]
    out += lines("changes", soak.changes.made) + lines("changes refused, by status", soak.changes.refused)
    faults = soak.faults + collections.Counter({"deeds of hostile guests": soak.deeds["guests"].value,
                                                "rounds of hostile clients": soak.deeds["clients"].value,
                                                "guests that came": sum(station.begun for station in soak.stations.values())})
    out += lines("faults", faults)
    out += ["second half, one vmmqd: first and last checkpoint"]
    out += [f"  resident memory {first['rss'] >> 10:>12,} KiB {last['rss'] >> 10:>12,} KiB"]
    out += [f"  {what:<15} {first[what]:>12,}     {last[what]:>12,}" for what in ("threads", "descriptors")]
    out += [f"log {(soak.log_bytes + os.stat(soak.daemon.log).st_size) >> 10:,} KiB"]
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("vmmqd")
    parser.add_argument("vmmq")
    wanted = parser.parse_args()
    print(f"soak: {wanted.seconds:.0f} s, --seed {wanted.seed}", flush=True)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    soak = Soak(os.path.abspath(wanted.vmmqd), os.path.abspath(wanted.vmmq), wanted.seconds, wanted.seed)
    if not soak.mounted:
        print("not root: the disk is never full")
    try:
        soak.run()
        print(report(soak), end="")
        found = soak.verdict()
        soak.client.close()
        assert soak.daemon.stop() == 0, "SIGTERM"
        with open(soak.daemon.log, encoding="utf-8", errors="replace") as file:
            assert "Sanitizer" not in file.read(), "a sanitizer has complained"
    except BaseException:
        if soak.daemon.process:
            print(f"log: {soak.daemon.log_tail()}\nseed {wanted.seed}", flush=True)
        raise
    finally:
        soak.close()
    for line in found:
        print("not flat: " + line)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
