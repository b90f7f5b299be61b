#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Nothing that vmmqd reads, writes or is sent can stop it.     VMMQD=PROGRAM VMMQ=PROGRAM hold_test.py"""
import ctypes
import fcntl
import grp
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

from daemon import HANG, Client, DaemonTest, main, wait_until

ROOT = os.getuid() == 0
NOBODY = 65534
SOMEBODY = 64997  # who has no processes
NOGROUP = grp.getgrgid(NOBODY).gr_name
MEMORY_MAX = 64 << 20  # docs/rpc.md: of all clients together
LINE_MAX = 4 << 20
CONFIG = "adapter: {processors: [0, 1]}\nvports: [{id: 1, name: web}]\n"
# A program whose calls a filter refuses: those named by its first argument.
FILTERED = """
import errno, os, seccomp, sys
rules = seccomp.SyscallFilter(seccomp.ALLOW)
for word in sys.argv[1].split(","):
    call, *family = word.split(":")
    rules.add_rule(seccomp.ERRNO(errno.EPERM), call, *[seccomp.Arg(0, seccomp.EQ, int(number)) for number in family])
rules.load()
os.execvp(sys.argv[2], sys.argv[2:])
"""


def status_bytes(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return [int(line.split()[1]) << 10 for line in file if line.startswith(name + ":")][0]


def is_sanitized(pid):
    """Whether its memory is a sanitizer's more than its own."""
    with open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as file:
        return any("libasan" in line or "libtsan" in line for line in file)


class Configuration(DaemonTest):
    """A configuration that is a pipe holds up neither control nor SIGTERM."""

    def fifo(self, daemon):
        if os.path.exists(daemon.config):
            os.unlink(daemon.config)
        os.mkfifo(daemon.config)

    def test_fifo_read_again(self):
        daemon = self.daemon(CONFIG)
        self.fifo(daemon)
        writer = threading.Thread(target=daemon.write_config, args=(CONFIG,))  # opens when vmmqd does
        writer.start()
        daemon.start()
        writer.join()
        before = daemon.everything()
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for_log("configuration not applied: " + daemon.config + ": is not a regular file")
        self.assertEqual(daemon.everything(), before)
        self.assertEqual(daemon.stop(), 0)

    def test_file_that_became_a_fifo(self):
        daemon = self.daemon(CONFIG).start()
        self.fifo(daemon)
        for _ in range(3):
            daemon.process.send_signal(signal.SIGHUP)
            daemon.ask("adapter.show")
        daemon.wait_for_log("is not a regular file")
        os.unlink(daemon.config)
        daemon.write_config(CONFIG.replace("web", "mail"))
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: daemon.ask("vport.show", vport=1)["name"] == "mail", "the new name")
        self.assertEqual(daemon.stop(), 0)

    def test_fifo_that_nobody_writes(self):
        """Before anything runs, vmmqd waits for it; SIGTERM ends that."""
        daemon = self.daemon(CONFIG)
        self.fifo(daemon)
        daemon.spawn()
        wait_until(lambda: self.waits_in_open(daemon.process.pid), "vmmqd to open its configuration")
        self.assertIn(daemon.stop(), (0, -signal.SIGTERM))
        self.assertFalse(os.path.exists(daemon.state))

    @staticmethod
    def waits_in_open(pid):
        """Whether SIGTERM is not blocked: it is from the first line of main() on, except while the configuration is read."""
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            rows = dict(line.split(":", 1) for line in file)
        term, hup = 1 << signal.SIGTERM - 1, 1 << signal.SIGHUP - 1
        blocked = int(rows["SigBlk"], 16)
        return not blocked & term and bool(blocked & hup)

    def test_standard_input_again(self):
        daemon = self.daemon(CONFIG)
        with open(daemon.config, encoding="ascii") as file:
            command = ["-" if word == daemon.config else word for word in daemon.command()]
            with open(daemon.log, "ab") as log:
                daemon.process = subprocess.Popen(command, stdin=file, stdout=log, stderr=log, env=daemon.environment)
            wait_until(daemon.answers, "vmmqd's first answer")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for_log("configuration not applied: standard input: is not a regular file")
        self.assertEqual(daemon.stop(), 0)


