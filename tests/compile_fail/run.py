#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Compiles a file that must not compile, and looks for the sentence that the user must read.

usage: run.py COMPILER FLAGS_FILE SOURCE

Every `// expect: REGEX` in the source must match the compiler's output; `// expect(clang): REGEX` and
`// expect(gcc): REGEX` hold for one of them. A source named *_good.cpp must compile.
"""
import pathlib
import re
import subprocess
import sys

EXPECT = re.compile(r"^\s*//\s*expect(?:\((\w+)\))?:\s*(.+?)\s*$", re.M)


def expectations(text, compiler):
    family = "clang" if "clang" in pathlib.Path(compiler).name else "gcc"
    return [pattern for only, pattern in EXPECT.findall(text) if only in ("", family)]


def judge(name, text, compiler, code, output):
    """What is wrong, as sentences."""
    if name.endswith("_good.cpp"):
        return [] if code == 0 else ["the good control does not compile"]
    wanted = expectations(text, compiler)
    if not wanted:
        return ["no `// expect:` line for this compiler"]
    if code == 0:
        return ["it compiles, and must not"]
    return ["the output has no match for: " + pattern for pattern in wanted if not re.search(pattern, output)]


def main(arguments):
    compiler, flags_file, source = arguments
    flags = [f for f in pathlib.Path(flags_file).read_text(encoding="utf-8").split("\n") if f not in ("", "-I", "-D")]
    command = [compiler, *flags, "-fsyntax-only", source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    text = pathlib.Path(source).read_text(encoding="utf-8")
    wrong = judge(pathlib.Path(source).name, text, compiler, done.returncode, done.stderr)
    for sentence in wrong:
        print(sentence)
    if wrong:
        print("\n".join((done.stdout + done.stderr).split("\n")[:60]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
