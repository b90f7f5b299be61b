# SPDX-License-Identifier: BSD-2-Clause
"""VPorts that move, in all ways that administrators have; some are left under way, taken back, sent elsewhere or changed meanwhile."""
import collections
import os
import socket
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "live"))
from chaos_admin import NONE, SETTLES, Wrong, named  # noqa: E402
from frontend import Frontend  # noqa: E402

HOSTS = "abc"
LEFT = 2  # moves of each that are left under way


class Guest:
    """A guest that arrives at a host that may die: it comes again, and sends a frame each time it is asked to."""

    def __init__(self, path, number):
        self.path, self.front = path, None
        self.frame = bytes.fromhex("ffffffffffff") + bytes([2, 0, 0, 0, 0, number]) + b"\x08\x06" + bytes(46)

    def hung_up(self):
        try:
            return not self.front.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False

    def send(self):
        try:
            if self.front and self.hung_up():
                self.leave()
            if not self.front:
                self.front = Frontend(self.path, waits=False)
                self.front.socket.settimeout(5)
                self.front.start()
            self.front.send([self.frame])
        except (OSError, ConnectionError):
            self.leave()

    def leave(self):
        if self.front:
            self.front.close()
        self.front = None


class Mover:
    """An administrator who moves VPorts of these names, one after the other; those called f… with the guest's first frame."""

    def __init__(self, admin, names, uuid, directory):
        self.admin, self.names, self.uuid, self.directory = admin, names, uuid, directory
        self.chance = admin.chance
        self.hosts = {value: name for name, value in uuid.items()}
        self.kinds, self.begun, self.first_frames = collections.Counter(), 0, set()
        self.ready, self.acknowledged = [], 0.0

    # --- what is so ---
    def on(self, name, column="host"):
        value = self.admin.known[name][column]
        return self.hosts[value[1]] if value[0] == "uuid" else None

    def uuid_of(self, on):
        return ["uuid", self.uuid[on]] if on else NONE

    def arrived(self, name, at, to):
        """The destination is active with the row of now, and the host has let go."""
        rows = self.admin.select("VPort_Status", [["vport", "==", name]])
        states = {row["host"]: (row["state"], row["generation"]) for row in rows}
        generation = self.admin.known[name]["generation"]
        return states.get(to) == ("active", generation) and states.get(at, ("released",))[0] == "released"

    def elsewhere(self, name):
        return self.chance.choice([one for one in HOSTS if one not in (self.on(name), self.on(name, "destination"))])

    # --- a move ---
    def destine(self, name, to):
        """The move begins."""
        self.begun += 1
        if name[0] == "f":
            self.first_frames.add((name, frozenset((self.on(name), to))))
        self.admin.change(name, destination=self.uuid_of(to))

    def finish(self, name):
        """Waits for what is under way, and ends it."""
        at, to = self.on(name), self.on(name, "destination")
        if not to:
            return
        guest = Guest(os.path.join(self.directory, to, name + ".sock"), int(name[1:])) if name[0] == "f" else None
        end = time.monotonic() + SETTLES
        while not self.arrived(name, at, to):
            if guest:
                guest.send()
            if time.monotonic() > end:
                raise Wrong(f"{name} does not get from {at} to {to} in {SETTLES:.0f} s: "
                            f"{self.admin.select('VPort_Status', [['vport', '==', name]])}")
            time.sleep(0.1)
        if guest:
            guest.leave()
        self.admin.change(name, host=self.uuid_of(to), destination=NONE)

    def finish_all(self):
        for name in self.names:
            self.finish(name)

    def by_rows(self, name):
        self.destine(name, self.elsewhere(name))
        self.finish(name)

    def by_command(self, name):
        """vmmq fleet move, which may be killed; what it says was done is so."""
        if name[0] == "f":
            self.by_rows(name)
            return
        to, before = self.elsewhere(name), self.admin.known[name]["generation"]
        self.begun += 1
        status, said = self.admin.command("move", name, to, "--wait", "60", kill_after=self.chance.choice((None, None, 0.5)))
        if status == 0:
            self.admin.known[name] = now = self.admin.learn(name, before + 2)
            if now["host"] != self.uuid_of(to) or now["destination"] != NONE:
                raise Wrong(f"vmmq fleet move {name} {to} said that it is done, and the row is {now}")
            return
        self.admin.settle(name)
        self.finish(name)

    def by_host_alone(self, name):
        """Without a destination: here, then there."""
        if name[0] == "f":
            self.by_rows(name)
            return
        self.begun += 1
        self.admin.change(name, host=self.uuid_of(self.elsewhere(name)))

    def made_anew(self, name):
        """Deleted, and there again on another host, in one transaction."""
        if name[0] == "f":
            self.by_rows(name)
            return
        self.begun += 1
        self.admin.change(name, anew=True, host=self.uuid_of(self.elsewhere(name)))

    def taken_back(self, name):
        self.destine(name, self.elsewhere(name))
        time.sleep(self.chance.random())
        self.admin.change(name, destination=NONE)

    def sent_elsewhere(self, name):
        """To one host, and before it is there to another one."""
        if name[0] == "f":
            self.by_rows(name)
            return
        self.destine(name, self.elsewhere(name))
        time.sleep(self.chance.random())
        self.admin.change(name, destination=self.uuid_of(self.elsewhere(name)))
        self.finish(name)

    def as_it_comes(self, name):
        """Here, there, nowhere, from where it is not to where it is, one change after the other; then on one host."""
        if name[0] == "f":
            self.by_rows(name)
            return
        self.begun += 1
        for _ in range(self.chance.randrange(2, 6)):
            self.admin.change(name, host=self.uuid_of(self.chance.choice((*HOSTS, None))), activation=self.chance.choice(("at_once", "first_frame")),
                              destination=self.uuid_of(self.chance.choice((*HOSTS, None))))
            time.sleep(self.chance.choice((0, 0, 0.3)))
        self.admin.change(name, host=self.uuid_of(self.chance.choice(HOSTS)), destination=NONE, activation="at_once")

    def changed_meanwhile(self, name):
        """Nonsense among it, which is refused, and goes."""
        self.destine(name, self.elsewhere(name))
        macs = self.admin.known[name]["macs"]
        for _ in range(self.chance.randrange(1, 4)):
            self.admin.change(name, rss=self.chance.choice(("on", "off", "hash_only")), scaling=self.chance.choice(("static", "dynamic")),
                              vlans=["set", sorted(self.chance.sample(range(1, 4095), self.chance.choice((0, 2, 3))))],
                              macs=macs if self.chance.random() < 0.8 else "nonsense, 17 long")
        self.admin.change(name, macs=macs)
        self.finish(name)

    def work(self, count):
        """So many moves, one after the other."""
        ways = (self.by_rows, self.by_command, self.by_host_alone, self.made_anew, self.taken_back, self.sent_elsewhere, self.changed_meanwhile,
                self.as_it_comes)
        for _ in range(count):
            name = self.chance.choice(self.names)
            self.finish(name)
            way = self.chance.choices(ways, (6, 6, 2, 1, 2, 2, 3, 3))[0]
            self.kinds[way.__name__.replace("_", " ")] += 1
            way(name)

    def make_ready(self):
        """Chooses what is left under way."""
        self.ready = self.chance.sample(self.names, LEFT)
        for name in self.ready:
            self.finish(name)

    def leave_under_way(self):
        for name in self.ready:
            self.kinds["left under way"] += 1
            self.destine(name, self.elsewhere(name))
        self.acknowledged = time.monotonic()

    def take_first_frames(self):
        """(name, {host, destination}) of moves since it was last asked, and of those that are under way."""
        taken, self.first_frames = self.first_frames, {(name, frozenset((self.on(name), self.on(name, "destination")))) for name in self.names
                                                       if name[0] == "f" and self.on(name, "destination")}
        return taken
