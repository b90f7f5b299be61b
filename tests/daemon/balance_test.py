#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Load that really moves: a capture with skewed flows, again and again, to a dynamic VPort whose table names one processor."""
import json
import os
import random
import struct
import subprocess

from daemon import HANG, DaemonTest, Refused, main, wait_until

PROGRAM = os.environ.get("VMMQ", "vmmq")
FLOWS, PACKETS, ENTRIES = 200, 4096, 16
CONFIG = """
adapter:
  processors: [0, 1, 2, 3]
  uplink: {device: "net_pcap0,rx_pcap=%s,infinite_rx=1"}
  balance: {tick: 5}
vports:
  - id: 1
    name: web
    queue_pairs: 4
    scaling: %s
    filters: [{mac: "02:00:00:00:00:01"}]
    rss: {enabled: true, indirection_table: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}
    backend: {device: "net_null1,no-rx=1"}
  - {id: 2, name: still, queue_pairs: 2}
"""


def frame(port):
    udp = struct.pack(">HHHH", port, 5001, 26, 0) + b"x" * 18
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 46, 0, 0, 64, 17, 0, bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]))
    return bytes.fromhex("0200000000010200000000990800") + ip + udp


def write_capture(path):
    chosen = random.Random(1).choices(range(FLOWS), [1 / (i + 1) for i in range(FLOWS)], k=PACKETS)
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for flow in chosen:
            data = frame(1000 + flow)
            file.write(struct.pack("<IIII", 0, 0, len(data), len(data)) + data)


