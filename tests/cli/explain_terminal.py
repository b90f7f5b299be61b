#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is shown on a terminal and elsewhere:  explain_terminal.py VMMQ

Colours and Unicode on a terminal only, NO_COLOR and TERM=dumb respected; the text is the same everywhere and fits 80
columns.  Also: standard streams that are closed, and the manual pages and completion that are made from the table.
"""
import os
import pty
import re
import subprocess
import sys
import tempfile

VMMQ = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.abspath(__file__))
COMMAND = [VMMQ, "explain", "-c", os.path.join(HERE, "explain.yaml"), "--mac", "02:00:00:00:00:01", "--vlan", "0",
           "--flow", "tcp [3ffe:2501:200:1fff::7]:2794 > [3ffe:2501:200:3::1]:1766"]
COLOUR = re.compile(r"\033\[[0-9;]*m")


def environment(**changes):
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM", "LC_ALL")}
    return {**kept, "TERM": "xterm", "LC_ALL": "C.UTF-8", **changes}


def on_terminal(**changes):
    master, slave = pty.openpty()
    process = subprocess.Popen(COMMAND, stdout=slave, stderr=slave, env=environment(**changes))
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(master)
    assert process.wait() == 0, shown
    return shown.decode().replace("\r\n", "\n")


def on_pipe(**changes):
    return subprocess.run(COMMAND, capture_output=True, text=True, check=True, env=environment(**changes)).stdout


def plain(text):
    """As it would be on a pipe."""
    return COLOUR.sub("", text).replace("→", "->").replace("▌", "#").replace("…", "...")


def check_styles():
    pipe = on_pipe()
    assert pipe.isascii() and "\033" not in pipe
    assert max(map(len, pipe.splitlines())) <= 80
    fancy = on_terminal()
    assert COLOUR.search(fancy) and "→" in fancy and "▌" in fancy
    assert plain(fancy) == pipe
    assert "\033" not in on_terminal(NO_COLOR="1")
    assert COLOUR.search(on_terminal(NO_COLOR=""))
    assert "\033" not in on_terminal(TERM="dumb")
    assert plain(on_terminal(LC_ALL="C")) == pipe and on_terminal(LC_ALL="C").isascii()


def check_closed_streams():
    """A file that the program opens must never take the place of a standard stream."""
    for redirection, status in ((">&-", 1), ("<&- ", 0), ("2>&-", 0), ("<&- >&- 2>&-", 1)):
        command = "'%s' check '%s' %s" % (VMMQ, os.path.join(HERE, "explain.yaml"), redirection)
        assert subprocess.run(["bash", "-c", command], capture_output=True, check=False).returncode == status, redirection


def check_generated():
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([VMMQ, "--generate-man", directory], check=True)
        pages = sorted(os.listdir(directory))
        assert {"vmmq.1", "vmmq-check.1", "vmmq-explain.1", "vmmq-hash.1", "vmmq-replay.1"} <= set(pages), pages
        for page in pages:
            with open(os.path.join(directory, page), encoding="utf-8") as file:
                text = file.read()
            for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS"):
                assert ".SH %s\n" % section in text, (page, section)
    script = subprocess.run([VMMQ, "--generate-completion", "bash"], capture_output=True, text=True, check=True).stdout
    ask = script + "\ncompopt() { :; }\nCOMP_WORDS=(vmmq %s); COMP_CWORD=%d; _vmmq; echo ${COMPREPLY[@]}"

    def complete(words):
        return subprocess.run(["bash", "-c", ask % (words, len(words.split()))], capture_output=True, text=True,
                              check=True, cwd=HERE).stdout.split()

    assert complete("ex") == ["explain"]
    assert complete("help has") == ["hash"]
    assert complete("hash --imp") == ["--implementation"]
    assert complete("hash --implementation b") == ["bitwise"]
    assert complete("hash -t tcp_ipv6") == ["tcp_ipv6", "tcp_ipv6_ex"]
    assert complete("check explain.ya") == ["explain.yaml"]


check_styles()
check_closed_streams()
check_generated()
