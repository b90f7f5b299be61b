#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""vmmq replay as a whole program: results, determinism, and everything that can be wrong with its input and output.

    replay_test.py VMMQ SOURCE_ROOT
"""
import gzip
import json
import os
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG  # noqa: E402

VMMQ, ROOT = sys.argv[1], sys.argv[2]
CONFIG = os.path.join(ROOT, "examples/four-vms.yaml")
CAPTURE = os.path.join(ROOT, "examples/four-vms.pcapng")


def vmmq(*arguments, **options):
    return subprocess.run([VMMQ, "replay", *arguments], capture_output=True, text=True, timeout=HANG, **options)


def pcap(packets, linktype=1, wire=None):
    """The bytes of a pcap file: packets, each with its length on the wire (default: as long as it is)."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, linktype)
    for i, packet in enumerate(packets):
        out += struct.pack("<IIII", i, 0, len(packet), wire[i] if wire else len(packet)) + packet
    return out


def tcp(n, length=60):
    """A TCP packet to VPort 1 of the example."""
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, min(length - 14, 65535), 0, 0x4000, 64, 6, 0, bytes((10, 0, n >> 8 & 255, n & 255)),
                     bytes((10, 1, 0, 1)))
    frame = bytes.fromhex("020000000001020000000102") + b"\x08\x00" + ip + struct.pack("!HHIIBBHHH", n & 0xFFFF, 80, 0, 0,
                                                                                      0x50, 2, 0, 0, 0)
    return frame + bytes(max(0, length - len(frame)))


