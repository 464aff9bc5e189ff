#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Tests of patterns on 64-bit ARM, whose form of the scan no other processor runs: compiled for it, and run by an emulator.

Where the compiler (g++-aarch64-linux-gnu) or the emulator (qemu-user-static) is missing they are skipped, which is said.
"""
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

import harness

TESTS = ["tests/unit/pattern_set.cpp", "tests/unit/pattern_cases.cpp"]
SKIPPED = 77  # as CTest knows it


def main():
    options = harness.arguments(__doc__).parse_args()
    compiler = shutil.which("aarch64-linux-gnu-g++")
    emulator = shutil.which("qemu-aarch64-static")
    if compiler is None or emulator is None:
        print("skipped: no %s" % ("aarch64-linux-gnu-g++" if compiler is None else "qemu-aarch64-static"))
        return SKIPPED
    if platform.machine() == "aarch64":
        print("skipped: this processor is of that kind, and runs all tests")
        return SKIPPED
    options.compiler = compiler
    # Headers of libraries that are the same for all processors, behind those of the compiler.
    folders = ["/usr/include"] + [each for each in options.include.split(";") if each]
    behind = [word for folder in folders for word in ("-idirafter", folder)]
    with tempfile.TemporaryDirectory(prefix="ovrseer-arm-") as work:
        for name in ["tests/house/catch_main.cpp"] + TESTS:
            harness.must(harness.compiler_of(options) + ["-DFMT_HEADER_ONLY"] + harness.flags(harness.ROOT / "include", "") +
                         ["-O1"] + behind + ["-c", harness.ROOT / name, "-o", pathlib.Path(work) / (pathlib.Path(name).stem + ".o")])
        for name in TESTS:
            program = pathlib.Path(work) / pathlib.Path(name).stem
            harness.must([compiler, "-static", pathlib.Path(work) / "catch_main.o", "%s.o" % program, "-o", program])
            done = subprocess.run([emulator, program], capture_output=True, text=True, check=False, cwd=harness.ROOT)
            print("%s on 64-bit ARM:\n%s" % (name, done.stdout[-2000:] + done.stderr[-2000:]))
            if done.returncode != 0:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
