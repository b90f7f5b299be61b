#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""directory_test.py VMMQD VMMQ ROOT PROGRAM...: where another user was first in /tmp/dpdk, and there is no XDG_RUNTIME_DIR.

As nobody, without a home, in a mount namespace whose /tmp is empty but for a /tmp/dpdk of root's: vmmqd serves telemetry and
says where, `vmmq replay` and PROGRAM... run, silently, and nothing is left in /tmp.
"""
import os
import re
import signal
import socket
import subprocess
import sys

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG, wait_until  # noqa: E402

NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name not in ("XDG_RUNTIME_DIR", "RUNTIME_DIRECTORY", "HOME", "TMPDIR")}
PLACE = "/tmp/place"  # in the namespace
TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OURS = {"dpdk", "place"} | ({TREE.split("/")[2]} if TREE.startswith("/tmp/") else set())  # a tree below /tmp stays in sight
EMPTY_TMP = """mount -t tmpfs -o mode=1777 none /mnt || exit 1
tree=$1; shift
case $tree in /tmp/*) mkdir -p "/mnt/${tree#/tmp/}" && mount --bind "$tree" "/mnt/${tree#/tmp/}" || exit 1;; esac
mount --rbind /mnt /tmp && exec "$@\""""


def left():
    return sorted(set(os.listdir("/tmp")) - OURS)


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=HANG, env=ENVIRONMENT, **NOBODY, check=False)
    assert (done.returncode, done.stderr) == (0, ""), f"{words}: status {done.returncode}\n{done.stderr}"
    assert left() == [], f"{words}: left in /tmp: {left()}"


def vmmqd(program, options):
    """Runs it until something is known of it; returns what it left in the log."""
    log = os.path.join(PLACE, "log")
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen([program, "-c", f"{PLACE}/vmmqd.yaml", "--state", f"{PLACE}/state.db", "--socket", f"{PLACE}/s",
                                    "--buffers", "4096", *options], stdout=out, stderr=out, env=ENVIRONMENT, **NOBODY)

    def text():
        with open(log, encoding="utf-8") as file:
            return file.read()

    try:
        wait_until(lambda: os.path.exists(f"{PLACE}/s") or process.poll() is not None, "the control socket")
        assert process.poll() is None, text()
        yield text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(HANG) == 0, text()
    finally:
        process.kill()
        process.wait()
    assert left() == [], f"left in /tmp: {left()}"


def inside(program, vmmq, root, *others):
    os.mkdir("/tmp/dpdk", 0o700)
    os.mkdir(PLACE)
    os.chmod(PLACE, 0o777)
    with open(f"{PLACE}/vmmqd.yaml", "w", encoding="utf-8") as file:
        file.write("adapter: {processors: [0, 1]}\n")
    run(vmmq, "replay", "-c", f"{root}/examples/four-vms.yaml", "-r", f"{root}/examples/four-vms.pcapng")
    for other in others:
        run(other)
    for log in vmmqd(program, []):
        # but for what it says of a machine that has hugepages of one size and not of another
        assert "DPDK" not in re.sub(r".*No free \d+ kB hugepages.*\n", "", log), log
        assert left() == [], left()
    for log in vmmqd(program, ["--telemetry"]):
        told = re.search(r"telemetry is at (/tmp/vmmq-\w+)(/dpdk/vmmq/dpdk_telemetry\.v2)\n", log)
        assert told, log
        assert os.stat(told[1]).st_mode & 0o777 == 0o700 and os.stat(told[1]).st_uid == NOBODY["user"]
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.settimeout(HANG)
            client.connect(told[1] + told[2])
            assert b'"pid"' in client.recv(4096)
    print("beside another user's /tmp/dpdk: telemetry, replay and the examples work, and nothing is left")


def main():
    if sys.argv[1] == "--inside":
        inside(*sys.argv[2:])
        return 0
    if os.geteuid():
        print("needs root: a mount namespace, and another user")
        return 77
    words = [sys.executable, os.path.abspath(__file__), "--inside", *(os.path.abspath(word) for word in sys.argv[1:])]
    return subprocess.run(["unshare", "-m", "sh", "-c", EMPTY_TMP, "sh", TREE, *words], timeout=10 * HANG, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
