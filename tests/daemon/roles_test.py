#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Who may do what on the control socket, what readers do not see, and what is left in the log.

    VMMQD=PROGRAM VMMQ=PROGRAM roles_test.py
"""
import grp
import json
import os
import re
import signal
import stat
import subprocess
import unittest

from daemon import HANG, Client, DaemonTest, main, wait_until

ROOT = os.getuid() == 0
NOBODY = 65534
CHANGE, READ, OTHER = sorted((group for group in grp.getgrall() if group.gr_gid not in (0, os.getgid(), NOBODY)),
                             key=lambda group: group.gr_gid)[:3]
KEY = "1f" * 40
CONFIG = f"""adapter: {{processors: [0, 1]}}
vports:
  - {{id: 1, name: web, rss: {{key: "{KEY}"}}, filters: [{{mac: "02:00:00:00:00:01"}}]}}
"""
# Every method and its role, written down once more: a new one has to be thought of here, too.
ROLES = {
    "read": {"adapter.show", "processors.show", "vports.show", "vport.show", "rss.show", "filters.show", "drops.show", "top.show",
             "config.show", "monitor.subscribe", "rpc.discover", "balance.show",
             "fleet.show"},
    "change": {"vport.add", "vport.set", "vport.delete", "uplink.set", "uplink.clear", "filter.add", "filter.delete", "filter.move",
               "rss.set", "rss.enable", "rss.disable", "rss.move", "config.apply", "oid.request",
               "balance.set", "balance.sample", "balance.flows"},
}


def as_user(uid, groups, function):
    """What function returns in a process of that user with those groups; an OSError as its name."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups(groups[1:])
            os.setgid(groups[0])
            os.setuid(uid)
            result = function()
        except OSError as error:
            result = type(error).__name__
        except AssertionError as error:
            result = "failed: " + str(error)
        with os.fdopen(writer, "w", encoding="utf-8") as file:
            json.dump(result, file)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as file:
        result = json.load(file)
    os.waitpid(pid, 0)
    return result


class Roles(DaemonTest):
    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o755)

    def start(self, *options, config=CONFIG):
        return self.daemon(config, options=options).start()

    def answers(self, daemon, groups, *requests, uid=NOBODY):
        """The whole answers to (method, params) of a member of groups."""
        def ask():
            with Client(daemon.socket) as client:
                found = []
                for method, params in requests:
                    try:
                        client.request(method, params)
                    except OSError:
                        pass  # sent away before
                    found.append(client.answer())
                return found
        return as_user(uid, groups, ask)

    def code(self, daemon, groups, method, params=None, uid=NOBODY):
        answer = self.answers(daemon, groups, (method, params or {}), uid=uid)
        return answer if isinstance(answer, str) else answer[0].get("error", {}).get("code", 0)


