# SPDX-License-Identifier: BSD-2-Clause
"""Whether intent, statuses and switches agree: the intent that was acknowledged, in all servers, and what the hosts have made of it."""
import json
import socket

from store import read_answer

SILENT = (None, "released")


def rows_of(store):
    """({name: VPort}, {(vport, host): status}) as one server has them; None: it does not answer."""
    operations = [{"op": "select", "table": table, "where": []} for table in ("VPort", "VPort_Status")]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        try:
            connection.connect(store.socket)
            connection.sendall(json.dumps({"method": "transact", "params": ["VMMQ", *operations], "id": 1}).encode())
            vports, statuses = (result["rows"] for result in read_answer(connection))
        except (OSError, AssertionError, ValueError, TypeError, KeyError):
            return None
    return ({row["name"]: row for row in vports},
            {(row["vport"], row["host"]): (row["state"], row["generation"], row["reason"]) for row in statuses})


def intent_differs(known, vports, where):
    """What was acknowledged is there, and nothing else."""
    if known.keys() != vports.keys():
        return f"{where} has {sorted(vports)}"
    for name, row in known.items():
        for column in row.keys() - {"_version", "_uuid"}:
            if vports[name].get(column) != row[column]:
                return f"{where} has {name}.{column} {vports[name].get(column)}, acknowledged was {row[column]}"
    return None


def wanted_of(row, names, statuses):
    """{host: state} of a VPort, where nothing is under way any more."""
    at, to = (names.get(row[column][1]) if row[column][0] == "uuid" else None for column in ("host", "destination"))
    if not to:
        return {at: "active"} if at else {}
    arrived = statuses.get((row["name"], to), ("",))[0] == "active"
    if row["activation"] == "first_frame" and not arrived:
        return {to: "prepared", **({at: "active"} if at else {})}
    return {to: "active", **({at: "released"} if at else {})}


def status_differs(row, on, wanted, status):
    state, generation, reason = status or (None, None, "")
    if wanted is None:
        good = state is None or (state == "released" and generation == row["generation"])
    else:
        good = (state, generation) == (wanted, row["generation"]) and (not reason or (wanted == "prepared" and "it is active on" in reason))
    return None if good else f"{row['name']} on {on} is to be {wanted} at {row['generation']}, and its status is {status}"


def switch_differs(row, on, wanted, here):
    state = {"active": "activated", "prepared": "deactivated"}.get(wanted)
    if (here["state"] if here else None) != state:
        return f"{row['name']} is to be {state} on {on}, and the switch has {here and here['state']}"
    vlans = row["vlans"][1] if isinstance(row["vlans"], list) else [row["vlans"]]
    if here and (here["rss"], here["scaling"], here["filters"]) != (row["rss"], row["scaling"], max(1, len(vlans))):
        return f"{row['name']} on {on} is {here['rss']}, {here['scaling']}, {here['filters']} filters, and {row} was wanted"
    return None


def hosts_differ(vports, statuses, agents, names):
    switches = {}
    for on, agent in agents.items():
        try:
            switches[on] = {one["name"]: one for one in agent.ask("vports.show")["vports"] if one["owner"] == "fleet"}
        except OSError as error:
            return f"vmmqd of {on} does not answer: {error}"
    for row in vports.values():
        wanted = wanted_of(row, names, statuses)
        for on, switch in switches.items():
            why = (status_differs(row, on, wanted.get(on), statuses.get((row["name"], on))) or
                   switch_differs(row, on, wanted.get(on), switch.get(row["name"])))
            if why:
                return why
    for on, switch in switches.items():
        if strange := switch.keys() - vports.keys():
            return f"{on} has {strange}"
    return None


def disagreement(admin, agents, uuid, relay=False):
    """None, or what does not agree."""
    names = {value: name for name, value in uuid.items()}
    stores = [*admin.cluster.members, *([admin.cluster.relay] if relay else [])]
    seen = [rows_of(store) for store in stores]
    for store, rows in zip(stores, seen):
        why = intent_differs(admin.known, rows[0], store.name) if rows else f"{store.name} does not answer"
        if why:
            return why
        if rows[1] != seen[0][1]:
            return f"{store.name} has other statuses than {stores[0].name}"
    return hosts_differ(seen[0][0], seen[0][1], agents, names)
