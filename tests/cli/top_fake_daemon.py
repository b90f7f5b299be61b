#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A vmmqd that is none: answers top.show and rss.show with changing figures, and sends events.

  top_fake_daemon.py SOCKET [--vports N] [--processors N] [--entries N] [--speed X] [--moves PER_SECOND]
                     [--silent-after S]                             serves SOCKET until it is killed
  top_fake_daemon.py --print COUNT [--vports N] …                   prints COUNT samples, a second apart, as a JSON list

The figures depend on the uptime only, so that what is shown of them can be compared.
"""
import argparse
import json
import math
import os
import random
import selectors
import socket
import sys
import time

NAMES = ["default", "web-frontend", "web", "db-primary", "db-replica", "mail", "build-agent-17", "cache",
         "größer", "静的", "dns", "metrics", "gateway", "backup", "test", "voice"]


def port(text, state, reason, rate, uptime, queues):
    packets = int(rate * uptime)
    return {"port": text, "state": state, "reason": reason, "mac": "02:00:00:00:00:01", "mtu": 1500,
            "driver": f"net_{text.split(' ')[0]}" if text else None,
            "interface": "", "queues": queues, "queues_enabled": queues, "rx_interrupts": True,
            "rx_packets": packets, "rx_bytes": packets * 800, "tx_packets": packets // 3, "tx_bytes": packets * 100,
            "rx_missed": 0, "rx_no_buffer": 0, "rx_errors": 0, "tx_errors": 0}


class Figures:
    def __init__(self, arguments):
        self.vports, self.processors, self.entries = arguments.vports, arguments.processors, arguments.entries
        self.moves, self.speed = arguments.moves, arguments.speed
        self.pid = os.getpid() if arguments.socket else 812

    def table(self, vport, uptime):
        """Entries' processors: VPort v uses up to 8 processors from v on; one entry moves now and then."""
        count = self.entries if vport else 1
        used = [(vport * 3 + k) % self.processors for k in range(min(8, self.processors) if vport % 4 else 2)]
        table = [used[i % len(used)] for i in range(count)]
        if vport:
            for move in range(int(uptime * self.moves)):
                if move % self.vports == vport:
                    entry = (move * 7 + vport) % count
                    table[entry] = used[(used.index(table[entry]) + 1) % len(used)]
        return table

    def rate(self, vport):
        return 0 if vport % 5 == 4 else 1.7e6 / (vport + 1) ** 1.8 + 3

    def entry_packets(self, vport, entry, uptime):
        draw = random.Random(vport * 1000 + entry)
        weight = draw.choice([0, 0.3, 1, 1, 1, 1, 1.8, 4]) if vport % 3 else 1
        wave = uptime - 0.5 * math.cos(uptime / 5 + entry)
        return int(self.rate(vport) * weight * wave / self.entries)

    def vport(self, vport, uptime):
        table = self.table(vport, uptime)
        packets = [self.entry_packets(vport, entry, uptime) for entry in range(len(table))]
        shares = {}
        for processor, count in zip(table, packets):
            shares[processor] = shares.get(processor, 0) + count
        total = sum(packets)
        drops = {}
        if vport == 3:
            drops = {"inbox_full": int(12.4 * uptime), "backend_full": int(1500 * uptime)}
        if vport == 6:
            drops = {"no_backend": total // 2, "spoofed": 17}
        up = vport % 7 != 6
        return {"vport": vport, "name": NAMES[vport] if vport < len(NAMES) else f"vm{vport}", "state": "activated",
                "queue_pairs": 16, "queue_pairs_used": len(set(table)), "filters": 2,
                "vlan": ["untagged", "10", "trunk"][vport % 3], "rss": "on" if vport else "off",
                "primary_processor": 0, "processors_used": sorted(set(table)), "anti_spoofing": bool(vport),
                "flood_limit": 1000,
                "backend": port(f"vhost_user /run/vmmq/vm{vport}.sock, server, 4 queues" if vport else None,
                                "none" if not vport else "up" if up else "no_peer",
                                None if up else "no guest is connected to /run/vmmq/vm.sock", self.rate(vport),
                                uptime, 4),
                "packets": total, "bytes": total * (90 + 137 * (vport % 9)), "indications": total // 24,
                "hashed": {"tcp_ipv4": total * 2 // 3, "udp_ipv4": total // 4, "ipv4": total - total * 2 // 3
                           - total // 4} if vport else {},
                "via": {"table": total, "default": 0, "primary": 0}, "drops": drops,
                "to_guest_packets": total, "to_guest_bytes": total * 500, "from_guest_packets": total // 3,
                "from_guest_bytes": total // 3 * (66 + vport * 40), "replicas": int(uptime), "held": 0, "sending": 0,
                "processors": [{"processor": p, "packets": n, "bytes": n * 500, "indications": n // 24,
                                "via": {"table": n}} for p, n in sorted(shares.items())],
                "entries": [{"entry": i, "processor": p, "packets": n}
                            for i, (p, n) in enumerate(zip(table, packets))]}

    def processor(self, number, uptime):
        busy = 0.5 + 0.5 * math.sin(number * 1.7 + uptime / 8)
        busy = busy ** 2
        return {"processor": number, "cpu": number if number < 2 else None,
                "reason": None if number < 2 else f"this machine has no CPU {number}: not pinned", "in_rss_set": True,
                "busy": round(busy, 3), "asleep": round((1 - busy) * (number % 3) / 2, 3),
                "packets": int(uptime * 180000 * (1 + number % 5)), "dpcs": int(uptime * 9000 * (1 + number % 3)),
                "interrupts": int(uptime * 700 * (number % 4)), "interrupts_saved": int(uptime * 99000), "gates": 3,
                "gate_waits": 1, "inbox_high": 37 * (number + 1) % 2048, "completions": int(uptime * 6000),
                "stalled": False}

    def top(self, uptime, now):
        vports = [self.vport(v, uptime) for v in range(self.vports)]
        indicated = sum(v["packets"] for v in vports)
        adapter = {"name": "vmmq0", "version": "0.1.0", "pid": self.pid, "uptime": uptime, "state": "/tmp/state.db",
                   "moderation": "adaptive", "mtu": 1500, "processors": list(range(self.processors)),
                   "processors_running": list(range(self.processors)),
                   "uplink": {**port("af_xdp eth0", "up", None, 2.2e6, uptime, 2), "interface": "eth0"},
                   "vports": self.vports, "filters": 2 * self.vports, "received": indicated, "indicated": indicated,
                   "dropped": int(12.4 * uptime), "host_dropped": int(1800 * uptime),
                   "changes": {"batches": 9, "requests": 10, "refused": 1, "effective_last_us": 80,
                               "effective_max_us": 210, "disk_last_us": 900, "disk_max_us": 2100}}
        return {"time": now, "adapter": adapter,
                "processors": [self.processor(p, uptime) for p in range(self.processors)], "vports": vports}

    def balance(self, uptime, vport):
        """The last moves, as if all of them were for load; table() says which they are."""
        moves = []
        for move in range(int(uptime * self.moves), 0, -1):
            of = (move - 1) % self.vports
            if not of or vport not in (None, of):
                continue
            entry = ((move - 1) * 7 + of) % self.entries
            when = move / self.moves
            moves.append({"entry": entry, "vport": of, "ago": uptime - when, "time": 0, "reason": "spread",
                          "from": self.table(of, when - 0.5 / self.moves)[entry], "to": self.table(of, when + 0.5 / self.moves)[entry],
                          "text": "processor 1 had 93.1 %"})
            if len(moves) == 16:
                break
        return {"moves": moves}

    @staticmethod
    def rss(vport):
        return {"vport": vport, "name": NAMES[vport % len(NAMES)], "enabled": True, "receive_hash": False,
                "hash_function": "toeplitz", "hash_types": ["ipv4", "tcp_ipv4", "udp_ipv4"], "key": "6d5a",
                "indirection_table": [0], "default_processor": 0, "primary_processor": 0,
                "effective": {"steered_by": "table", "processors": [0], "queues": 1, "queues_backend": 1},
                "reason": None}


class Daemon:
    def __init__(self, arguments):
        self.figures = Figures(arguments)
        self.start = time.time()
        self.subscribed = []
        self.silent_after = arguments.silent_after
        if os.path.exists(arguments.socket):
            os.unlink(arguments.socket)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(arguments.socket)
        self.listener.listen(16)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)

    def answer(self, client, request):
        uptime = (time.time() - self.start) * self.figures.speed + 100
        if request["method"] == "top.show":
            result = self.figures.top(uptime, time.time())
        elif request["method"] == "balance.show":
            result = self.figures.balance(uptime, (request.get("params") or {}).get("vport"))
        elif request["method"] == "rss.show":
            result = self.figures.rss(request["params"]["vport"])
        elif request["method"] == "monitor.subscribe":
            self.subscribed.append(client)
            result = {}
        else:
            return {"error": {"code": -32601, "message": "no such method"}}
        return {"result": result}

    def events(self):
        now = time.time()
        return [{"event": "rss.changed", "time": now, "vport": 3, "name": "web",
                 "moves": [{"entry": 5, "from": 0, "to": 1, "processor": 1}]},
                {"event": "backend.state", "time": now, "vport": 6, "name": "vm", "state": "no_peer",
                 "reason": "no guest is connected"}]

    def serve(self):
        buffers = {}
        last_event = time.time()
        while True:
            for key, _ in self.selector.select(0.05):
                if key.fileobj is self.listener:
                    client = self.listener.accept()[0]
                    buffers[client] = b""
                    self.selector.register(client, selectors.EVENT_READ)
                    continue
                client = key.fileobj
                try:
                    data = client.recv(65536)
                except OSError:
                    data = b""
                if not data:
                    self.drop(client)
                    continue
                *lines, buffers[client] = (buffers[client] + data).split(b"\n")
                for line in lines:
                    if self.silent_after is not None and time.time() - self.start > self.silent_after:
                        print("a call that is not answered", flush=True)
                        continue
                    request = json.loads(line)
                    reply = {"jsonrpc": "2.0", "id": request["id"], **self.answer(client, request)}
                    self.send(client, reply)
            if time.time() - last_event > 0.5:
                last_event = time.time()
                for client in list(self.subscribed):
                    for event in self.events():
                        self.send(client, {"jsonrpc": "2.0", "method": "event", "params": event})

    def send(self, client, record):
        try:
            client.sendall(json.dumps(record).encode() + b"\n")
        except OSError:
            self.drop(client)

    def drop(self, client):
        if client in self.subscribed:
            self.subscribed.remove(client)
        try:
            self.selector.unregister(client)
        except (KeyError, ValueError):
            pass
        client.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("socket", nargs="?")
    parser.add_argument("--print", type=int, metavar="COUNT")
    parser.add_argument("--vports", type=int, default=10)
    parser.add_argument("--processors", type=int, default=4)
    parser.add_argument("--entries", type=int, default=128)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--moves", type=float, default=0.4, metavar="PER_SECOND")
    parser.add_argument("--silent-after", type=float, metavar="SECONDS")
    arguments = parser.parse_args()
    if arguments.print:
        figures = Figures(arguments)
        json.dump([figures.top(100.0 + second, 1700000000.0 + second) for second in range(arguments.print)],
                  sys.stdout, ensure_ascii=False, separators=(",", ":"))
        return
    Daemon(arguments).serve()


if __name__ == "__main__":
    main()
