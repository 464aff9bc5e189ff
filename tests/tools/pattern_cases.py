#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Writes a translation unit in which the compiler itself runs the regular-expression cases.

usage: pattern_cases.py DATA_DIRECTORY OUTPUT.cpp [PART PARTS]

Every case of every .json file becomes one static_assert that the case agrees, or that it differs for a
named reason (see tests/support/regex_cases.hpp). With PART and PARTS (1 2, 2 2) only a share of the
cases is written. Without data the translation unit is empty but for a note.
"""
import json
import pathlib
import re
import sys


def literal(data):
    """A C++ string literal of bytes; octal escapes never swallow what follows."""
    out = []
    for byte in data:
        if byte in b'"\\?':
            out.append("\\" + chr(byte))
        elif 32 <= byte < 127:
            out.append(chr(byte))
        else:
            out.append("\\%03o" % byte)
    return '"' + "".join(out) + '"'


def unescaped(text):
    simple = {"n": b"\n", "r": b"\r", "t": b"\t", "0": b"\0"}

    def one(found):
        if found.group(1):
            return bytes([int(found.group(1), 16)])
        char = found.group(2).decode("latin-1")
        return simple.get(char, found.group(2))

    return re.sub(rb"\\(?:x([0-9A-Fa-f]{2})|(.))", one, text, flags=re.S)


def lifted(regex, flags):
    """Flags that lead the pattern become flags of ours, as regex_cases::lift_flags has it."""
    found = re.match(r"\(\?([imsR]+)\)", regex)
    if not found:
        return regex, flags
    return regex[found.end() :], flags | (set(found.group(1)) - {"R"})


def groups_of(match):
    if match and isinstance(match[0], int):
        return [match]
    return [group if group else [-1, -1] for group in match]


NAMES = {"i": "icase", "m": "multiline", "s": "dotall"}


def write_case(out, number, name, case):
    regex, flags = lifted(case["regex"], {"i"} if case.get("case-insensitive") else set())
    haystack = case["haystack"].encode()
    if case.get("unescape"):
        haystack = unescaped(haystack)
    spelled = " | ".join("ovrseer::" + NAMES[flag] for flag in sorted(flags)) or "ovrseer::pattern_flags::none"
    matches = [[offset for group in groups_of(match) for offset in group] for match in case["matches"]]
    where = "at_the_start" if case.get("anchored") else "anywhere"
    limit = case.get("match-limit", 1 << 30)
    out.append(f"// {name}")
    for i, offsets in enumerate(matches):
        out.append(f"inline constexpr long m{number}_{i}[] = {{{', '.join(map(str, offsets))}}};")
    wanted = ", ".join(f"{{m{number}_{i}, {len(offsets)}}}" for i, offsets in enumerate(matches)) or "{nullptr, 0}"
    out.append(f"inline constexpr expected_match e{number}[] = {{{wanted}}};")
    text = literal(regex.encode())
    out.append(
        f"static_assert(check<{text}, {spelled}>({{{literal(haystack)}, {len(haystack)}}}, anchoring::{where}, {limit},"
        f" e{number}, {len(matches)}) != verdict::differs);"
    )


def main():
    directory, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    part, parts = (int(sys.argv[3]), int(sys.argv[4])) if len(sys.argv) > 4 else (1, 1)
    out = [
        "// Written by tests/tools/pattern_cases.py; do not edit.",
        "#include <regex_cases.hpp>",
        f"namespace t_pattern_static_cases_{part} {{",
        "using namespace regex_cases;",
    ]
    number = 0
    for path in sorted(directory.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            number += 1
            if isinstance(case["regex"], str) and number % parts == part % parts:
                write_case(out, number, f"{path.stem}/{case['name']}", case)
    if number == 0:
        out.append(f"// no cases in {directory.name}/")
    out.append("}")
    text = "\n".join(out) + "\n"
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")


main()
