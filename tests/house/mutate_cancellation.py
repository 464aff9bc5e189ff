#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Deletes each reset of the cancellation state in turn and expects the cancellation harness to turn red.

usage: mutate_cancellation.py [--compiler CXX] [--include DIRS] [--libraries LIBS] [--jobs N] [--only TEXT] [FOLDER...]

FOLDERs are those of include/ovrseer whose resets are deleted, by default those of operations. The harness is
built once, against a copy of include/ in which each reset can be switched off by its number in the
environment; the tree itself is not touched. Exit code 1 when a deletion goes unnoticed.
"""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import harness

FOLDERS = ("async", "process", "check", "log", "supervise")
RESET = "co_await detail::admit_all_cancellation();"
SWITCH = """#pragma once
#include <cstdlib>
inline bool is_deleted(int reset) {
  static const char* const chosen = std::getenv("DELETED_RESET");
  return chosen != nullptr && std::atoi(chosen) == reset;
}
"""
HARNESS = ("cancellation", "process_lines_cancellation", "process_cancellation", "supervisor_cancellation")
FIRST = {"process": "process_cancellation", "check": "process_lines_cancellation", "log": "process_lines_cancellation",
         "supervise": "supervisor_cancellation"}
SECONDS = 30  # for a harness that never ends
GREEN_SECONDS = 180  # for the untouched one, which ends on a busy machine too


def number_resets(headers, folders, only):
    """Makes every reset of a copy of include/ one that can be switched off; yields (header, line) of each."""
    found = []
    for folder in folders:
        for path in sorted((headers / "ovrseer" / folder).rglob("*.[hi]pp")):
            name = path.relative_to(headers).as_posix()
            if only not in name:
                continue
            lines = path.read_text().split("\n")
            for i, line in enumerate(lines):
                if RESET in line:
                    lines[i] = line.replace(RESET, "if (!is_deleted(%d)) %s" % (len(found), RESET))
                    found.append((name, i + 1))
            path.write_text("\n".join(lines))
    return found


def build(options, work, headers):
    """The programs of the harness, each in one command."""
    flags = harness.flags(headers, options.include) + ["-DOVRSEER_TEST_HANG_SECONDS=10"]
    flags.append("-DOVRSEER_SEPARATE_COMPILATION")  # most resets are in bodies, which all programs share
    flags += ["-include", work / "switch.hpp", '-DOVRSEER_TEST_CHILD="%s"' % (work / "child")]
    (work / "switch.hpp").write_text(SWITCH)
    (work / "bodies.cpp").write_text("#include <ovrseer/src.hpp>\n")

    def compiled(source):
        harness.must(harness.compiler_of(options) + flags + ["-c", source, "-o", work / (source.stem + ".o")])

    sources = [harness.ROOT / "tests/integration" / (name + ".cpp") for name in HARNESS]
    harness.must([options.compiler, "-std=c++20", "-O1", harness.ROOT / "tests/support/child.cpp", "-o", work / "child",
                  "-pthread"])
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(compiled, [work / "bodies.cpp"] + sources))
    common = [harness.compile_main(options, work), work / "bodies.o"]
    for name in HARNESS:
        harness.link(options, [work / (name + ".o")] + common, work / name)


def verdict(work, name, deleted, seconds=SECONDS):
    """Runs one file of the harness without one reset: "green", "red" or "hangs"."""
    environment = dict(os.environ, DELETED_RESET=str(deleted))
    try:
        # Stops at the first failure: that is enough to know.
        done = subprocess.run([str(work / name), "-a"], capture_output=True, timeout=seconds, check=False, env=environment)
    except subprocess.TimeoutExpired:
        return "hangs"
    return "green" if done.returncode == 0 else "red"


def noticed_by(work, deleted, header=""):
    """The file of the harness that notices the loss, and how; or None. The likeliest one goes first."""
    likely = FIRST.get(header.split("/")[1] if header else "", HARNESS[0])
    for name in sorted(HARNESS, key=lambda each: each != likely):
        found = verdict(work, name, deleted)
        if found != "green":
            return "%s %s" % (name, found)
    return None


def main():
    parser = harness.arguments(__doc__, jobs=True)
    parser.add_argument("--only", default="")
    parser.add_argument("folders", nargs="*")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ovrseer-mutants-") as name:
        work = pathlib.Path(name)
        headers = work / "include"
        shutil.copytree(harness.ROOT / "include", headers)
        resets = number_resets(headers, options.folders or FOLDERS, options.only)
        build(options, work, headers)
        survivors = 0
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for name, found in zip(HARNESS, pool.map(lambda name: verdict(work, name, -1, GREEN_SECONDS), HARNESS)):
                if found != "green":
                    raise SystemExit("the harness is not green as it is: %s %s" % (name, found))
            for (header, line), noticed in zip(resets, pool.map(lambda i: noticed_by(work, i, resets[i][0]), range(len(resets)))):
                survivors += noticed is None
                print("%-36s line %-4d %s" % (header, line, noticed or "SURVIVES"), flush=True)
    print("%d resets deleted, %d unnoticed" % (len(resets), survivors))
    return 1 if survivors or not resets else 0


if __name__ == "__main__":
    sys.exit(main())