@unittest.skipUnless(ROOT, "needs root: to become other users")
class Shared(Roles):
    """One vmmqd with both groups, which each test leaves as it was."""

    @classmethod
    def setUpClass(cls):
        cls.host = Roles()
        cls.host.setUp()
        cls.shared = cls.host.start("--change-group", CHANGE.gr_name, "--read-group", READ.gr_name)

    @classmethod
    def tearDownClass(cls):
        cls.host.doCleanups()

    def test_every_method(self):
        """As a reader sees it: each method is refused or not by its role alone, whatever its params."""
        daemon = self.shared
        before = daemon.everything()
        methods = {method["name"]: method for method in daemon.ask("rpc.discover")["methods"]}
        self.assertEqual({name: method["role"] for name, method in methods.items()},
                         {name: role for role, names in ROLES.items() for name in names})
        for name, method in methods.items():
            self.assertTrue(method["role"] == "change" or not method["changes"], name)
        names = sorted(methods)
        answers = self.answers(daemon, [READ.gr_gid], *((name, {"vport": 1, "x": 1}) for name in names))
        for name, answer in zip(names, answers):
            refused = answer.get("error", {}).get("code") == -32001
            self.assertEqual(refused, name in ROLES["change"], name)
            if refused:
                self.assertEqual((answer["error"]["data"]["status"], answer["error"]["data"]["field"]), ("NOT_ACCEPTED", "method"))
                self.assertRegex(answer["error"]["message"], rf'{re.escape(name)} is not for user {NOBODY} \(process \d+, "python3"\), who '
                                                             rf"may only look: root and members of group {CHANGE.gr_name} may change")
        self.assertEqual(daemon.everything(), before)


    def test_by_group(self):
        daemon = self.shared
        about = os.stat(daemon.socket)
        self.assertEqual((stat.S_IMODE(about.st_mode), about.st_gid), (0o660, CHANGE.gr_gid))
        many = list(range(200000, 200200))
        change = ("filter.add", {"vport": 1, "mac": "02:00:00:00:00:02"})
        for groups, look, changes in (([CHANGE.gr_gid], 0, 0), ([NOBODY, CHANGE.gr_gid], 0, 0), ([NOBODY, *many, CHANGE.gr_gid], 0, 0),
                                      ([READ.gr_gid], 0, -32001), ([NOBODY, READ.gr_gid], 0, -32001),
                                      ([NOBODY, *many, READ.gr_gid], 0, -32001), ([READ.gr_gid, CHANGE.gr_gid], 0, 0),
                                      ([OTHER.gr_gid], "PermissionError", "PermissionError"),
                                      ([NOBODY, *many], "PermissionError", "PermissionError")):
            self.assertEqual(self.code(daemon, groups, "adapter.show"), look, groups[:2])
            self.assertEqual(self.code(daemon, groups, *change), changes, groups[:2])
            daemon.ask("config.apply", yaml=CONFIG)
        self.assertEqual(self.code(daemon, [OTHER.gr_gid], *change, uid=0), 0)
        daemon.ask("config.apply", yaml=CONFIG)

    def test_stranger_is_told(self):
        """Where the file system lets in who has no role, vmmqd does not."""
        daemon = self.shared
        os.chmod(daemon.socket, 0o666)
        self.addCleanup(os.chmod, daemon.socket, 0o660)
        answers = self.answers(daemon, [OTHER.gr_gid], ("adapter.show", {}), ("adapter.show", {}))
        self.assertEqual((answers[0]["error"]["code"], answers[1]), (-32001, None))
        self.assertRegex(answers[0]["error"]["message"],
                         rf'^user {NOBODY} \(process \d+, "python3"\) may not use this socket: root and members of group '
                         rf"{CHANGE.gr_name} or {READ.gr_name} may look; root and members of group {CHANGE.gr_name} may change$")

        def another():  # as such lines are paced
            self.answers(daemon, [OTHER.gr_gid], ("adapter.show", {}))
            return re.search(rf'audit: user {NOBODY}, process \d+ "python3": connecting: not allowed to that user', daemon.log_text())

        wait_until(another, "a line of a stranger", pause=0.2)

    def reader(self, daemon, *words):
        return as_user(NOBODY, [READ.gr_gid], lambda: list(subprocess_run(daemon, words)))

    def test_not_for_readers(self):
        daemon = self.shared
        shown, exported, changed = self.answers(daemon, [READ.gr_gid], ("rss.show", {"vport": 1}), ("config.show", {}),
                                                ("oid.request", {"oid": 0x10203, "method": "query", "vport": 1, "buffer": "00" * 400}))
        self.assertIsNone(shown["result"]["key"])
        self.assertIn('key: "hidden"', exported["result"]["yaml"])
        self.assertIn("not shown to who may only look", exported["result"]["notice"])
        self.assertEqual(changed["error"]["code"], -32001)
        self.assertNotIn(KEY, json.dumps([shown, exported, changed]))
        refused = self.refused(-32000, daemon.ask, "config.apply", yaml=exported["result"]["yaml"])
        self.assertIn("only who may change sees keys", str(refused))
        shown, exported = self.answers(daemon, [CHANGE.gr_gid], ("rss.show", {"vport": 1}), ("config.show", {}))
        self.assertEqual(shown["result"]["key"], KEY)
        self.assertIn(KEY, exported["result"]["yaml"])
        self.assertIsNone(exported["result"]["notice"])

    @unittest.skipUnless("VMMQ" in os.environ, "needs VMMQ")
    def test_command(self):
        """What it cannot show it says in a sentence."""
        daemon = self.shared
        status, out, err = self.reader(daemon, "show", "rss", "web")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("not shown to who may only look", " ".join(out.split()))
        status, out, err = self.reader(daemon, "show", "config")
        self.assertIn('key: "hidden"', out)
        self.assertIn('vmmq show config: note: hash secret keys are not shown to who may only look: "hidden" is in their place', err)
        self.assertEqual(status, 0)
        status, out, err = self.reader(daemon, "explain", "--connect", daemon.socket, "--flow",
                                       "tcp 192.0.2.1:1 > 192.0.2.2:2", "--mac", "02:00:00:00:00:01")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("not shown to who may only look", err)
        self.assertIn("ask as a member of vmmqd's --change-group", err)
        status, out, err = as_user(NOBODY, [OTHER.gr_gid], lambda: list(subprocess_run(daemon, ("show", "adapter"))))
        self.assertEqual((status, out), (1, ""))
        self.assertIn(f"you are neither in group {CHANGE.gr_name} nor in vmmqd's --read-group", err)
        for words in (("vport", "add"), ("rss", "disable", "web"), ("apply", daemon.config), ("top", "--once")):
            status, out, err = self.reader(daemon, *words)
            self.assertEqual(status, 0 if words[0] == "top" else 1, err)
            self.assertNotIn(KEY, out + err)

    def test_state_is_private(self):
        daemon = self.shared
        files = [name for name in os.listdir(daemon.directory) if name.startswith("state.db")]
        self.assertIn("state.db", files)
        for name in files:
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(daemon.directory, name)).st_mode) & 0o077, 0, name)


