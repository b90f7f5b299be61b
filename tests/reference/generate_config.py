#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes a valid configuration by chance; the same for the same seed.

    generate_config.py [--seed N] OUT.yaml
"""

import argparse
import random

import yaml

from addresses import GROUP, INNER, NETWORKS, UNICAST, VIDS, mac_text

HASH_TYPES = [
    "ipv4",
    "tcp_ipv4",
    "udp_ipv4",
    "ipv6",
    "tcp_ipv6",
    "udp_ipv6",
    "ipv6_ex",
    "tcp_ipv6_ex",
    "udp_ipv6_ex",
]
EX_TYPES = HASH_TYPES[6:]
TUNNELS = ["vxlan", "nvgre", "geneve", "vxlan_gpe", "gre", "gre_udp", "ipip"]
DEFAULT_QUEUE_PAIRS = 16
PROCESSORS_PER_GROUP = 64


def generate_config(seed, macs, vids, inner_macs, networks):
    rng = random.Random(seed)
    processors = draw_processors(rng)
    adapter = {"name": "vmmq0", "processors": [spelled(rng, number) for number in processors]}
    if rng.random() < 0.3:
        adapter["moderation"] = rng.choice(("poll", "interrupt", "adaptive"))
    draw_encapsulation(rng, adapter, 0.5)
    while True:
        vports = [draw_vport(rng, number, processors) for number in draw_vport_ids(rng)]
        deal_filters(rng, vports, macs, vids)
        if rss_share(vports) > 0.5 or rng.random() < 0.05:
            break
    if rng.random() < 0.7:
        deal_inner_filters(rng, vports, inner_macs, vids, networks)
    return {"adapter": adapter, "vports": vports}


def draw_processors(rng):
    """Mostly few and low; sometimes up to 40, above any CPU count, and in groups beyond the first."""
    count = rng.choice((1, 2, 3, 4, 4, 8, 8, 12, 16, 40))
    highest = rng.choice((count, 64, 300, 65536))
    return rng.sample(range(max(count, highest)), count)


def spelled(rng, number):
    if number >= PROCESSORS_PER_GROUP and rng.random() < 0.5 or rng.random() < 0.1:
        return f"{number // PROCESSORS_PER_GROUP}:{number % PROCESSORS_PER_GROUP}"
    return number


def draw_vport_ids(rng):
    count = rng.choice((1, 2, 4, 8, 16, 25, 39))
    ids = rng.sample(range(1, rng.choice((count + 1, 65536))), count)
    if rng.random() < 0.75:
        ids.insert(rng.randrange(len(ids) + 1), 0)
    return ids


def draw_vport(rng, number, processors):
    vport = {"id": number}
    if rng.random() < 0.5:
        vport["name"] = f"vm-{number}"
    if rng.random() < 0.6:
        vport["primary_processor"] = spelled(rng, rng.choice(processors))
    if rng.random() < 0.9:
        draw_rss(rng, vport, processors)
    return vport


def draw_rss(rng, vport, processors):
    enabled = rng.random() < 0.8
    queue_pairs = DEFAULT_QUEUE_PAIRS
    if rng.random() < 0.7:
        queue_pairs = vport["queue_pairs"] = rng.randint(1, 64)
    # while RSS is on, distinct processors, the default processor's included, must not exceed the queue pairs
    most = min(queue_pairs, len(processors)) if enabled else len(processors)
    usable = rng.sample(processors, rng.randint(1, most))
    rss = {"enabled": enabled}
    if rng.random() < 0.3:
        rss["hash_function"] = "toeplitz"
    if rng.random() < 0.85:
        rss["hash_types"] = draw_hash_types(rng)
    draw_encapsulation(rng, rss, 0.4)
    if rng.random() < 0.85:
        rss["key"] = draw_key(rng).hex()
    if rng.random() < 0.9:
        entries = rng.choice((1, 2, 4, 8, 16, 32, 64, 128, 128))
        rss["indirection_table"] = [spelled(rng, number) for number in rng.choices(usable, k=entries)]
    else:
        # a table of one entry, the primary: that and the default processor must fit as well
        vport["primary_processor"] = usable[0]
    # left out, the default processor is the primary, which then counts as well
    if rng.random() < 0.8:
        rss["default_processor"] = spelled(rng, rng.choice(usable))
    else:
        vport["primary_processor"] = rng.choice(usable) if "indirection_table" in rss else usable[0]
    if rng.random() < 0.1 and not enabled:
        del rss["enabled"]
    vport["rss"] = rss


def draw_encapsulation(rng, mapping, chance):
    """None of the ports is another tunnel's."""
    if rng.random() < chance:
        mapping["encapsulation"] = rng.sample(TUNNELS, rng.randint(0, len(TUNNELS)))
    if rng.random() < 0.2:
        mapping["vxlan_port"] = rng.choice((4789, 8472, 53))


