# SPDX-License-Identifier: BSD-2-Clause
"""A ping that goes on while something happens, and tells afterwards what was lost and how long it was quiet."""
import re
import signal
import subprocess

LINE = re.compile(r"\[(\d+\.\d+)\].*icmp_seq=(\d+) ttl")


class Pinger:
    def __init__(self, namespace, target, interval=0.02):
        self.interval = interval
        self.process = namespace.popen("ping", "-D", "-i", str(interval), target, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True)
        self.answers = []  # (time, sequence number)
        self.sent = self.received = 0

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        text = self.process.communicate(timeout=20)[0]
        self.answers = [(float(time), int(number)) for time, number in LINE.findall(text)]
        counts = re.search(r"(\d+) packets transmitted, (\d+) received", text)
        self.sent, self.received = int(counts.group(1)), int(counts.group(2))
        return self

    @property
    def lost(self):
        """Without the one that may have been on its way when the ping was stopped."""
        return max(0, self.sent - self.received - 1)

    @property
    def longest_gap(self):
        """Seconds between two answers that followed each other."""
        times = [time for time, _ in self.answers]
        return max((b - a for a, b in zip(times, times[1:])), default=float("inf"))
