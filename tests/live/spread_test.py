#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""spread_test.py VMMQD VMMQ: iperf3 with 8 flows through vmmqd: every flow on the entry and processor that vmmq explain names.

    namespace "client" --- veth, AF_PACKET: uplink --- vmmqd --- VPort 1: veth, AF_PACKET --- namespace "server"
"""
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from daemon import Daemon, HANG, wait_until
from namespace import Namespace, run, veth

CLIENT, SERVER, MAC = "10.78.0.1", "10.78.0.2", "02:00:00:00:02:01"
FLOWS, SECONDS = 8, 4
CONFIGURATION = """\
adapter:
  processors: [0, 1, 2, 3]
  uplink: {{af_packet: {{interface: {uplink}}}}}
vports:
  - id: 1
    name: server
    queue_pairs: 4
    filters: [{{mac: "{mac}"}}]
    rss: {{enabled: true, hash_types: [tcp_ipv4], indirection_table: [{table}]}}
    backend: {{af_packet: {{interface: {backend}}}}}
"""


def entry_counts(client):
    return {row["entry"]: row["packets"] for row in client.call("vport.show", vport=1)["entries"]}


def processor_counts(client):
    return {row["processor"]: row["via"]["table"] for row in client.call("vport.show", vport=1)["processors"]}


def predict(program, daemon, port):
    """Entry and processor of a flow, by vmmq explain on the running switch."""
    flow = f"tcp {CLIENT}:{port} > {SERVER}:5201"
    answer = run(program, "explain", "--connect", daemon.socket, "--flow", flow, "--mac", MAC, "--json").stdout
    verdict = json.loads(answer)
    return verdict["entry"], verdict["processor"]


def main():
    vmmqd, vmmq = (os.path.abspath(path) for path in sys.argv[1:3])
    pid = os.getpid()
    directory = tempfile.mkdtemp(prefix="vmmq-live-")
    client, server = Namespace("client"), Namespace("server")
    uplink, backend = f"vq{pid}u", f"vq{pid}b"
    veth(uplink, client, addresses=(f"{CLIENT}/24",))
    veth(backend, server, mac=MAC, addresses=(f"{SERVER}/24",))
    table = ", ".join(str(i % 4) for i in range(128))
    daemon = Daemon(vmmqd, directory, CONFIGURATION.format(uplink=uplink, backend=backend, mac=MAC, table=table)).start()
    rpc = daemon.client()
    client.run("ping", "-c", "2", "-W", "60", SERVER)

    listening = server.popen("iperf3", "-s", "-1", stdout=subprocess.DEVNULL)
    wait_until(lambda: server.run("ss", "-Hltn", "sport = :5201").stdout, "a server that listens")
    entries, processors = entry_counts(rpc), processor_counts(rpc)
    report = json.loads(client.run("iperf3", "-c", SERVER, "-P", str(FLOWS), "-t", str(SECONDS), "-J").stdout)
    listening.wait(HANG)
    wait_until(lambda: entry_counts(rpc) == (time.sleep(0.2) or entry_counts(rpc)), "silence after the flows")
    ports = [stream["local_port"] for stream in report["start"]["connected"]]
    assert len(ports) == FLOWS, ports

    predicted = {port: predict(vmmq, daemon, port) for port in ports}
    received = {entry: count - entries.get(entry, 0) for entry, count in entry_counts(rpc).items()}
    busy = {entry for entry, count in received.items() if count > 100}
    wanted = {entry for entry, _ in predicted.values()}
    for port, (entry, processor) in sorted(predicted.items()):
        print(f"port {port}: entry {entry}, processor {processor}; {received[entry]} packets in that entry")
    assert busy == wanted, f"entries with traffic: {sorted(busy)}; vmmq explain named {sorted(wanted)}"

    on = collections.Counter()
    for entry, count in received.items():
        on[entry % 4] += count
    counted = {p: count - processors.get(p, 0) for p, count in processor_counts(rpc).items()}
    assert {p: c for p, c in counted.items() if c} == {p: c for p, c in on.items() if c}, (counted, on)
    sent = sum(interval["sum"]["bytes"] for interval in report["intervals"]) / 1e6
    print(f"{FLOWS} flows, {sent:.0f} MB, {report['end']['sum_received']['bits_per_second'] / 1e9:.2f} Gbit/s; "
          f"per processor: {dict(sorted(counted.items()))}")
    rpc.close()
    assert daemon.stop() == 0
    shutil.rmtree(directory)


if __name__ == "__main__":
    if os.geteuid():
        print("needs root: network namespaces")
        sys.exit(77)
    main()
