# SPDX-License-Identifier: BSD-2-Clause
"""The YAML configuration file with every default filled in. It is assumed to be valid."""

from dataclasses import dataclass, field

import yaml

from toeplitz import KEY_LENGTH, VERIFICATION_KEY

DEFAULT_VPORT = 0
DEFAULT_HASH_TYPES = ("ipv4", "tcp_ipv4", "udp_ipv4", "ipv6", "tcp_ipv6", "udp_ipv6")
UNTAGGED_OR_ZERO = "untagged or VID 0"
ANY_VLAN = "any"
PROCESSORS_PER_GROUP = 64
DEFAULT_VXLAN_PORT = 4789


@dataclass
class VPort:
    id: int
    primary_processor: int
    rss_enabled: bool
    hash_types: frozenset
    key: bytes
    indirection_table: list
    default_processor: int
    encapsulation: frozenset
    vxlan_port: int


@dataclass
class Configuration:
    vports: dict  # id -> VPort; VPort 0 is always there
    filters: dict  # (MAC, UNTAGGED_OR_ZERO or VID or ANY_VLAN) -> VPort id
    inner_filters: list = field(default_factory=list)


@dataclass
class InnerFilter:
    """An encapsulated one (spec 16.2)."""

    mac: bytes
    rule: object  # as of the others: the outermost tag's
    network: int  # 0: every one
    vport: VPort


def load_configuration(path):
    # CBaseLoader leaves every scalar a string: YAML 1.1 would read an unquoted 1:16 as the number 76.
    with open(path, encoding="utf-8") as file:
        document = yaml.load(file, Loader=yaml.CBaseLoader)
    adapter = document["adapter"]
    base_processor = processor_number(adapter["processors"][0])
    vports = {DEFAULT_VPORT: load_vport({"id": "0"}, base_processor, adapter)}
    filters, inner_filters = {}, []
    for entry in document.get("vports") or []:
        vport = load_vport(entry, base_processor, adapter)
        vports[vport.id] = vport
        for rule in entry.get("filters") or []:
            mac, vlan = mac_address(rule["mac"]), vlan_rule(rule)
            if rule.get("encapsulated", "false").lower() == "true":
                inner_filters.append(InnerFilter(mac, vlan, int(rule.get("vni", 0)), vport))
            else:
                filters[mac, vlan] = vport.id
    return Configuration(vports, filters, inner_filters)


def load_vport(entry, base_processor, adapter):
    rss = entry.get("rss") or {}
    primary = processor_number(entry["primary_processor"]) if "primary_processor" in entry else base_processor
    return VPort(
        id=int(entry["id"]),
        primary_processor=primary,
        rss_enabled=rss.get("enabled", "false").lower() == "true",
        hash_types=frozenset(rss.get("hash_types", DEFAULT_HASH_TYPES)),
        key=hash_key(rss["key"]) if "key" in rss else VERIFICATION_KEY,
        indirection_table=[processor_number(text) for text in rss.get("indirection_table", [str(primary)])],
        default_processor=processor_number(rss["default_processor"]) if "default_processor" in rss else primary,
        encapsulation=frozenset(rss.get("encapsulation", adapter.get("encapsulation", ()))),
        vxlan_port=int(rss.get("vxlan_port", adapter.get("vxlan_port", DEFAULT_VXLAN_PORT))),
    )


def processor_number(text):
    """A Linux CPU number, or "group:number"."""
    if ":" not in text:
        return int(text)
    group, number = text.split(":")
    return int(group) * PROCESSORS_PER_GROUP + int(number)


def mac_address(text):
    return bytes.fromhex(text.replace(":", ""))


def vlan_rule(rule):
    if "vlan" not in rule:
        return UNTAGGED_OR_ZERO
    return ANY_VLAN if rule["vlan"] == "any" else int(rule["vlan"])


def hash_key(text):
    if text == "random":
        raise ValueError("a random key cannot be known here")
    key = bytes.fromhex(text)
    if len(key) != KEY_LENGTH:
        raise ValueError(f"the key has {len(key)} bytes, not {KEY_LENGTH}")
    return key
