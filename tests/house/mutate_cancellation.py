#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Deletes each reset of the cancellation state in turn and expects the cancellation harness to turn red.

usage: mutate_cancellation.py [--compiler CXX] [--include DIRS] [--jobs N] [--only TEXT] [FOLDER...]

FOLDERs are those of include/ovrseer whose resets are deleted, by default async and process. The mutants are
built in a temporary copy of include/; the tree itself is not touched. Exit code 1 when a mutant survives.
"""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESET = "co_await detail::admit_all_cancellation();"
HARNESS = ("cancellation", "process_cancellation", "process_lines_cancellation")
SECONDS = 60  # for a mutant that never ends


class Bench:
    """Builds and runs the harness against a copy of the headers."""

    def __init__(self, options, work):
        self.work = work
        ccache = [shutil.which("ccache")] if shutil.which("ccache") else []
        self.compiler = ccache + [options.compiler, "-std=c++20", "-O0", "-w"]
        # Asio before 1.26 does not see clang's coroutines by itself; defining it does no harm elsewhere.
        self.flags = ["-DASIO_STANDALONE", "-DASIO_HAS_CO_AWAIT=1", "-DOVRSEER_TEST_HANG_SECONDS=10", "-I%s" % (ROOT / "tests/support")]
        self.flags += ["-I" + folder for folder in options.include.split(";") if folder]
        self.flags.append('-DOVRSEER_TEST_CHILD="%s"' % (work / "child"))
        self.main = work / "main.o"
        self.must([options.compiler, "-std=c++20", "-O1", str(ROOT / "tests/support/child.cpp"), "-o", str(work / "child")])
        self.must(self.compiler + self.flags + ["-c", str(ROOT / "tests/house/catch_main.cpp"), "-o", str(self.main)])

    def must(self, command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit("does not build: %s\n%s" % (" ".join(command), done.stderr[:4000]))

    def verdict(self, name, headers, folder):
        """Runs one file of the harness against a copy of the headers: "green", "red" or "hangs"."""
        source, program = ROOT / "tests/integration" / (name + ".cpp"), folder / name
        built = self.compiler + ["-I%s" % headers] + self.flags
        self.must(built + ["-c", str(source), "-o", str(program) + ".o"])
        self.must(built + [str(program) + ".o", str(self.main), "-o", str(program), "-pthread"])
        try:
            done = subprocess.run([str(program)], capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return "hangs"
        return "green" if done.returncode == 0 else "red"


def resets(folders):
    """Every reset as (header, number of its line)."""
    found = []
    for folder in folders:
        for header in sorted((ROOT / "include/ovrseer" / folder).rglob("*.hpp")):
            for number, line in enumerate(header.read_text().split("\n"), 1):
                if RESET in line:
                    found.append((header.relative_to(ROOT / "include"), number))
    return found


def run_mutant(bench, header, number):
    """The file of the harness that notices the loss, or None."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=bench.work))
    headers = folder / "include"
    shutil.copytree(ROOT / "include", headers)
    path = headers / header
    lines = path.read_text().split("\n")
    lines[number - 1] = lines[number - 1].replace(RESET, "static_cast<void>(0);")
    path.write_text("\n".join(lines))
    try:
        for name in HARNESS:
            verdict = bench.verdict(name, headers, folder)
            if verdict != "green":
                return "%s %s" % (name, verdict)
        return None
    finally:
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", default=os.environ.get("CXX", "g++"))
    parser.add_argument("--include", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="")
    parser.add_argument("folders", nargs="*")
    options = parser.parse_args()
    mutants = [m for m in resets(options.folders or ["async", "process"]) if options.only in str(m[0])]
    with tempfile.TemporaryDirectory(prefix="ovrseer-mutants-") as name:
        bench = Bench(options, pathlib.Path(name))
        folder = pathlib.Path(tempfile.mkdtemp(dir=bench.work))
        for harness in HARNESS:
            if bench.verdict(harness, ROOT / "include", folder) != "green":
                raise SystemExit("%s is not green as it is" % harness)
        survivors = 0
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            runs = [(h, n, pool.submit(run_mutant, bench, h, n)) for h, n in mutants]
            for header, number, run in runs:
                noticed = run.result()
                survivors += noticed is None
                print("%-36s line %-4d %s" % (header, number, noticed or "SURVIVES"), flush=True)
    print("%d resets deleted, %d unnoticed" % (len(mutants), survivors))
    return 1 if survivors or not mutants else 0


if __name__ == "__main__":
    sys.exit(main())