class Start(DaemonTest):
    """What vmmqd cannot start without is said in a sentence with the cure, and ends it with 1, not by a panic of DPDK's."""

    def limited(self, limit, value):
        daemon = self.daemon(CONFIG)
        daemon.spawn(preexec_fn=lambda: resource.setrlimit(limit, (value, value)))
        return daemon

    def refused_start(self, daemon, *words):
        self.assertEqual(daemon.wait(), 1, daemon.log_text())
        last = daemon.log_text().strip().rsplit("\n", 1)[-1]
        for word in words:
            self.assertIn(word, last)

    def test_descriptors(self):
        for value in (12, 16, 24, 40):
            self.refused_start(self.limited(resource.RLIMIT_NOFILE, value), f"may have {value} descriptors here (RLIMIT_NOFILE)",
                               "ulimit -n")

    def test_few_descriptors(self):
        """With 64 it runs; clients that there are no descriptors for wait, and SIGTERM ends it."""
        daemon = self.limited(resource.RLIMIT_NOFILE, 64)
        wait_until(daemon.answers, lambda: "vmmqd's first answer:\n" + daemon.log_text())
        clients = [daemon.client() for _ in range(60)]
        clients[0].ask("vport.add", name="one")
        for client in clients[1:]:
            client.close()
        wait_until(lambda: daemon.ask("adapter.show")["vports"] == 3, "the one that was added")
        self.assertEqual(daemon.stop(), 0)

    def test_address_space(self):
        daemon = self.limited(resource.RLIMIT_AS, 300 << 20)
        self.refused_start(daemon, "may have 300 MiB of address space here (RLIMIT_AS)", "ulimit -v")

    @unittest.skipUnless(ROOT, "needs root: to hide /sys")
    def test_no_sys(self):
        daemon = self.daemon(CONFIG)
        command = daemon.command()
        daemon.command = lambda: ["unshare", "-m", "sh", "-c", 'mount -t tmpfs tmpfs /sys && exec "$@"', "sh", *command]
        daemon.spawn()
        self.refused_start(daemon, "/sys/devices/system/cpu cannot be read", "mount -t sysfs sysfs /sys")

    @unittest.skipUnless(ROOT, "needs root: to become another user")
    def test_threads(self):
        os.chmod(self.directory, 0o777)
        for value in (1, 4, 8):
            daemon = self.daemon(CONFIG)
            daemon.spawn(user=SOMEBODY, group=SOMEBODY, extra_groups=[],
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (value, value)))
            self.refused_start(daemon, f"{value - 1} threads can be made here (Resource temporarily unavailable)", "10 are needed",
                               "ulimit -u")

    @unittest.skipUnless(ROOT, "needs root: to make /tmp read-only")
    def test_no_place_for_telemetry(self):
        daemon = self.daemon(CONFIG, ["--telemetry"])
        daemon.environment.update(RUNTIME_DIRECTORY="/nonexistent", TMPDIR="/nonexistent")
        command = daemon.command()
        daemon.command = lambda: ["unshare", "-m", "sh", "-c", f'mount --bind /tmp /tmp && mount --bind "{self.directory}" "{self.directory}" && '
                                  'mount -o remount,bind,ro /tmp && exec "$@"', "sh", *command]
        daemon.spawn()
        self.refused_start(daemon, "no directory for DPDK's telemetry socket", "set TMPDIR", "without telemetry")

    @unittest.skipUnless(ROOT, "needs root: to show other hugepages than there are")
    def test_hugepages_that_cannot_be_had(self):
        """What the kernel counts and does not give (here: of a size that it has not) does not keep vmmqd from starting."""
        for count, words in ((1000, "4000 MiB of hugepages are free, but cannot be had ("), (0, "no hugepages are free")):
            daemon = self.daemon(CONFIG)
            command = [word for word in daemon.command() if word != "--no-hugepages"]
            pages = "/sys/kernel/mm/hugepages"
            daemon.command = lambda: ["unshare", "-m", "sh", "-c", f"mount -t tmpfs tmpfs {pages} && mkdir {pages}/hugepages-4096kB && "
                                      f"echo {count} >{pages}/hugepages-4096kB/free_hugepages && exec \"$@\"", "sh", *command]
            daemon.start()
            self.assertIn("packet memory is ordinary memory: " + words, daemon.log_text())
            self.assertEqual(daemon.stop(), 0)


