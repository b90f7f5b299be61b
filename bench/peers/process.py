# SPDX-License-Identifier: BSD-2-Clause
"""Programs that a benchmark starts, lets run in turn, and stops: each by its own process id."""
import os
import pathlib
import shutil
import signal
import subprocess
import time

from rounds import Unable

PATIENCE = 30  # seconds that a program may take to start or to stop
os.environ['PATH'] += ':/usr/sbin:/sbin'  # where ip and ovsdb-server are, whoever calls


def need(*programs):
    """Unable, unless all are there.  programs: (name or path, Debian package)"""
    missing = [f'{name} (package {package})' for name, package in programs if not shutil.which(name)]
    if missing:
        raise Unable(f'not installed: {", ".join(missing)}')


def need_root():
    if os.geteuid():
        raise Unable('needs root')


def said(*command):
    """What a command prints; Unable with its complaint where it fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout
    except subprocess.CalledProcessError as failed:
        raise Unable(f'{command[0]}: {(failed.stderr or failed.stdout).strip()[-300:]}') from failed
    except (OSError, subprocess.TimeoutExpired) as failed:
        raise Unable(f'{command[0]}: {failed}') from failed


def wait_until(true, what, program=None):
    """Polls; Unable after PATIENCE, or when the program has ended meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline or (program and program.process.poll() is not None):
            raise Unable(f'{what}: {program.log_tail() if program else "too late"}')
        time.sleep(0.02)


class Program:
    """A process whose output is in a log.  It can be paused: stopped, with what it has."""

    def __init__(self, command, log, **options):
        self.log = pathlib.Path(log)
        with open(log, 'wb') as file:
            self.process = subprocess.Popen(command, stdout=file, stderr=file, **({'stdin': subprocess.DEVNULL} | options))

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        if self.process.poll() is None:
            self.resume()
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def scheduled(self, column):
        return {thread.name: int((thread / 'schedstat').read_text().split()[column]) / 1e9
                for thread in pathlib.Path(f'/proc/{self.process.pid}/task').iterdir()}

    def thread_seconds(self):
        """{thread id: CPU time so far}"""
        return self.scheduled(0)

    def waited_seconds(self):
        """{thread id: time so far in which it could have run, and others had the CPU}"""
        return self.scheduled(1)

    def cpu_seconds(self):
        """CPU time of all its threads so far."""
        return sum(self.thread_seconds().values())

    def log_tail(self):
        return self.log.read_text(errors='replace').strip()[-300:]
