# SPDX-License-Identifier: BSD-2-Clause
"""Changes of all kinds, by the control socket and by the command, right ones and wrong ones.

What is refused has to have changed nothing; what is taken is in the configuration that vmmqd shows.
"""
import collections
import os
import subprocess

from daemon import HANG, Refused, wait_until
import frames
import ledger

CHURN = range(16, 32)  # VPorts that come and go
TYPES = ["ipv4", "tcp_ipv4", "udp_ipv4", "ipv6", "tcp_ipv6", "udp_ipv6"]
QUESTIONS = ("adapter.show", "processors.show", "vports.show", "filters.show", "drops.show", "top.show", "config.show", "rpc.discover")


class Changes:
    """guests: VPorts of the well-behaved; the hostile ones have the next two."""

    def __init__(self, soak, guests):
        self.soak, self.random, self.guests = soak, soak.random, list(guests)
        self.vports = self.guests + [guests[-1] + 1, guests[-1] + 2]
        self.made, self.refused = collections.Counter(), collections.Counter()
        self.kinds = [self.rename, self.policy, self.queue_pairs, self.primary, self.rss_set, self.rss_toggle, self.rss_move,
                      self.rss_move, self.filter_add, self.filter_delete, self.filter_move, self.filter_move, self.backend,
                      self.restore, self.restore, self.restore, self.uplink, self.apply, self.oid, self.wrong, self.churn_add, self.churn_delete, self.command, self.ask]

    def step(self):
        change = self.random.choice(self.kinds)
        before = self.soak.configuration() if change == self.wrong else None
        try:
            change()
            self.made[change.__name__] += 1
        except Refused as error:
            self.refused[error.data.get("status") or str(error.code)] += 1
            if before is not None:
                assert self.soak.configuration() == before, f"a refused request has changed something: {error}"

    def call(self, method, /, **params):
        return self.soak.call(method, **params)

    def vport(self):
        return self.random.choice(self.vports)

    def processor(self):
        return self.random.randrange(2)

    def filters(self):
        return self.call("filters.show")["filters"]

    # --- VPorts ---
    def rename(self):
        vport = self.vport()
        self.call("vport.set", vport=vport, name=f"guest{vport}-{self.random.randrange(100)}")

    def policy(self):
        self.call("vport.set", vport=self.vport(), anti_spoofing=self.random.random() < 0.8,
                  flood_limit=self.random.choice((0, 10, 1000)), control_frames=self.random.random() < 0.2)

    def queue_pairs(self):
        self.call("vport.set", vport=self.vport(), queue_pairs=self.random.choice((1, 2, 4)))

    def primary(self):
        self.call("vport.set", vport=self.vport(), primary_processor=self.processor())

    def backend(self):
        """Taken away, and given back."""
        vport = self.random.choice(self.guests)
        self.call("vport.set", vport=vport, backend=None)
        self.call("vport.set", vport=vport, backend=self.soak.backend(vport))

    def uplink(self):
        self.call("uplink.set", vhost_user={"socket": "uplink.sock"}, rx_queues=self.random.choice((1, 2)))

    # --- RSS ---
    def rss_set(self):
        table = [self.processor() for _ in range(1 << self.random.randrange(8))]
        self.call("rss.set", vport=self.vport(), indirection_table=table, key="random", default_processor=self.processor(),
                  hash_types=self.random.sample(TYPES, self.random.randrange(1, 7)), enabled=True)

    def rss_toggle(self):
        self.call(self.random.choice(("rss.enable", "rss.disable")), vport=self.vport())

    def rss_move(self):
        vport = self.vport()
        entries = len(self.call("rss.show", vport=vport)["indirection_table"] or [])
        moves = [{"entry": entry, "processor": self.processor()}
                 for entry in self.random.sample(range(entries), min(entries, self.random.randrange(1, 9)))]
        self.call("rss.move", vport=vport, moves=moves + [{"default": True, "processor": self.processor()}])

    # --- filters ---
    def filter_add(self):
        self.call("filter.add", vport=self.vport(), mac=f"02:00:00:00:06:{self.random.randrange(32):02x}",
                  vlan=self.random.choice((None, None, 7, "any")))

    def filter_delete(self):
        self.call("filter.delete", filter=self.random.choice(self.filters())["filter"])

    def filter_move(self):
        self.call("filter.move", filter=self.random.choice(self.filters())["filter"], to=self.vport())

    def restore(self):
        """Each guest's own address leads to it again, so that there is traffic."""
        have = {row["mac"]: row for row in self.filters() if row["vlan"] is None}
        for vport in self.vports:
            row = have.get(frames.mac(vport).hex(":"))
            if not row:
                self.call("filter.add", vport=vport, mac=frames.mac(vport).hex(":"))
            elif row["vport"] != vport:
                self.call("filter.move", filter=row["filter"], to=vport)

    # --- the rest ---
    def apply(self):
        yaml = self.soak.configuration() if self.random.random() < 0.5 else self.soak.seed_configuration
        dry = yaml == self.soak.seed_configuration  # that would delete VPorts whose counters are needed
        self.call("config.apply", yaml=yaml, dry_run=dry)

    def oid(self):
        self.call("oid.request", oid=0x00010203, method="query", buffer="00" * 64)

    def wrong(self):
        method, params = self.random.choice((
            ("rss.set", {"vport": 1, "key": "6d5a"}), ("rss.set", {"vport": 1, "indirection_table": [0, 1, 0]}),
            ("vport.add", {"id": 70000}), ("vport.add", {"id": 1}), ("vport.delete", {"vport": 0}),
            ("filter.add", {"vport": 1, "mac": "ff"}), ("filter.delete", {"filter": 0}), ("filter.move", {"filter": 1 << 30, "to": 1}),
            ("vport.set", {"vport": 1, "backend": {"vhost_user": {"socket": "/etc/passwd"}}}), ("no.such", {}),
            ("config.apply", {"yaml": "adapter: {processors: [0, 1]}\nvports: [{id: 1}, {id: 1}]\n"}),
            ("rss.move", {"vport": 1, "moves": [{"entry": 0, "processor": 0}, {"entry": 0, "processor": 1}]})))
        self.call(method, **params)
        raise AssertionError(f"{method} {params} was not refused")

    def ask(self):
        self.call(self.random.choice(QUESTIONS))

    def churn_add(self):
        vport = self.random.choice(CHURN)
        self.call("vport.add", id=vport, name=f"churn{vport}", primary_processor=self.processor(), queue_pairs=2,
                  backend={"vhost_user": {"socket": f"churn{vport}.sock"}} if self.random.random() < 0.5 else None)
        self.soak.ledger.born(self.call("vport.show", vport=vport))
        self.call("filter.add", vport=vport, mac=frames.mac(vport).hex(":"))

    def churn_delete(self):
        """One that nothing is sent to any more, so that its last counters can be read."""
        there = [row["vport"] for row in self.call("vports.show")["vports"] if row["vport"] in CHURN]
        if not there:
            return
        vport = self.random.choice(there)
        for row in self.filters():
            if row["vport"] == vport:
                self.call("filter.delete", filter=row["filter"])
        last = []

        def still():
            row = self.call("vport.show", vport=vport)
            last.append((ledger.of_vport(row), row["waiting"], row["held"], row["sending"]))
            return len(last) > 2 and last[-1] == last[-2] == last[-3] and not any(last[-1][1:]) and row

        row = wait_until(still, f"VPort {vport} to be quiet", pause=0.05)
        self.soak.ledger.died(row)
        del self.soak.ledger.before[vport]
        self.call("vport.delete", vport=vport)

    def command(self):
        """The same by the command, which is another client each time."""
        vport = str(self.vport())
        words = self.random.choice((["vport", "set", vport, "--flood-limit", "500"], ["rss", "set", vport, "--table", "0,1", "--key", "random"],
                                    ["rss", "move", vport, "default=1"], ["filter", "add", vport, "02:00:00:00:06:40/9"],
                                    ["show", "vports"], ["show", "drops", "--json"], ["show", "config"], ["rss", "disable", vport]))
        run = subprocess.run([self.soak.vmmq, *words], env={**os.environ, "VMMQ_SOCKET": self.soak.daemon.socket},
                             capture_output=True, text=True, timeout=HANG, check=False)
        assert run.returncode in (0, 1) and (run.returncode == 0 or run.stderr), (words, run)