class Filtered(DaemonTest):
    """Where a seccomp filter refuses what a port is made with, that port says so, with the cure, and everything else goes on."""

    @unittest.skipUnless(ROOT, "needs root: for interfaces in a namespace of their own")
    def test_refused_calls(self):
        xdp, packet = 44, int(socket.AF_PACKET)  # AF_XDP, which Python has no name for
        for refused, said in (("bpf", "bpf(2) is refused here (Operation not permitted): allow it"),
                              (f"bpf,socket:{xdp},socket:{packet}", "AF_XDP sockets are refused here (Operation not permitted): allow them")):
            daemon = self.daemon("adapter: {processors: [0, 1], uplink: {af_xdp: {interface: va}}}\n"
                                 "vports: [{id: 1, backend: {tap: {interface: tb}}}, {id: 2, backend: {af_packet: {interface: vb}}}]\n",
                                 state=os.path.join(self.directory, f"{len(self.daemons)}.db"))
            command = daemon.command()
            daemon.command = lambda: ["unshare", "-n", "sh", "-c", 'ip link add va type veth peer name vb && ip link set va up && '
                                      'ip link set vb up && exec "$@"', "sh", sys.executable, "-c", FILTERED, refused, *command]
            daemon.start()
            port = daemon.ask("adapter.show")["uplink"]
            self.assertEqual(port["state"], "failed")
            self.assertIn(said, port["reason"])
            self.assertNotIn("other XDP program", port["reason"])
            self.assertNotEqual(daemon.ask("vport.show", vport=1)["backend"]["state"], "failed")
            port = daemon.ask("vport.show", vport=2)["backend"]
            if "socket" in refused:
                self.assertEqual(port["state"], "failed")
                self.assertIn("AF_PACKET sockets are refused here (Operation not permitted)", port["reason"])
            else:
                self.assertNotEqual(port["state"], "failed")
            daemon.ask("vport.add", name="after")
            self.assertEqual(daemon.stop(), 0)