@unittest.skipUnless(ROOT, "needs root: to become other users")
class Peers(Roles):
    def test_permissions_with_one_group(self):
        daemon = self.start("--read-group", READ.gr_name)
        about = os.stat(daemon.socket)
        self.assertEqual((stat.S_IMODE(about.st_mode), about.st_gid), (0o660, READ.gr_gid))
        self.assertEqual(self.code(daemon, [OTHER.gr_gid], "adapter.show"), "PermissionError")
        self.assertEqual(self.code(daemon, [READ.gr_gid], "adapter.show"), 0)
        self.assertEqual(self.code(daemon, [READ.gr_gid], "vport.add"), -32001)

    def test_ordinary_user(self):
        """A vmmqd of an ordinary user is his alone, and root's."""
        os.chmod(self.directory, 0o777)
        daemon = self.daemon(CONFIG)
        daemon.start(user=NOBODY, group=OTHER.gr_gid, extra_groups=[])
        self.assertEqual(stat.S_IMODE(os.stat(daemon.socket).st_mode), 0o600)
        self.assertEqual(self.code(daemon, [OTHER.gr_gid], "vport.add"), 0)
        self.assertEqual(self.code(daemon, [OTHER.gr_gid], "adapter.show", uid=1234567), "PermissionError")
        os.chmod(daemon.socket, 0o666)
        answer = self.answers(daemon, [OTHER.gr_gid], ("adapter.show", {}), uid=1234567)[0]
        self.assertIn(f"root and user {NOBODY} may look; root and user {NOBODY} may change", answer["error"]["message"])
        daemon.ask("vport.add")

    def test_ordinary_user_with_groups(self):
        """Groups of which vmmqd is no member may be let in all the same."""
        os.chmod(self.directory, 0o777)
        daemon = self.daemon(CONFIG, options=("--change-group", CHANGE.gr_name, "--read-group", READ.gr_name))
        daemon.start(user=NOBODY, group=OTHER.gr_gid, extra_groups=[])
        self.assertEqual(self.code(daemon, [CHANGE.gr_gid], "vport.add", uid=1234567), 0)
        self.assertEqual(self.code(daemon, [READ.gr_gid], "adapter.show", uid=1234567), 0)
        self.assertEqual(self.code(daemon, [READ.gr_gid], "vport.add", uid=1234567), -32001)
        self.assertEqual(self.code(daemon, [OTHER.gr_gid], "adapter.show", uid=1234567), "PermissionError")


