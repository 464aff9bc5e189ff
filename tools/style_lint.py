#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""What clang-format cannot see: banners, guards, macros, names of tests, sleeps, and one version everywhere.

usage: style_lint.py     Exit code 1 when something was found.
"""
import json
import pathlib
import re
import sys

import sources

BANNER = "Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0"
SLEEP = re.compile(r"\b(?:this_thread\s*::\s*sleep_\w+|usleep|nanosleep|::sleep)\s*\(")
CASE = re.compile(r'\b(?:TEST_CASE|SCENARIO|TEMPLATE_TEST_CASE)\s*\(\s*"((?:[^"\\]|\\.)*)"')


def lint_header(text):
    """Rules of headers alone."""
    if not re.search(r"^#pragma once$", text, re.M):
        yield 1, "no #pragma once"
    defined = {}
    for number, depth, name, rest in sources.directives(text):
        if name == "include":
            if rest.startswith('"'):
                yield number, "headers include with <full/path.hpp>"
            elif rest.startswith("<ovrseer/") and depth > 0 and not (rest.endswith(".ipp>") and depth == 1):
                yield number, "an include of our own inside #if breaks the single header"
        elif name == "define":
            macro = re.match(r"\w+", rest)
            if macro and not macro.group(0).startswith("OVRSEER_") and macro.group(0) != "ASIO_HAS_CO_AWAIT":
                defined[macro.group(0)] = number
        elif name == "undef":
            defined.pop(rest.split()[0], None)
    for macro, number in defined.items():
        yield number, "macro %s leaks: only OVRSEER_ macros may leave a header" % macro
    for number, line in enumerate(sources.blank(text).split("\n"), 1):
        if re.match(r"using\s+namespace\b", line):
            yield number, "using namespace in a header"


def lint_test(text):
    """Rules of files with test cases."""
    for match in CASE.finditer(text):
        if re.search(r"[,\[\]\\]", match.group(1)):
            yield text.count("\n", 0, match.start()) + 1, "a test's name has no comma, bracket or backslash"
    for number, line in enumerate(sources.blank(text).split("\n"), 1):
        if SLEEP.search(line) and "style-lint:" not in text.split("\n")[number - 1]:
            yield number, "a test that sleeps is a race: wait for what must happen"
    if CASE.search(text) and not re.search(r"^namespace (?:\w+::)*t_\w+", text, re.M):
        yield 1, "a test file lives in a namespace t_<file>, so that unity builds pass"


def lint_file(path, root):
    name, text = path.relative_to(root).as_posix(), sources.read(path)
    comment = "# " if path.suffix == ".py" or path.name == "CMakeLists.txt" or path.suffix == ".cmake" else "// "
    first = [line for line in text.split("\n")[:2] if not line.startswith("#!")][:1]
    if first != [comment + BANNER]:
        yield name, 1, "the first line is not the banner"
    rules = []
    if path.suffix in (".hpp", ".ipp") and not name.startswith("single_include/"):
        rules.append(lint_header if name.startswith("include/") else lambda t: [])
    if name.startswith(("tests/unit/", "tests/pure/", "tests/integration/", "tests/concepts/")):
        rules.append(lint_test)
    if path.suffix in (".hpp", ".ipp", ".cpp"):
        for number, line in enumerate(text.split("\n"), 1):
            if "\t" in line or line != line.rstrip():
                yield name, number, "tab or trailing blank"
    for rule in rules:
        for number, why in rule(text):
            yield name, number, why


def version_of(root):
    text = sources.read(root / "include/ovrseer/version.hpp")
    parts = [re.search(r"OVRSEER_VERSION_%s (\d+)" % p, text).group(1) for p in ("MAJOR", "MINOR", "PATCH")]
    return ".".join(parts), re.search(r'version = "([^"]*)"', text).group(1)


def lint_version(root):
    """The version is said by macros and repeated where a format demands it."""
    macros, literal = version_of(root)
    if macros != literal:
        yield "include/ovrseer/version.hpp", 1, "the macros say %s and the text %s" % (macros, literal)
    for name in ("vcpkg.json", "packaging/vcpkg/ports/ovrseer/vcpkg.json"):
        path = root / name
        if path.is_file() and json.loads(sources.read(path)).get("version-semver") != macros:
            yield name, 1, "version-semver is not %s" % macros


def lint(root=None):
    root = pathlib.Path(root or sources.ROOT)
    files = sources.cpp_files("include", "tests", "examples", "bench", root=root)
    for folder in ("tools", "cmake", "packaging", "tests", "examples", "bench"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".py", ".cmake") or path.name == "CMakeLists.txt":
                files.append(path)
    found = [f for path in files for f in lint_file(path, root)]
    return found + list(lint_version(root))


def main():
    found = lint()
    for name, number, why in found:
        print("%s:%d: %s" % (name, number, why))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