class Clock(DaemonTest):
    """Somebody sets the wall clock, by little and by much: only what tells the time of day follows."""

    HOUR, YEAR = 3600, 365 * 86400

    def set_clock(self, seconds):
        with open(self.clock + ".new", "w", encoding="ascii") as file:
            file.write(str(seconds))
        os.rename(self.clock + ".new", self.clock)

    def watch(self):
        while True:
            self.fed += b"WATCHDOG=1" in self.notify.recv(4096)

    def test_set(self):
        self.clock, self.fed = os.path.join(self.directory, "clock"), 0
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(os.path.join(self.directory, "notify"))
        threading.Thread(target=self.watch, daemon=True).start()
        daemon = self.daemon(CONFIG.replace("]}", '], uplink: {device: "net_null0"}}', 1))
        daemon.environment.update(LD_PRELOAD=os.environ["MOVED_CLOCK_LIBRARY"], MOVED_CLOCK=self.clock, WATCHDOG_USEC="400000",
                                  NOTIFY_SOCKET=os.path.join(self.directory, "notify"))
        daemon.start()
        with daemon.client() as client, daemon.client() as monitor:
            monitor.ask("monitor.subscribe")
            uptime = client.ask("adapter.show")["uptime"]
            for number, off in enumerate((self.HOUR, -self.YEAR, 100 * self.YEAR, -int(time.time()) + 1, 0)):
                self.set_clock(off)
                before, received, fed = time.time(), client.ask("adapter.show")["received"], self.fed
                client.ask("vport.add", id=10 + number)
                event = monitor.answer()["params"]
                while event["event"] != "vport.added":
                    event = monitor.answer()["params"]
                self.assertLess(abs(event["time"] - off - before), HANG, off)
                wait_until(lambda: self.fed >= fed + 2, "a watchdog that is fed")
                wait_until(lambda: client.ask("adapter.show")["received"] > received, "packets")
                later = client.ask("adapter.show")["uptime"]
                self.assertTrue(uptime <= later < uptime + HANG, (uptime, later))
                uptime = later
            text = daemon.log_text()
            for year in (time.gmtime(time.time() + 100 * self.YEAR).tm_year, 1970):
                self.assertRegex(text, rf"(?m)^{year}-.* vport\.add")
        before = daemon.everything()
        self.set_clock(-self.YEAR)
        daemon.stop(signal.SIGKILL)
        daemon.start()
        self.assertEqual(daemon.everything(), before)
        self.assertEqual(daemon.stop(), 0)


class Stopped:
    """A thread that stands still, wherever it is just then."""
    SEIZE, INTERRUPT, DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000

    def __init__(self, tid):
        self.tid = tid
        self.ptrace = ctypes.CDLL(None, use_errno=True).ptrace
        self.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

    def trace(self, request):
        if self.ptrace(request, self.tid, None, None) < 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    def __enter__(self):
        self.trace(self.SEIZE)
        self.trace(self.INTERRUPT)
        os.waitpid(self.tid, self.WALL)
        return self

    def __exit__(self, *_):
        try:
            self.trace(self.DETACH)
        except ProcessLookupError:
            pass  # it was killed


class Processor(DaemonTest):
    """A processor that stands still, in whatever part of its turn, with traffic: a change that has to wait for it is done when it goes on, and after a
    kill it is whole or not there."""
    FLOWING = ('adapter: {processors: [0, 1, 2], uplink: {device: "net_null0"}}\n'
               'vports: [{id: 1, filters: [{mac: "00:00:00:00:00:00"}], rss: {enabled: true, default_processor: 1, indirection_table: [0, 1]}, backend: {device: "net_null1"}}]\n')

    def stopped(self, daemon, number=1):
        tasks = f"/proc/{daemon.process.pid}/task"
        workers = []
        for tid in sorted(map(int, os.listdir(tasks))):
            with open(f"{tasks}/{tid}/comm", encoding="ascii") as file:
                if "worker" in file.read():
                    workers.append(tid)
        return Stopped(workers[number])

    def test_stands_still(self):
        daemon = self.daemon(self.FLOWING).start()
        with daemon.client() as client, daemon.client() as monitor:
            monitor.ask("monitor.subscribe")
            with self.stopped(daemon):
                while monitor.answer()["params"]["event"] != "processor.stalled":
                    pass
                self.assertTrue(client.ask("processors.show")["processors"][1]["stalled"])
                received = client.ask("adapter.show")["received"]
                client.ask("vport.add", id=7)
                self.assertGreaterEqual(client.ask("adapter.show")["received"], received)
            while monitor.answer()["params"]["event"] != "processor.running":
                pass
            for number in range(12):
                with self.stopped(daemon, number % 3):
                    client.request("filter.add", {"vport": 1, "mac": f"02:00:00:00:01:{number:02x}"})
                    client.request("vport.set", {"vport": 1, "backend": {"device": f"net_null{2 + number % 2}"}})
                    client.request("rss.set", {"vport": 1, "enabled": True, "default_processor": 1, "indirection_table": [number % 3, 1]})
                answers = [client.answer() for _ in range(3)]
                self.assertFalse([answer["error"] for answer in answers if "error" in answer])
            self.assertEqual(len(client.ask("filters.show")["filters"]), 13)
            before = client.ask("filters.show")["filters"]
            with self.stopped(daemon) as thread:
                client.request("filter.add", {"vport": 1, "mac": "02:00:00:00:02:00"})
                daemon.process.kill()
                os.waitpid(thread.tid, Stopped.WALL)  # its end is for whom it was stopped for
            daemon.wait()
        daemon.start()
        self.assertIn(len(daemon.ask("filters.show")["filters"]), (len(before), len(before) + 1))
        self.assertEqual(daemon.ask("filters.show")["filters"][:len(before)], before)
        self.assertEqual(daemon.stop(), 0)