class BalanceTest(DaemonTest):
    def begin(self, scaling="dynamic"):
        capture = os.path.join(self.directory, "skewed.pcap")
        write_capture(capture)
        self.running = self.daemon(CONFIG % (capture, scaling)).start()

    def show(self, *words):
        result = subprocess.run([PROGRAM, *words, "--connect", self.running.socket], capture_output=True, text=True,
                                timeout=HANG, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def effective(self):
        return self.running.ask("rss.show", vport=1)["effective"]["indirection_table"]

    def lane(self, entry):
        return next(lane for lane in self.running.ask("balance.show", vport=1)["lanes"] if lane.get("entry") == entry)

    def moved(self):
        return sum(self.running.ask("balance.show")["moved"].values())

    def test_load_moves_and_all_are_told_so(self):
        self.begin()
        with self.running.client() as monitor:
            monitor.ask("monitor.subscribe")
            event = monitor.answer()["params"]
            while event["event"] != "balance.moved":
                event = monitor.answer()["params"]
        self.assertEqual((event["vport"], event["name"]), (1, "web"))
        self.assertIn(event["reason"], ["spread", "grow", "exchange", "coalesce", "evacuate"])
        self.assertRegex(event["text"], r"processor \d|load is low")
        wait_until(lambda: len(set(self.effective())) > 1, "entries on several processors")
        rss = self.running.ask("rss.show", vport=1)
        self.assertEqual(rss["indirection_table"], [0] * ENTRIES)
        self.assertIn("scaling is dynamic", rss["reason"])

        seen = self.running.ask("balance.show")
        self.assertIsNone(seen["reason"])
        self.assertEqual(seen["settings"]["tick"], 5)
        self.assertEqual([vport["vport"] for vport in seen["vports"]], [1])
        self.assertEqual([row["processor"] for row in seen["processors"]], [0, 1, 2, 3])
        move = seen["moves"][0]
        self.assertGreaterEqual(move["ago"], 0)
        self.assertNotEqual(move["from"], move["to"])
        text = self.show("show", "balance")
        for word in ["Dynamic VMMQ: 1 VPort, a look every 5 ms", "Last moves", "VPort 1, ", " ago", "from processor"]:
            self.assertIn(word, text)
        self.assertIn("entry 15", self.show("show", "balance", "web"))
        self.assertIn("in effect", self.show("show", "rss", "web"))

    def test_explain_knows_where_an_entry_is(self):
        self.begin()
        wait_until(lambda: len(set(self.effective())) > 1, "entries on several processors")
        self.running.ask("balance.set", budget=1, tick=1000)  # it is to stay for a moment

        def told():
            before = self.effective()
            text = self.show("explain", "--mac", "02:00:00:00:00:01", "--flow", "udp 10.0.0.1:1000 > 10.0.0.2:5001")
            entry = int(text.split("-> VPort 1 (web)")[1].split("by entry ")[1].split()[0])
            return before == self.effective() and (entry, before[entry], text)
        entry, processor, text = wait_until(told, "a moment without a move")
        self.assertIn(f"table[{entry}] = processor {processor}", text)
        if processor:
            self.assertRegex(" ".join(text.split()), rf"Entry {entry} was moved (from processor \d to {processor} .* ago: |with the load)")

    def test_the_heaviest_lanes_flows_are_named(self):
        self.begin()
        wait_until(lambda: any(vport["load"] > 0 for vport in self.running.ask("balance.show", vport=1)["vports"]), "load that is seen")

        def flows():
            seen = json.loads(self.show("show", "balance", "web", "--flows", "--json"))
            return seen["packets"] and seen
        seen = wait_until(flows, "packets of the lane")
        self.assertEqual(seen["vport"], 1)
        self.assertEqual(sum(flow["packets"] for flow in seen["flows"]), seen["packets"])
        self.assertEqual(sum(flow["bytes"] for flow in seen["flows"]), 60 * seen["packets"])
        self.assertEqual([flow["packets"] for flow in seen["flows"]], sorted((flow["packets"] for flow in seen["flows"]), reverse=True))
        for flow in seen["flows"]:
            self.assertRegex(flow["flow"], r"^udp 10\.0\.0\.1:1[0-9]{3} > 10\.0\.0\.2:5001$")
            told = json.loads(self.show("explain", "--mac", "02:00:00:00:00:01", "--flow", flow["flow"], "--json"))
            self.assertEqual(told["entry"], seen["entry"], flow)

        def told():  # where no packet comes while it looks it says so
            text = self.show("show", "balance", "--flows")
            return "no packet of it came" not in text and text
        text = wait_until(told, "packets of the lane, once more")
        for word in ["Flows of ", "of VPort 1: ", "of processor", "looked at", "FLOW"]:
            self.assertIn(word, text)

    def test_flows_are_asked_for_first(self):
        self.begin("static")
        for method, params, words in [("balance.flows", {}, "balance.sample begins that"), ("balance.sample", {}, "no VPort is dynamic"),
                                      ("balance.sample", {"vport": "web"}, "VPort 1 is static"), ("balance.sample", {"vport": 77}, "77")]:
            with self.assertRaises(Refused) as refused:
                self.running.ask(method, **params)
            self.assertIn(words, str(refused.exception))
        self.running.ask("vport.set", vport=1, scaling="dynamic")
        first, second = self.running.ask("balance.sample", vport=1), self.running.ask("balance.sample")
        self.assertEqual((first["vport"], second["vport"]), (1, 1))
        self.assertGreaterEqual(self.running.ask("balance.flows")["packets"], 0)
        with self.assertRaises(Refused):
            self.running.ask("balance.flows")

    def test_nothing_of_it_is_on_disk(self):
        self.begin()
        before = self.running.ask("config.show")["yaml"]
        wait_until(lambda: len(set(self.effective())) > 1, "entries on several processors")
        self.assertEqual(self.running.ask("config.show")["yaml"], before)
        self.running.ask("vport.set", vport=2, queue_pairs=3)  # something that is
        self.assertEqual(self.running.stop(), 0)
        self.running.start()
        self.assertEqual(self.running.ask("rss.show", vport=1)["indirection_table"], [0] * ENTRIES)
        wait_until(lambda: len(set(self.effective())) > 1, "entries on several processors again")

    def test_by_hand_and_by_load_do_not_fight(self):
        self.begin()
        wait_until(lambda: len(set(self.effective())) > 1, "entries on several processors")
        self.running.ask("rss.move", vport=1, moves=[{"entry": 5, "processor": 3}])
        self.assertTrue(self.lane(5)["pinned"])
        count = self.running.ask("balance.show")["ticks"]
        wait_until(lambda: self.running.ask("balance.show")["ticks"] > count + 50, "ticks")
        self.assertEqual(self.effective()[5], 3)
        self.assertEqual(self.running.ask("rss.show", vport=1)["indirection_table"], [0] * 5 + [3] + [0] * 10)
        self.running.ask("rss.set", vport=1, indirection_table=[1, 2] * 8)
        self.assertFalse(self.lane(5)["pinned"])
        self.assertEqual(self.running.ask("rss.show", vport=1)["indirection_table"], [1, 2] * 8)

        self.running.ask("vport.set", vport=1, scaling="static")
        self.assertEqual(self.effective(), [1, 2] * 8)
        wait_until(lambda: self.running.ask("balance.show")["reason"] == "no VPort has scaling: dynamic", "rest")
        self.assertEqual(self.running.ask("vport.show", vport=1)["scaling"], "static")

    def test_what_load_has_taken_is_not_in_the_way(self):
        self.begin()
        self.running.ask("vport.set", vport=1, queue_pairs=2)
        used = wait_until(lambda: len(now := set(self.effective())) == 2 and now, "entries on two processors")
        other = next(processor for processor in range(1, 4) if processor not in used)
        self.running.ask("rss.move", vport=1, moves=[{"entry": 5, "processor": other}])
        self.assertEqual(self.effective()[5], other)
        self.assertEqual(self.running.ask("rss.show", vport=1)["indirection_table"], [0] * 5 + [other] + [0] * 10)

    def test_what_ndis_moves_stays(self):
        self.begin()
        wait_until(lambda: len(set(self.effective())) > 1, "entries on several processors")
        request = os.path.join(self.directory, "move")

        def moved():
            at = self.effective()[7]  # moves must come from where it is, and the load may be quicker
            subprocess.run([PROGRAM, "oid", "--build", "rss-move", f"1:7={3 - at}", "-o", request], check=True, timeout=HANG)
            answer = subprocess.run([PROGRAM, "oid", "--connect", self.running.socket, "-p", str(at), request],
                                    capture_output=True, text=True, timeout=HANG, check=False)
            return answer.returncode == 0 and "NOT_ACCEPTED" not in answer.stdout and self.lane(7)
        lane = wait_until(moved, "a move that is accepted")
        self.assertTrue(lane["pinned"] and not lane["moved"], lane)
        self.assertEqual(lane["requested"], lane["processor"])
        self.assertEqual(self.running.ask("rss.show", vport=1)["indirection_table"][7], lane["processor"])

    def test_what_is_refused(self):
        self.begin("static")
        for method, params, path, words in [
                ("vport.set", {"vport": 1, "scaling": "auto"}, "scaling", "one of static, dynamic is needed"),
                ("vport.set", {"vport": 1, "min_queue_pairs": 5}, "min_queue_pairs", "queue_pairs is 4"),
                ("vport.set", {"vport": 1, "min_queue_pairs": 3, "queue_pairs": 2}, "min_queue_pairs", "queue_pairs is 2"),
                ("balance.set", {"target": 9}, "target", "10 to 100"),
                ("balance.set", {"tick": 0}, "tick", "1 to 1000"),
                ("balance.set", {"tick": 1001}, "tick", "1 to 1000"),
                ("balance.set", {"target": 101}, "target", "10 to 100"),
                ("balance.set", {"budget": 0}, "budget", "1 to 4096"),
                ("balance.set", {"budget": 5000}, "budget", "1 to 4096"),
                ("balance.set", {"tolerance": -1}, "tolerance", "1 to 100"),
                ("balance.set", {"tolerance": 1 << 40}, "tolerance", "1 to 100"),
                ("balance.set", {"patience": 3}, "patience", "unknown member"),
                ("balance.set", {"coalesce": 1}, "coalesce", "true or false")]:
            with self.assertRaises(Refused) as refused:
                self.running.ask(method, **params)
            self.assertEqual(refused.exception.data["field"], path)
            self.assertIn(words, str(refused.exception))
        self.running.ask("balance.set", target=60, coalesce=False)
        self.assertIn("  balance:\n    tick: 5\n    target: 60\n    tolerance: 7\n    budget: 512\n    coalesce: false\n",
                      self.running.ask("config.show")["yaml"])
        self.assertEqual(self.moved(), 0)


if __name__ == "__main__":
    main()
