#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run the transcripts of commands against a real vmmqd, which starts from live.yaml.

    live_test.py [--update] VMMQD VMMQ

vmmqd runs without privileges: as nobody where this is run by root.
"""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG, wait_until  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
NOBODY = 65534


def start(vmmqd, directory):
    root = os.geteuid() == 0
    as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if root else {}
    if root:
        os.chown(directory, NOBODY, NOBODY)
    shutil.copy(os.path.join(HERE, "live.yaml"), directory)
    log = open(os.path.join(directory, "log"), "w+", encoding="utf-8")
    daemon = subprocess.Popen([vmmqd, "-c", "live.yaml", "--state", "state.db", "--socket", "s", "--no-hugepages",
                               "--buffers", "4096"],
                              cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                              env={**os.environ, "XDG_RUNTIME_DIR": directory, "HOME": directory}, **as_nobody)
    return daemon, log


def wait_for_socket(daemon, path):
    wait_until(lambda: os.path.exists(path) or daemon.poll() is not None, "the control socket")
    return os.path.exists(path)


def main(arguments):
    update = arguments[:1] == ["--update"]
    vmmqd, vmmq = arguments[update:]
    with tempfile.TemporaryDirectory(prefix="vmmq-cli-live-") as directory:
        daemon, log = start(os.path.abspath(vmmqd), directory)
        path = os.path.join(directory, "s")
        failed = 1
        try:
            if wait_for_socket(daemon, path):
                failed = subprocess.run([os.path.join(HERE, "check_transcripts.py"), *(["--update"] if update else []),
                                         vmmq, os.path.join(HERE, "live.txt")], env={**os.environ, "S": path},
                                        check=False).returncode
            daemon.terminate()
            failed |= daemon.wait(timeout=HANG)
        finally:
            daemon.kill()
            daemon.wait()
        if failed:
            log.seek(0)
            print("vmmqd's log:\n" + log.read())
    return failed


sys.exit(main(sys.argv[1:]))
