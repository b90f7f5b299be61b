# SPDX-License-Identifier: BSD-2-Clause
"""A ping that goes on while something happens, and tells afterwards what was lost and how long it was quiet."""
import os
import re
import signal
import subprocess
import tempfile

from daemon import HANG, wait_until

LINE = re.compile(r"\[(\d+\.\d+)\].*icmp_seq=(\d+) ttl")


class Pinger:
    def __init__(self, namespace, target, interval=0.02):
        self.log = tempfile.TemporaryFile()
        self.process = namespace.popen("ping", "-D", "-i", str(interval), target, stdout=self.log, stderr=subprocess.STDOUT)
        self.answers = []  # (time, sequence number)
        self.await_answers(1)

    def await_answers(self, count):
        """Returns when so many more have come."""
        before = len(self._read())
        wait_until(lambda: len(self._read()) >= before + count, "an answer to a ping")

    def _read(self):
        text = os.pread(self.log.fileno(), 1 << 26, 0).decode()  # leaves ping's place in the file, which is ours too
        self.answers = [(float(time), int(number)) for time, number in LINE.findall(text)]
        return self.answers

    def stop(self):
        """Ends with an answer that is later than this call, so that what was sent before it is answered by now, or lost."""
        self.await_answers(2)
        self.process.send_signal(signal.SIGINT)
        self.process.wait(HANG)
        self._read()
        return self

    @property
    def sent(self):
        """Up to the latest one that was answered: those behind it may be on their way."""
        return max(number for _, number in self.answers)

    @property
    def lost(self):
        return self.sent - len({number for _, number in self.answers})

    @property
    def longest_gap(self):
        """Seconds between two answers that followed each other."""
        times = [time for time, _ in self.answers]
        return max((b - a for a, b in zip(times, times[1:])), default=float("inf"))