class Replay(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="vmmq-replay-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name, content=None):
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, "wb") as out:
                out.write(content)
        return path

    def records(self, path):
        with open(path) as lines:
            return [json.loads(line) for line in lines]

    def refused(self, done, *words):
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    # What comes out

    def test_summary_agrees_with_records(self):
        out = self.path("out.ndjson")
        done = vmmq("-c", CONFIG, "-r", CAPTURE, "--records", out, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr, "")
        summary, records = json.loads(done.stdout), self.records(out)
        self.assertTrue(summary["complete"])
        self.assertEqual([r["packet"] for r in records], list(range(1, summary["packets"] + 1)))
        self.assertEqual(summary["received"], summary["indicated"] + sum(summary["drops"].values()))
        for vport in summary["vports"]:
            of_vport = [r for r in records if r.get("vport") == vport["vport"]]
            self.assertEqual(vport["packets"], len(of_vport))
            for via in ("table", "default", "primary"):
                self.assertEqual(vport[via], sum(r["via"] == via for r in of_vport))
            for processor in vport["processors"]:
                self.assertEqual(processor["packets"], sum(r["processor"] == processor["processor"] for r in of_vport))
            for name, count in vport["hash_types"].items():
                self.assertEqual(count, sum(r["hash_type"] == name for r in of_vport))
            for entry, count in enumerate(vport["entries"]):
                self.assertEqual(count, sum(r["entry"] == entry for r in of_vport))

    def test_same_whatever_the_threads(self):
        seen = set()
        for arguments in (("--processors", "1"), ("--processors", "3"), (), ("--implementation", "bitwise")):
            out, capture = self.path("out.ndjson"), self.path("out.pcapng")
            done = vmmq("-c", CONFIG, "-r", CAPTURE, "--records", out, "-w", capture, *arguments)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(out, "rb") as records, open(capture, "rb") as packets:
                seen.add((records.read(), packets.read()))
        self.assertEqual(len(seen), 1)

    def test_pcapng_in_tshark(self):
        out, records = self.path("out.pcapng"), self.path("out.ndjson")
        self.assertEqual(vmmq("-c", CONFIG, "-r", CAPTURE, "-w", out, "--records", records).returncode, 0)
        tshark = subprocess.run(["tshark", "-n", "-r", out, "-T", "fields", "-e", "frame.number", "-e",
                                 "frame.interface_name", "-e", "frame.interface_queue", "-e", "frame.comment"],
                                capture_output=True, text=True, timeout=HANG)
        lines = tshark.stdout.splitlines()
        records = self.records(records)
        self.assertEqual(len(lines), len(records))
        names = {0: "host", 1: "vm1-web", 2: "vm2-database", 3: "vm3-gateway", 4: "vm4-voice", 5: "vm1-management"}
        for line, record in zip(lines, records):
            number, name, queue, comment = line.split("\t")
            self.assertEqual((int(number), name, int(queue)),
                             (record["packet"], names[record["vport"]], record["processor"]))
            self.assertIn(record["hash"] or "no hash", comment)
        hashes = subprocess.run(["tshark", "-n", "-r", out, "-X", "read_format:MIME Files Format", "-T", "fields", "-e",
                                 "pcapng.options.option.data.packet.hash.data"], capture_output=True, text=True, timeout=HANG)
        self.assertEqual(hashes.stdout.strip().replace(":", "").split(","),
                         [r["hash"][2:] for r in records if r["hash"]])

    def test_repeat(self):
        out = self.path("out.ndjson")
        done = vmmq("-c", CONFIG, "-r", CAPTURE, "--repeat", "3", "--records", out, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        one = len(self.records(out)) // 3
        self.assertEqual(json.loads(done.stdout)["packets"], 3 * one)
        self.assertEqual(self.records(out)[:one], self.records(out)[one:2 * one])

    def test_zero_length_and_jumbo(self):
        capture = self.path("odd.pcap", pcap([b"", tcp(1, 9000), tcp(1, 65535), tcp(1, 262144), b"\0" * 13, tcp(1)]))
        out, packets = self.path("out.ndjson"), self.path("out.pcapng")
        done = vmmq("-c", CONFIG, "-r", capture, "--records", out, "-w", packets)
        self.assertEqual(done.returncode, 0, done.stderr)
        records = self.records(out)
        self.assertEqual([r.get("drop") for r in records], ["runt", None, None, None, "runt", None])
        self.assertEqual(len({r["hash"] for r in records if "hash" in r}), 1)
        lengths = subprocess.run(["tshark", "-n", "-r", packets, "-T", "fields", "-e", "frame.len"], capture_output=True,
                                 text=True, timeout=HANG)
        self.assertEqual(lengths.stdout.split(), ["9000", "65535", "262144", "60"])

    def test_many_processors(self):
        lines = ["adapter:", "  processors: [" + ", ".join(str(7 * i) for i in range(300)) + "]", "vports:"]
        for vport in range(1, 5):
            table = ", ".join(str(7 * (i * vport % 300)) for i in range(128))
            lines += [f"  - id: {vport}", "    queue_pairs: 128", "    filters: [{mac: \"02:00:00:00:00:0%d\"}]" % vport,
                      "    rss: {enabled: true, indirection_table: [%s]}" % table]
        config = self.path("many.yaml", "\n".join(lines).encode())
        done = vmmq("-c", config, "-r", CAPTURE, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        summary = json.loads(done.stdout)
        self.assertEqual(summary["received"], summary["indicated"])

    def test_standard_streams(self):
        with open(CAPTURE, "rb") as capture:
            done = vmmq("-c", CONFIG, "-r", "-", "--records", "-", stdin=capture)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout.splitlines()[-1])["packet"], len(done.stdout.splitlines()))

    # Bad captures

    def test_truncated(self):
        whole = pcap([tcp(i) for i in range(100)])
        capture, out = self.path("cut.pcap", whole[:-30]), self.path("out.ndjson")
        done = vmmq("-c", CONFIG, "-r", capture, "--records", out)
        self.refused(done, capture, "packet 100", out + ".partial")
        self.assertIn("INCOMPLETE", done.stdout)
        self.assertFalse(os.path.exists(out))
        self.assertEqual([r["packet"] for r in self.records(out + ".partial")], list(range(1, 100)))
        summary = json.loads(vmmq("-c", CONFIG, "-r", capture, "--json").stdout)
        self.assertEqual((summary["complete"], summary["packets"]), (False, 99))
        self.assertIn("packet 100", summary["error"])

    def test_failure_leaves_an_older_result(self):
        capture, out = self.path("cut.pcap", pcap([tcp(1)])[:-1]), self.path("out.ndjson", b"older\n")
        self.refused(vmmq("-c", CONFIG, "-r", capture, "--records", out), capture)
        with open(out) as older:
            self.assertEqual(older.read(), "older\n")

    def test_not_a_capture(self):
        for name, content in (("empty", b""), ("text", b"hello\n" * 100), ("short", pcap([])[:10])):
            with self.subTest(name):
                capture, out = self.path(name, content), self.path("out.ndjson")
                self.refused(vmmq("-c", CONFIG, "-r", capture, "--records", out), capture)
                self.assertFalse(os.path.exists(out))

    def test_no_packets(self):
        done = vmmq("-c", CONFIG, "-r", self.path("none.pcap", pcap([])), "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["packets"]), (0, 0))

    def test_not_ethernet(self):
        self.refused(vmmq("-c", CONFIG, "-r", self.path("raw.pcap", pcap([tcp(1)], 101))), "raw.pcap", "RAW", "thernet")

    # Transmit

    def test_transmit(self):
        seen = set()
        for arguments in ((), ("--processors", "1"), ("--processors", "3", "--implementation", "bitwise")):
            out, capture = self.path("out.ndjson"), self.path("out.pcapng")
            done = vmmq("-c", CONFIG, "--transmit", "2:" + CAPTURE, "--records", out, "-w", capture, *arguments)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(out, "rb") as records, open(capture, "rb") as packets:
                seen.add((records.read(), packets.read()))
        self.assertEqual(len(seen), 1)
        records = self.records(out)
        numbers = [record["packet"] for record in records]
        self.assertEqual(numbers, sorted(numbers))
        completed = [record for record in records if "complete_on" in record]
        self.assertEqual([record["packet"] for record in completed], list(range(1, numbers[-1] + 1)))
        self.assertEqual({record["vport"] for record in completed}, {2})
        self.assertNotIn(2, {record["vport"] for record in records if "processor" in record})

    def test_transmit_completes_where_answers_are_received(self):
        def flow(source, destination):
            addresses = bytes((10, 0, 0, source)) + bytes((10, 0, 0, destination))
            ports = struct.pack("!HH", 1000 + source, 1000 + destination)
            return (bytes((2, 0, 0, 0, 0, 1)) + bytes(6) + b"\x08\x00" + b"\x45" + bytes(8) + b"\x06\0\0" + addresses + ports +
                    bytes(16))

        sent = self.path("sent.pcap", pcap([flow(1, n) for n in range(2, 200)]))
        received = self.path("received.pcap", pcap([flow(n, 1) for n in range(2, 200)]))
        records, answers = self.path("sent.ndjson"), self.path("received.ndjson")
        self.assertEqual(vmmq("-c", CONFIG, "--transmit", "1:" + sent, "--records", records).returncode, 0)
        self.assertEqual(vmmq("-c", CONFIG, "-r", received, "--records", answers).returncode, 0)
        for record, answer in zip(self.records(records), self.records(answers), strict=True):
            self.assertEqual((record["hash"], record["entry"], record["complete_on"], record["via"]),
                             (answer["hash"], answer["entry"], answer["processor"], "table"))

    def test_transmit_after_receive(self):
        out = self.path("out.ndjson")
        done = vmmq("-c", CONFIG, "-r", CAPTURE, "--transmit", "9:" + CAPTURE, "--transmit-hash", "none", "--records", out,
                    "--json", "--repeat", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        records, summary = self.records(out), json.loads(done.stdout)
        sent = summary["transmit"]
        count = summary["packets"]
        self.assertFalse(any("complete_on" in record for record in records[:count]))
        self.assertEqual((sent["packets"], sent["completed"], sent["statuses"]), (count, count, {"SUCCESS": count}))
        self.assertEqual((sent["sender"], sent["sender_in_configuration"], sent["vport"]), (9, False, 0))
        self.assertEqual(sent["default"], count)
        self.assertEqual(sent["uplink"] + sent["to_vports"], count)
        self.assertEqual(summary["received"], summary["indicated"])
        self.assertEqual(summary["received"], count + sent["to_vports"])
        self.assertEqual(sum(processor["sends"] for processor in sent["processors"]), count)

    def test_transmit_rss_off(self):
        out = self.path("out.ndjson")
        self.assertEqual(vmmq("-c", CONFIG, "--transmit", "5:" + CAPTURE, "--records", out).returncode, 0)
        completed = [record for record in self.records(out) if "complete_on" in record]
        self.assertEqual({(record["complete_on"], record["via"], record["entry"]) for record in completed},
                         {(5, "primary", None)})
        self.assertTrue(any(record["hash"] for record in completed))

    def test_transmit_odd_packets(self):
        capture = self.path("odd.pcap", pcap([b"", tcp(1, 9000), tcp(1, 262144), b"\0" * 13, tcp(1)] * 60))
        done = vmmq("-c", CONFIG, "--transmit", "2:" + capture, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        sent = json.loads(done.stdout)["transmit"]
        self.assertEqual((sent["uplink"], sent["to_vports"], sent["statuses"]), (120, 180, {"SUCCESS": 300}))

    def test_transmit_broken_captures(self):
        with open(CAPTURE, "rb") as file:
            cut = self.path("cut.pcapng", file.read()[:300000])
        out = self.path("out.ndjson")
        self.refused(vmmq("-c", CONFIG, "--transmit", "2:" + cut, "--records", out), cut, out + ".partial")
        self.refused(vmmq("-c", CONFIG, "-r", CAPTURE, "--transmit", "2:" + self.path("missing")), "missing")
        capture = self.path("snap.pcap", pcap([tcp(1), tcp(2)[:37]], wire=[60, 60]))
        self.refused(vmmq("-c", CONFIG, "--transmit", "2:" + capture), capture, "packet 2", "1 packet")
        self.refused(vmmq("-c", CONFIG, "--transmit", "2:" + CAPTURE, "--records", "/dev/full"), "/dev/full")

    def test_headers_cut_by_snap_length(self):
        packets = [tcp(1), tcp(2)[:37], tcp(3)[:54]]
        capture, out = self.path("snap.pcap", pcap(packets, wire=[60, 60, 60])), self.path("out.ndjson")
        done = vmmq("-c", CONFIG, "-r", capture, "--records", out)
        self.refused(done, capture, "packet 2", "1 packet")
        self.assertEqual([r["via"] for r in self.records(out)], ["table", "default", "table"])

    def test_cut_behind_the_ports(self):
        """The NIC saw the whole frame: hash, entry and processor are those of it; outputs have what the capture has."""
        whole, lengths = [tcp(n, 1514) for n in range(20)], [38 + n for n in range(20)]
        cut = self.path("snap.pcap", pcap([p[:n] for p, n in zip(whole, lengths)], wire=[1514] * 20))
        records, packets = self.path("out.ndjson"), self.path("out.pcapng")
        done = vmmq("-c", CONFIG, "-r", cut, "--records", records, "-w", packets, "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["headers_cut"]), (0, 0), done.stderr)
        given = self.records(records)
        vmmq("-c", CONFIG, "-r", self.path("whole.pcap", pcap(whole)), "--records", records)
        self.assertEqual(given, self.records(records))
        with open(packets, "rb") as file:
            data = file.read()
        for packet, length in zip(whole, lengths):
            self.assertIn(struct.pack("<II", length, 1514) + packet[:length], data)
        sent = vmmq("-c", CONFIG, "--transmit", "2:" + cut, "--transmit-hash", "flow", "--json")
        self.assertEqual(json.loads(sent.stdout)["transmit"]["hashed"], 20, sent.stderr)

    def test_not_ethernet_and_gzip(self):
        """Packets of other link types are passed over, counted by their type, and keep their places; gzip is read."""
        def block(kind, body):
            return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

        def packet(interface, data):
            return block(6, struct.pack("<IIIII", interface, 0, 1, len(data), len(data)) + data + bytes(-len(data) % 4))

        data = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
        data += block(1, struct.pack("<HHI", 113, 0, 64)) + block(1, struct.pack("<HHI", 1, 0, 0))
        data += packet(0, b"cooked") + packet(1, tcp(1)) + packet(0, b"cooked, too") + packet(1, tcp(2))
        capture, out = self.path("mixed.pcapng.gz", gzip.compress(data)), self.path("out.ndjson")
        done = vmmq("-c", CONFIG, "-r", capture, "--records", out, "--json", "--repeat", "2")
        result = json.loads(done.stdout)
        self.assertEqual((result["packets"], result["complete"]), (4, True), done.stderr)
        self.assertEqual(result["not_ethernet"],
                         [{"link_type": "LINUX_SLL (113, Linux cooked v1)", "packets": 4, "first": 1}])
        self.assertEqual([r["packet"] for r in self.records(out)], [2, 4, 2, 4])

    def test_missing_and_unreadable(self):
        self.refused(vmmq("-c", CONFIG, "-r", self.path("missing")), "missing", "o such file")
        self.refused(vmmq("-c", CONFIG, "-r", self.folder), self.folder)
        self.refused(vmmq("-c", self.path("missing.yaml"), "-r", CAPTURE), "missing.yaml")

    # Bad outputs

    def test_full_disk(self):
        for option in ("--records", "-w"):
            with self.subTest(option):
                self.refused(vmmq("-c", CONFIG, "-r", CAPTURE, option, "/dev/full"), "/dev/full", "no space left")

    def test_unwritable(self):
        self.refused(vmmq("-c", CONFIG, "-r", CAPTURE, "-w", self.path("no/such/folder.pcapng")), "no/such/folder.pcapng")
        self.refused(vmmq("-c", CONFIG, "-r", CAPTURE, "--records", self.folder), self.folder)

    def test_outputs_share_no_stream(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        for outputs in (("--records", "-", "-w", "-"), ("--records", "-", "-w", "/dev/stdout"), ("--records", fifo, "-w", fifo),
                        ("-w", "-", "--json"), ("--records", "/dev/stdout", "--json")):
            with self.subTest(outputs):
                done = subprocess.run([VMMQ, "replay", "-c", CONFIG, "-r", CAPTURE, *outputs], capture_output=True,
                                      timeout=HANG, check=False)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assertIn(b"both write to", done.stderr)
        done = subprocess.run([VMMQ, "replay", "-c", CONFIG, "-r", CAPTURE, "-w", "-"], capture_output=True, timeout=HANG,
                              check=False)
        self.assertEqual((done.returncode, done.stdout[:4]), (0, b"\n\r\r\n"))
        self.assertNotIn(b"million packets a second", done.stdout)
        self.assertEqual(vmmq("-c", CONFIG, "-r", CAPTURE, "-w", "/dev/null", "--records", "/dev/null").returncode, 0)

    def test_output_that_is_an_input(self):
        """Refused under every name that the input has, before anything is written."""
        with open(CAPTURE, "rb") as file:
            capture = file.read()
        with open(CONFIG, "rb") as file:
            config = file.read()
        inputs = {name: self.path(name, data) for name, data in
                  (("in.pcapng", capture), ("c.yaml", config), ("out.partial", capture))}
        os.symlink(inputs["in.pcapng"], self.path("symbolic"))
        os.link(inputs["in.pcapng"], self.path("hard"))
        before = sorted(os.listdir(self.folder))
        for read in ("--read=" + inputs["in.pcapng"], "--read=" + self.path("symbolic"), "--transmit=1:" + inputs["in.pcapng"]):
            for output in ("in.pcapng", "symbolic", "hard", "./in.pcapng", "c.yaml"):
                for option in ("--write", "--records"):
                    run = vmmq("-c", inputs["c.yaml"], read, option, self.path(output))
                    self.assertEqual((run.returncode, run.stdout), (1, ""), (read, option, output))
                    self.assertIn(f"{option} {self.path(output)} would overwrite what --", run.stderr)
                    self.assertIn("a path of its own", run.stderr)
        run = vmmq("-c", inputs["c.yaml"], "-r", inputs["out.partial"], "-w", self.path("out"))
        self.assertEqual(run.returncode, 1)
        self.assertIn("since it is written as " + inputs["out.partial"], run.stderr)
        with open(inputs["in.pcapng"], "rb") as read, open(inputs["in.pcapng"], "ab") as appended:
            run = subprocess.run([VMMQ, "replay", "-c", CONFIG, "-r", "-", "--records", "-"], stdin=read, stdout=appended,
                                 stderr=subprocess.PIPE, timeout=HANG)
        self.assertEqual(run.returncode, 1)
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        for name, data in (("in.pcapng", capture), ("c.yaml", config), ("out.partial", capture)):
            with open(inputs[name], "rb") as file:
                self.assertEqual(file.read(), data, name)

    def test_same_output_twice(self):
        out = self.path("out")
        self.refused(vmmq("-c", CONFIG, "-r", CAPTURE, "--records", out, "-w", out), out)

    # Bad command lines

    def test_usage(self):
        for arguments in ((), ("-c", CONFIG), ("-c", CONFIG, "-r", CAPTURE, "--processors", "0"),
                          ("-c", CONFIG, "-r", CAPTURE, "--repeat", "x"), ("-c", CONFIG, "-r", CAPTURE, "extra"),
                          ("-c", CONFIG, "-r", "-", "--repeat", "2"), ("-c", CONFIG, "-r", CAPTURE, "--recods", "x"),
                          ("-c", CONFIG, "-r", CAPTURE, "--implementation", "fast"),
                          ("-c", CONFIG, "-r", CAPTURE, "--json", "--records", "-"),
                          ("-c", CONFIG, "--transmit", CAPTURE), ("-c", CONFIG, "--transmit", "65536:" + CAPTURE),
                          ("-c", CONFIG, "--transmit", "-1:" + CAPTURE), ("-c", CONFIG, "--transmit", "2:"),
                          ("-c", CONFIG, "--transmit", "2:-", "-r", "-"), ("-c", CONFIG, "--transmit", "2:-", "--repeat", "2"),
                          ("-c", CONFIG, "-r", CAPTURE, "--transmit-hash", "flow"),
                          ("-c", CONFIG, "--transmit", "2:" + CAPTURE, "--transmit-hash", "some")):
            with self.subTest(arguments):
                done = vmmq(*arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertTrue(done.stderr.startswith("vmmq"))

    # Size

    def test_million_packets(self):
        count, flows = 1000000, [tcp(i) for i in range(1000)]
        record = [struct.pack("<IIII", 0, 0, len(f), len(f)) + f for f in flows]
        capture = self.path("million.pcap", pcap([]) + b"".join(record[i * 7919 % 1000] for i in range(count)))
        done = vmmq("-c", CONFIG, "-r", capture, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        summary = json.loads(done.stdout)
        self.assertEqual(summary["indicated"], count)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print("1,000,000 packets in %.2f s; peak memory %d MiB" % (summary["seconds"], peak // 1024), file=sys.stderr)
        if "asan" not in VMMQ:
            self.assertLess(peak, 300 * 1024)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
