# SPDX-License-Identifier: BSD-2-Clause
"""Conservation: what the guests' rings and vmmqd's counters say of one stretch of time has to come to the same, frame by frame."""
import collections


LENT = {"lent by guests": "rx_lent", "of these handed to another processor": "rx_lent_handed", "kept for others": "rx_lent_kept", "that waited": "rx_lent_waited"}


def read(client):
    """vmmqd's counters, of one moment at which nothing is under way."""
    adapter = client.call("adapter.show")
    vports = {row["vport"]: row for row in client.call("vports.show")["vports"]}
    backends = [client.call("vport.show", vport=vport)["backend"] or {} for vport in vports]
    lent = {name: sum(port.get(key, 0) for port in backends) for name, key in LENT.items()}
    return {"received": adapter["received"], "indicated": adapter["indicated"], "dropped": adapter["dropped"], "lent": lent,
            "uplink_rx": adapter["uplink"]["rx_packets"], "uplink_tx": adapter["uplink"]["tx_packets"], "vports": vports}


FLOWS = ("from_guest_packets", "to_guest_packets", "replicas")


def of_vport(row):
    """What counts of one VPort."""
    return collections.Counter({name: row[name] for name in FLOWS}) + collections.Counter(row["drops"])


class Ledger:
    """Of the time since the last settlement.  gone: of VPorts that were deleted meanwhile; born: those that are new, as they began."""

    def __init__(self):
        self.frames, self.drops = collections.Counter(), collections.Counter()  # over the whole run
        self.lent = collections.Counter()
        self.settlements = 0
        self.base = None

    def begin(self, reading, stations):
        self.base = reading
        self.before = {vport: of_vport(row) for vport, row in reading["vports"].items()}
        self.gone = collections.Counter()
        for station in stations.values():
            station.forget()
        self.ends = {me: (station.total("tx"), station.total("rx")) for me, station in stations.items()}

    def born(self, row):
        self.before[row["vport"]] = of_vport(row)

    def died(self, row):
        self.gone += self.change(row)

    def change(self, row):
        now, before = of_vport(row), self.before.get(row["vport"], collections.Counter())
        for name, count in before.items():
            assert now[name] >= count, f"VPort {row['vport']}: {name} was {count} and is {now[name]}"
        return now - before

    def totals(self, reading):
        total = collections.Counter(self.gone)
        for row in reading["vports"].values():
            total += self.change(row)
        return total

    def violations(self, reading, stations, uplink):
        """What does not add up, in words."""
        base, total, found = self.base, self.totals(reading), []
        if reading["received"] != reading["indicated"] + reading["dropped"]:
            found.append(f"received {reading['received']} is not indicated {reading['indicated']} + dropped {reading['dropped']}")
        drops = sum(count for name, count in total.items() if name not in FLOWS)
        into = total["from_guest_packets"] + total["replicas"] + reading["uplink_rx"] - base["uplink_rx"]
        out = total["to_guest_packets"] + drops + reading["uplink_tx"] - base["uplink_tx"]
        if into != out:
            found.append(f"from guests, from the uplink and copied: {into}; to guests, to the uplink and dropped: {out}; {dict(total)}")
        for me, station in stations.items():
            tx, rx = (station.total(end) - self.ends[me][i] for i, end in enumerate(("tx", "rx")))
            if me == uplink:
                counted = reading["uplink_rx"] - base["uplink_rx"], reading["uplink_tx"] - base["uplink_tx"]
            else:
                row = self.change(reading["vports"][me])
                counted = row["from_guest_packets"], row["to_guest_packets"]
            if counted != (tx, rx):
                found.append(f"station {me} sent {tx} and was given {rx}; vmmqd counts {counted[0]} and {counted[1]}")
        waiting = {vport: (row["waiting"], row["held"], row["sending"]) for vport, row in reading["vports"].items()
                   if row["waiting"] or row["held"] or row["sending"]}
        if waiting:
            found.append(f"waiting, held, sending by VPort: {waiting}")
        return found

    def settle(self, reading, stations):
        """Books what was found to add up."""
        total = self.totals(reading)
        self.frames["from guests"] += total["from_guest_packets"]
        self.frames["to guests"] += total["to_guest_packets"]
        self.frames["copies of group-addressed"] += total["replicas"]
        self.frames["from the uplink"] += reading["uplink_rx"] - self.base["uplink_rx"]
        self.frames["to the uplink"] += reading["uplink_tx"] - self.base["uplink_tx"]
        self.drops.update({name: count for name, count in total.items() if name not in FLOWS})
        for name, count in reading["lent"].items():
            self.lent[name] += max(0, count - self.base["lent"][name])  # a backend that is another one begins anew
        self.settlements += 1
        self.begin(reading, stations)