class Disk(DaemonTest):
    def test_file_size_limit(self):
        """RLIMIT_FSIZE: neither SIGXFSZ ends it, nor is anything lost; it is a full disk."""
        daemon = self.daemon(CONFIG).start()
        pid = daemon.process.pid
        unlimited = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        with daemon.client() as client:
            limit = max(os.stat(path).st_size for path in (daemon.state, daemon.log, daemon.state + "-wal")
                        if os.path.exists(path)) + 8192
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, unlimited[1]))
            added, refused = 0, None
            while refused is None and added < 20000:
                client.request("vport.add", {"name": "v" * 200 + str(added)})
                refused = client.answer().get("error")
                added += refused is None
            self.assertIsNotNone(refused, "no file ever reached the limit")
            self.assertEqual(refused["data"]["status"], "RESOURCES")
            self.assertIn("full", refused["message"])
            self.assertEqual(len(client.ask("vports.show")["vports"]), added + 2)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
            client.ask("vport.add", name="after")
        before = daemon.everything()
        daemon.stop(signal.SIGKILL)
        daemon.start()
        self.assertEqual(daemon.everything(), before)


class Log(DaemonTest):
    def spawn(self, daemon, stderr):
        daemon.process = subprocess.Popen(daemon.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                          stderr=stderr, env=daemon.environment)
        open(daemon.log, "w", encoding="ascii").close()
        wait_until(daemon.answers, "vmmqd's first answer")

    def test_full_disk(self):
        daemon = self.daemon(CONFIG)
        with open("/dev/full", "wb") as full:
            self.spawn(daemon, full)
        daemon.ask("vport.add", name="added")
        self.assertEqual(daemon.stop(), 0)

    @unittest.skipUnless(ROOT, "needs root: to mount a small file system")
    def test_disk_that_has_room_again(self):
        """What was lost is counted where the log goes on, and every line there is a whole one."""
        directory = os.path.join(self.directory, "small")
        os.mkdir(directory)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", directory], check=True)
        daemon = self.daemon(CONFIG)
        filler, path = os.path.join(directory, "filler"), os.path.join(directory, "log")
        with open(path, "ab") as log:
            self.spawn(daemon, log)
        with open(filler, "wb", buffering=0) as file, self.assertRaises(OSError):
            while True:
                file.write(bytes(1024))
        for number in range(200):
            daemon.ask("vport.add", name=f"lost {number}")
        os.unlink(filler)
        daemon.ask("vport.add", name="kept")
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        lost = [line for line in lines if " lost before this one: No space left on device" in line]
        self.assertEqual(len(lost), 1, lines[-5:])
        self.assertRegex(lost[0], r"^\d{4}-\d\d-\d\d [\d:.]+ [a-z]+: log: [1-9]\d* lines were lost")
        self.assertEqual(daemon.stop(), 0)

    def test_pipe_that_nobody_reads(self):
        daemon = self.daemon(CONFIG)
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        try:
            self.spawn(daemon, writer)
            for number in range(200):  # each makes a line of 60 bytes and more: three pages at least
                daemon.ask("vport.add", name=f"added {number}")
            os.set_blocking(reader, False)
            text = os.read(reader, 1 << 20).decode()
            self.assertNotIn("added 199", text)
            daemon.ask("vport.add", name="heard")
            wait_until(lambda: select_readable(reader), "the log to go on")
            text = os.read(reader, 1 << 20).decode()
            self.assertRegex(text, r"log: [1-9]\d* lines were lost before this one: nobody read them\n")
            os.close(reader)
            reader = -1
            daemon.ask("vport.add", name="nobody is there")
            self.assertEqual(daemon.stop(), 0)
        finally:
            os.close(writer)
            if reader >= 0:
                os.close(reader)