def draw_hash_types(rng):
    kind = rng.random()
    if kind < 0.25:
        return list(HASH_TYPES)
    if kind < 0.35:
        return [rng.choice(HASH_TYPES)]
    if kind < 0.45:
        return rng.sample(EX_TYPES, rng.randint(1, 3))
    return rng.sample(HASH_TYPES, rng.randint(2, len(HASH_TYPES)))


def draw_key(rng):
    kind = rng.random()
    if kind < 0.05:
        return bytes(40)
    if kind < 0.1:
        return bytes([0xFF]) * 40
    if kind < 0.15:
        return rng.randbytes(2) * 20  # the symmetric kind
    return rng.randbytes(40)


def deal_filters(rng, vports, macs, vids):
    """Gives distinct (MAC, VLAN rule) pairs to the VPorts; some get none."""
    rules = [None, "any", *vids]
    pairs = [(mac, rule) for mac in macs for rule in rules]
    rng.shuffle(pairs)
    # the rules that most packets meet are dealt apart from those for one VLAN
    common = [pair for pair in pairs if not isinstance(pair[1], int)]
    others = [pair for pair in pairs if isinstance(pair[1], int)]
    for vport in vports:
        filters = draw_from(common, rng.randint(0, 160 // len(vports) + 1))
        filters += draw_from(others, rng.randint(0, 200 // len(vports) + 1))
        if filters:
            vport["filters"] = [filter_entry(rng, mac, rule) for mac, rule in filters]


def deal_inner_filters(rng, vports, inner_macs, vids, networks):
    """The same for encapsulated filters, of every network or of one of `networks`."""
    rules = [None, None, "any", *vids[:2]]
    drawn = [(rng.choice(inner_macs), rng.choice(rules), rng.choice((0, *networks))) for _ in range(rng.randint(0, 60))]
    for mac, rule, network in dict.fromkeys(drawn):
        entry = filter_entry(rng, mac, rule)
        entry["encapsulated"] = True
        if network:
            entry["vni"] = network
        rng.choice(vports).setdefault("filters", []).append(entry)


def rss_share(vports):
    """The part of the filters that lead to a VPort with RSS on: without any, a comparison would see no hash."""
    filters = sum(len(vport.get("filters", ())) for vport in vports)
    with_rss = sum(len(vport.get("filters", ())) for vport in vports if vport.get("rss", {}).get("enabled"))
    return with_rss / filters if filters else 0


def draw_from(pairs, count):
    drawn = pairs[:count]
    del pairs[:count]
    return drawn


def filter_entry(rng, mac, rule):
    text = mac_text(mac)
    entry = {"mac": text.upper() if rng.random() < 0.1 else text}
    if rule is not None:
        entry["vlan"] = rule
    return entry


def write_config(path, seed, macs=tuple(UNICAST + GROUP), vids=tuple(VIDS), inner_macs=tuple(INNER), networks=tuple(NETWORKS)):
    with open(path, "w", encoding="utf-8") as file:
        options = {"sort_keys": False, "default_flow_style": None, "width": 110}
        yaml.dump(generate_config(seed, macs, vids, inner_macs, networks), file, Dumper=yaml.CSafeDumper, **options)


def main():
    parser = argparse.ArgumentParser(description="Makes a valid configuration by chance")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("path", metavar="OUT.yaml")
    arguments = parser.parse_args()
    write_config(arguments.path, arguments.seed)


if __name__ == "__main__":
    main()
