#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run one vmmq command against a daemon that gives answers from a file.

    canned_daemon.py ANSWERS.json vmmq ARGUMENT...   what the command prints, and its exit status
    canned_daemon.py --requests vmmq ARGUMENT...     the requests it sends, all of which are answered with an object

ANSWERS has, by method, the object's members beside jsonrpc and id: {"vport.show": {"result": {...}}}.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from hang import HANG  # noqa: E402


def serve(listener, answers, requests):
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, connection.makefile("rwb") as stream:
            for line in stream:
                request = json.loads(line)
                requests.append((request["method"], request.get("params")))
                answer = {"result": {}} if answers is None else answers[request["method"]]
                stream.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], **answer}).encode() + b"\n")
                stream.flush()


def main(first, command):
    answers = None
    requests = []
    if first != "--requests":
        with open(first, encoding="utf-8") as file:
            answers = json.load(file)
    with tempfile.TemporaryDirectory(prefix="vmmq-canned-") as directory:
        path = os.path.join(directory, "s")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        threading.Thread(target=serve, args=(listener, answers, requests), daemon=True).start()
        done = subprocess.run([*command, "--connect", path], timeout=HANG,
                              stdout=None if answers else subprocess.DEVNULL)
        listener.close()
    if answers is None:
        for method, params in requests:
            print(method, json.dumps(params))
    return done.returncode


sys.exit(main(sys.argv[1], sys.argv[2:]))