def select_readable(fd):
    import select
    return bool(select.select([fd], [], [], 0)[0])


class Socket(DaemonTest):
    def test_deleted(self):
        daemon = self.daemon(CONFIG).start()
        with daemon.client() as client:
            mode = os.stat(daemon.socket).st_mode
            for number in (1, 2):
                os.unlink(daemon.socket)
                wait_until(lambda: os.path.exists(daemon.socket), "the socket")
                daemon.wait_for_log("daemon.socket_restored")
                self.assertEqual(os.stat(daemon.socket).st_mode, mode)
                self.assertEqual(len(daemon.ask("vports.show")["vports"]), 2, number)
            client.ask("adapter.show")  # who was connected stays so
        self.assertEqual(daemon.stop(), 0)
        self.assertFalse(os.path.exists(daemon.socket))

    def test_directory_that_comes_back(self):
        place = os.path.join(self.directory, "place")
        os.mkdir(place)
        daemon = self.daemon(CONFIG, path=os.path.join(place, "control.sock")).start()
        os.unlink(daemon.socket)
        os.rmdir(place)
        daemon.wait_for_log("daemon.socket_lost")
        os.mkdir(place)
        wait_until(lambda: os.path.exists(daemon.socket), "the socket")
        daemon.ask("adapter.show")

    def test_taken_by_another(self):
        """Another's socket in its place is left alone, also at the end."""
        daemon = self.daemon(CONFIG).start()
        with daemon.client() as client, socket.socket(socket.AF_UNIX) as other:
            other.bind(daemon.socket + ".new")
            other.listen()
            os.rename(daemon.socket + ".new", daemon.socket)
            inode = os.stat(daemon.socket).st_ino
            begin = client.ask("adapter.show")["uptime"]
            wait_until(lambda: client.ask("adapter.show")["uptime"] > begin + 2.5, "two looks at the socket")
            self.assertEqual(os.stat(daemon.socket).st_ino, inode)
            self.assertEqual(daemon.stop(), 0)
            self.assertEqual(os.stat(daemon.socket).st_ino, inode)


class Hostile:
    """A client that sends the same again and again, and reads answers or does not; ends when vmmqd closes it, or at stop()."""

    def __init__(self, path, data, reads):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(path)
        self.connection.setblocking(False)
        self.data = memoryview(data)
        self.at = self.answers = 0
        self.reads = reads

    def turn(self):
        """Sends and reads what there is room for; False when the connection has ended."""
        try:
            self.at = (self.at + self.connection.send(self.data[self.at:self.at + 65536])) % len(self.data)
        except BlockingIOError:
            pass
        except OSError:
            return False
        try:
            if self.reads:
                read = self.connection.recv(1 << 20)
                self.answers += read.count(b"\n")
                return bool(read)
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True


def crowd(path, data, count, reads, pipe):
    """Runs in a process of its own: count hostile clients that come again when they are closed."""
    if ROOT:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    clients = []
    answers = turns = 0
    while True:
        while len(clients) < count:
            try:
                clients.append(Hostile(path, data, reads))
            except OSError:
                break
        for client in clients[:]:
            if not client.turn():
                client.connection.close()
                clients.remove(client)
                answers += client.answers
        turns += 1
        if turns == 5:
            os.write(pipe, b"x")  # everybody has begun


