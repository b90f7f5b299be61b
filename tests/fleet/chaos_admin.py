# SPDX-License-Identifier: BSD-2-Clause
"""An administrator who trusts nobody: asks any server, by a socket, by ovsdb-client or by vmmq fleet, remembers what has been acknowledged, and
settles what has not: by doing it again, in a transaction that waits for the generation that it was meant for."""
import json
import socket
import subprocess
import time

from store import ENVIRONMENT, read_answer

NONE = ["set", []]
ANSWER = 8.0  # seconds in which a server answers, or is taken for lost
SETTLES = 120.0  # seconds until what does not come is said to hang
COMMITTED, CONFLICT, LOST = "committed", "conflict", "lost"


class Wrong(Exception):
    """What must never be."""


def named(name):
    return [["name", "==", name]]


def outcome_of(results):
    errors = [result for result in results if result and "error" in result]
    if not errors:
        return COMMITTED
    if errors[0]["error"] == "timed out":
        return CONFLICT
    raise Wrong(f"the store refuses what is right: {errors[0]}")


class Admin:
    """chance: its own; counts: how many transactions by which way, and what became of them."""

    def __init__(self, cluster, chance, counts, vmmq):
        self.cluster, self.chance, self.counts, self.vmmq = cluster, chance, counts, vmmq
        self.known = {}  # rows as they were acknowledged last, by name
        self.mark = 0

    # --- one transaction ---
    def by_socket(self, operations):
        """Of the first server that takes it."""
        for member in self.chance.sample(self.cluster.members, 3):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(ANSWER)
                try:
                    connection.connect(member.socket)
                    connection.sendall(json.dumps({"method": "transact", "params": ["VMMQ", *operations], "id": 1}).encode())
                except OSError:
                    continue  # what is sent in part is not carried out
                try:
                    return read_answer(connection)
                except (OSError, AssertionError):  # it went, stands still, or says that the database has gone
                    return None
        return None

    def by_ovsdb_client(self, operations):
        done = subprocess.run(["ovsdb-client", f"--timeout={ANSWER:.0f}", "transact", ",".join(self.cluster.remotes),
                               json.dumps(["VMMQ", *operations])], capture_output=True, text=True, env=ENVIRONMENT, check=False)
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout else None

    def ask(self, operations, way=None):
        """Results, or None: it may have been carried out or not."""
        way = way or self.chance.choices((self.by_socket, self.by_ovsdb_client), (3, 1))[0]
        results = way(operations)
        self.counts[way.__name__.replace("_", " ")] += 1
        self.counts["without an answer"] += results is None
        return results

    def select(self, table, where=()):
        """Rows as some server has them, which may be behind."""
        end = time.monotonic() + SETTLES
        while (results := self.ask([{"op": "select", "table": table, "where": list(where)}], self.by_socket)) is None or not results:
            if time.monotonic() > end:
                raise Wrong("no server answers")
            time.sleep(0.05)
        return results[0]["rows"]

    # --- intent ---
    def learn(self, name, at_least=0):
        """The row of that generation or a later one; None: it is nowhere."""
        end = time.monotonic() + SETTLES
        while True:
            rows = self.select("VPort", named(name))
            if rows and rows[0]["generation"] >= at_least:
                return rows[0]
            if time.monotonic() > end:
                raise Wrong(f"{name}: acknowledged at generation {at_least}, and everywhere {rows}")
            time.sleep(0.05)

    def change(self, name, anew=False, **columns):
        """Until it is acknowledged; anew: by another row in the place of this one.  Nobody else changes this VPort meanwhile."""
        before = self.known[name]
        self.mark += 1
        row = {**columns, "generation": before["generation"] + 1, "external_ids": ["map", [["mark", str(self.mark)]]]}
        operations = [{"op": "wait", "timeout": 0, "table": "VPort", "where": named(name), "columns": ["generation"], "until": "==",
                       "rows": [{"generation": before["generation"]}]}]
        if anew:
            operations += [{"op": "delete", "table": "VPort", "where": named(name)},
                           {"op": "insert", "table": "VPort", "row": {key: value for key, value in {**before, **row}.items() if key[0] != "_"}}]
        else:
            operations += [{"op": "update", "table": "VPort", "where": named(name), "row": row}]
        end = time.monotonic() + SETTLES
        while True:
            results = self.ask(operations)
            if results is not None and outcome_of(results) == COMMITTED:
                break
            now = self.learn(name, before["generation"])
            if now["external_ids"] == row["external_ids"]:
                break  # it was carried out, and the answer was lost
            if now["generation"] != before["generation"]:
                raise Wrong(f"{name}: {before} was acknowledged, and became {now} by nobody")
            if time.monotonic() > end:
                raise Wrong(f"{name}: {columns} could not be written in {SETTLES:.0f} s")
            time.sleep(0.05)
        self.known[name] = {**before, **row}

    def add(self, row):
        """While nothing dies."""
        results = self.ask([{"op": "insert", "table": "VPort", "row": row}])
        if results is None or outcome_of(results) != COMMITTED:
            raise Wrong(f"{row['name']} is not taken: {results}")
        self.known[row["name"]] = self.learn(row["name"])

    def settle(self, name):
        """After somebody else (a command) may have changed it, or may still: from here on nobody does."""
        before = self.known[name]
        end = time.monotonic() + SETTLES
        while True:
            now = self.learn(name, before["generation"])
            results = self.ask([{"op": "wait", "timeout": 0, "table": "VPort", "where": named(name), "columns": ["generation"], "until": "==",
                                 "rows": [{"generation": now["generation"]}]},
                                {"op": "mutate", "table": "VPort", "where": named(name), "mutations": [["generation", "+=", 1]]}])
            if results is not None and outcome_of(results) == COMMITTED:
                self.known[name] = {**now, "generation": now["generation"] + 1}
                return
            if time.monotonic() > end:
                raise Wrong(f"{name} cannot be settled")
            time.sleep(0.05)

    # --- vmmq fleet ---
    def command(self, *words, seconds=60, kill_after=None):
        """Exit status and what it said; kill_after: seconds until it is killed."""
        process = subprocess.Popen([self.vmmq, "fleet", *words, "--store", ",".join(self.cluster.remotes)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.counts["by vmmq fleet"] += 1
        try:
            out, wrong = process.communicate(timeout=kill_after or seconds + SETTLES)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            if not kill_after:
                raise Wrong(f"vmmq fleet {' '.join(words)} hangs") from None
            return None, ""
        if process.returncode < 0 or "Sanitizer" in wrong:
            raise Wrong(f"vmmq fleet {' '.join(words)}: {process.returncode} {out}{wrong}")
        return process.returncode, wrong
