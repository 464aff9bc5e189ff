#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Makes one header of all that the umbrella includes, single_include/ovrseer/ovrseer.hpp, and one of pattern/ alone.

usage: single_header.py [--check]     --check changes nothing and fails when the file is stale

Headers of our own are put in place once, in the order of the includes, and all bodies behind them. Standard headers move to the
top, sorted. Headers of others stay where they are, since what comes before them may matter to them.
The output depends on nothing but the headers.
"""
import pathlib
import re
import sys

import layout
import sources

BANNER = "// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0"
WITH_BODIES = re.compile(r"^#if OVRSEER_HEADER_ONLY\n(#include <\S+\.ipp>)\n#endif$", re.M)
OUTPUT = "single_include/ovrseer/ovrseer.hpp"
PATTERN_OUTPUT = "single_include/ovrseer/pattern.hpp"


class Refused(Exception):
    """The headers cannot be made one: says file, line and why."""


class Foreign(str):
    """An include of somebody else's header, outside of any #if."""


class Amalgam:
    def __init__(self, root):
        self.base = pathlib.Path(root) / "include"
        self.standard = set()
        self.foreign = set()
        self.done = set()
        self.open = []
        self.lines = []
        self.bodies = []

    def add(self, name):
        if name in self.open:
            raise Refused("includes form a ring: " + " -> ".join(self.open[self.open.index(name):] + [name]))
        if name in self.done:
            return
        self.open.append(name)
        # All bodies are in the one header, behind all declarations.
        text = WITH_BODIES.sub(r"\1\n", sources.read(self.base / name))
        own = [line for line in self._expand(name, text) if self._is_new(line)]
        self.open.pop()
        self.done.add(name)
        while own and not own[0].strip():
            own.pop(0)
        while own and not own[-1].strip():
            own.pop()
        if own:
            self.lines += ["", "// ---- %s" % name, ""] + own

    def _is_new(self, line):
        """False for a header of others that stands above already; known only when the lines are put down."""
        if not isinstance(line, Foreign) or line not in self.foreign:
            self.foreign.update([line] if isinstance(line, Foreign) else [])
            return True
        return False

    def _expand(self, name, text):
        """Adds the headers that this one includes; returns what remains of itself."""
        found = {number: (d, "include", t, q) for number, d, t, q in sources.includes(text)}
        pragmas = {n for n, _, directive, rest in sources.directives(text) if (directive, rest) == ("pragma", "once")}
        own = []
        for number, line in enumerate(text.split("\n"), 1):
            if number in pragmas or line == BANNER and number == 1:
                continue
            if number not in found:
                own.append(line)
                continue
            depth, _, target, quoted = found[number]
            if target.startswith("ovrseer/") or quoted:
                if depth > 0:
                    raise Refused("%s:%d: <%s> inside #if" % (name, number, target))
                if not (self.base / target).is_file():
                    raise Refused("%s:%d: <%s> does not exist" % (name, number, target))
                if layout.is_body(target):
                    self.bodies.append(target)
                elif target not in self.done or not layout.is_body(name):
                    self.add(target)
            elif depth > 0:
                own.append(line)
            elif target in layout.STANDARD:
                self.standard.add(target)
            else:
                own.append(Foreign("#include <%s>" % target))
        return own

    def add_all(self, headers):
        for header in headers:
            self.add(header)
        for body in self.bodies:  # a body may lead to further headers, and those to bodies
            self.add(body)

    def text(self, what):
        top = [
            BANNER,
            "// %s, in one file: made by tools/single_header.py" % what,
            "// from include/ovrseer/. Do not edit; do not merge by hand: make it again.",
            "#pragma once",
            "",
        ]
        top += ["#include <%s>" % name for name in sorted(self.standard)]
        return "\n".join(top + self.lines) + "\n"


def generate(root=None):
    amalgam = Amalgam(root or sources.ROOT)
    amalgam.add_all(["ovrseer/" + layout.UMBRELLA])
    return amalgam.text("All of ovrseer that needs only Asio, fmt and nlohmann_json")


def generate_pattern(root=None):
    """The folder pattern/ is of use by itself, and needs the standard library alone."""
    amalgam = Amalgam(root or sources.ROOT)
    amalgam.add_all(["ovrseer/pattern/" + path.name for path in sorted((amalgam.base / "ovrseer/pattern").glob("*.hpp"))])
    return amalgam.text("The patterns of ovrseer, which need the standard library alone")


def main(arguments, root=None):
    root = pathlib.Path(root or sources.ROOT)
    made = {}
    try:
        made[OUTPUT] = generate(root)
        if (root / "include/ovrseer/pattern").is_dir():
            made[PATTERN_OUTPUT] = generate_pattern(root)
    except Refused as why:
        print(why, file=sys.stderr)
        return 1
    stale = [name for name in made if not (root / name).is_file() or sources.read(root / name) != made[name]]
    for name in stale:
        if "--check" in arguments:
            print("%s is stale: run ./dev single" % name, file=sys.stderr)
            continue
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(made[name], encoding="utf-8")
        print("wrote " + name)
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
