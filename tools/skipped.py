#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Says which tests were skipped and why, as tests leave themselves out where what they need is not here.

usage: skipped.py [--demand] LOG...

LOGs are CTest's, with the output of tests that passed. With --demand the exit code is 1 where a whole class of tests was
skipped: all that use stand-ins of services, packages of npm, programs of this machine, or real data. A class whose folder
is nowhere cannot be demanded.
"""
import argparse
import collections
import os
import pathlib
import re
import sys

import sources

SHARED = sources.ROOT.parent / "shared"


class Kind:
    """A class of tests: what their sources have, what they say when they are skipped, and the folder that it takes."""

    def __init__(self, name, uses, says, variable=None, folder=None):
        self.name, self.uses, self.says = name, re.compile(uses), re.compile(says)
        self.folder = pathlib.Path(os.environ.get(variable, folder)) if variable else None

    def may_be_demanded(self):
        return self.folder is None or self.folder.is_dir()


KINDS = (
    Kind("stand-ins of services", r"\bcounterparty\(|\bNEEDS_STAND_IN\(|\bstand_in\(", r"counterparties|\.(?:mjs|py)$",
         "OVRSEER_TEST_COUNTERPARTIES", SHARED / "counterparties"),
    Kind("packages of npm", r"(?<!install_)\bnode_packages\(|\bexample\.npm\(", r"\bnpm\b"),
    Kind("programs of this machine", r"\bhas_program\(|not installed", r"not installed|needs (?:node|openssl|python3)"),
    Kind("real data", r"OVRSEER_TEST_DATA|\bdata_(?:folder|directory)\(", r"OVRSEER_TEST_DATA|no data in",
         "OVRSEER_TEST_DATA", SHARED / "data"),
)


def outputs(log):
    """Yields (name of a test, what it printed) of a log of CTest's."""
    parts = re.split(r"^\d+/\d+ Test: (.*)$", log, flags=re.MULTILINE)
    return zip(parts[1::2], parts[2::2])


def reasons(output):
    """Why a test left out something of itself."""
    return {found.strip() for found in re.findall(r"^ *skipped: (.*)$", output, flags=re.MULTILINE)}


def source_of(test, root):
    """The text of a test by its name: a file of a suite, or what an example is checked by."""
    suite, _, stem = test.partition("/")
    if suite == "example":
        paths = [root / "examples" / (stem + ".check.py")]
    else:
        paths = sorted((root / "tests" / suite).rglob(stem + ".cpp"))
    return "".join(path.read_text(encoding="utf-8") for path in paths if path.is_file())


def judge(logs, root):
    """(reason -> tests, kind -> (members, skipped))"""
    why = collections.defaultdict(set)
    kinds = {kind: (set(), set()) for kind in KINDS}
    for log in logs:
        for test, output in outputs(log):
            said = reasons(output)
            for reason in said:
                why[reason].add(test)
            text = source_of(test, root)
            for kind, (members, skipped) in kinds.items():
                if kind.uses.search(text):
                    members.add(test)
                    if any(kind.says.search(reason) for reason in said):
                        skipped.add(test)
    return why, kinds


def main(arguments, root=sources.ROOT):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--demand", action="store_true")
    parser.add_argument("logs", nargs="+", type=pathlib.Path)
    options = parser.parse_args(arguments)
    why, kinds = judge([log.read_text(encoding="utf-8", errors="replace") for log in options.logs], root)
    for reason, tests in sorted(why.items()):
        print("skipped in %s: %s" % (", ".join(sorted(tests)), reason))
    missing = [kind for kind, (members, skipped) in kinds.items() if members and members == skipped]
    for kind in missing:
        print("all tests that use %s were skipped%s" % (
            kind.name, "" if kind.may_be_demanded() else ": there is no folder %s" % kind.folder), file=sys.stderr)
    return 1 if options.demand and any(kind.may_be_demanded() for kind in missing) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
