# SPDX-License-Identifier: BSD-2-Clause
"""A Raft cluster of three real ovsdb-servers and a relay of it, whose members are killed."""
from store import SCHEMA, Store, run, wait_until

ELECTION_MS = 1000  # a cluster's own


class Cluster:
    """election_ms: without a leader until another is elected."""

    def __init__(self, directory, election_ms=ELECTION_MS):
        self.members = [Store(directory, name) for name in ("one", "two", "three")]
        for member in self.members:
            peer = f"unix:{directory}/{member.name}.raft"
            if member is self.members[0]:
                run("ovsdb-tool", "create-cluster", member.database, SCHEMA, peer)
            else:
                run("ovsdb-tool", "join-cluster", member.database, "VMMQ", peer, f"unix:{directory}/one.raft")
            member.spawn()
        wait_until(lambda: all(self.role(member) for member in self.members), "the cluster")
        self.set_election(election_ms)
        self.relay = Store(directory, "relay", "relay:VMMQ:" + ",".join(self.remotes)).start()

    @property
    def remotes(self):
        return [member.remote for member in self.members]

    @staticmethod
    def status(member):
        """What it says of itself, by name; nothing where it does not run."""
        text = run("ovs-appctl", "-T", "5", "-t", member.control, "cluster/status", "VMMQ", check=False) if member.process else ""
        return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)

    def role(self, member):
        """leader, follower, candidate; None: it does not run, or knows of no leader."""
        status = self.status(member)
        return status.get("Role") if status.get("Leader") not in (None, "unknown") else None

    def set_election(self, election_ms):
        """It is doubled at most, each time, and all have each step."""
        timer = ELECTION_MS
        while timer < election_ms:
            timer = min(2 * timer, election_ms)
            self.leader().appctl("cluster/change-election-timer", "VMMQ", str(timer))
            wait_until(lambda value=str(timer): all(self.status(member).get("Election timer") == value for member in self.members), "the election timer")

    def leader(self):
        return wait_until(lambda: next((member for member in self.members if self.role(member) == "leader"), None), "a leader")

    def follower(self, chance):
        """One that follows, and is not the leader of the moment."""
        leader = self.leader()
        return chance.choice([member for member in self.members if member.process and member is not leader])

    def stop(self):
        for store in (*self.members, self.relay):
            store.kill()
