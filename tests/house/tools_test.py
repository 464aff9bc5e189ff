#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Tests of the project's own lints and generators: each must find what it is for, and nothing else."""
import collections
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(ROOT / "tests" / "compile_fail"))
sys.path.insert(0, str(ROOT / "tests" / "house"))

import coro_lint  # noqa: E402
import decision_coverage  # noqa: E402
import files  # noqa: E402
import layers  # noqa: E402
import layout  # noqa: E402
import macros_test  # noqa: E402
import mutate_decisions  # noqa: E402
import run as compile_fail  # noqa: E402
import run_example  # noqa: E402
import single_header  # noqa: E402
import skipped  # noqa: E402
import sources  # noqa: E402
import style_lint  # noqa: E402

BANNER = "// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0\n"


class Checkout:
    """A small tree of headers in a folder of its own."""

    def __init__(self, headers):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        for name, text in headers.items():
            self.write("include/ovrseer/" + name, BANNER + "#pragma once\n" + text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()


def lint_layers(headers):
    with Checkout(headers) as checkout:
        return layers.lint(layout.Tree(checkout.root))


class Skipped(unittest.TestCase):
    def demand(self, *said, folder=True):
        """The exit code where two tests use stand-ins and have said these, and what was told."""
        log = "".join("%d/3 Test: integration/%s\nOutput:\n  %s\n" % (i, name, words)
                      for i, (name, words) in enumerate(zip(("one", "two", "other"), said), 1))
        with Checkout({}) as checkout, contextlib.redirect_stdout(io.StringIO()) as told, \
                contextlib.redirect_stderr(told):
            for name in ("one", "two"):
                checkout.write("tests/integration/%s.cpp" % name, 'counterparty("x.mjs");')
            checkout.write("log", log)
            kinds = skipped.KINDS
            shelf = checkout.root if folder else checkout.root / "nowhere"
            skipped.KINDS = (skipped.Kind("stand-ins", r"counterparty\(", r"x\.mjs", "OVRSEER_NO_SUCH_VARIABLE", shelf),)
            try:
                return skipped.main(["--demand", str(checkout.root / "log")], checkout.root), told.getvalue()
            finally:
                skipped.KINDS = kinds

    def test_a_whole_class_that_is_skipped_fails(self):
        code, told = self.demand("skipped: needs x.mjs", "skipped: needs x.mjs", "fine")
        self.assertEqual(code, 1)
        self.assertIn("skipped in integration/one, integration/two: needs x.mjs", told)
        self.assertIn("all tests that use stand-ins were skipped", told)

    def test_a_part_of_a_class_may_be_skipped(self):
        self.assertEqual(self.demand("fine", "skipped: needs x.mjs", "fine")[0], 0)
        self.assertEqual(self.demand("skipped: something else", "skipped: needs x.mjs", "fine")[0], 0)

    def test_a_class_without_its_folder_is_told_and_not_demanded(self):
        code, told = self.demand("skipped: needs x.mjs", "skipped: needs x.mjs", "fine", folder=False)
        self.assertEqual(code, 0)
        self.assertIn("there is no folder", told)


class Sources(unittest.TestCase):
    def test_blanking_keeps_every_line_and_column(self):
        text = 'int a = 1\'000; // "x\nauto s = R"q(")q)q"; /* \'\n */ char c = \'"\'; f("a\\"b");\n'
        blank = sources.blank(text)
        self.assertEqual([len(x) for x in text.split("\n")], [len(x) for x in blank.split("\n")])
        for word in ('"x', ")q)", "a\\", "/*"):
            self.assertNotIn(word, blank)
        self.assertIn("char c =", blank)

    def test_includes_in_comments_and_strings_are_none(self):
        text = '// #include <a>\n/*\n#include <b>\n*/\nauto s = R"(\n#include <c>\n)";\n#include <d>\n#if X\n# include "e"\n#endif\n'
        self.assertEqual([(8, 0, "d", False), (10, 1, "e", True)], list(sources.includes(text)))


class Coroutines(unittest.TestCase):
    def lines(self, name):
        text = sources.read(ROOT / "tests/house/lint_cases" / name)
        return [line for line in text.split("\n") if line]

    def test_every_bad_shape_is_found(self):
        for line in self.lines("bad.txt"):
            self.assertTrue(coro_lint.lint("x", line), line)

    def test_no_good_shape_is_found(self):
        for line in self.lines("good.txt"):
            self.assertEqual([], coro_lint.lint("x", line), line)

    def test_good_shapes_stay_good_together(self):
        self.assertEqual([], coro_lint.lint("x", "\n".join(self.lines("good.txt"))))

    def test_the_line_is_named(self):
        self.assertRegex(coro_lint.lint("x", "\n\n" + self.lines("bad.txt")[0])[0], r"^x:3: ")


class Layers(unittest.TestCase):
    def test_downward_is_fine(self):
        self.assertEqual([], lint_layers({
            "asio.hpp": "#include <asio/awaitable.hpp>\n#include <asio/experimental/parallel_group.hpp>\n",
            "error.hpp": "#include <string>\n",
            "async/a.hpp": "#include <ovrseer/asio.hpp>\n#include <ovrseer/async/detail/b.hpp>\n#include <asio/post.hpp>\n",
            "async/detail/b.hpp": "",
            "process/p.hpp": "#include <ovrseer/async/a.hpp>\n#include <ovrseer/error.hpp>\n#include <sys/wait.h>\n",
            "net/curl.hpp": "#include <curl/curl.h>\n",
        }))

    def test_every_wrong_arrow_is_found(self):
        wrong = {
            "upward": {"async/a.hpp": "#include <ovrseer/process/p.hpp>\n", "process/p.hpp": ""},
            "from the root": {"error.hpp": "#include <ovrseer/async/a.hpp>\n", "async/a.hpp": ""},
            "same floor": {"report/a.hpp": "#include <ovrseer/export/b.hpp>\n", "export/b.hpp": ""},
            "detail": {"process/p.hpp": "#include <ovrseer/async/detail/b.hpp>\n", "async/detail/b.hpp": ""},
            "umbrella": {"log/l.hpp": "#include <ovrseer/ovrseer.hpp>\n", "ovrseer.hpp": ""},
            "missing": {"log/l.hpp": "#include <ovrseer/log/nothing.hpp>\n"},
            "pure": {"pattern/p.hpp": "#include <ovrseer/asio.hpp>\n", "asio.hpp": ""},
            "pure foreign": {"redact/p.hpp": "#include <asio/post.hpp>\n"},
            "asio first": {"async/a.hpp": "#include <asio/post.hpp>\n"},
            "experimental": {"asio.hpp": "", "async/a.hpp": "#include <ovrseer/asio.hpp>\n#include <asio/experimental/channel.hpp>\n"},
            "version": {"async/a.hpp": "#if ASIO_VERSION > 102300\n#endif\n"},
            "library": {"net/http.hpp": "#include <curl/curl.h>\n"},
            "unknown library": {"net/http.hpp": "#include <boost/asio.hpp>\n"},
            "no floor": {"attic/a.hpp": ""},
            "ring": {"log/a.hpp": "#include <ovrseer/log/b.hpp>\n", "log/b.hpp": "#include <ovrseer/log/a.hpp>\n"},
        }
        for name, headers in wrong.items():
            self.assertTrue(lint_layers(headers), name)

    def test_the_plan_names_each_folder_once(self):
        folders = [f for row in layout.FLOORS for f in row]
        self.assertEqual(len(folders), len(set(folders)))


class Files(unittest.TestCase):
    def test_lists_follow_the_tree_and_check_sees_when_not(self):
        with Checkout({"error.hpp": "", "net/curl.hpp": "#include <curl/curl.h>\n", "fwd.hpp": ""}) as checkout:
            checkout.write("tests/unit/error.cpp", "#include <ovrseer/error.hpp>\n")
            checkout.write("tests/unit/curl.cpp", "#include <ovrseer/net/curl.hpp>\n")
            checkout.write("tests/support/child.cpp", "int main() {}\n")
            self.assertEqual(1, quietly(files.main, ["--check"], checkout.root))
            self.assertEqual(0, quietly(files.main, [], checkout.root))
            self.assertEqual(0, quietly(files.main, ["--check"], checkout.root))
            umbrella = sources.read(checkout.root / "include/ovrseer/ovrseer.hpp")
            self.assertIn("<ovrseer/error.hpp>", umbrella)
            self.assertNotIn("curl", umbrella)
            self.assertNotIn("fwd", umbrella)
            lists = sources.read(checkout.root / "tests/files.cmake")
            self.assertIn("set(OVRSEER_TESTS_NEED_curl\n  unit/curl.cpp\n)", lists)
            self.assertIn("set(OVRSEER_TEST_PROGRAMS\n  support/child.cpp\n)", lists)
            checkout.write("tests/unit/other.cpp", "")
            self.assertEqual(1, quietly(files.main, ["--check"], checkout.root))

    def test_two_files_of_one_name_in_a_suite_are_refused(self):
        with Checkout({}) as checkout:
            checkout.write("tests/unit/a/x.cpp", "")
            checkout.write("tests/unit/b/x.cpp", "")
            self.assertEqual(1, quietly(files.main, [], checkout.root))


class SingleHeader(unittest.TestCase):
    def generate(self, headers):
        with Checkout(headers) as checkout:
            return single_header.generate(checkout.root)

    def test_each_header_once_and_standard_ones_first(self):
        text = self.generate({
            "ovrseer.hpp": "#include <ovrseer/a.hpp>\n#include <ovrseer/b.hpp>\n",
            "a.hpp": "#include <ovrseer/b.hpp>\n#include <fmt/core.h>\n#include <vector>\nint a;\n",
            "b.hpp": "#include <fmt/core.h>\n#include <string>\n#include <vector>\nint b;\n",
        })
        self.assertEqual(1, text.count("int a;"))
        self.assertEqual(1, text.count("int b;"))
        self.assertLess(text.index("int b;"), text.index("int a;"))
        self.assertEqual(1, text.count("#include <vector>"))
        self.assertEqual(1, text.count("#include <fmt/core.h>"))
        self.assertLess(text.index("<fmt/core.h>"), text.index("int b;"))
        self.assertLess(text.index("<vector>"), text.index("<fmt/core.h>"))
        self.assertEqual(1, text.count("#pragma once"))

    def test_what_stands_in_raw_strings_stays(self):
        raw = 'auto s = R"(\n#include <ovrseer/b.hpp>\n#pragma once\n)";\n'
        self.assertIn(raw, self.generate({"ovrseer.hpp": "#include <ovrseer/a.hpp>\n", "a.hpp": raw}))

    def test_conditional_includes_of_others_stay_conditional(self):
        text = "#if X\n#include <vector>\n#else\n#include <fmt/core.h>\n#endif\n"
        self.assertIn(text, self.generate({"ovrseer.hpp": "#include <ovrseer/a.hpp>\n", "a.hpp": text}))

    def test_what_cannot_be_one_header_is_refused(self):
        start = {"ovrseer.hpp": "#include <ovrseer/a.hpp>\n"}
        for text in ("#if X\n#include <ovrseer/ovrseer.hpp>\n#endif\n", "#include <ovrseer/none.hpp>\n",
                     "#include <ovrseer/ovrseer.hpp>\n"):
            with self.assertRaises(single_header.Refused):
                self.generate({**start, "a.hpp": text})

    def test_check_sees_a_stale_file(self):
        with Checkout({"ovrseer.hpp": "#include <ovrseer/a.hpp>\n", "a.hpp": "int a;\n"}) as checkout:
            self.assertEqual(0, quietly(single_header.main, [], checkout.root))
            self.assertEqual(0, quietly(single_header.main, ["--check"], checkout.root))
            checkout.write("include/ovrseer/a.hpp", "int changed;\n")
            self.assertEqual(1, quietly(single_header.main, ["--check"], checkout.root))

    def test_the_patterns_are_a_header_of_their_own(self):
        headers = {"ovrseer.hpp": "#include <ovrseer/a.hpp>\n", "a.hpp": "int a;\n",
                   "pattern/p.hpp": "#include <ovrseer/pattern/q.hpp>\nint p;\n", "pattern/q.hpp": "int q;\n"}
        with Checkout(headers) as checkout:
            self.assertEqual(0, quietly(single_header.main, [], checkout.root))
            text = (checkout.root / single_header.PATTERN_OUTPUT).read_text(encoding="utf-8")
        self.assertLess(text.index("int q;"), text.index("int p;"))
        self.assertNotIn("int a;", text)


class Style(unittest.TestCase):
    def test_headers(self):
        self.assertEqual([], list(style_lint.lint_header("#pragma once\n#define OVRSEER_X 1\n#define Y\n#undef Y\n")))
        for text in ("int a;\n", '#pragma once\n#include "a.hpp"\n', "#pragma once\n#define X\n",
                     "#pragma once\n#if X\n#include <ovrseer/a.hpp>\n#endif\n", "#pragma once\nusing namespace std;\n"):
            self.assertTrue(list(style_lint.lint_header(text)), text)

    def test_tests(self):
        good = 'namespace t_x {\nTEST_CASE("a sentence") { wait(); }\n}\n'
        self.assertEqual([], list(style_lint.lint_test(good)))
        for text in (good.replace("a sentence", "one, two"), good.replace("t_x", "x"),
                     good.replace("wait()", "std::this_thread::sleep_for(1s)")):
            self.assertTrue(list(style_lint.lint_test(text)), text)


class Runners(unittest.TestCase):
    def test_compile_fail_wants_failure_and_the_sentence(self):
        text = "// expect: no such .* thing\n// expect(clang): only there\n"
        self.assertEqual([], compile_fail.judge("a.cpp", text, "g++", 1, "error: no such nice thing"))
        self.assertTrue(compile_fail.judge("a.cpp", text, "clang++-19", 1, "error: no such nice thing"))
        self.assertTrue(compile_fail.judge("a.cpp", text, "g++", 0, ""))
        self.assertTrue(compile_fail.judge("a.cpp", text, "g++", 1, "error: other"))
        self.assertTrue(compile_fail.judge("a.cpp", "", "g++", 1, "error"))
        self.assertTrue(compile_fail.judge("a_good.cpp", "", "g++", 1, "error"))
        self.assertEqual([], compile_fail.judge("a_good.cpp", "", "g++", 0, ""))

    def test_the_caret_stands_under_what_is_wrong(self):
        shown = 'in \'the_pattern_<"a(b", x>\'\nin \'is_wrong_at_<" ^", "a(b", x>\'\n'
        self.assertEqual([], compile_fail.judge("a.cpp", "// expect: x\n// caret: (b\n", "g++", 1, shown))
        self.assertTrue(compile_fail.judge("a.cpp", "// expect: x\n// caret: b\n", "g++", 1, shown))
        self.assertTrue(compile_fail.judge("a.cpp", "// expect: x\n// caret: (b\n", "g++", 1, "x"))

    def test_macros_are_traced_to_their_files(self):
        text = '# 1 "/p/include/ovrseer/a.hpp" 1\n#define OVRSEER_A 1\n#define LEAK\n#define GONE\n#undef GONE\n# 1 "/usr/x.h"\n#define THEIRS\n'
        ours, leaked = macros_test.leaks(text)
        self.assertEqual({"OVRSEER_A", "LEAK"}, set(ours))
        self.assertEqual({"LEAK"}, set(leaked))

    def test_example_lines_are_text_or_patterns(self):
        self.assertTrue(run_example.same("a.b", "a.b"))
        self.assertFalse(run_example.same("a.b", "axb"))
        self.assertTrue(run_example.same(r"/took \d+ms/", "took 12ms"))
        self.assertFalse(run_example.same(r"/took \d+ms/", "it took 12ms"))

    def test_what_an_example_sent_may_have_more_members_and_no_more_items(self):
        has = {"text": "api took 12ms", "count": 2, "tags": ["a", "b"], "more": None}
        self.assertEqual([], run_example.difference({"text": r"/.*\d+ms/", "count": 2, "tags": ["a", "/[bc]/"]}, has))
        for wanted, found in (({"text": "api"}, 'it.text is "api took 12ms", not "api"'), ({"unit": "x"}, "it has no unit"),
                              ({"tags": ["a"]}, 'it.tags is ["a", "b"], not ["a"]'), ({"count": 3}, "it.count is 2, not 3")):
            self.assertEqual([found], run_example.difference(wanted, has))

    def test_an_example_without_its_counterpart_is_skipped(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder, "x.check.py")
            for body, code in (("example.needs('no-such-program')", run_example.SKIPPED), ("example.run(code=3)", 0),
                               ("example.run()", 1), ("example.run(code=3); assert example.program.lines == ['well']", 1)):
                page.write_text("def check(example):\n    %s\n" % body, encoding="utf-8")
                with contextlib.redirect_stdout(io.StringIO()):
                    self.assertEqual(code, run_example.main([folder + "/x", "/bin/sh", "-c", "echo ill; exit 3"]))


class Judgement(unittest.TestCase):
    def mutated(self, text):
        """The mutations of a piece of C++, and the piece with all of them in it."""
        with Checkout({"x.hpp": text}) as checkout:
            mutants = [None]
            made = mutate_decisions.Header("x", checkout.root / "include/ovrseer/x.hpp", mutants, collections.Counter())
            return [each.what for each in mutants[1:]], made.rendered()

    def test_every_kind_of_decision_is_mutated(self):
        whats, text = self.mutated("int f(int a, int b) {\n  if (a < b && !g()) return 1;\n  ++a;\n  return a;\n}\n")
        for what in ("< to <=", "< to >", "&& to ||", "only the left of &&", "without the !", "condition turned",
                     "return left out", "1 and one less", "without the ++", "statement left out"):
            self.assertIn(what, whats)
        self.assertIn("a < mutant::comparison<", text)
        self.assertEqual(text.count("("), text.count(")"))
        self.assertEqual(text.count("{"), text.count("}"))

    def test_lines_stay_where_they_were(self):
        source = "inline bool f(int a) {\n  for (const int x : all) {\n    if (x == a ||\n        x == 2)\n      return true;\n  }\n  return false;\n}\n"
        self.assertEqual(len((BANNER + "#pragma once\n" + source).split("\n")), len(self.mutated(source)[1].split("\n")))

    def test_what_only_the_compiler_reads_is_left_alone(self):
        for text in ("constexpr int limit = 3;\n", "enum class e { a = 1 };\n", "template <int N>\nstruct s;\n",
                     "static_assert(1 < 2);\n", "std::map<int, std::vector<int>> all;\n", "// a < b && 1\n",
                     'auto text = "1 < 2";\n', "template <class T>\nconcept c = requires(T a) { a < 1; };\n"):
            self.assertEqual([], self.mutated(text)[0], text)

    def test_the_last_word_of_a_function_stays(self):
        whats, _ = self.mutated("inline int f() {\n  switch (g()) {\n    case e::a: break;\n    default: h(); break;\n  }\n  return i();\n}\n")
        self.assertEqual(["break left out", "statement left out"], whats)

    def test_a_call_that_may_throw_is_no_branch(self):
        way = lambda count, throw=False: {"count": count, "throw": throw}  # noqa: E731
        self.assertEqual([], decision_coverage.without_exceptions([way(3), way(0, True)]))
        self.assertEqual([2, 1], decision_coverage.without_exceptions([way(3), way(0, True), way(2), way(1)]))

    def test_instances_of_a_template_are_one_function(self):
        plain = decision_coverage.Tally.plain
        self.assertEqual(plain("f<std::vector<int> >(int)"), plain("f<char>(int)"))
        self.assertNotEqual(plain("f<int>(int)"), plain("g<int>(int)"))


def quietly(function, *arguments):
    out, err = sys.stdout, sys.stderr
    with open("/dev/null", "w", encoding="utf-8") as nowhere:
        sys.stdout = sys.stderr = nowhere
        try:
            return function(*arguments)
        finally:
            sys.stdout, sys.stderr = out, err


if __name__ == "__main__":
    unittest.main()
