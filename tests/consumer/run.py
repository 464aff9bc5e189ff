#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Takes the library in one of the ways that users have, builds a small program with it and runs it.

usage: run.py WAY --cmake C --compiler CXX --source DIR --prefix DIR --work DIR [--components a;b]
"""
import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# Without it g++ emits every inline coroutine, called or not, and takes twice as long.
OPTIMIZED = "-O1"


class Failed(Exception):
    pass


def run(*command, cwd=None, env=None):
    print("+", shlex.join(str(c) for c in command), flush=True)
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr, flush=True)
    return done


def must(*command, **options):
    done = run(*command, **options)
    if done.returncode != 0:
        raise Failed("exit code %d" % done.returncode)
    return done


def flags_of(o):
    """One way takes the whole umbrella; the others would only compile it once more."""
    return [OPTIMIZED] + ([] if o.way == "find_package" else ["-DAPP_IS_SMALL"])


def launcher():
    """ccache, where it is: the same program is compiled in several ways."""
    return ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []


def configure(o, project, *more):
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    return run(o.cmake, "-S", HERE / project, "-B", o.work, *generator, "-DCMAKE_CXX_COMPILER=" + o.compiler,
               "-DCMAKE_CXX_FLAGS=" + shlex.join(flags_of(o)), *launcher(), *more)


def build_and_run(o, project, *more):
    if configure(o, project, *more).returncode != 0:
        raise Failed("the consumer does not configure")
    must(o.cmake, "--build", o.work)
    says_version(o, must(o.work / "app"))


def says_version(o, done):
    """The program must have been built with this library and not with another one that lay around."""
    text = (o.source / "include/ovrseer/version.hpp").read_text(encoding="utf-8")
    version = re.search(r'version = "([^"]*)"', text).group(1)
    if "ovrseer %s: 42" % version not in done.stdout:
        raise Failed("the program did not say what it should")


def find_package(o):
    build_and_run(o, "find_package", "-DCMAKE_PREFIX_PATH=%s" % o.prefix)


def moved_prefix(o):
    """An installed tree holds no path of the machine on which it was made."""
    elsewhere = o.work / "elsewhere"
    shutil.copytree(o.prefix, elsewhere)
    for path in elsewhere.rglob("*"):
        if path.suffix in (".cmake", ".pc") and str(o.source) in path.read_text(encoding="utf-8"):
            raise Failed("%s names the source folder" % path.name)
    o.work = o.work / "build"
    build_and_run(o, "find_package", "-DCMAKE_PREFIX_PATH=%s" % elsewhere)


def components(o):
    build_and_run(o, "find_package", "-DCMAKE_PREFIX_PATH=%s" % o.prefix, "-DWANTED=%s" % ";".join(o.components),
                  "-DOPTIONAL=nosuch")


def missing_component(o):
    done = configure(o, "missing_component", "-DCMAKE_PREFIX_PATH=%s" % o.prefix)
    if done.returncode == 0:
        raise Failed("a component that does not exist was found")
    if "nosuch" not in done.stderr:
        raise Failed("the message does not name the component")


def add_subdirectory(o):
    build_and_run(o, "add_subdirectory", "-DOVRSEER_SOURCE=%s" % o.source)
    if any(o.work.rglob("*_tests*")):
        raise Failed("the developer's options are on in a project of others")


def pkg_config(o):
    path = "%s/share/pkgconfig" % o.prefix
    env = dict(os.environ, PKG_CONFIG_PATH=path)
    flags = shlex.split(must("pkg-config", "--cflags", "--libs", "ovrseer", env=env).stdout)
    program = o.work / "app"
    must(o.compiler, "-std=c++20", *flags_of(o), HERE / "app/main.cpp", HERE / "app/other.cpp", "-o", program, *flags)
    says_version(o, must(program))


def single_header(o):
    """One unit of it: that two can be linked is seen in find_package and in the preset `single`."""
    program = o.work / "app"
    other = o.work / "other.cpp"
    other.write_text("int from_the_other_unit();\nint from_the_other_unit() { return 21; }\n", encoding="utf-8")
    flags = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
    if "clang" not in o.compiler:
        flags.append("-Wno-mismatched-new-delete")
    must(o.compiler, "-std=c++20", OPTIMIZED, *flags, "-I%s" % (o.source / "single_include"), HERE / "app/main.cpp",
         other, "-o", program, "-pthread", "-lfmt")
    says_version(o, must(program))


def pattern_alone(o):
    """The folder pattern/ as one header, with nothing but the standard library."""
    source = o.work / "main.cpp"
    program = o.work / "app"
    text = (o.source / "examples/07_patterns.cpp").read_text(encoding="utf-8")
    source.write_text(re.sub(r"(#include <ovrseer/.*>\n)+", "#include <ovrseer/pattern.hpp>\n", text), encoding="utf-8")
    header = o.work / "include/ovrseer/pattern.hpp"
    header.parent.mkdir(parents=True)
    shutil.copyfile(o.source / "single_include/ovrseer/pattern.hpp", header)
    must(o.compiler, "-std=c++20", OPTIMIZED, "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror",
         "-I%s" % (o.work / "include"), source, "-o", program)
    if "an error:  api: ERROR: connection refused" not in must(program).stdout:
        raise Failed("the program did not say what it should")


WAYS = [find_package, moved_prefix, components, missing_component, add_subdirectory, pkg_config, pattern_alone, single_header]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=[w.__name__ for w in WAYS])
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--compiler", default="c++")
    for name in ("--source", "--prefix", "--work"):
        parser.add_argument(name, type=pathlib.Path, required=True)
    parser.add_argument("--components", default="")
    o = parser.parse_args()
    o.components = [c for c in o.components.split(";") if c]
    shutil.rmtree(o.work, ignore_errors=True)
    o.work.mkdir(parents=True)
    try:
        next(w for w in WAYS if w.__name__ == o.way)(o)
    except Failed as why:
        print("consumer %s: %s" % (o.way, why))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
