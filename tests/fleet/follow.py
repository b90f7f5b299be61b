# SPDX-License-Identifier: BSD-2-Clause
"""ovsdb-follow under test: the client in C as a program that tells what happens (tests/unit/ovsdb/ovsdb_follow.c)."""
import json
import os
import subprocess
import sys
import threading

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG, wait_until  # noqa: E402

PROGRAM = os.environ.get("OVSDB_FOLLOW", "ovsdb-follow")


class Follow:
    def __init__(self, *words):
        self.process = subprocess.Popen([PROGRAM, "--retry-ms", "20", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.events = []
        self.number = 0
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(HANG)
        self.reader.join(HANG)
        wrong = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        assert self.process.returncode == 0 and not wrong, f"ovsdb-follow ended with {self.process.returncode}: {wrong}"

    def of(self, kind):
        return [event for event in list(self.events) if event["event"] == kind]

    def until(self, condition, what):
        assert self.process.poll() is None, self.process.stderr.read()
        return wait_until(condition, lambda: f"{what}; what came:\n" + "\n".join(map(str, self.of("state")[-9:])))

    def state(self):
        """What was told of the connection last."""
        return (self.of("state") or [{"state": "", "whole": 0, "resumed": 0, "why": ""}])[-1]

    def following(self, **than):
        """Waits until a server is followed; whole=N, resumed=N: with so many of them."""
        return self.until(lambda: (last := self.state())["state"] == "following" and all(last[key] == than[key] for key in than) and last,
                          f"following {than}")

    def said(self, text):
        """Waits for a reason with that text."""
        return self.until(lambda: [event for event in self.of("state") if text in event["why"]], f'"{text}"')

    def row(self, condition, table="VPort"):
        """Waits for a change of a row: condition(before, after)."""
        return self.until(lambda: [event for event in self.of("row")
                                   if event["table"] == table and condition(event["before"], event["after"])], "a change of a row")

    def command(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def transact(self, *operations):
        """Returns (outcome, why, results)."""
        self.number += 1
        self.command(transact=list(operations), id=self.number)
        done, = self.until(lambda: [event for event in self.of("done") if event["id"] == self.number], "the transaction's answer")
        return done["outcome"], done["why"], done.get("results")

    def dump(self):
        """{table: {uuid: row}}"""
        count = len(self.of("dump"))
        self.command(dump=True)
        tables = self.until(lambda: self.of("dump")[count:], "the rows")[0]["tables"]
        return {table: {row.pop("_uuid"): row for row in rows} for table, rows in tables.items()}
