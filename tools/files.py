#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Writes every list of files that the build reads, so that none is globbed and none forgotten.

usage: files.py [--check]     --check changes nothing and fails when a list is stale
"""
import pathlib
import sys

import layout
import sources

BANNER = "Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0"
GENERATED = "Written by tools/files.py; do not edit."
SUITES = ("unit", "pure", "concepts", "integration")


def cmake_list(name, items):
    if not items:
        return "set(%s)\n" % name
    return "set(%s\n%s)\n" % (name, "".join("  %s\n" % i for i in items))


def cmake_file(lists):
    body = "\n".join(cmake_list(name, items) for name, items in lists)
    return "# %s\n# %s\n\n%s" % (BANNER, GENERATED, body)


def headers_cmake(tree):
    def below(headers):
        return ["include/ovrseer/" + h for h in headers]

    core = sorted(tree.core() + [layout.UMBRELLA])
    lists = [("OVRSEER_CORE_HEADERS", below(core)), ("OVRSEER_EXT_HEADERS", below(tree.extra()))]
    lists.append(("OVRSEER_BODIES", below(tree.bodies + [layout.BODIES])))
    above = {}  # a precompiled header, or none -> the headers that find it compiled already
    for h in tree.headers:
        led_to = tree.reached([h], with_bodies=False) - {h}
        if h != layout.BODIES:
            above.setdefault(next((p for p in reversed(layout.PRECOMPILED) if p in led_to), None), []).append(h)
    lists.append(("OVRSEER_PRECOMPILED_HEADERS", below(layout.PRECOMPILED)))
    lists += [("OVRSEER_HEADERS_ABOVE_%s" % pathlib.Path(p).stem, below(above.get(p, []))) for p in layout.PRECOMPILED]
    lists.append(("OVRSEER_COMPONENTS", sorted({layout.BACKENDS[h] for h in tree.headers if h in layout.BACKENDS})))
    for component in sorted(set(layout.BACKENDS.values())):
        needing = [h for h in tree.extra() if component in tree.components(h)]
        if needing:
            lists.append(("OVRSEER_HEADERS_NEED_%s" % component, below(needing)))
    return cmake_file(lists)


def umbrella_hpp(tree):
    lines = "".join("#include <ovrseer/%s>\n" % h for h in tree.umbrella())
    return (
        "// %s\n// Everything that needs only Asio, fmt and nlohmann_json, in one include. %s\n#pragma once\n\n%s"
        % (BANNER, GENERATED, lines)
    )


def bodies_hpp(tree):
    lines = "".join("#include <ovrseer/%s>\n" % body for body in tree.bodies)
    return (
        "// %s\n// All bodies, for the one source file of a program that compiles them apart: see <ovrseer/build.hpp>.\n"
        "// %s\n#pragma once\n\n"
        "// GCC takes the frame of a coroutine for one that others see when it does not stand in the main file.\n"
        "#if defined(__GNUC__) && !defined(__clang__)\n"
        "#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored \"-Wsubobject-linkage\"\n#endif\n\n%s\n"
        "#if defined(__GNUC__) && !defined(__clang__)\n#pragma GCC diagnostic pop\n#endif\n" % (BANNER, GENERATED, lines)
    )


def needs(tree, path, seen=None):
    """Components that a source file needs, looking through the files that it includes beside itself."""
    text = sources.read(path)
    found = set()
    for header in sources.own_includes(text):
        found |= set(tree.components(header)) if header in tree.edges else set()
    for _, _, target, quoted in sources.includes(text):
        for library, component in layout.LIBRARIES.items():
            if not quoted and target.startswith(library):
                found.add(component)
    seen = seen or {path}
    for _, _, target, quoted in sources.includes(text):
        for base in (path.parent, tree.root / "tests" / "support", tree.root / "tests"):
            beside = (base / target).resolve()
            if beside.is_file() and beside not in seen and tree.base not in beside.parents:
                seen.add(beside)
                found |= needs(tree, beside, seen)
                break
    return found


def by_need(tree, base, files):
    """Component -> the files that need it, as paths below base."""
    table = {}
    for path in files:
        for component in needs(tree, path):
            table.setdefault(component, []).append(path.relative_to(base).as_posix())
    return table


def has_main(path):
    return " main(" in sources.blank(sources.read(path))


def tests_cmake(tree):
    base = tree.root / "tests"
    lists, all_files = [], []
    for suite in SUITES:
        files = sorted((base / suite).rglob("*.cpp"))
        all_files += files
        lists.append(("OVRSEER_%s_TESTS" % suite.upper(), [p.relative_to(base).as_posix() for p in files]))
    support = sorted((base / "support").rglob("*.cpp"))

    def name(path):
        return path.relative_to(base).as_posix()

    lists.append(("OVRSEER_TEST_PROGRAMS", [name(p) for p in support if has_main(p)]))
    lists.append(("OVRSEER_TEST_SUPPORT", [name(p) for p in support if not has_main(p)]))
    lists.append(("OVRSEER_COMPILE_FAIL_TESTS", [name(p) for p in sorted((base / "compile_fail").rglob("*.cpp"))]))
    fuzzers = sorted((base / "fuzz").rglob("*.cpp"))
    lists.append(("OVRSEER_FUZZERS", [name(p) for p in fuzzers]))
    for component, files in sorted(by_need(tree, base, all_files + support + fuzzers).items()):
        lists.append(("OVRSEER_TESTS_NEED_%s" % component, sorted(files)))
    return cmake_file(lists)


def programs_cmake(tree, folder, prefix):
    """Lists of a folder whose top holds one program a file and whose subfolders hold one program each."""
    base = tree.root / folder
    files = sorted(base.rglob("*.cpp"))
    single = [p for p in files if p.parent == base]
    lists = [("OVRSEER_%s" % prefix, [p.name for p in single])]
    folders = sorted({p.parent for p in files if p.parent != base})
    for sub in folders:
        key = sub.relative_to(base).as_posix().replace("/", "_").upper()
        lists.append(("OVRSEER_%s_%s" % (prefix, key), [p.relative_to(base).as_posix() for p in files if p.parent == sub]))
    for component, found in sorted(by_need(tree, base, files).items()):
        lists.append(("OVRSEER_%s_NEED_%s" % (prefix, component), sorted(found)))
    return cmake_file(lists)


def problems(tree):
    """What no list can mend: two test files of a suite with one name would answer to one tag."""
    found = []
    for suite in SUITES:
        seen = {}
        for path in sorted((tree.root / "tests" / suite).rglob("*.cpp")):
            if path.stem in seen:
                found.append("%s and %s have the same name" % (seen[path.stem], sources.relative(path, tree.root)))
            seen[path.stem] = sources.relative(path, tree.root)
    return found


def outputs(root=None):
    tree = layout.Tree(root)
    return {
        "cmake/headers.cmake": headers_cmake(tree),
        "include/ovrseer/" + layout.UMBRELLA: umbrella_hpp(tree),
        "include/ovrseer/" + layout.BODIES: bodies_hpp(tree),
        "tests/files.cmake": tests_cmake(tree),
        "examples/files.cmake": programs_cmake(tree, "examples", "EXAMPLES"),
        "bench/files.cmake": programs_cmake(tree, "bench", "BENCH"),
    }, problems(tree)


def main(arguments, root=None):
    root = pathlib.Path(root or sources.ROOT)
    files, found = outputs(root)
    for name, text in files.items():
        path = root / name
        current = sources.read(path) if path.is_file() else None
        if current == text:
            continue
        if "--check" in arguments:
            found.append("%s is stale: run tools/files.py" % name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print("wrote " + name)
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
