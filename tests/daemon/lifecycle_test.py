#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""vmmqd's life: starting, what keeps it from starting, signals, and what survives its death.

    VMMQD=PROGRAM lifecycle_test.py
"""
import json
import os
import random
import signal
import socket
import struct
import subprocess
import threading
import time
import unittest

from daemon import HANG, Daemon, DaemonTest, listening_port, main, wait_until

TWO = """adapter: {processors: [0, 1]}
vports:
  - id: 1
    name: web
    filters: [{mac: "02:00:00:00:00:01"}]
    rss: {enabled: true, indirection_table: [0, 1]}
"""
ROOT = os.getuid() == 0


def mac(number):
    return "02:00:%02x:%02x:%02x:%02x" % tuple(number >> shift & 255 for shift in (24, 16, 8, 0))


class Start(DaemonTest):
    def test_wrong_usage(self):
        program = Daemon(self.directory).command()[0]
        for words, text in ((["--stat", "x"], "did you mean --state?"), (["-x"], "no option -x"),
                            (["--log-level", "loud"], "error, warning"), (["--buffers", "7"], "1024"),
                            (["--reseed"], "-c FILE"), (["--group", "a", "--change-group", "b"], "one of them"), (["--state"], "--state needs DB"), (["more"], "too much"),
                            (["--no-pin=1"], "takes no value"), (["--no-pin", "--no-pin"], "twice")):
            run = subprocess.run([program, *words], capture_output=True, text=True, timeout=HANG, check=False)
            self.assertEqual((run.returncode, run.stdout), (2, ""), words)
            self.assertIn(text, run.stderr)
            self.assertIn("Try 'vmmqd --help'", run.stderr)

    def test_help(self):
        program = Daemon(self.directory).command()[0]
        text = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=HANG, check=True).stdout
        for option in ("--config", "--state", "--socket", "--change-group", "--read-group", "--metrics", "--telemetry", "--reseed",
                       "--log-level", "--socket-directory", "--allow-devargs", "--copy", "--buffers", "--no-pin", "--no-hugepages", "--version", "SIGHUP"):
            self.assertIn(option, text)
        self.assertLessEqual(max(map(len, text.split("\n"))), 80)
        version = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=HANG, check=True).stdout
        self.assertRegex(version, r"^vmmqd \d+\.\d+\.\d+\n$")

    def test_bad_configuration(self):
        status, log = self.daemon("adapter:\n  processors: [0, 1]\n  moderatoin: poll\n").fails()
        self.assertEqual(status, 1)
        self.assertIn("config.yaml:3:", log)
        self.assertIn("did you mean moderation?", log)
        self.assertFalse(os.path.exists(self.daemons[0].state))

    def test_no_configuration(self):
        daemon = self.daemon(None)
        status, log = daemon.fails()
        self.assertEqual(status, 1)
        self.assertIn("config.yaml", log)
        daemon.command = lambda: [word for word in Daemon.command(daemon) if word not in ("-c", daemon.config)]
        status, log = daemon.fails()
        self.assertEqual(status, 1)
        self.assertIn("-c FILE", log)

    def test_second_instance(self):
        first = self.daemon(TWO).start()
        second = self.daemon(TWO, path=os.path.join(self.directory, "other.sock"))
        second.log += "2"
        status, log = second.fails()
        self.assertEqual(status, 1)
        self.assertIn(str(first.process.pid), log)
        third = self.daemon(TWO, state=os.path.join(self.directory, "other.db"))
        third.log += "3"
        third.spawn()
        self.assertEqual(third.wait(), 1)
        self.assertIn(str(first.process.pid), third.log_text())
        self.assertIn(first.socket, third.log_text())
        self.assertEqual(len(first.ask("vports.show")["vports"]), 2)

    def test_stale_socket(self):
        daemon = self.daemon(TWO).start()
        daemon.stop(signal.SIGKILL)
        self.assertTrue(os.path.exists(daemon.socket))
        daemon.start()
        self.assertEqual(daemon.stop(), 0)
        self.assertFalse(os.path.exists(daemon.socket))

    def test_something_else_there(self):
        daemon = self.daemon(TWO)
        with open(daemon.socket, "w", encoding="ascii") as file:
            file.write("precious")
        self.assertEqual(daemon.fails()[0], 1)
        self.assertIn("something else than a socket", daemon.log_text())
        with open(daemon.socket, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")

    def test_unknown_group(self):
        for option in ("--change-group", "--read-group", "--group"):
            status, log = self.daemon(TWO, options=[option, "no-such-group"]).fails()
            self.assertEqual(status, 1)
            self.assertIn('group: there is no group "no-such-group"', log)
            self.assertFalse(os.path.exists(self.daemons[0].socket))

    def test_ports_that_cannot_be_opened(self):
        """Neither keeps vmmqd from starting, and both are in the log."""
        taken = os.path.join(self.directory, "taken")
        open(taken, "w", encoding="ascii").close()
        daemon = self.daemon('adapter: {processors: [0], uplink: {af_packet: {interface: nonexistent0}}}\n'
                             f'vports:\n  - {{id: 7, backend: {{vhost_user: {{socket: taken}}}}}}\n').start()
        daemon.wait_for_log("warning: uplink.state: state failed, reason ")
        self.assertRegex(daemon.log_text(), "warning: backend.state: state failed, reason .*, vport 7")
        answer = daemon.ask("adapter.show")
        self.assertEqual(answer["uplink"]["state"], "failed")
        self.assertIsInstance(answer["changes"]["disk_last_us"], int)

    def test_socket_directory_that_may_not_be_written_to(self):
        """The reason says who may not do what, where; and the socket is made once it may."""
        place = os.path.join(self.directory, "guests")
        os.mkdir(place, 0o555)
        as_whom = {}
        if ROOT:
            as_whom = {"user": 65534, "group": 65534, "extra_groups": []}
            os.chmod(self.directory, 0o777)
        daemon = self.daemon("adapter: {processors: [0]}\n"
                             "vports: [{id: 1, backend: {vhost_user: {socket: guests/vm.sock}}}]\n").start(**as_whom)
        port = daemon.ask("vport.show", vport=1)["backend"]
        self.assertEqual(port["state"], "failed")
        self.assertRegex(port["reason"],
                         rf"^{place}/vm.sock: permission denied: user [a-z]+ may not make a socket in {place}: ")
        daemon.wait_for_log(f"{place}/vm.sock: permission denied")
        os.chmod(place, 0o777)
        wait_until(lambda: daemon.ask("vport.show", vport=1)["backend"]["state"] == "no_peer", "the socket")
        self.assertEqual(os.stat(f"{place}/vm.sock").st_mode & 0o777, 0o660)

    def test_sockets_elsewhere_and_raw_devices(self):
        """Neither is in a state when it is refused: vmmqd does not start with it."""
        for backend, said in (("vhost_user: {socket: /tmp/elsewhere.sock}", f"is not below {self.directory}"),
                              ("vhost_user: {socket: ../elsewhere.sock}", f"is not below {self.directory}")):
            daemon = self.daemon(f"adapter: {{processors: [0]}}\nvports: [{{id: 1, backend: {{{backend}}}}}]\n")
            self.assertEqual(daemon.fails()[0], 1)
            self.assertIn(said, daemon.log_text())
            self.assertFalse(os.path.exists(daemon.state))
        daemon = self.daemon('adapter: {processors: [0]}\nvports: [{id: 1, backend: {device: "net_null0"}}]\n')
        command = daemon.command()
        command.remove("--allow-devargs")
        daemon.command = lambda: command
        self.assertEqual(daemon.fails()[0], 1)
        self.assertIn("only a vmmqd started with --allow-devargs takes this", daemon.log_text())
        self.assertIn("vports[id 1].backend.device", daemon.log_text())

    def test_features_that_are_off(self):
        """What a front end is offered lacks them, and only them."""
        offered = {}
        for name, features in (("all", ""), ("some", ", features: {packed: off, mq: off, mrg_rxbuf: on}")):
            daemon = self.daemon("adapter: {processors: [0]}\nvports: [{id: 1, backend: "
                                 f"{{vhost_user: {{socket: {name}.sock{features}}}}}}}]\n",
                                 state=f"{self.directory}/{name}.db").start()
            with socket.socket(socket.AF_UNIX) as front_end:
                front_end.settimeout(HANG)
                front_end.connect(f"{self.directory}/{name}.sock")
                front_end.sendall(struct.pack("<III", 1, 1, 0))  # VHOST_USER_GET_FEATURES, version 1, no payload
                offered[name] = struct.unpack("<IIIQ", front_end.recv(20, socket.MSG_WAITALL))[3]
            daemon.process.terminate()
            daemon.process.wait()
        self.assertEqual(offered["all"] & ~offered["some"], 1 << 34 | 1 << 22)
        self.assertEqual(offered["some"] & ~offered["all"], 0)

    def test_memif(self):
        """Two vmmqds meet on a memif socket, and the one that stays sees that the other has gone."""
        ends = [self.daemon("adapter: {processors: [0]}\nvports: [{id: 1, queue_pairs: 1, backend: "
                            f"{{memif: {{socket: m.sock, id: 3, role: {role}}}}}}}]\n",
                            state=f"{self.directory}/{role}.db", path=f"{self.directory}/{role}.sock").start()
                for role in ("server", "client")]

        def states():
            return [end.ask("vport.show", vport=1)["backend"]["state"] for end in ends]

        wait_until(lambda: states() == ["up", "up"], lambda: f"a connection: {states()}")
        ends.pop().process.terminate()
        wait_until(lambda: states() == ["no_peer"], lambda: f"the end of it: {states()}")

    def test_socket_directory_that_is_none(self):
        daemon = self.daemon(TWO)
        for directory in (self.directory + "/none", daemon.config):
            command = [directory if word == self.directory else word for word in daemon.command()]
            ended = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(ended.returncode, 1)
            self.assertRegex(ended.stderr, f"--socket-directory: {directory}(: No such file|.* not a directory)")

    def test_metrics(self):
        import urllib.request
        daemon = self.daemon(TWO, options=["--metrics", "127.0.0.1:0"]).start()
        address = f"127.0.0.1:{listening_port(daemon.process.pid)}"
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=HANG) as answer:
            self.assertIn(b"vmmq_", answer.read())
        taken = self.daemon(TWO, options=["--metrics", address], state=os.path.join(self.directory, "other.db"),
                            path=os.path.join(self.directory, "other.sock"))
        taken.log += "2"
        self.assertEqual(taken.fails()[0], 1)
        self.assertIn(address, taken.log_text())

    def test_defaults(self):
        """Without paths, for one who is not root (or is): below XDG_*, or /run and /var/lib."""
        if ROOT:
            self.skipTest("root's defaults are the machine's own directories")
        daemon = self.daemon(TWO)
        daemon.environment.update(XDG_RUNTIME_DIR=self.directory, XDG_STATE_HOME=self.directory + "/state/deep")
        program = daemon.command()[0]
        daemon.command = lambda: [program, "-c", daemon.config]
        daemon.socket = self.directory + "/vmmq/vmmq.sock"
        daemon.start()
        self.assertTrue(os.path.exists(self.directory + "/state/deep/vmmq/state.db"))

    def test_read_only_state(self):
        directory = os.path.join(self.directory, "state")
        os.mkdir(directory)
        daemon = self.daemon(TWO, state=os.path.join(directory, "state.db"))
        if ROOT:
            self.mount("-t", "tmpfs", "-o", "ro", "tmpfs", directory)
        else:
            os.chmod(directory, 0o500)
        status, log = daemon.fails()
        self.assertEqual(status, 1)
        self.assertIn(directory, log)

    def mount(self, *words):
        subprocess.run(["mount", *words], check=True)
        self.addCleanup(self.unmount, words[-1])

    def unmount(self, directory):
        for daemon in self.daemons:
            if daemon.process and daemon.process.poll() is None:
                daemon.process.kill()
                daemon.process.wait()
        subprocess.run(["umount", directory], check=True)

    @unittest.skipUnless(ROOT, "needs root: to mount a small file system")
    def test_disk_full(self):
        """What does not fit on the disk is refused and changes nothing; smaller changes, and a restart, still work."""
        directory = os.path.join(self.directory, "small")
        os.mkdir(directory)
        self.mount("-t", "tmpfs", "-o", "size=256k", "tmpfs", directory)
        daemon = self.daemon(TWO, state=os.path.join(directory, "state.db")).start()
        with daemon.client() as client:
            added, refused = 0, None
            while refused is None and added < 20000:
                client.request("vport.add", {"name": "v" * 200 + str(added)})
                answer = client.answer()
                refused = answer.get("error")
                added += refused is None
            self.assertIsNotNone(refused, "the disk never filled")
            self.assertEqual(refused["data"]["status"], "RESOURCES")
            self.assertIn("full", refused["message"])
            self.assertEqual(len(client.ask("vports.show")["vports"]), added + 2)
        before = daemon.everything()
        daemon.stop(signal.SIGKILL)
        daemon.start()
        self.assertEqual(daemon.everything(), before)


class Signals(DaemonTest):
    def test_stop(self):
        for which in (signal.SIGTERM, signal.SIGINT):
            daemon = self.daemon(TWO).start()
            crowd = [daemon.client() for _ in range(20)]
            crowd[0].ask("monitor.subscribe")
            crowd[1].send(b'{"half')
            for client in crowd[2:]:
                client.request("adapter.show")
            self.assertEqual(daemon.stop(which), 0)
            events = []
            while (answer := crowd[0].answer()) is not None:
                events.append(answer["params"]["event"])
            self.assertIn("daemon.stopping", events)
            for client in crowd:
                client.close()
            self.assertFalse(os.path.exists(daemon.socket))

    def test_second_signal(self):
        """During the stop, however long it takes, another signal ends it at once; the state is what it was."""
        daemon = self.daemon(TWO).start()
        before = daemon.everything()
        daemon.process.send_signal(signal.SIGTERM)
        daemon.process.send_signal(signal.SIGINT)
        self.assertIn(daemon.wait(), (0, -signal.SIGINT, -signal.SIGTERM))
        daemon.start()
        self.assertEqual(daemon.everything(), before)

    def test_ignored(self):
        daemon = self.daemon(TWO).start()
        daemon.process.send_signal(signal.SIGUSR1)
        daemon.process.send_signal(signal.SIGPIPE)
        self.assertEqual(len(daemon.ask("vports.show")["vports"]), 2)

    def test_reload(self):
        daemon = self.daemon(TWO).start()
        daemon.write_config(TWO + "  - {id: 7, name: mail, filters: [{mac: \"02:00:00:00:00:07\", vlan: any}]}\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for_log("configuration applied: 2 changes")
        self.assertEqual([row["name"] for row in daemon.ask("vports.show")["vports"]], ["default", "web", "mail"])
        before = daemon.everything()
        daemon.write_config(TWO + "  - {id: 7, nam: mail}\n")
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for_log("configuration not applied: ")
        daemon.wait_for_log("did you mean name?")
        daemon.write_config(TWO.replace("[0, 1]", "[0, 1, 5]", 1))
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: daemon.log_text().count("configuration not applied") == 2, "the second refusal")
        self.assertEqual(daemon.everything(), before)

    def test_notify(self):
        """What systemd is told: READY, a STATUS, the watchdog fed in time, RELOADING and READY, STOPPING."""
        path = os.path.join(self.directory, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(path)
            listener.settimeout(HANG)
            daemon = self.daemon(TWO)
            daemon.environment.update(NOTIFY_SOCKET=path, WATCHDOG_USEC="1000000")
            daemon.start()
            told = []

            def hear(text):
                while not any(text in message for message in told):
                    told.append(listener.recv(4096).decode())

            hear("READY=1")
            hear("STATUS=")
            told.clear()
            gap, begin = HANG, None
            while gap >= 1:  # on a slow machine it takes a while until once it is fed in time
                told.clear()
                hear("WATCHDOG=1")
                now = time.monotonic()
                gap, begin = now - begin if begin else gap, now
            daemon.process.send_signal(signal.SIGHUP)
            hear("RELOADING=1")
            hear("READY=1")
            daemon.process.send_signal(signal.SIGTERM)
            hear("STOPPING=1")
            self.assertEqual(daemon.wait(), 0)

    def test_journal_levels(self):
        daemon = self.daemon(TWO)
        with open(daemon.log, "ab"):
            pass
        found = os.stat(daemon.log)
        daemon.environment["JOURNAL_STREAM"] = f"{found.st_dev}:{found.st_ino}"
        daemon.start()
        daemon.stop()
        for line in daemon.log_text().splitlines():
            self.assertRegex(line, r"^<[3-7]>[^<]")


class Survival(DaemonTest):
    def test_restart(self):
        daemon = self.daemon(TWO).start()
        daemon.ask("vport.add", name="added", queue_pairs=3, primary_processor=1, anti_spoofing=False, flood_limit=5, control_frames=True,
                   filters=[{"mac": "02:00:00:00:00:09", "vlan": 9}, {"mac": "02:00:00:00:00:0a", "vlan": "any"}],
                   rss={"enabled": True, "hash_types": ["ipv4"], "key": "random", "indirection_table": [1, 0, 1, 1],
                        "default_processor": 1})
        daemon.ask("rss.move", vport="web", moves=[{"entry": 1, "processor": 0}])
        before = daemon.everything()
        daemon.stop()
        daemon.start()
        self.assertEqual(daemon.everything(), before)
        daemon.stop()
        daemon.write_config("adapter: {processors: [1]}\n")
        daemon.start()
        self.assertEqual(daemon.everything(), before, "a state beats the file")
        self.assertIn("reseed", daemon.log_text())
        daemon.stop()
        daemon.options.append("--reseed")
        daemon.start()
        self.assertEqual(len(daemon.ask("vports.show")["vports"]), 1)
        self.assertEqual(daemon.ask("adapter.show")["processors_running"], [1])

    def test_kill_under_load(self):
        """kill -9 while changes pour in: after the restart everything acknowledged is there."""
        random.seed(int(os.environ.get("VMMQ_TEST_SEED", time.time())))
        daemon = self.daemon(TWO).start()
        for trial in range(4):
            acknowledged, asked, threads = {}, {}, []
            for number in range(4):
                thread = threading.Thread(target=self.pour, args=(daemon, trial + 1 << 8 | number, acknowledged, asked))
                thread.start()
                threads.append(thread)
            wait_until(lambda acknowledged=acknowledged: acknowledged, "the first acknowledgement")
            time.sleep(random.uniform(0, 0.6))
            daemon.process.kill()
            daemon.wait()
            for thread in threads:
                thread.join()
            daemon.start()
            found = {row["mac"]: row for row in daemon.ask("filters.show")["filters"]}
            for address, identity in acknowledged.items():
                self.assertIn(address, found, f"trial {trial}: acknowledged, and lost")
                self.assertEqual(found[address]["filter"], identity)
            self.assertGreater(len(acknowledged), 0)
            for address in found:
                if int(address[6:8], 16) == trial + 1:
                    self.assertIn(address, asked)
            before = daemon.everything()
            daemon.process.kill()
            daemon.wait()
            daemon.start()
            self.assertEqual(daemon.everything(), before)

    @staticmethod
    def pour(daemon, prefix, acknowledged, asked):
        """Adds filters, 32 at a time, until the daemon is gone."""
        try:
            with daemon.client() as client:
                for step in range(0, 1 << 16, 32):
                    addresses = [mac(prefix << 16 | step + i) for i in range(32)]
                    for address in addresses:
                        asked[address] = True
                        client.request("filter.add", {"vport": 1, "mac": address})
                    for address in addresses:
                        answer = client.answer()
                        if answer is None:
                            return
                        acknowledged[address] = answer["result"]["filter"]
        except (OSError, json.JSONDecodeError):
            return


if __name__ == "__main__":
    main()
