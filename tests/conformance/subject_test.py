#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""subject_test.py PROGRAM SUBJECT: ours passes every case that is not listed here as not applicable."""
import json
import subprocess
import sys

# Restricted tables, RSS off by configuration, a lack of memory, filter drivers: none of them is here.
NOT_APPLICABLE = {
    "core": {"3.2/3a", "10.4/11a", "10.4/12a", "10.4/13a", "11.3/14a", "21/8a"},  # and it does not send
    "engine": {"10.4/11a", "10.4/12a", "10.4/13a", "11.3/14a"},
}


def main():
    program, subject = sys.argv[1:]
    done = subprocess.run([program, "--subject", subject, "--json"], stdout=subprocess.PIPE, text=True, check=False)
    result = json.loads(done.stdout)
    for case in result["cases"]:
        if case["outcome"] != "passed":
            print(f"{case['case']}: {case['outcome']}: {case['text']}: {case['reason']}")
    print(f"{result['passed']} passed, {result['failed']} failed, {result['not_applicable']} not applicable")
    left_out = {case["case"] for case in result["cases"] if case["outcome"] == "not_applicable"}
    wrong = left_out ^ NOT_APPLICABLE[subject]
    if wrong:
        print("not applicable, or listed so, in one place only:", ", ".join(sorted(wrong)))
    return 1 if done.returncode or wrong or not result["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
