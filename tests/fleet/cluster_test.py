# SPDX-License-Identifier: BSD-2-Clause
"""The client in C against a Raft cluster of three ovsdb-servers and a relay: members die and come back, and rows are read once."""
import os
import sys
import tempfile
import unittest

from client_test import known, stored
from cluster import Cluster
from follow import Follow
from store import host, uuid_set, vport

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import wait_until  # noqa: E402


class Members(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.cluster = Cluster(self.folder.name)
        self.addCleanup(self.cluster.stop)
        self.members, self.remotes = self.cluster.members, self.cluster.remotes

    def agrees(self, follow, store):
        wait_until(lambda: known(follow) == stored(store), lambda: f"{known(follow)} is not {stored(store)}")

    def raise_generation(self, follow, generation):
        """By whoever takes it, as often as it needs."""
        update = {"op": "update", "table": "VPort", "where": [["name", "==", "web"]], "row": {"generation": generation}}
        wait_until(lambda: follow.transact(update)[0] == "committed", "a transaction")

    def fill(self, follow):
        """A server remembers transactions that together are no larger than its database: so there are rows, and a small one after them."""
        self.assertEqual("committed", follow.transact(host("hv1"), vport("web", host=uuid_set("hv1")),
                                                      *(vport(f"v{number}", number) for number in range(2, 30)))[0])
        self.raise_generation(follow, 1)
        self.raise_generation(follow, 0)
        self.raise_generation(follow, 1)

    def test_members_that_die(self):
        with Follow(*self.remotes) as follow, Follow("--leader-only", *self.remotes) as loyal:
            follow.following(whole=1)
            self.fill(follow)
            for generation, choice in ((2, self.cluster.leader), (3, lambda: self.by_remote(follow))):
                died = choice()
                died.kill()
                self.raise_generation(follow, generation)
                self.agrees(follow, self.by_remote(follow))
                died.start()
                wait_until(lambda: self.cluster.role(died), "who came back")
            for member in self.members:  # one that lags would be given a copy, and remember nothing
                self.agrees(follow, member)
            for member in self.members:  # what is compacted is remembered all the same
                member.appctl("ovsdb-server/compact")
            self.by_remote(follow).kill()
            self.raise_generation(follow, 4)
            self.agrees(follow, self.by_remote(follow))
            # One that lags behind on a busy machine is given a copy by the others all the same, and cannot go on for anybody then.
            state = follow.state()
            self.assertGreaterEqual(state["whole"] + state["resumed"], 3)
            self.assertGreaterEqual(state["resumed"], 1)
            wait_until(lambda: loyal.following()["remote"] == self.cluster.leader().remote, "the leader is followed")
            self.agrees(loyal, self.by_remote(loyal))

    def by_remote(self, follow):
        remote = follow.following()["remote"]
        return next(member for member in self.members if member.remote == remote)

    def test_a_client_that_starts_again(self):
        """What it saved it goes on with: one row is read, of thirty."""
        saved = os.path.join(self.folder.name, "saved")
        with Follow("--saved", saved, *self.remotes) as follow:
            follow.following()
            self.fill(follow)
        with Follow(*self.remotes) as other:
            other.following()
            self.raise_generation(other, 2)
        with Follow("--saved", saved, *self.remotes) as follow:
            follow.following(whole=0, resumed=1)
            self.agrees(follow, self.by_remote(follow))
            told = [(event["before"] and event["before"]["generation"], event["after"]["generation"]) for event in follow.of("row")
                    if event["after"].get("name") == "web"]
            self.assertEqual([(None, 1), (1, 2)], told)
        with Follow("--saved", saved, *self.remotes) as follow:  # rows that are chosen otherwise are read anew
            follow.command(where=["VPort", [["name", "==", "web"]]])
            follow.until(lambda: follow.state()["state"] == "following" and list(follow.dump()["VPort"].values()), "rows")
            wait_until(lambda: [row["name"] for row in follow.dump()["VPort"].values()] == ["web"], "web alone")

    def test_a_member_that_has_lost_the_others(self):
        self.members[1].kill()
        self.members[2].kill()
        with Follow(self.members[0].remote) as follow:
            follow.said("it is not connected to its cluster")
            self.members[1].start()
            follow.following(whole=1)

    def test_a_relay(self):
        relay = self.cluster.relay
        with Follow(relay.remote) as reader, Follow(*self.remotes) as writer:
            reader.following(whole=1)
            writer.following()
            self.assertEqual("committed", writer.transact(vport("web"))[0])
            reader.row(lambda before, after: after and after["name"] == "web")
            reader.command(transact=[vport("mail", 2)], id=7)
            refused, = reader.until(lambda: reader.of("done"), "its refusal")
            self.assertIn("this server is a relay", refused["why"])
            relay.kill()
            self.raise_generation(writer, 2)
            relay.start()
            reader.row(lambda before, after: after and after["generation"] == 2)

    def test_a_relay_that_is_preferred(self):
        """It is followed while it is there; another server is until it is there again, and nothing is read twice."""
        relay = self.cluster.relay
        with Follow("--near", "1", "--home-ms", "50", relay.remote, *self.remotes) as follow:
            self.assertEqual(relay.remote, follow.following(whole=1)["remote"])
            relay.kill()
            follow.until(lambda: follow.state()["state"] == "following" and follow.state()["remote"] in self.remotes, "a member")
            self.assertEqual(1, follow.state()["whole"])
            relay.start()
            follow.until(lambda: follow.state()["state"] == "following" and follow.state()["remote"] == relay.remote, "the relay again")
            follow.said("a server that is preferred is there again")
            self.assertEqual(1, follow.state()["whole"])


if __name__ == "__main__":
    unittest.main()
