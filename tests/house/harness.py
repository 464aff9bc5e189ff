# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""What the scripts that build and run tests of their own have in common: the command line, the flags, the compiler."""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))


def arguments(doc, jobs=False):
    """A parser with --compiler, --include and --libraries, as CTest gives them, and --jobs where asked for."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", default=os.environ.get("CXX", "g++"))
    parser.add_argument("--include", default="")
    parser.add_argument("--libraries", default="-lfmt")
    if jobs:
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser


def must(command, **more):
    """Runs a command that may not fail; yields what it printed."""
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False, **more)
    if done.returncode != 0:
        raise SystemExit("failed: %s\n%s" % (" ".join(map(str, command)), (done.stdout + done.stderr)[-4000:]))
    return done.stdout


def flags(headers, include):
    """For a source that includes our headers from a folder, and libraries from others, a list between semicolons."""
    # Asio before 1.26 does not see clang's coroutines by itself; defining it does no harm elsewhere.
    made = ["-std=c++20", "-O0", "-w", "-DASIO_STANDALONE", "-DASIO_HAS_CO_AWAIT=1", "-I%s" % headers]
    made += ["-I%s" % (ROOT / "tests/support"), '-DOVRSEER_SOURCE_DIR="%s"' % ROOT]
    return made + ["-I" + folder for folder in include.split(";") if folder]


def compiler_of(options):
    """The command that compiles, by the cache where there is one."""
    ccache = shutil.which("ccache")
    return ([ccache] if ccache else []) + [options.compiler]


def compile_main(options, work):
    """Catch2's main, the same for all programs."""
    made = pathlib.Path(work) / "catch_main.o"
    must(compiler_of(options) + ["-std=c++20", "-O0", "-w", "-c", ROOT / "tests/house/catch_main.cpp", "-o", made])
    return made


def link(options, objects, program, *more):
    must([options.compiler, *more] + list(objects) + ["-o", program, "-pthread"] + options.libraries.split())