ASK = b'{"jsonrpc":"2.0","id":1,"method":"%s"}\n'
KINDS = {
    "nested brackets": ((b"[" * 2000 + b"]" * 2000 + b",") * 1000 + b"\n", True),
    "objects of objects": (b'{"a":' * 31 + b"[" + b"{}," * 1000000 + b"\n", True),
    "one long text": (b'{"jsonrpc":"2.0","id":1,"method":"config.apply","params":{"yaml":"' + b"#" * (4000 << 10) + b'"}}x\n', True),
    "a line without an end": (b"x" * (1 << 20), False),
    "large questions that nobody reads": (ASK % b"vports.show" * 1000, False),
    "large questions": (ASK % b"vports.show" * 1000, True),
    "small questions": (ASK % b"adapter.show" * 1000, True),
    "schemas that do not fit": (b'{"jsonrpc":"2.0","id":1,"method":"vport.add","params":{"x":[' + b"1," * 10000 + b"1]}}\n", True),
}


class Crowd(DaemonTest):
    """256 clients that mean harm, of one user, of whom 128 are let in; an owner of the socket asks meanwhile."""

    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o755)
        self.vmmqd = self.daemon("adapter: {processors: [0, 1]}\nvports:\n" + "".join(
            f"  - {{id: {number}, name: guest {number}}}\n" for number in range(1, 1001)),
            options=["--log-level", "error", *(("--change-group", NOGROUP) if ROOT else ())])
        command = [word for word in self.vmmqd.command() if word not in ("--log-level", "debug", "error")]
        self.vmmqd.command = lambda: command
        self.vmmqd.start()

    def attack(self, data, reads):
        """Starts a crowd; returns its process when all have begun."""
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.close(reader)
                crowd(self.vmmqd.socket, data, 256, reads, writer)
            finally:
                os._exit(1)
        os.close(writer)
        self.addCleanup(self.end, pid)
        self.assertEqual(os.read(reader, 1), b"x")
        os.close(reader)
        return pid

    @staticmethod
    def end(pid):
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass

    def ask_meanwhile(self, times):
        """Asks as the command does, on a connection of its own each time; how long each took, in ms of the clock and of the control
        thread's own time: the second tells what others' requests cost, whatever else the machine does."""
        took, own = [], []
        for _ in range(times):
            begin, own_begin = time.monotonic(), self.control_ms()
            self.vmmqd.ask("adapter.show")
            took.append(1000 * (time.monotonic() - begin))
            own.append(self.control_ms() - own_begin)
        return sorted(took), sorted(own)

    def control_ms(self):
        pid = self.vmmqd.process.pid
        with open(f"/proc/{pid}/task/{pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0]) / 1e6

    def test_owner_is_served(self):
        pid = self.vmmqd.process.pid
        self.ask_meanwhile(20)
        self.vmmqd.ask("vports.show")
        self.vmmqd.ask("rpc.discover")
        for name, (data, reads) in KINDS.items():
            with self.subTest(name):
                before = status_bytes(pid, "VmRSS")
                with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
                    file.write("5")  # VmHWM begins anew
                attacker = self.attack(data, reads)
                took, own = self.ask_meanwhile(16)
                self.end(attacker)
                grown = status_bytes(pid, "VmHWM") - before
                print(f"{name}: answer after {took[8]:.1f} ms, at most {took[-1]:.1f} ms; of the control thread's own time "
                      f"{own[8]:.1f} ms, at most {own[-1]:.1f} ms; memory +{grown / (1 << 20):.1f} MiB", flush=True)
                if not is_sanitized(pid):
                    self.assertLess(grown, MEMORY_MAX)
        self.assertEqual(self.vmmqd.stop(), 0)


class Limits(DaemonTest):
    def setUp(self):
        super().setUp()
        self.vmmqd = self.daemon(CONFIG).start()

    def test_one_request(self):
        """Each limit has an answer that says what, and what would be right; the connection goes on."""
        cases = ((b'{"a":' * 33 + b"1" + b"}" * 33, "nested too deeply at byte 160: a request has at most 32 levels"),
                 (b"[" * 100000, "nested too deeply at byte 32"),
                 (b"[" + b"1," * 40000 + b"1]", "too many values at byte 65535: a request has at most 32768"),
                 (json.dumps({"jsonrpc": "2.0", "id": "x" * 257, "method": "adapter.show"}).encode(),
                  "id: text of at most 256 bytes, a number or null is needed"))
        with self.vmmqd.client() as client:
            for line, text in cases:
                client.send(line + b"\n")
                answer = client.answer()
                self.assertEqual((answer["id"], answer["error"]["code"]), (None, -32600), text)
                self.assertIn(text, answer["error"]["message"])
            client.ask("adapter.show")
            yaml = CONFIG + "#" * (LINE_MAX - 1000)
            self.assertEqual(client.ask("config.apply", yaml=yaml), {"changes": [], "applied": True})
            refused = self.refused(-32000, client.ask, "config.apply",
                                   yaml="adapter: {processors: [" + "1," * 1000000 + "1]}")
            self.assertIn("more than 300000 values", str(refused))
            client.send(b"x" * (LINE_MAX + 1))
            self.assertIn("longer than 4 MiB", client.answer()["error"]["message"])
            self.assertIsNone(client.line())

    @unittest.skipUnless("VMMQ" in os.environ, "needs VMMQ")
    def test_command_says_why(self):
        """vmmqd closes while the command still sends: the reason is shown all the same."""
        path = os.path.join(self.directory, "large.yaml")
        with open(path, "w", encoding="ascii") as file:
            file.write(CONFIG + "#" * (LINE_MAX + (1 << 20)))
        run = subprocess.run([os.environ["VMMQ"], "apply", path], env={**os.environ, "VMMQ_SOCKET": self.vmmqd.socket},
                             capture_output=True, text=True, timeout=HANG, check=False)
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertIn("longer than 4 MiB", run.stderr)
        self.assertIn("SIGHUP", run.stderr)

    def test_idle_ones_make_room(self):
        """Who has never sent a whole line goes first, the one that came first before others."""
        busy = [self.vmmqd.client() for _ in range(100)]
        for client in busy:
            client.ask("drops.show")
        idle = [self.vmmqd.client() for _ in range(200)]
        idle[-1].ask("drops.show")
        for client in idle[:28]:
            self.assertIsNone(client.line())
        for client in busy + idle[28:]:
            client.ask("drops.show")
        with self.vmmqd.client() as one_more:
            self.assertIn("272 clients are connected already", one_more.answer()["error"]["message"])
            self.assertIsNone(one_more.line())
        for client in busy + idle:
            client.close()

    @unittest.skipUnless(ROOT, "needs root: to become another user")
    def test_of_one_user(self):
        os.chmod(self.directory, 0o755)
        self.vmmqd.stop()
        self.vmmqd.options = ["--change-group", NOGROUP]
        self.vmmqd.start()
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            clients = [Client(self.vmmqd.socket) for _ in range(128)]
            for client in clients:
                client.ask("drops.show")
            with Client(self.vmmqd.socket) as one_more:
                os.write(writer, one_more.line() + b"\n")
            os._exit(0)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        error = json.loads(os.read(reader, 4096))["error"]
        self.assertEqual((error["code"], error["data"]["status"]), (-32000, "RESOURCES"))
        self.assertIn(f"128 clients of user {NOBODY} are connected already", error["message"])
        os.close(reader)
        os.close(writer)


if __name__ == "__main__":
    assert HANG
    main()
