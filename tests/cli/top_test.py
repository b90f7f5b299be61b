#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""vmmq top and vmmq monitor at a terminal (tmux), against a daemon that is none:  top_test.py VMMQ

Keys, sizes, a daemon that goes and comes back, signals, a terminal that is left as it was found.
"""
import atexit
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG, wait_until  # noqa: E402

VMMQ = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.abspath(__file__))
FAKE = os.path.join(HERE, "top_fake_daemon.py")


class Fake:
    def __init__(self, folder, *options):
        self.socket = os.path.join(folder, "vmmq.sock")
        self.options = options
        self.process = None
        self.start()
        atexit.register(self.stop)  # also after a failure: whoever reads our output waits for all that hold it

    def start(self):
        self.process = subprocess.Popen([sys.executable, FAKE, self.socket, *self.options], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(self.socket), "the fake daemon's socket")

    def stop(self):
        self.process.kill()
        self.process.wait()
        if os.path.exists(self.socket):
            os.unlink(self.socket)


class Terminal:
    """One tmux server with one window, on a socket of its own: one that was told to end may still have its."""

    numbers = itertools.count()

    def __init__(self, folder, columns, rows, command):
        self.control = ["tmux", "-u", "-S", os.path.join(folder, f"tmux{next(self.numbers)}.sock"), "-f", "/dev/null"]
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "screen-256color", "TZ": "UTC"}
        environment.pop("TMUX", None)
        subprocess.run([*self.control, "new-session", "-d", "-x", str(columns), "-y", str(rows),
                        f"{command}; echo status $?; stty -a | grep -ow -e '-*echo' ; exec sleep 1000"],
                       env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.close)

    def tmux(self, *words):
        return subprocess.run([*self.control, *words], check=True, capture_output=True, text=True).stdout

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def colours(self):
        return self.tmux("capture-pane", "-p", "-e")

    def keys(self, *keys):
        self.tmux("send-keys", *keys)

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def pid_of_top(self):
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        return int(subprocess.run(["pgrep", "-P", shell], capture_output=True, text=True, check=True).stdout.split()[0])

    def see(self, pattern, what):
        wait_for(lambda: re.search(pattern, self.screen(), re.M), what, self.screen)

    def close(self):
        subprocess.run([*self.control, "kill-server"], check=False, capture_output=True)


def wait_for(condition, what, screen=None):
    wait_until(condition, lambda: what + (f"\n{screen()}" if screen else ""), pause=0.05)


def expect(condition, what):
    if not condition:
        sys.exit(f"wrong: {what}")


def keys_and_pages(folder):
    fake = Fake(folder, "--vports", "30", "--moves", "20", "--entries", "32")
    terminal = Terminal(folder, 80, 24, f"{VMMQ} top --connect {fake.socket} --interval 0.2")
    terminal.see(r"^▸  0 default .*", "the first VPort selected")
    terminal.see(r"moved in 5 s +[0-9]+ · \S+ spread [0-9]+:[0-9]+→[0-9]", "entries that move, and why")
    expect("\033[" in terminal.colours(), "no colours on a terminal that has them")
    terminal.keys("Down")
    terminal.see(r"^▸  1 web-frontend", "the selection moved down")
    terminal.keys("End")
    terminal.see(r"^▸ 29 vm29", "the last VPort")
    terminal.keys("PageUp")
    terminal.see(r"^▸ 2[0-4] ", "a page up")
    terminal.keys("Home", "s")
    terminal.see(r"s sort: rate", "sorted by rate")
    terminal.see(r"^.  1 web-frontend.*\n.  2 web ", "the busiest first")
    terminal.keys("s")
    terminal.see(r"imb spread.*\n.  6 build", "who drops most first")
    terminal.keys("s", "Home", "Down", "Enter")
    terminal.see(r"VPort 1 web-frontend", "the detail page")
    terminal.see(r"hash types ipv4 tcp_ipv4 udp_ipv4", "hash types from rss.show")
    terminal.keys("End")
    terminal.see(r"─ moved for load, the latest first ─.*\n [0-9]+:[0-9]+→[0-9]+ \S+ ?\S* ago, spread: processor 1 had 93.1 %", "its moves, and why")
    terminal.keys("n")
    terminal.see(r"VPort 2 web", "the next VPort")
    terminal.see(r"32 entries: processor", "its table")
    terminal.keys("Escape")
    terminal.see(r"^▸  2 web", "back on the list")
    terminal.keys("c")
    terminal.see(r"─ processors ─", "the processors' page")
    terminal.keys("h")
    terminal.see(r"spread   one sign", "help")
    terminal.keys("h")
    terminal.see(r"─ processors ─", "back from help")
    terminal.keys("c", "p")
    terminal.see(r"PAUSED", "pause")
    wait_for(lambda: (before := terminal.screen()) and not time.sleep(0.5) and before == terminal.screen(),
             "a picture that stands still")
    terminal.keys("p")
    wait_for(lambda: "PAUSED" not in terminal.screen(), "going on")
    for columns, rows in ((160, 50), (100, 30), (60, 16), (40, 10), (20, 5), (4, 2), (1, 1), (80, 24)):
        terminal.resize(columns, rows)
        wait_for(lambda: len(terminal.screen().splitlines()) == rows, "the new size", terminal.screen)
    terminal.see(r"^▸  2 web.*▒", "the list after all sizes")
    terminal.keys("q")
    terminal.see(r"^status 0$", "its end")
    terminal.see(r"^echo$", "the terminal as it was")
    terminal.close()
    fake.stop()


def daemon_goes_and_comes(folder):
    fake = Fake(folder)
    terminal = Terminal(folder, 80, 24, f"{VMMQ} top --connect {fake.socket} --interval 0.2")
    terminal.see(r"^▸  0 default", "the list")
    fake.stop()
    terminal.see(r"vmmqd is gone, trying again", "that vmmqd is gone")
    terminal.see(r"^.  1 web-frontend", "the last figures")
    fake.start()
    wait_for(lambda: "gone" not in terminal.screen(), "the connection again", terminal.screen)
    terminal.see(r"^.  1 web-frontend +[1-9]", "rates again")
    os.kill(terminal.pid_of_top(), signal.SIGTERM)
    terminal.see(r"^status 0$", "its end by a signal")
    terminal.see(r"^echo$", "the terminal as it was")
    terminal.close()
    fake.stop()


def end_beside_silence(folder, key):
    """Presses a key, then q, when a call has begun that is never answered; returns the seconds until top ends."""
    fake = Fake(folder, "--silent-after", "0.5")
    terminal = Terminal(folder, 80, 24, f"{VMMQ} top --connect {fake.socket} --interval 0.3")
    terminal.see(r"^▸  0 default", "the list")
    fake.process.stdout.readline()
    begin = time.monotonic()
    if key:
        terminal.keys(key)
        terminal.see(r"spread   one sign", "help")
    terminal.keys("q")
    terminal.see(r"^status 0$", "its end")
    took = time.monotonic() - begin
    terminal.close()
    fake.stop()
    return took


def silent_daemon_does_not_hold_keys(folder):
    """A call is given up after 3 s.  On a slow machine top may take as long for itself, but not each time."""
    for key in ("h", None):
        expect(any(end_beside_silence(folder, key) < 2.5 for _ in range(20)), f"{key or 'q'} waits for the daemon")


def run(*words, **more):
    return subprocess.run([VMMQ, *words], capture_output=True, text=True, timeout=HANG, **more)


def once(folder):
    fake = Fake(folder)
    text = run("top", "--once", "--interval", "0.2", "--connect", fake.socket)
    expect(text.returncode == 0 and "web-frontend" in text.stdout and "\033" not in text.stdout, "--once")
    expect(all(len(line) <= 80 and line.isascii() for line in text.stdout.splitlines()), "--once is not plain text")
    record = json.loads(run("top", "--once", "--json", "--interval", "0.2", "--connect", fake.socket).stdout)
    expect(record["interval"] > 0.1 and record["vports"][1]["packets"] > 1000, "--once --json")
    for words in (["--json"], ["--interval", "0"], ["--interval", "x", "--once"], []):
        expect(run("top", *words, "--connect", fake.socket, stdin=subprocess.DEVNULL).returncode == 2, f"top {words}")
    fake.stop()
    gone = run("top", "--once", "--connect", fake.socket)
    expect(gone.returncode == 1 and gone.stderr.startswith("vmmq top: "), "no daemon")


def monitor(folder):
    fake = Fake(folder)
    command = [VMMQ, "monitor", "--connect", fake.socket]
    environment = {**os.environ, "TZ": "UTC"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    line = process.stdout.readline()
    expect(re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} vport 3 \(web\) rss\.changed: entry 5: 0 -> 1\n", line), repr(line))
    line = process.stdout.readline()
    expect(line.endswith("backend.state: no_peer, no guest is connected\n"), repr(line))
    process.send_signal(signal.SIGINT)
    expect(process.wait(HANG) == 0 and process.stderr.read() == "", "SIGINT is no clean end")
    process = subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    expect(json.loads(process.stdout.readline())["event"] == "rss.changed", "--json")
    process.stdout.close()
    expect(process.wait(HANG) == 0 and process.stderr.read() == "", "a closed pipe is no clean end")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    follower = subprocess.Popen([*command, "--follow"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.readline()
    follower.stdout.readline()
    fake.stop()
    expect(process.wait(HANG) == 1, "a lost daemon is no failure")
    error = process.stderr.read()
    expect(error.startswith("vmmq monitor: ") and error.count("\n") == 1, repr(error))
    fake.start()
    while "vmmqd is back" not in (line := follower.stderr.readline()):
        expect(line, "--follow ended")
    while follower.stdout.readline().count("rss.changed") == 0:
        expect(follower.poll() is None, "--follow ended")
    follower.send_signal(signal.SIGTERM)
    expect(follower.wait(HANG) == 0, "SIGTERM is no clean end")
    fake.stop()
    expect(run("monitor", "--connect", fake.socket, "--follow").returncode == 1, "no daemon to begin with")


def main():
    with tempfile.TemporaryDirectory() as folder:
        once(folder)
        monitor(folder)
        if not shutil.which("tmux"):
            print("skipped: tmux is not installed; only what needs no terminal was tested")
            sys.exit(77)
        keys_and_pages(folder)
        daemon_goes_and_comes(folder)
        silent_daemon_does_not_hold_keys(folder)


if __name__ == "__main__":
    main()
