#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Runs an example and compares what it prints with what its page says that it prints.

usage: run_example.py EXPECTED PROGRAM [ARGUMENT...]

Each line of EXPECTED is the text itself, or, between slashes, a regular expression for the whole line.
"""
import difflib
import pathlib
import re
import subprocess
import sys


def same(expected, line):
    if len(expected) > 2 and expected.startswith("/") and expected.endswith("/"):
        return re.fullmatch(expected[1:-1], line) is not None
    return expected == line


def main(arguments):
    expected = pathlib.Path(arguments[0]).read_text(encoding="utf-8").splitlines()
    done = subprocess.run(arguments[1:], capture_output=True, text=True, timeout=60, check=False)
    printed = done.stdout.splitlines()
    if done.returncode == 0 and len(expected) == len(printed) and all(map(same, expected, printed)):
        return 0
    print("exit code %d" % done.returncode)
    print("\n".join(difflib.unified_diff(expected, printed, "expected", "printed", lineterm="")))
    print(done.stderr, end="")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
