#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Changes each comparison, bound, branch and order of the headers that decide, and expects their tests to notice.

usage: mutate_decisions.py [--compiler CXX] [--include DIRS] [--libraries LIBS] [--jobs N] [--only TEXT] [--list]

The tests are built once, against a copy of include/ in which every mutant is there and can be switched on by its
number in the environment (mutants.hpp says how); then they are run once a mutant, the likeliest first, until one
fails. A mutant that loops for ever is ended by a limit of the processor's time and counts as noticed. Who survives must
stand in equivalent_mutants.txt with the reason why that does not matter. Exit code 1 when one does not, or when a
line of that file names no survivor any more. --list shows all mutants and runs nothing.
"""
import collections
import concurrent.futures
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import decisions
import harness

ALLOWED = pathlib.Path(__file__).resolve().parent / "equivalent_mutants.txt"
# The tests of the header itself first, then the quick ones: few mutants come as far as the random walks.
FIRST = {
    "async/backoff": ("pure", "[#backoff]"),
    "check/health": ("pure", "[#health_state]"),
    "event/replay": ("pure", "[#event_replay]"),
    "supervise/detail/edge_book": ("pure", "[#edge_book]"),
    "supervise/graph": ("pure", "[#graph]"),
    "supervise/group_tree": ("pure", "[#group_tree]"),
    "supervise/plan": ("pure", "[#supervise_plan]"),
    "supervise/restart_policy": ("pure", "[#restart_policy]"),
    "supervise/strategy": ("pure", "[#group_tree]"),
    "supervise/unit_machine": ("pure", "[#unit_machine],[#unit_machine_table]"),
    "supervise/why": ("world", ""),
}
THEN = (("pure", "~[#unit_machine_walk]"), ("world", ""), ("pure", "[#unit_machine_walk]"))

TOKEN = re.compile(
    r"""(?P<word>[A-Za-z_]\w*)|(?P<number>\d(?:[\w.']|(?<=[eE])[+-])*)|(?P<string>"[^"\n]*"|'[^'\n]*')"""
    r"""|(?P<sign>->\*?|::|<<=?|<=>|[<>=!+\-*/%&|^]=|\+\+|--|&&|\|\||[^\s\w])"""
)
OPEN, CLOSE = "([{", ")]}"
ASSIGNMENTS = ("=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=")
COMPARISONS = {"<": ("<=", ">"), "<=": ("<", ">="), ">": (">=", "<"), ">=": (">", "<="), "==": ("!=",), "!=": ("==",)}
SUMS = {"+": "-", "-": "+", "*": "/"}
# What can begin a statement that is not to be left out by itself.
NO_STATEMENT = {"if", "for", "while", "do", "switch", "case", "default", "else", "try", "catch", "using", "static",
                "const", "constexpr", "auto", "struct", "class", "enum", "template", "typename", "public", "private",
                "protected", "friend", "goto", "static_assert"}
DECLARATION = re.compile(r"(?!(?:return|throw|break|continue|co_return|co_await)\b)[\w:]+(?:<.*?>)?[&*]*\s+[&*]*\w", re.S)


class Token:
    def __init__(self, match, text):
        self.text = match.group(0)
        self.kind = match.lastgroup
        self.begin, self.end = match.span()
        # Formatted code has spaces around an operator with two operands, and only around those.
        self.is_spaced = text[self.begin - 1:self.begin].isspace() and text[self.end:self.end + 1].isspace()


class Mutant:
    def __init__(self, header, path, line, text, what):
        self.header, self.path, self.line, self.text, self.what = header, path, line, text, what
        self.is_skipped = False

    def key(self):
        return (self.header, self.text, self.what)

    def __str__(self):
        return "%s:%d: %s" % (decisions.sources.relative(self.path), self.line, written(*self.key()))


def written(header, text, what):
    """A mutant as equivalent_mutants.txt has it, before its reason."""
    return " @ ".join((header, what, text))


class Header:
    """One file: its mutants, and its text with all of them in it."""

    def __init__(self, header, path, mutants, given):
        self.header, self.path = header, path
        self.text = decisions.sources.read(path)
        self.blank = decisions.sources.blank(self.text)
        self.lines = self.text.split("\n")
        self.tokens = [Token(match, self.blank) for match in TOKEN.finditer(self.blank)]
        self.mutants = mutants  # all of all headers: the place is the number
        self.given = given      # (text of the line, mutation) -> how often so far
        self.partner = self.match_brackets()
        self.masked = self.mask()
        self.edits = []  # (numbers, opens, closes, replacements)
        self.find()

    # ---- what stands where

    def match_brackets(self):
        partner, stack = {}, []
        for i, token in enumerate(self.tokens):
            if token.text in OPEN:
                stack.append(i)
            elif token.text in CLOSE:
                partner[i] = stack.pop()
                partner[partner[i]] = i
        return partner

    def mask(self):
        """Where nothing can be switched at run time: what only the compiler reads."""
        masked = set()

        def until(i, text):
            while i < len(self.tokens) and self.tokens[i].text != text:
                i = self.partner[i] + 1 if self.tokens[i].text in OPEN else i + 1
            return i

        for i, token in enumerate(self.tokens):
            end = i
            if token.text in ("concept", "static_assert", "using", "friend"):
                end = until(i, ";")
            elif token.text == "case":
                end = until(i, ":")
            elif token.text == "enum":
                end = until(i, ";")
            elif token.text == "requires":
                after = i + 1
                end = self.partner[after] if self.tokens[after].text == "(" else until(i, ">")
            elif token.text == "[" and self.tokens[i + 1].text == "[":
                end = self.partner[i]
            elif token.text == "constexpr":
                first = next((t.text for t in self.tokens[i:] if t.text in ("(", "=", ";", "{")), ";")
                if first in "=;":
                    end = until(i, ";")
            elif token.text == "template" and self.tokens[i + 1].text == "<":
                depth, end = 0, i + 1
                while True:
                    depth += {"<": 1, ">": -1}.get(self.tokens[end].text, 0)
                    if depth == 0:
                        break
                    end += 1
            if end > i:
                masked.update(range(i, min(end + 1, len(self.tokens))))
        begin_of_line = [m.start() for m in re.finditer(r"^[ \t]*#", self.blank, re.M)]
        directives = {self.line_of(at) for at in begin_of_line}
        masked.update(i for i, token in enumerate(self.tokens) if self.line_of(token.begin) in directives)
        return masked

    def line_of(self, position):
        return self.blank.count("\n", 0, position) + 1

    def is_block(self, i):
        """Whether the brace `i` begins a block of statements."""
        before = self.tokens[i - 1].text
        if before == ")":
            opener = self.tokens[self.partner[i - 1] - 1].text
            return opener != "requires"
        if before in ("const", "noexcept", "else", "do", "try", "]"):
            return True
        if before in (":", ";", "{", "}"):
            return self.is_in_block(i)
        # A lambda that says what it returns.
        for j in range(i - 1, max(i - 8, 0), -1):
            if self.tokens[j].text in ("->",):
                return self.tokens[j - 1].text == ")"
            if self.tokens[j].text in ";{}(),=":
                break
        return False

    def enclosing(self, i):
        """The bracket around token `i`, or None."""
        depth = 0
        for j in range(i - 1, -1, -1):
            text = self.tokens[j].text
            if text in CLOSE:
                depth += 1
            elif text in OPEN:
                if depth == 0:
                    return j
                depth -= 1
        return None

    def is_in_block(self, i):
        around = self.enclosing(i)
        return around is not None and self.tokens[around].text == "{" and self.is_block(around)

    def back(self, i, stops):
        """The first token of the operand that ends before token `i`."""
        j = i - 1
        while j >= 0:
            text = self.tokens[j].text
            if text in CLOSE:
                j = self.partner[j] - 1
                continue
            if text in OPEN or text in stops:
                return j + 1
            j -= 1
        return 0

    def forth(self, i, stops):
        """The last token of the operand that begins behind token `i`."""
        j = i + 1
        while j < len(self.tokens):
            text = self.tokens[j].text
            if text in OPEN:
                j = self.partner[j] + 1
                continue
            if text in CLOSE or text in stops:
                return j - 1
            j += 1
        return j - 1

    # ---- finding

    def new(self, position, *whats):
        """Numbers for mutants at a place."""
        first = len(self.mutants)
        line = self.line_of(position)
        text = " ".join(self.lines[line - 1].split())
        for what in whats:
            self.given[text, what] += 1
            count = self.given[text, what]
            name = what if count == 1 else "%s (%d)" % (what, count)
            self.mutants.append(Mutant(self.header, self.path, line, text, name))
        return first

    def add(self, first, count, opens=(), closes=(), replaced=()):
        self.edits.append((range(first, first + count), opens, closes, replaced))

    def wrap(self, first, count, begin, end, prefix, suffix, rank, replaced=()):
        """`prefix` and `suffix` around tokens begin to end; the lower the rank, the further outside."""
        start, stop = self.tokens[begin].begin, self.tokens[end].end
        self.add(first, count, [(start, -stop, rank, prefix)], [(stop, -start, -rank, suffix)], replaced)

    def find(self):
        for i, token in enumerate(self.tokens):
            if i in self.masked:
                continue
            if token.kind == "word":
                self.find_word(i, token)
            elif token.kind == "number":
                self.find_number(i, token)
            elif token.kind == "sign":
                self.find_sign(i, token)
            self.find_statement(i)

    def replace(self, token, count, first, text):
        self.add(first, count, replaced=[(token.begin, token.end, text)])

    def find_word(self, i, token):
        text = token.text
        after = self.tokens[i + 1].text if i + 1 < len(self.tokens) else ""
        is_std = i > 1 and self.tokens[i - 1].text == "::" and self.tokens[i - 2].text == "std"
        if text in ("true", "false"):
            first = self.new(token.begin, "%s to %s" % (text, "false" if text == "true" else "true"))
            self.replace(token, 1, first, "mutant::truth<%d>(%s)" % (first, text))
        elif text in ("if", "while") and after == "(":
            self.find_condition(i + 1)
        elif text == "for" and after == "(":
            self.find_loop(i + 1)
        elif is_std and after == "(" and text in ("min", "max", "exchange"):
            name = {"min": "smallest", "max": "largest", "exchange": "exchanged"}[text]
            what = {"min": "min to max", "max": "max to min", "exchange": "nothing is put into it"}[text]
            first = self.new(token.begin, what)
            span = (self.tokens[i - 2].begin, token.end, "mutant::%s<%d>" % (name, first))
            self.add(first, 1, replaced=[span])
        elif text == "zero" and after == "(":
            begin = i
            while self.tokens[begin - 1].text == "::":
                begin -= 2
            first = self.new(token.begin, "zero to one", "zero to minus one")
            self.wrap(first, 2, begin, i + 2, "mutant::moved<%d>(" % first, ")", 9)

    def find_number(self, i, token):
        first = self.new(token.begin, "%s and one more" % token.text, "%s and one less" % token.text)
        self.replace(token, 2, first, "mutant::moved<%d>(%s)" % (first, token.text))

    def find_sign(self, i, token):
        text = token.text
        if text in COMPARISONS and token.is_spaced:
            whats = ["%s to %s" % (text, other) for other in COMPARISONS[text]]
            first = self.new(token.begin, *whats)
            self.replace(token, len(whats), first, "%s mutant::comparison<%d>() %s" % (text, first, text))
        elif text in SUMS and token.is_spaced:
            around = self.tokens[i - 1].kind, self.tokens[i + 1].kind
            if "string" in around:
                return
            first = self.new(token.begin, "%s to %s" % (text, SUMS[text]))
            self.replace(token, 1, first, "%s mutant::sum<%d>() %s" % (text, first, text))
        elif text in ("&&", "||") and token.is_spaced:
            stops = ("?", ":", ",", ";", "return", "throw") + ASSIGNMENTS
            begin = self.back(i, stops + (("||",) if text == "&&" else ()))
            end = self.forth(i, stops + (("||", "&&") if text == "&&" else ("||",)))
            first = self.new(token.begin, "%s to %s" % (text, "||" if text == "&&" else "&&"),
                             "only the left of %s" % text, "only the right of %s" % text)
            open_lambda, close_lambda = "[&]() -> bool { return static_cast<bool>(", "); }"
            prefix = "mutant::%s<%d>(%s" % ("both" if text == "&&" else "either", first, open_lambda)
            between = [(token.begin, token.end, close_lambda + ", " + open_lambda)]
            self.wrap(first, 3, begin, end, prefix, close_lambda + ")", 4 if text == "&&" else 3, between)
        elif text == "?":
            stops = (",", ";", "return", "throw", "?", ":") + ASSIGNMENTS
            first = self.new(token.begin, "condition turned")
            self.wrap(first, 1, self.back(i, stops), i - 1, "mutant::truth<%d>(static_cast<bool>(" % first, "))", 2)
        elif text == "!":
            first = self.new(token.begin, "without the !")
            self.replace(token, 1, first, "mutant::negation<%d>()->*" % first)
        elif text in ("++", "--") and self.tokens[i + 1].kind == "word":
            name = "increment" if text == "++" else "decrement"
            first = self.new(token.begin, "without the %s" % text, "%s twice" % text)
            self.replace(token, 2, first, "mutant::%s<%d>()->*" % (name, first))

    def find_condition(self, i, begin=None, end=None):
        """The condition in the parentheses that begin at token `i`."""
        begin, end = begin or i + 1, end or self.partner[i] - 1
        level = [j for j in self.level(begin, end)]
        for j in level:
            if self.tokens[j].text == ";":
                begin = j + 1
        if any(self.tokens[j].text == "=" for j in level if j >= begin):
            return  # it declares what it asks for
        first = self.new(self.tokens[begin].begin, "condition turned")
        self.wrap(first, 1, begin, end, "mutant::truth<%d>(static_cast<bool>(" % first, "))", 1)

    def level(self, begin, end):
        """The tokens from begin to end that are in no further brackets."""
        j = begin
        while j <= end:
            yield j
            j = self.partner[j] + 1 if self.tokens[j].text in OPEN else j + 1

    def find_loop(self, i):
        begin, end = i + 1, self.partner[i] - 1
        parts = [j for j in self.level(begin, end) if self.tokens[j].text in (";", ":")]
        if len(parts) == 1 and self.tokens[parts[0]].text == ":":
            first = self.new(self.tokens[parts[0] + 1].begin, "from its end")
            self.wrap(first, 1, parts[0] + 1, end, "mutant::turned<%d>(" % first, ")", 1)

    def find_statement(self, i):
        """A statement that can be left out, where one begins at token `i`."""
        token = self.tokens[i]
        if token.text in NO_STATEMENT or token.text in (";", "{", "}", "[", ")", "]", ":", ","):
            return
        if i == 0 or not self.is_in_block(i):
            return
        before = self.tokens[i - 1].text
        is_guarded = before == "else"
        if before == ")":
            opener = self.partner[i - 1] - 1
            if self.tokens[opener].text not in ("if", "for", "while"):
                return
            is_guarded = True
        elif before == ":":
            label = self.back(i - 1, (";", "{", "}", ":"))
            while self.tokens[label].text not in ("case", "default") and label < i:
                label += 1
            if label == i:
                return
            is_guarded = True
        elif before == "}":
            if not self.is_block(self.partner[i - 1]):
                return
        elif before not in (";", "{", "else", "do"):
            return
        if DECLARATION.match(self.blank, token.begin):
            return
        end = self.forth(i - 1, (";",)) + 1
        if self.tokens[end].text != ";":
            return
        after = [each.text for each in self.tokens[end + 1:end + 5]]
        if token.text == "break" and (after[0] == "}" or after == ["default", ":", "break", ";"]):
            return  # the end comes anyway
        if token.text == "return" and not is_guarded:
            # The last word of a function; that of a branch can be left out.
            around = self.enclosing(i)
            opener = around - 1
            if self.tokens[opener].text != ")" or self.tokens[self.partner[opener] - 1].text not in ("if", "for", "while"):
                return
        first = self.new(token.begin, "%s left out" % (token.text if token.text in ("return", "break", "throw", "continue") else "statement"))
        self.wrap(first, 1, i, end, "{ if (!mutant::on(%d)) " % first, " }", 0)

    # ---- writing

    def rendered(self):
        inserts = []  # (position, closes before opens, order, text)
        replaced = {}
        for numbers, opens, closes, spans in self.edits:
            if any(self.mutants[number].is_skipped for number in numbers):
                continue
            inserts += [(at, 1, (far, rank), text) for at, far, rank, text in opens]
            inserts += [(at, 0, (far, rank), text) for at, far, rank, text in closes]
            replaced.update({begin: (end, text) for begin, end, text in spans})
        inserts.sort()
        made, at, done = [], 0, 0
        marks = sorted({position for position, _, _, _ in inserts} | set(replaced))
        for mark in marks:
            made.append(self.text[at:mark])
            at = mark
            while done < len(inserts) and inserts[done][0] == mark:
                made.append(inserts[done][3])
                done += 1
            if mark in replaced:
                at, text = replaced[mark]
                made.append(text)
        return "".join(made) + self.text[at:]


# ---- building and running

def parse(include, only):
    mutants, files = [None], []  # numbers from 1
    for header in decisions.HEADERS:
        given = collections.Counter()
        if only in header:
            files += [Header(header, path, mutants, given) for path in decisions.files_of(header, include)]
    return mutants, files


def build(options, work, files):
    """The programs with all mutants in them. What cannot be switched is left out, as the compiler finds it."""
    headers = work / "include"
    flags = harness.flags(headers, options.include) + ["-Wno-narrowing", "-fmax-errors=0"]
    flags += ["-include", str(harness.ROOT / "tests/house/mutants.hpp")]
    main = harness.compile_main(options, work)
    programs = decisions.programs()
    sources = {name: decisions.write_source(work, name, paths) for name, paths in programs.items()}
    for name in sorted(programs):
        for _ in range(8):
            for each in files:
                target = headers / each.path.relative_to(harness.ROOT / "include")
                text = each.rendered()
                if target.read_text() != text:
                    target.write_text(text)
            command = harness.compiler_of(options) + flags + ["-c", str(sources[name]), "-o", str(work / name) + ".o"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 0 or not skip_what_fails(done.stderr, headers, files):
                break
        if done.returncode != 0:
            raise SystemExit("does not build with the mutants in it:\n" + done.stderr[:4000])
        harness.link(options, [work / (name + ".o"), main], work / name)


def skip_what_fails(messages, headers, files):
    """Leaves out all mutants of every line that an error names; says whether there were any."""
    found = False
    for each in files:
        name = str(headers / each.path.relative_to(harness.ROOT / "include"))
        lines = {int(n) for n in re.findall(re.escape(name) + r":(\d+):", messages)}
        for mutant in each.mutants[1:]:
            if mutant.path == each.path and mutant.line in lines and not mutant.is_skipped:
                mutant.is_skipped = found = True
    return found


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Stage:
    """A run of some of the tests: which mutants they come by, and how long it takes without any."""

    def __init__(self, work, program, chosen):
        self.command = [str(work / program), "-a", "-#"] + ([chosen] if chosen else [])
        seen = work / "seen.txt"
        begin = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        done = subprocess.run(self.command, capture_output=True, text=True, check=False,
                              env=dict(os.environ, OVRSEER_MUTANTS_SEEN=str(seen)))
        if done.returncode != 0:
            raise SystemExit("the tests are not green as they are:\n" + done.stdout[-4000:])
        seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - begin
        self.limit = int(300 + 4000 * seconds)
        told = [line.split() for line in seen.read_text().splitlines()]
        self.seen = {int(number) for word, number in told if word == "seen"}
        self.unfit = {int(number) for word, number in told if word == "unfit"}

    def notices(self, number):
        environment = dict(os.environ, OVRSEER_MUTANT=str(number), OVRSEER_MUTANT_MS=str(self.limit))
        try:
            # Stops at the first failure: that is enough to know.
            done = subprocess.run(self.command, capture_output=True, check=False, env=environment, timeout=120,
                                  preexec_fn=limit_memory)
        except subprocess.TimeoutExpired:
            return True
        return done.returncode != 0


def read_allowed():
    """(header, text of the line, mutation) -> the reason why it may survive."""
    allowed = {}
    for line in ALLOWED.read_text().splitlines():
        if line and not line.startswith("#"):
            header, mutation, text, reason = [part.strip() for part in line.split(" @ ")]
            allowed[header, text, mutation] = reason
    return allowed


def main():
    parser = harness.arguments(__doc__, jobs=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    mutants, files = parse(harness.ROOT / "include", options.only)
    if options.list:
        for number, mutant in enumerate(mutants[1:], 1):
            print(number, mutant)
        return 0
    with tempfile.TemporaryDirectory(prefix="ovrseer-mutants-") as name:
        work = pathlib.Path(name)
        shutil.copytree(harness.ROOT / "include", work / "include")
        begin = time.monotonic()
        build(options, work, files)
        built = time.monotonic()
        stages = {each: Stage(work, *each) for each in sorted({FIRST[each.header] for each in files} | set(THEN))}
        unfit = set().union(*(stage.unfit for stage in stages.values()))
        skipped = {n for n, each in enumerate(mutants) if each and each.is_skipped}
        tried = [n for n in range(1, len(mutants)) if n not in skipped and n not in unfit]
        seen = set().union(*(stage.seen for stage in stages.values()))

        def noticed_by(number):
            for name in dict.fromkeys((FIRST[mutants[number].header],) + THEN):
                if number in stages[name].seen and stages[name].notices(number):
                    return True
            return False

        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            noticed = dict(zip(tried, pool.map(noticed_by, tried)))
        return report(mutants, noticed, seen, skipped, unfit, options.only, (built - begin, time.monotonic() - built))


def report(mutants, noticed, seen, skipped, unfit, only, seconds):
    allowed = read_allowed()
    survivors = [n for n, found in noticed.items() if not found]
    unnamed = [n for n in survivors if mutants[n].key() not in allowed]
    print("%-34s %8s %8s %10s %8s" % ("header", "mutants", "noticed", "equivalent", "SURVIVE"))
    for header in decisions.HEADERS:
        mine = [n for n in noticed if mutants[n].header == header]
        alive = [n for n in mine if n in survivors]
        bad = [n for n in mine if n in unnamed]
        print("%-34s %8d %8d %10d %8d" % (header, len(mine), len(mine) - len(alive), len(alive) - len(bad), len(bad)))
    for number in unnamed:
        print("%s%s" % (mutants[number], "" if number in seen else "  (no test comes by)"))
    keys = {mutants[n].key() for n in survivors}
    stale = [key for key in allowed if key not in keys and only in key[0]]
    for key in stale:
        print("names no survivor any more: %s" % written(*key))
    print("%d mutants, %d noticed, %d equivalent, %d unnoticed; %d left out that cannot be switched, %d without meaning "
          "for their types; %.0f s to build, %.0f s to run" % (
              len(noticed), len(noticed) - len(survivors), len(survivors) - len(unnamed), len(unnamed), len(skipped),
              len(unfit), seconds[0], seconds[1]))
    return 1 if unnamed or stale or not noticed else 0


if __name__ == "__main__":
    sys.exit(main())
