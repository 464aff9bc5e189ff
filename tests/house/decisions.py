# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""The headers that decide, and the tests that judge them: what decision_coverage.py and mutate_decisions.py share.

A header belongs here when it says what becomes of a unit, and does nothing: the machine, the rules of restarting, the
graph, the groups, the plan, the thresholds, the delays. So do `event/replay`, which must come to the same states from
the events alone, and `supervise/why`, which judges what stands in a unit's way. What only describes (unit_spec, group),
only parses or only draws is left to its own tests.
"""
import pathlib

from harness import ROOT

import sources

HEADERS = (
    "async/backoff",
    "check/health",
    "event/replay",
    "supervise/detail/edge_book",
    "supervise/graph",
    "supervise/group_tree",
    "supervise/plan",
    "supervise/restart_policy",
    "supervise/strategy",
    "supervise/unit_machine",
    "supervise/why",
)
# What needs a supervisor is asked in the simulated world: a program of its own, for it takes long to compile.
WORLD = ("unit/supervise_why.cpp", "unit/supervise_why_golden.cpp")
PURE_BESIDE = ("unit/supervise_plan.cpp",)


def files_of(header, include):
    """The files of a header below an include folder: itself, and the bodies that it includes at its end."""
    path = pathlib.Path(include) / "ovrseer" / (header + ".hpp")
    return [each for each in (path, path.parent / "impl" / (path.stem + ".ipp")) if each.is_file()]


def header_of(path, include):
    """The header that a file of it belongs to; None for any other file."""
    path = pathlib.Path(path)
    for header in HEADERS:
        if path in files_of(header, include):
            return header
    return None


def programs():
    """Name -> the files of tests that it is made of."""
    mine = {"ovrseer/%s.hpp" % header for header in HEADERS}
    pure = []
    for path in sorted((ROOT / "tests/pure").glob("*.cpp")):
        if any(target in mine for _, _, target, _ in sources.includes(sources.read(path))):
            pure.append(path)
    pure += [ROOT / "tests" / name for name in PURE_BESIDE]
    return {"pure": pure, "world": [ROOT / "tests" / name for name in WORLD if (ROOT / "tests" / name).is_file()]}


def write_source(work, name, files):
    """One source of all files of a program: what they include is then compiled once."""
    path = pathlib.Path(work) / (name + ".cpp")
    path.write_text("".join('#include "%s"\n' % each for each in files))
    return path