class Keys(Roles):
    def test_neither_in_events_nor_in_the_log(self):
        """Whatever goes right or wrong with them: the log has all levels here."""
        other, wrong = "2e" * 40, "3d" * 39 + "4"
        daemon = self.start()
        with daemon.client() as listener, daemon.client() as client:
            listener.ask("monitor.subscribe")
            client.ask("rss.set", vport=1, key=other)
            for refused in ({"vport": 1, "key": wrong}, {"vport": 1, "key": int("3" * 18)}, {"vport": 99, "key": other}):
                client.request("rss.set", refused)
                self.assertIn("error", client.answer())
            for misplaced in ({"vport": 1, "hash_types": [wrong]}, {"vport": 1, "indirection_table": [other]}, {"vport": 1, "enabled": KEY}):
                client.request("rss.set", misplaced)
                self.assertIn("error", client.answer())
            client.request("config.apply", {"yaml": f"adapter: {{processors: [0, 1]}}\nvports: [{{id: 1, rss: {other}}}]\n"})
            self.assertIn("error", client.answer())
            client.request("vport.add", {"rss": {"key": wrong}})
            self.assertIn("found a text of 79 bytes", client.answer()["error"]["message"])
            for key in (wrong, ":".join([wrong] * 2)):
                client.request("config.apply", {"yaml": CONFIG.replace(KEY, key)})
                self.assertIn("found a key", client.answer()["error"]["message"])
            client.request("oid.request", {"oid": 0x10204, "method": "set", "vport": 1, "buffer": other * 2})
            client.answer()
            client.ask("config.apply", yaml=CONFIG)
            daemon.write_config(CONFIG.replace(KEY, other))
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for_log("configuration applied: 1 change")
            daemon.write_config(CONFIG.replace(KEY, wrong))
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for_log("configuration not applied")
            client.ask("vport.add", name="last")
            events = b""
            while b'"last"' not in events:
                events += listener.line()
        self.assertEqual(daemon.stop(), 0)
        for text in (events.decode(), daemon.log_text()):
            self.assertIn("rss.key changes", text)
            for key in (KEY, other, wrong, "3" * 18):
                self.assertNotIn(key[:18], text)


def subprocess_run(daemon, words):
    run = subprocess.run([os.environ["VMMQ"], *words], env={**os.environ, "VMMQ_SOCKET": daemon.socket}, stdin=subprocess.DEVNULL,
                         capture_output=True, text=True, timeout=HANG, check=False)
    return run.returncode, run.stdout, run.stderr


