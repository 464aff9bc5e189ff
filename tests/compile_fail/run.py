#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Compiles a file that must not compile, and looks for the sentence that the user must read.

usage: run.py COMPILER FLAGS_FILE SOURCE

Every `// expect: REGEX` in the source must match the compiler's output; `// expect(clang): REGEX` and
`// expect(gcc): REGEX` hold for one of them. `// caret: TEXT` says what of a pattern must stand above the caret in the
output. A source named *_good.cpp must compile.
"""
import pathlib
import re
import subprocess
import sys

CARET = re.compile(r"^\s*//\s*caret:\s*(.+?)\s*$", re.M)
EXPECT = re.compile(r"^\s*//\s*expect(?:\((\w+)\))?:\s*(.+?)\s*$", re.M)


def expectations(text, compiler):
    family = "clang" if "clang" in pathlib.Path(compiler).name else "gcc"
    return [pattern for only, pattern in EXPECT.findall(text) if only in ("", family)]


def above_caret(output):
    """What the compiler printed above the caret: the rest of the line that names the pattern."""
    named = [line for line in output.split("\n") if "the_pattern_<" in line and "is_wrong_at_<" not in line]
    pointing = [line for line in output.split("\n") if "is_wrong_at_<" in line]
    return named[0][pointing[0].index("^"):] if named and pointing and "^" in pointing[0] else ""


def judge(name, text, compiler, code, output):
    """What is wrong, as sentences."""
    if name.endswith("_good.cpp"):
        return [] if code == 0 else ["the good control does not compile"]
    wanted = expectations(text, compiler)
    if not wanted:
        return ["no `// expect:` line for this compiler"]
    if code == 0:
        return ["it compiles, and must not"]
    wrong = ["the output has no match for: " + pattern for pattern in wanted if not re.search(pattern, output)]
    shown = above_caret(output)
    return wrong + ["the caret is not under: " + under for under in CARET.findall(text) if not shown.startswith(under)]


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
