# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""The headers that decide, and the tests that judge them: what decision_coverage.py and mutate_decisions.py share.

A header belongs here when it says what becomes of a unit, and does nothing: the machine, the rules of restarting, the
graph, the groups, the plan, the thresholds, the delays. So do `event/replay`, which must come to the same states from
the events alone, and `supervise/why`, which judges what stands in a unit's way. What only describes (unit_spec, group),
only parses or only draws is left to its own tests.
"""
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import sources  # noqa: E402

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


def must(command, **more):
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        raise SystemExit("failed: %s\n%s" % (" ".join(map(str, command)), (done.stdout + done.stderr)[-4000:]))
    return done.stdout


def flags(headers, include):
    # Asio before 1.26 does not see clang's coroutines by itself; defining it does no harm elsewhere.
    made = ["-std=c++20", "-O0", "-w", "-DASIO_STANDALONE", "-DASIO_HAS_CO_AWAIT=1", "-I%s" % headers]
    made += ["-I%s" % (ROOT / "tests/support"), '-DOVRSEER_SOURCE_DIR="%s"' % ROOT]
    return made + ["-I" + folder for folder in include.split(";") if folder]


def write_source(work, name, files):
    """One source of all files of a program: what they include is then compiled once."""
    path = pathlib.Path(work) / (name + ".cpp")
    path.write_text("".join('#include "%s"\n' % each for each in files))
    return path


def compile_main(compiler, work):
    """Catch2's main, the same for all programs."""
    ccache = [shutil.which("ccache")] if shutil.which("ccache") else []
    made = pathlib.Path(work) / "catch_main.o"
    must(ccache + [compiler, "-std=c++20", "-O0", "-w", "-c", ROOT / "tests/house/catch_main.cpp", "-o", made])
    return made
