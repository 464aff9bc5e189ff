# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""What the project's scripts share: reading C++ text without being fooled by comments and strings."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADERS = ROOT / "include" / "ovrseer"

# A digit separator is not a quote, and a raw string ends only at its own delimiter.
_OPAQUE = re.compile(
    r"""(?P<line>//[^\n]*)"""
    r"""|(?P<block>/\*.*?\*/)"""
    r"""|(?P<raw>\b(?:u8|u|U|L)?R"(?P<delim>[^()\\\s]{0,16})\(.*?\)(?P=delim)")"""
    r"""|(?P<string>"(?:\\.|[^"\\\n])*")"""
    r"""|(?P<char>(?<![0-9A-Za-z_])(?:u8|u|U|L)?'(?:\\.|[^'\\\n])+')""",
    re.S,
)
_DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(?P<name>\w+)[ \t]*(?P<rest>.*)$")
_INCLUDE = re.compile(r'^(?:<(?P<angle>[^>]+)>|"(?P<quote>[^"]+)")')


def blank(text, comments=True, strings=True):
    """The text with comments and literals turned to spaces; lines and columns stay where they were.

    Quotes stay too, so that a literal is still seen to be there: `""`.
    """

    def replace(match):
        whole = match.group(0)
        is_comment = match.group("line") is not None or match.group("block") is not None
        if is_comment and not comments or not is_comment and not strings:
            return whole
        empty = re.sub(r"[^\n]", " ", whole)
        if is_comment or len(whole) < 2:
            return empty
        quote = whole[-1]
        return quote + empty[1:-1] + quote

    # The target of a quoted include is a name, not a literal.
    kept = {}

    def hide(match):
        key = "\x00%d\x00" % len(kept)
        kept[key] = match.group(0)
        return key

    text = re.sub(r'^[ \t]*#[ \t]*include[ \t]*"[^"\n]*"', hide, text, flags=re.M)
    text = _OPAQUE.sub(replace, text)
    return re.sub(r"\x00\d+\x00", lambda m: kept[m.group(0)], text)


def directives(text):
    """Yields (line number, depth of #if around it, name, rest) of every preprocessor directive."""
    depth = 0
    for number, line in enumerate(blank(text).split("\n"), 1):
        match = _DIRECTIVE.match(line)
        if not match:
            continue
        name, rest = match.group("name"), match.group("rest").strip()
        if name in ("endif", "else", "elif"):
            depth -= 1
        yield number, depth, name, rest
        if name in ("if", "ifdef", "ifndef", "else", "elif"):
            depth += 1


def includes(text):
    """Yields (line number, depth, target, quoted?) of every include."""
    for number, depth, name, rest in directives(text):
        if name != "include":
            continue
        match = _INCLUDE.match(rest)
        if match:
            yield number, depth, match.group("angle") or match.group("quote"), match.group("angle") is None


def own_includes(text):
    """The paths below include/ovrseer/ that the text includes, in order."""
    prefix = "ovrseer/"
    return [target[len(prefix):] for _, _, target, _ in includes(text) if target.startswith(prefix)]


def read(path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def relative(path, root=None):
    try:
        return str(pathlib.Path(path).resolve().relative_to(root or ROOT))
    except ValueError:
        return str(path)


def cpp_files(*folders, root=None):
    """Every C++ file of the project below the folders, in a fixed order."""
    found = []
    for folder in folders:
        base = (root or ROOT) / folder
        found += [p for p in base.rglob("*") if p.suffix in (".hpp", ".ipp", ".cpp") and p.is_file()]
    return sorted(found)