class Audit(Roles):
    def lines(self, daemon):
        return [line.split(" audit: ", 1)[1] for line in daemon.log_text().splitlines() if " audit: " in line]

    def test_every_change_leaves_one_line(self):
        daemon = self.start("--log-level", "notice")
        who = f'user {os.getuid()}, process {os.getpid()} "python3": '
        me = daemon.client()
        self.addCleanup(me.close)
        asked = (("vport.add", {"name": "a\u202eb", "rss": {"key": KEY}}, 'vport.add {"name":"a\\u202Eb","rss":{"key":"(not shown)"}}: done, vport 2'),
                 ("filter.add", {"vport": "web", "mac": "02:00:00:00:00:09", "vlan": 5},
                  'filter.add {"vport":"web","mac":"02:00:00:00:00:09","vlan":5}: done, filter 2'),
                 ("vport.set", {"vport": 99, "queue_pairs": 2},
                  'vport.set {"vport":99,"queue_pairs":2}: refused (INVALID_PORT): vport: there is no VPort 99'),
                 ("vport.set", {"vport": 1, "nam": "x"}, "vport.set: refused (INVALID_PARAMETER): nam: unknown member; did you mean name?"),
                 ("rss.move", {"vport": 1, "moves": [{"entry": 0, "processor": 1}]},
                  'rss.move {"vport":1,"moves":[{"entry":0,"processor":1}]}: done, vport 1, moved 1'),
                 ("config.apply", {"yaml": CONFIG, "dry_run": True}, None),
                 ("config.apply", {"yaml": CONFIG}, f'config.apply {{"yaml":"({len(CONFIG)} characters)"}}: done, 3 changes'),
                 ("oid.request", {"oid": 0x10204, "method": "set", "vport": 1, "buffer": "00" * 8},
                  'oid.request {"oid":66052,"method":"set","vport":1,"buffer":"(16 characters)"}: refused (INVALID_PARAMETER): header.type: '),
                 ("oid.request", {"oid": 0x10204, "method": "query", "vport": 1, "buffer": ""}, None),
                 ("rss.show", {"vport": 1}, None),
                 ("uplink.set", {"vhost_user": {"socket": "up.sock"}}, 'uplink.set {"vhost_user":{"socket":"up.sock"}}: done'))
        for method, params, _ in asked:
            me.request(method, params)
            me.answer()
        wanted = [who + line for _, _, line in asked if line]
        lines = self.lines(daemon)
        self.assertEqual(len(lines), len(wanted), lines)
        for line, start in zip(lines, wanted):
            self.assertTrue(line.startswith(start), (line, start))
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.lines(daemon)[-1].endswith("SIGHUP: the configuration is read again"), "the signal's line")
        self.assertTrue(self.lines(daemon)[-1].startswith(f'user {os.getuid()}, process {os.getpid()} "python3": '))

    def test_names_and_long_ones(self):
        """Programs' names are what their owners like; no line is forged by one, and none is longer than it may be."""
        daemon = self.start("--log-level", "notice")
        pid = os.fork()
        if pid == 0:
            with open("/proc/self/comm", "wb") as file:
                file.write(b'a"\n\x1b[2J\xc2\x9b: ok')
            with daemon.client() as client:
                client.ask("vport.delete", vport=1, with_filters=True)
            os._exit(0)
        os.waitpid(pid, 0)
        self.assertEqual(self.lines(daemon), [f'user {os.getuid()}, process {pid} "a???[2J??: ok": vport.delete {{"vport":1,"with_filters":'
                                              'true}: done, vport 1'])

        filters = [{"mac": "02:00:00:01:%02x:%02x" % (i >> 8, i & 255)} for i in range(1000)]
        daemon.ask("vport.add", name="x" * 250, filters=filters)
        line = self.lines(daemon)[-1]
        self.assertIn('vport.add {"name":"(250 characters)","filters":[{"mac":"02:00:00:01:00:00"},', line)
        self.assertTrue(line.endswith(",... and 984 more]}: done, vport 1"), line)
        daemon.ask("vport.delete", vport=1, with_filters=True)
        daemon.ask("vport.add", filters=filters, rss={"hash_types": ["ipv4"]}, backend={"vhost_user": {
            "socket": "g" * 20, "features": {"csum": False}}}, name="z" * 190)
        long = self.lines(daemon)[-1]
        self.assertTrue(long.endswith("...: done, vport 1"), long)
        self.assertLess(len(long), 700)

    @unittest.skipUnless(ROOT, "needs root: to become other users")
    def test_refusals_are_paced(self):
        daemon = self.start("--log-level", "notice", "--change-group", CHANGE.gr_name, "--read-group", READ.gr_name)
        answers = self.answers(daemon, [READ.gr_gid], *[("vport.add", {"name": "no"})] * 500)
        self.assertEqual({answer["error"]["code"] for answer in answers}, {-32001})

        def another():
            self.code(daemon, [READ.gr_gid], "uplink.clear")
            return "uplink.clear: not allowed to that user; " in daemon.log_text()

        wait_until(another, "a line that says how many were left out", pause=0.1)
        lines = self.lines(daemon)
        self.assertRegex(lines[0], rf'^user {NOBODY}, process \d+ "python3": vport.add: not allowed to that user$')
        self.assertRegex("\n".join(lines), r"uplink.clear: not allowed to that user; \d+ more were not told")
        self.assertLess(len(lines), 200)


if __name__ == "__main__":
    main()
