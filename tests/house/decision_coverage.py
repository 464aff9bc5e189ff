#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Measures how much of the headers that decide their tests reach, line by line and branch by branch.

usage: decision_coverage.py [--compiler CXX] [--gcov GCOV] [--include DIRS] [--libraries LIBS] [--at-least PERCENT]

Builds the tests of these headers with gcov's counters, runs them, unites the counts over the programs and over the
instances of a template, and prints a table and every branch that was never taken. What only an exception takes is no
branch of ours. Exit code 1 where a header has less than PERCENT of its branches.
"""
import json
import pathlib
import re
import sys
import tempfile

import decisions
import harness


def build_and_run(options, work, name, files):
    source = decisions.write_source(work, name, files)
    flags = harness.flags(harness.ROOT / "include", options.include) + ["--coverage"]
    harness.must([options.compiler] + flags + ["-c", source, "-o", work / (name + ".o")], cwd=work)
    harness.link(options, [work / (name + ".o"), work / "catch_main.o"], work / name, "--coverage")
    harness.must([work / name], cwd=work)


def report_of(options, work, name):
    """What gcov counted in one program: a list of files."""
    command = [options.gcov, "--json-format", "--stdout", "--branch-probabilities", work / (name + ".gcda")]
    return json.loads(harness.must(command, cwd=work))["files"]


def without_exceptions(branches):
    """The counts of the ways that lead on by a decision: a call that may throw is none, though gcov sees two ways."""
    counts = []
    for branch in branches:
        if not branch["throw"]:
            counts.append(branch["count"])
        elif counts:
            counts.pop()
    return counts


class Tally:
    """The counts of one file, united."""

    def __init__(self, path):
        self.text = decisions.sources.blank(decisions.sources.read(path)).split("\n")
        self.lines = {}
        self.ways = {}  # (line, function) -> a count for each way

    def add(self, report):
        names = {each["name"]: self.plain(each["demangled_name"]) for each in report["functions"]}
        for line in report["lines"]:
            number = line["line_number"]
            self.lines[number] = self.lines.get(number, 0) + line["count"]
            counts = without_exceptions(line["branches"])
            if not counts:
                continue
            # Two instances of a template have the same ways in the same order.
            function = names.get(line.get("function_name"), "")
            known = self.ways.setdefault((number, function, len(counts)), [0] * len(counts))
            self.ways[number, function, len(counts)] = [a + b for a, b in zip(known, counts)]

    @staticmethod
    def plain(name):
        """The name of a function without the arguments of its template."""
        before = None
        while before != name:
            before, name = name, re.sub(r"<[^<>]*>|\[with [^\[\]]*\]", "", name)
        return name

    def has_default(self, number):
        """Whether the switch that begins in a line says what to do with any other value."""
        depth = 0
        for line in self.text[number - 1:]:
            if depth == 1 and "default:" in line:
                return True
            depth += line.count("{") - line.count("}")
            if depth == 0:
                return False
        return False

    def written(self, number):
        """How many decisions the text of a line has."""
        words = len(re.findall(r"\b(?:if|for|while|switch)\b|\?| && | \|\|(?: |$)| &&$", self.text[number - 1]))
        return words + bool(re.search(r"(?:&&|\|\|)$", self.text[number - 2]))

    def branches(self):
        """Yields (line, count) of every branch that somebody wrote."""
        for (number, _, _), counts in sorted(self.ways.items()):
            line = self.text[number - 1].strip()
            # The end of a scope destroys, a static is made once, a default compares all: the compiler's own.
            if line in ("}", "};") or line.startswith("static const") or line.endswith("= default;"):
                continue
            counts = list(counts)
            if line.startswith("switch"):
                if not self.has_default(number) and 0 in counts:
                    counts.remove(0)  # the way of a value that the enumeration does not have
            else:
                # The compiler's loops over what is to be destroyed when an element throws come last.
                while len(counts) // 2 > self.written(number) and counts[-2:] == [0, 0] and self.lines[number] > 0:
                    del counts[-2:]
            yield from ((number, count) for count in counts)


def percent(part, whole):
    return 100.0 if whole == 0 else 100.0 * part / whole


def judge(tallies, at_least):
    """Prints the table and what was missed; yields the headers below the mark."""
    print("%-34s %16s %18s" % ("header", "lines", "branches"))
    missed = []
    poor = []
    for header, files in tallies.items():
        lines = [count for tally in files.values() for count in tally.lines.values()]
        branches = [(path, number, count) for path, tally in files.items() for number, count in tally.branches()]
        taken = [each for each in branches if each[2] > 0]
        reached = [count for count in lines if count > 0]
        missed += [(path, number) for path, number, count in branches if count == 0]
        share = percent(len(taken), len(branches))
        if share < at_least or not lines:
            poor.append(header)
        print("%-34s %5d of %4d %3.0f %% %5d of %4d %5.1f %%" % (
            header, len(reached), len(lines), percent(len(reached), len(lines)), len(taken), len(branches), share))
    print("\nbranches that no test takes: %d" % len(missed))
    for path, number in sorted(set(missed)):
        more = missed.count((path, number))
        text = decisions.sources.read(path).split("\n")[number - 1].strip()
        print("%s:%d:%s %s" % (decisions.sources.relative(path), number, "" if more == 1 else " (%d)" % more, text))
    return poor


def main():
    parser = harness.arguments(__doc__)
    parser.add_argument("--gcov", default="gcov")
    parser.add_argument("--at-least", type=float, default=95.0)
    options = parser.parse_args()
    include = harness.ROOT / "include"
    tallies = {}
    for header in decisions.HEADERS:
        tallies[header] = {path: Tally(path) for path in decisions.files_of(header, include)}
    with tempfile.TemporaryDirectory(prefix="ovrseer-coverage-") as name:
        work = pathlib.Path(name)
        harness.compile_main(options, work)
        for program, files in decisions.programs().items():
            build_and_run(options, work, program, files)
            for report in report_of(options, work, program):
                path = pathlib.Path(report["file"])
                header = decisions.header_of(path, include)
                if header:
                    tallies[header][path].add(report)
    poor = judge(tallies, options.at_least)
    for header in poor:
        print("%s has less than %g %% of its branches" % (header, options.at_least))
    return 1 if poor else 0


if __name__ == "__main__":
    sys.exit(main())
