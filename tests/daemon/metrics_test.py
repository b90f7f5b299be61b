#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""vmmqd's metrics and telemetry, read with a strict parser:  metrics_test.py VMMQD VMMQ SOURCE_ROOT

An uplink that receives a capture without end gives the traffic.  Unprivileged; devices are DPDK's own.
"""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

VMMQD, VMMQ, ROOT = map(os.path.abspath, sys.argv[1:4])
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import HANG, listening_port, wait_until  # noqa: E402
from metrics_docs_test import ROW  # noqa: E402

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)')
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
CONFIGURATION = """
adapter:
  name: m
  processors: [0, 1]
  uplink: {device: "net_pcap0,rx_pcap=%s,infinite_rx=1"}
vports:
  - id: 1
    name: "a \\\\ \\" name"
    queue_pairs: 2
    filters: [{mac: "02:00:00:00:00:01", vlan: any}]
    rss: {enabled: true, indirection_table: [0, 1, 0, 1]}
    backend: {device: "net_null1,no-rx=1"}
  - {id: 2, name: idle, filters: [{mac: "02:00:00:00:00:02"}]}
"""


def known():
    with open(os.path.join(ROOT, "src/metrics/metrics_table.h"), encoding="utf-8") as file:
        return {name: (kind, labels.split(",") if labels else []) for _, name, kind, labels, _ in ROW.findall(file.read())}


def parse(text):
    """The text format, strictly: {name: {labels as a tuple of pairs: value}}; what is not exactly right is an error."""
    assert text.endswith("\n"), "the last line has no end"
    metrics, helped, current = {}, set(), None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            current = line.split(" ", 3)[2]
            assert NAME.fullmatch(current) and current not in helped, f"HELP twice, or no name: {line}"
            assert line.split(" ", 3)[3], f"no help: {line}"
            helped.add(current)
            continue
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == current and name not in metrics, f"TYPE does not follow its HELP: {line}"
            assert kind in ("counter", "gauge"), line
            metrics[name] = {}
            assert known()[name][0] == kind, line
            continue
        match = re.fullmatch(r"([^{ ]+)(?:\{(.*)\})? ([^ ]+)", line)
        assert match and match[1] == current and current in metrics, f"a sample outside its metric: {line}"
        labels, rest = [], match[2] or ""
        while rest:
            label = LABEL.match(rest)
            assert label, f"labels: {line}"
            labels.append((label[1], label[2].replace("\\\\", "\0").replace('\\"', '"').replace("\\n", "\n").replace("\0", "\\")))
            rest = rest[label.end():]
            assert label[3] == "," if rest else label[3] == "", f"labels: {line}"
        wanted = known()[current][1]
        assert [name for name, _ in labels] == [name for name in wanted if name in dict(labels)], f"labels: {line}"
        assert set(wanted) - set(dict(labels)) <= {"vport"}, f"labels are missing: {line}"
        assert NUMBER.fullmatch(match[3]), f"value: {line}"
        assert tuple(labels) not in metrics[current], f"twice: {line}"
        metrics[current][tuple(labels)] = float(match[3])
    assert set(metrics) == set(known()), f"not exported, or not in the table: {set(metrics) ^ set(known())}"
    return metrics


def scrape(port, path="/metrics"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANG)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200 and answer.getheader("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.read().decode("utf-8")
    connection.close()
    return text


def only(metrics, name):
    (value,) = metrics[name].values()
    return value


def total(metrics, name, **labels):
    return sum(value for sample, value in metrics[name].items() if set(labels.items()) <= set(sample))


def check_figures(port):
    before = parse(scrape(port))

    def later():
        metrics = parse(scrape(port))
        enough = total(before, "vmmq_indicated_packets_total") + 1000
        return total(metrics, "vmmq_indicated_packets_total") > enough and metrics

    metrics = wait_until(later, "traffic from the uplink", pause=0.1)
    for name, (kind, _) in known().items():
        if kind == "counter":
            for sample, value in before[name].items():
                assert metrics[name].get(sample, 0) >= value, f"{name}{sample} shrank"
    info = {dict(sample)["vport"]: dict(sample) for sample in metrics["vmmq_vport_info"]}
    assert info["1"]["name"] == 'a \\ " name' and info["1"]["rss"] == "on" and set(info) == {"0", "1", "2"}, info
    assert only(metrics, "vmmq_vports") == 3 and only(metrics, "vmmq_filters") == 2
    assert abs(only(metrics, "vmmq_start_time_seconds") - time.time()) < 86400
    busy = total(metrics, "vmmq_processor_busy_seconds_total")
    asleep = total(metrics, "vmmq_processor_asleep_seconds_total")
    elapsed = time.time() - only(metrics, "vmmq_start_time_seconds") + 30
    assert 0 < busy and busy + asleep < 2 * elapsed, f"busy {busy} s, asleep {asleep} s of 2 x {elapsed} s"
    assert total(metrics, "vmmq_port_up", port="uplink") == 1
    assert total(metrics, "vmmq_port_up", port="backend", vport="1") == 1
    assert total(metrics, "vmmq_port_rx_packets_total", port="uplink") > 0
    after = parse(scrape(port))  # the two sums are taken one after the other, while packets come
    steered = [total(at, "vmmq_vport_via_packets_total", vport="1", via="table") for at in (before, metrics, after)]
    by_entry = total(metrics, "vmmq_vport_entry_packets_total", vport="1")
    assert steered[0] <= by_entry <= steered[2] and steered[1] > 0, (by_entry, steered)
    without = parse(scrape(port, "/metrics?entries=0"))
    assert not without["vmmq_vport_entry_packets_total"]
    complete = parse(scrape(port, "/metrics?entries=1"))
    assert total(complete, "vmmq_vport_entry_processor", vport="1") == 2 and len(complete["vmmq_vport_entry_processor"]) == 4


def check_stuck_scrapers(port, control):
    """Scrapers that send half a request, or read nothing, while the control socket is asked."""
    stuck = []
    for i in range(12):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"GET /metr" if i % 2 else b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        stuck.append(client)
    shown = subprocess.run([VMMQ, "show", "adapter", "--connect", control], capture_output=True, timeout=HANG, check=False)
    assert shown.returncode == 0, "stuck scrapers hold up the control socket"
    parse(scrape(port))
    for client in stuck:
        client.close()


def ask(client, question):
    client.sendall(question.encode())
    return json.loads(client.recv(65536))[question.split(",")[0]]


def telemetry_socket(pid):
    """DPDK names its runtime folder after its file prefix: the one that this process has bound."""
    with open("/proc/net/unix", encoding="utf-8") as file:
        inodes = {line.split()[6]: line.split()[7] for line in file if line.rstrip().endswith("dpdk_telemetry.v2")}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{fd}")
        except OSError:
            continue
        match = re.fullmatch(r"socket:\[(\d+)\]", target)
        if match and match[1] in inodes:
            return inodes[match[1]]
    return None


def check_telemetry(process):
    path = telemetry_socket(process.pid)
    assert path, "--telemetry makes no socket"
    client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.settimeout(HANG)
    client.connect(path)
    client.recv(4096)

    def answer(question):  # null when the control thread has not come to it within 2 s
        return wait_until(lambda: ask(client, question), f"an answer to {question}")

    adapter = answer("/vmmq/adapter")
    assert adapter["name"] == "m" and adapter["indicated"] > 0 and adapter["uplink"]["state"] == "up", adapter
    assert answer("/vmmq/vports") == [0, 1, 2]
    vport = answer("/vmmq/vport,1")
    assert vport["name"] == 'a \\ " name' and vport["backend"]["state"] == "up", vport
    assert ask(client, "/vmmq/vport,9") is None
    assert set(answer("/vmmq/processors")) == {"0", "1"}
    assert "no_backend" in answer("/vmmq/drops")["host_drops"]
    client.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        configuration, control = os.path.join(folder, "vmmqd.yaml"), os.path.join(folder, "vmmq.sock")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION % os.path.join(ROOT, "tests/cli/explain.pcap"))
        with open(os.path.join(folder, "log"), "w+", encoding="utf-8") as log:
            process = subprocess.Popen([VMMQD, "-c", configuration, "--allow-devargs", "--state", os.path.join(folder, "state.db"), "--socket",
                                        control, "--metrics", "127.0.0.1:0", "--telemetry"], stderr=log,
                                       env={**os.environ, "RUNTIME_DIRECTORY": folder})  # two at once would share one socket
            try:
                wait_until(lambda: os.path.exists(control) or process.poll() is not None, "the control socket")
                port = listening_port(process.pid)
                check_figures(port)
                check_stuck_scrapers(port, control)
                check_telemetry(process)
                if "--text" in sys.argv:
                    print(scrape(port))
                process.send_signal(signal.SIGTERM)
                assert process.wait(HANG) == 0, "no clean end"
            except BaseException:
                process.kill()
                process.wait()
                log.seek(0)
                print(log.read())
                raise


if __name__ == "__main__":
    main()
