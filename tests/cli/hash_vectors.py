#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every row of the vectors file through `vmmq hash`:  hash_vectors.py VMMQ toeplitz-vectors.csv"""
import csv
import subprocess
import sys

vmmq, vectors = sys.argv[1:]
wrong = rows = 0


def endpoint(address, port):
    return "[%s]:%s" % (address, port) if ":" in address else "%s:%s" % (address, port)


with open(vectors, encoding="utf-8") as file:
    for row in csv.DictReader(line for line in file if not line.startswith("#")):
        rows += 1
        for implementation in ("auto", "bitwise"):
            command = [vmmq, "hash", "--type", row["hash_type"].lower(), "--implementation", implementation,
                       endpoint(row["src_ip"], row["src_port"]), endpoint(row["dst_ip"], row["dst_port"])]
            printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
            if printed != row["expected_hash_hex"]:
                wrong += 1
                print("%s: %s, expected %s" % (" ".join(command), printed, row["expected_hash_hex"]))
print("%d rows, %d wrong" % (rows, wrong))
sys.exit(wrong > 0 or rows < 40)
