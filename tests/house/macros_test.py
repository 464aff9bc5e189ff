#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Asks the compiler which macros our headers leave behind: only OVRSEER_ ones may.

usage: macros_test.py COMPILER INCLUDE_DIRS_SEPARATED_BY_SEMICOLONS
"""
import re
import subprocess
import sys

# asio.hpp sets it for clang, in Asio's own name and with Asio's own value.
EXPECTED = {"ASIO_HAS_CO_AWAIT"}


def leaks(preprocessed):
    """Macros that are still defined at the end and were defined in a file of ours."""
    file, alive = "", {}
    for line in preprocessed.split("\n"):
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            file = marker.group(1)
            continue
        directive = re.match(r"#(define|undef) (\w+)", line)
        if directive and directive.group(1) == "define":
            alive[directive.group(2)] = file
        elif directive:
            alive.pop(directive.group(2), None)
    ours = {name: where for name, where in alive.items() if "include/ovrseer/" in where}
    return ours, {n: w for n, w in ours.items() if not n.startswith("OVRSEER_") and n not in EXPECTED}


def main(arguments):
    compiler, folders = arguments
    command = [compiler, "-std=c++20", "-E", "-dD", "-x", "c++", "-"] + ["-I" + f for f in folders.split(";") if f]
    done = subprocess.run(command, input='#include "everything.hpp"\n', capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stderr)
        return 1
    ours, leaked = leaks(done.stdout)
    if "OVRSEER_VERSION_MAJOR" not in ours:
        print("the headers were not seen: this test would pass whatever they define")
        return 1
    for name, where in sorted(leaked.items()):
        print("%s: macro %s leaks" % (where, name))
    return 1 if leaked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
