#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Finds coroutine shapes that g++ 12 compiles wrongly without a word, and a few of ours that lose errors.

usage: coro_lint.py [FILE...]     without arguments: include/, tests/, examples/, bench/

The rule behind all of them: one named co_await a statement, and nothing beside it in that statement
that needs a destructor which the compiler forgets or runs twice. A line with `// coro-lint: REASON`
is let through. Exit code 1 when something was found.
"""
import re
import sys

import sources

TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.']*|::|->|<<=|>>=|<=>|[-+*/%&|^!=<>]=|&&|\|\||\+\+|--|[^\s]")
OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = {")", "]", "}"}
BLOCK_WORDS = {"else", "do", "try", "mutable", "noexcept", "const", "override", "final", "constexpr"}
TYPE_WORDS = {"struct", "class", "union", "enum", "namespace", "concept", "extern"}
CONTROL = {"if", "while", "switch", "for"}
AWAITABLE = {"task", "awaitable"}


class Unit:
    """One file as tokens with their brackets resolved, and each brace known as block or initialiser."""

    def __init__(self, text):
        self.text = text
        code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(r"[^\n]", " ", m.group(0)),
                      sources.blank(text), flags=re.M)
        found = list(TOKEN.finditer(code))
        self.tokens = [m.group(0) for m in found]
        self.offsets = [m.start() for m in found]
        self.parent = [-1] * len(found)   # the opening bracket around each token
        self.partner = {}                 # opening <-> closing
        self.block = {}                   # opening brace -> is it a block?
        self.lambda_of = {}               # opening bracket of a capture list -> opening brace of the body
        self._resolve()

    def line(self, index):
        return self.text.count("\n", 0, self.offsets[index]) + 1

    def _resolve(self):
        stack = []
        for i, token in enumerate(self.tokens):
            if token in CLOSING and stack:
                opening = stack.pop()
                self.partner[opening], self.partner[i] = i, opening
            self.parent[i] = stack[-1] if stack else -1
            if token in OPENING:
                if token == "{":
                    self.block[i] = self._is_block(i)
                stack.append(i)
        for i, token in enumerate(self.tokens):
            if token == "[" and self._starts_lambda(i):
                body = self._lambda_body(i)
                if body is not None:
                    self.lambda_of[i] = body
                    self.block[body] = True

    def _is_block(self, i):
        before = self.tokens[i - 1] if i else ";"
        around = self.parent[i]
        if around >= 0 and self.tokens[around] == "{" and not self.block[around]:
            return False
        if before in (")", ";", "}") or before in BLOCK_WORDS or before == ":":
            return True
        if before == "{":
            return self.block.get(i - 1, True)
        # `struct X : Base {`, `namespace a::b {`, `auto f() -> task<int> {`
        j = i - 1
        while j >= 0 and self.parent[j] == around and self.tokens[j] not in (";", "{", "}", "=", "return"):
            if self.tokens[j] in CLOSING:
                j = self.partner.get(j, j)
            elif self.tokens[j] in TYPE_WORDS or self.tokens[j] == "->":
                return True
            j -= 1
        return False

    def _starts_lambda(self, i):
        before = self.tokens[i - 1] if i else ";"
        if self.tokens[i + 1:i + 2] == ["["] or before == "[":  # attribute
            return False
        return not (re.match(r"\w", before) and before not in ("return", "co_return", "co_yield", "co_await", "case")
                    or before in (")", "]"))

    def _lambda_body(self, i):
        j = self.partner.get(i, len(self.tokens)) + 1
        while j < len(self.tokens):
            token = self.tokens[j]
            if token == "{":
                return j
            if token in ("(", "["):
                j = self.partner.get(j, len(self.tokens))
            elif token in (";", ")", "]", "}", ",") and token != ",":
                return None
            j += 1
        return None

    def statement(self, i):
        """Tokens of the statement around token i, without the bodies of lambdas that stand in it."""
        top = i
        while self.parent[top] >= 0 and not (self.tokens[self.parent[top]] == "{" and self.block[self.parent[top]]):
            top = self.parent[top]
        around = self.parent[top]
        first = top
        while first > 0 and self.parent[first - 1] == around and self.tokens[first - 1] != ";":
            previous = first - 1
            if self.tokens[previous] == "}":
                opening = self.partner.get(previous)
                if opening is None or (self.block.get(opening) and opening not in self.lambda_of.values()):
                    break
                first = opening
            elif self.tokens[previous] in CLOSING:
                first = self.partner.get(previous, previous)
            elif self.tokens[previous] == "{" and previous == around:
                break
            else:
                first = previous
        result, j = [], first
        bodies = set(self.lambda_of.values())
        while j < len(self.tokens):
            token = self.tokens[j]
            if self.parent[j] == around and (token in (";", "}") or token == "{" and self.block.get(j) and j not in bodies):
                break
            if token == "{" and j in bodies:
                j = self.partner.get(j, len(self.tokens))
            else:
                result.append(j)
            j += 1
        return result


def captures_by_value(unit, opening):
    inside = unit.tokens[opening + 1:unit.partner.get(opening, opening + 1)]
    part, depth, parts = [], 0, []
    for token in inside:
        depth += token in OPENING
        depth -= token in CLOSING
        if token == "," and depth == 0:
            parts.append(part)
            part = []
        else:
            part.append(token)
    parts.append(part)
    return any(p and p[0] != "&" and p != ["this"] for p in parts)


def complaints(unit, i):
    """What is wrong with the statement around the co_await at token i."""
    indices = unit.statement(i)
    tokens = [unit.tokens[j] for j in indices]
    head = tokens[0] if tokens else ""
    if head == "else" and len(tokens) > 1:
        indices, tokens = indices[1:], tokens[1:]
        head = tokens[0]
    if head in CONTROL:
        opening = next((j for j in indices if unit.tokens[j] == "("), None)
        end = unit.partner.get(opening, -1)
        if opening is not None and opening < i < end:
            yield "co_await in the head of `%s`: name the result first" % head
            indices = [j for j in indices if opening < j < end]
        else:
            indices = [j for j in indices if j > end]
        tokens = [unit.tokens[j] for j in indices]
        head = tokens[0] if tokens else ""
    if head == "throw":
        yield "co_await in a throw: name the result first"
    if "?" in tokens:
        yield "?: in a statement that awaits: use if and else"
    if any(unit.tokens[j] == "{" and not unit.block.get(j, False) for j in indices):
        yield "braced value in a statement that awaits: name it first, or give the type a constructor"
    if any(j in unit.lambda_of and captures_by_value(unit, j) for j in indices):
        yield "lambda that captures by value in a statement that awaits: name it and move it in"
    around = unit.parent[i]
    while around >= 0 and unit.tokens[around] != "{":
        if unit.tokens[around] == "(" and re.fullmatch(r"[A-Z][A-Z0-9_]{2,}", unit.tokens[around - 1]):
            yield "co_await inside the macro %s: name the result first" % unit.tokens[around - 1]
        around = unit.parent[around]
    if tokens.count("co_await") > 1:
        yield "two co_await in one statement: name the first result"


def skip_template_arguments(unit, i):
    """The index after `<...>` that begins at token i."""
    depth = 0
    while i < len(unit.tokens):
        token = unit.tokens[i]
        if token == "<":
            depth += 1
        elif token == ">":
            depth -= 1
            if depth == 0:
                return i + 1
        elif token in (";", "{", "}"):
            return i
        i += 1
    return i


def defaulted_aggregates(unit):
    """A braced default argument of an awaited function makes the temporary that g++ frees twice."""
    for i, token in enumerate(unit.tokens):
        if token not in AWAITABLE or unit.tokens[i + 1:i + 2] != ["<"]:
            continue
        j = skip_template_arguments(unit, i + 1)
        while j + 1 < len(unit.tokens) and (re.match(r"[A-Za-z_]", unit.tokens[j]) or unit.tokens[j] == "::"):
            j += 1
        if j >= len(unit.tokens) or unit.tokens[j] != "(" or not re.match(r"\w", unit.tokens[j - 1]):
            continue
        end = unit.partner.get(j, j)
        after_equals = False
        for k in range(j + 1, end):
            if unit.parent[k] != j and unit.tokens[k] != "{":
                continue
            if unit.tokens[k] == "=":
                after_equals = True
            elif unit.tokens[k] == "," and unit.parent[k] == j:
                after_equals = False
            elif unit.tokens[k] == "{" and after_equals and unit.parent[k] == j:
                yield k, "braced default argument of an awaited function: write an overload, or `= type()` if it has a constructor"


def lint(name, text):
    unit = Unit(text)
    found = []
    for i, token in enumerate(unit.tokens):
        if token == "co_await" and unit.tokens[i - 1:i] != ["operator"]:
            found += [(i, why) for why in complaints(unit, i)]
        elif token == "detached" and unit.tokens[i - 1:i] == ["::"] and unit.tokens[i - 2:i - 1] == ["asio"]:
            found.append((i, "bare detached swallows what the coroutine throws: give co_spawn a handler"))
        elif token in ("channel", "concurrent_channel") and unit.tokens[i - 2:i] == ["experimental", "::"]:
            found.append((i, "asio's channel loses messages: use ovrseer::mailbox"))
    found += list(defaulted_aggregates(unit))
    lines = text.split("\n")
    said = []
    for i, why in sorted(found):
        number = unit.line(i)
        if "coro-lint:" not in lines[number - 1]:
            said.append("%s:%d: %s" % (name, number, why))
    return list(dict.fromkeys(said))


def main(arguments):
    files = arguments or sources.cpp_files("include", "tests", "examples", "bench")
    found = [line for f in files for line in lint(sources.relative(f), sources.read(f))]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
