#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Holds the headers to the plan in layout.py: a folder includes only what stands below it.

usage: layers.py     Exit code 1 when an arrow points the wrong way.
"""
import re
import sys

import layout
import sources


def allowed_foreign(header, target):
    """None, or why this header may not include this file of somebody else."""
    if target in layout.STANDARD or target.startswith(("fmt/", "nlohmann/")):
        return None
    if target.startswith("asio/") or target == "asio.hpp":
        if layout.folder_of(header) in layout.PURE:
            return "%s/ is usable without Asio" % layout.folder_of(header)
        if target == "asio.hpp":
            return "include the parts of Asio that are used"
        if target.startswith("asio/experimental/") and header != "asio.hpp":
            return "only ovrseer/asio.hpp touches what Asio calls experimental"
        return None
    for library, component in layout.LIBRARIES.items():
        if target.startswith(library):
            if layout.BACKENDS.get(header) == component:
                return None
            home = next(h for h, c in layout.BACKENDS.items() if c == component)
            return "only ovrseer/%s brings this library" % home
    if target.endswith(".h"):  # the system's
        return None
    return "unknown library: a new one is a backend header of its own, named in tools/layout.py"


def check_arrow(header, target, tree):
    """None, or why this header may not include that one of ours."""
    if target not in tree.edges:
        return "does not exist"
    if target in (layout.UMBRELLA, layout.BODIES):
        return "nobody includes %s" % target
    if layout.is_body(target):
        return None if header == layout.header_of(target) else "only its header includes a body"
    from_folder, to_folder = layout.folder_of(header), layout.folder_of(target)
    if from_folder == to_folder:
        return None
    if layout.is_detail(target):
        return "inside of another folder"
    if not to_folder:
        if target == "asio.hpp" and from_folder in layout.PURE:
            return "%s/ is usable without Asio" % from_folder
        return None
    here = -1 if not from_folder else layout.floor_of(from_folder)
    there = layout.floor_of(to_folder)
    if here is not None and there is not None and there >= here:
        return "%s/ does not stand below %s/" % (to_folder, from_folder or "the root")
    return None


def cycles(tree):
    """Each ring of includes once, as a path."""
    state, path, found = {}, [], []

    def visit(header):
        state[header] = "open"
        path.append(header)
        for target in tree.edges.get(header, []):
            if state.get(target) == "open":
                found.append(path[path.index(target):] + [target])
            elif target not in state:
                visit(target)
        path.pop()
        state[header] = "done"

    for header in tree.headers:
        if header not in state:
            visit(header)
    return found


def lint(tree):
    found = []
    for header in tree.headers + tree.bodies:
        folder = layout.folder_of(header)
        if folder and layout.floor_of(folder) is None:
            found.append("%s: %s/ has no floor in tools/layout.py" % (header, folder))
        if header in (layout.UMBRELLA, layout.BODIES):
            continue
        if layout.is_body(header) and header not in tree.edges.get(layout.header_of(header), []):
            found.append("%s: %s does not include it" % (header, layout.header_of(header)))
        text = tree.text[header]
        knows_asio = False
        for number, _, target, _ in sources.includes(text):
            if target.startswith("ovrseer/"):
                own = target[len("ovrseer/"):]
                why = check_arrow(header, own, tree)
                knows_asio = knows_asio or "asio.hpp" in tree.reached([own])
            else:
                why = allowed_foreign(header, target)
                if not why and target.startswith("asio/") and header != "asio.hpp" and not knows_asio:
                    why = "include <ovrseer/asio.hpp> first: it has a word to say to Asio"
            if why:
                found.append("%s:%d: <%s>: %s" % (header, number, target, why))
        if header != "asio.hpp":
            for number, line in enumerate(sources.blank(text).split("\n"), 1):
                if re.search(r"\bASIO_VERSION\b", line):
                    found.append("%s:%d: only ovrseer/asio.hpp tells Asio's versions apart" % (header, number))
    for ring in cycles(tree):
        found.append("includes form a ring: " + " -> ".join(ring))
    for header in tree.umbrella():
        if tree.components(header):
            found.append("%s: reached from the umbrella, but it needs %s" % (header, tree.components(header)))
    return found


def main():
    found = lint(layout.Tree())
    for line in found:
        print("include/ovrseer/" + line if not line.startswith("includes") else line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
