#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Runs an example and compares what it prints, and what arrives at the other side, with what its page says.

usage: run_example.py EXAMPLE PROGRAM [ARGUMENT...]

EXAMPLE is the path of the source without its suffix. EXAMPLE.expected has what the program prints: each line is the text
itself, or, between slashes, a regular expression for the whole line. EXAMPLE.check.py, where there is one, has a function
`check(example)`, which starts counterparts, runs the program against them and asks them what arrived; see `Example`.

Exit codes: 0 when all is as expected, 1 when it is not, 77 when a counterpart is missing.
"""
import contextlib
import difflib
import json
import os
import pathlib
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request

SKIPPED = 77
LONGEST = 60  # seconds for one program or one wait
IN_ALL = 240
SOURCE = pathlib.Path(__file__).resolve().parent.parent


class Missing(Exception):
    """A counterpart is not on this machine."""


def same(expected, line):
    if len(expected) > 2 and expected.startswith("/") and expected.endswith("/"):
        return re.fullmatch(expected[1:-1], line) is not None
    return expected == line


def difference(wanted, has, where="it"):
    """What is missing in a JSON value; empty where nothing is. Of an object the wanted members must be there, of an array all
    items in their order; a text may be an expression between slashes."""
    if isinstance(wanted, dict) and isinstance(has, dict):
        lacks = (key for key in wanted if key not in has)
        found = [where + " has no " + key for key in lacks]
        return found + [one for key in wanted if key in has for one in difference(wanted[key], has[key], where + "." + key)]
    if isinstance(wanted, list) and isinstance(has, list) and len(wanted) == len(has):
        return [one for i in range(len(has)) for one in difference(wanted[i], has[i], "%s[%d]" % (where, i))]
    if isinstance(wanted, str) and isinstance(has, str) and same(wanted, has):
        return []
    return [] if wanted == has else ["%s is %s, not %s" % (where, json.dumps(has), json.dumps(wanted))]


class Process:
    """A program that runs beside the check; what it prints is kept by lines. It ends with the check at the latest."""

    def __init__(self, arguments, environment=None):
        self.arguments = [str(each) for each in arguments]
        self.lines = []
        self.errors = []
        self.process = subprocess.Popen(self.arguments, env={**os.environ, **(environment or {})}, text=True, errors="replace",
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        streams = ((self.process.stdout, self.lines), (self.process.stderr, self.errors))
        self.readers = [threading.Thread(target=self.read, args=each, daemon=True) for each in streams]
        for each in self.readers:
            each.start()

    @staticmethod
    def read(stream, into):
        with stream:
            for line in stream:
                into.append(line.rstrip("\n"))

    def wait(self, question, what):
        """Waits until `question()` is true and yields it."""
        end = time.monotonic() + LONGEST
        while not (answer := question()):
            if time.monotonic() > end or self.process.poll() is not None and not question():
                raise AssertionError("%s: waited in vain for %s" % (self.arguments[0], what))
            time.sleep(0.02)
        return answer

    def wait_line(self, expression):
        """Waits until it prints a line in which the expression is found; yields the match."""
        return self.wait(lambda: next(filter(None, (re.search(expression, line) for line in list(self.lines))), None),
                         "a line with " + expression)

    def finish(self):
        """Waits for its end; yields its exit code."""
        code = self.process.wait(LONGEST)
        for each in self.readers:
            each.join(LONGEST)
        return code

    def stop(self):
        """Ends it, by force where it does not obey."""
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.finish()

    def story(self):
        return "\n".join(["--- " + " ".join(self.arguments)] + self.lines[-30:] + self.errors[-30:])


class StandIn(Process):
    """A server on a port of the loopback."""

    def __init__(self, arguments, port, kind, environment):
        super().__init__(arguments, environment)
        self.name = pathlib.Path(arguments[1]).stem
        self.port = port
        self.url = "http://127.0.0.1:%d" % port
        self.wait(self.answers_tcp if kind == "tcp" else self.answers_udp, "its port")

    def answers_tcp(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def answers_udp(self):
        # Of two empty datagrams to a port where nobody listens the second is refused.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("127.0.0.1", self.port))
            with contextlib.suppress(OSError):
                probe.send(b"")
                time.sleep(0.02)
                probe.send(b"")
                return True
        return False

    def get(self, path, **headers):
        return json.loads(http_get(self.url + path, **headers)[1])

    def records(self, count):
        """The first `count` lines that it prints, each a JSON value; waits for them."""
        self.wait(lambda: len(self.lines) >= count, "%d lines" % count)
        return [json.loads(line) for line in self.lines[:count]]


def http_get(url, **headers):
    """Yields the status and the body, whatever the status."""
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=LONGEST) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def free_port(kind="tcp"):
    with socket.socket(type=socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Example:
    """What a check has at hand."""
    Missing = Missing
    get = staticmethod(http_get)
    free_port = staticmethod(free_port)

    def __init__(self, name, command):
        self.name = name
        self.command = command
        self.processes = []
        self.program = None
        self.folder = pathlib.Path(command[0]).resolve().parent  # of the build: a check may keep files there

    @staticmethod
    def counterparty(file):
        """The path of a stand-in by the name of its file."""
        default = SOURCE.parent / "shared" / "counterparties"
        path = pathlib.Path(os.environ.get("OVRSEER_TEST_COUNTERPARTIES", default)) / file
        if not path.exists():
            raise Missing("needs " + str(path))
        return path

    def stand_in(self, file, *arguments, port=None, kind="tcp", environment=None):
        """Starts a stand-in; its port is its first argument."""
        interpreter = sys.executable if file.endswith(".py") else self.needs("node")
        port = port or free_port(kind)
        return self.server([interpreter, self.counterparty(file), port, *arguments], port, kind, environment)

    def server(self, arguments, port, kind="tcp", environment=None):
        """Starts any other server that listens on this port."""
        return self.keep(StandIn(arguments, port, kind, environment))

    @staticmethod
    def needs(program):
        """The path of a program."""
        found = shutil.which(program)
        if not found:
            raise Missing("needs " + program)
        return found

    def npm(self, *packages):
        """The folder where packages of npm are installed: that of NODE_PACKAGES if it is set, else one of the build."""
        if "NODE_PACKAGES" in os.environ:
            return os.environ["NODE_PACKAGES"]
        folder = self.folder / "npm" / re.sub(r"[^\w.]+", "_", packages[0].strip("@"))
        if not (folder / "complete").exists():
            command = [self.needs("npm"), "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", *packages]
            folder.mkdir(parents=True, exist_ok=True)
            try:
                subprocess.run(command, check=True, capture_output=True, timeout=2 * LONGEST)
            except subprocess.SubprocessError as failure:
                raise Missing("npm cannot install " + packages[0]) from failure
            (folder / "complete").touch()
        return str(folder)

    def keep(self, process):
        self.processes.append(process)
        return process

    def start(self, **environment):
        """Starts the program; `finish` ends it."""
        self.program = self.keep(Process(self.command, {name: str(value) for name, value in environment.items()}))
        return self.program

    def finish(self, code=0):
        """Waits for the end of the program, which must be this exit code, and compares what it printed."""
        ended = self.program.finish()
        assert ended == code, "its exit code is %d, not %d" % (ended, code)
        page = pathlib.Path(self.name + ".expected")
        if not page.exists():
            return
        expected = page.read_text(encoding="utf-8").splitlines()
        printed = self.program.lines
        if len(expected) != len(printed) or not all(map(same, expected, printed)):
            raise AssertionError("\n".join(difflib.unified_diff(expected, printed, "expected", "printed", lineterm="")))

    def run(self, code=0, **environment):
        self.start(**environment)
        self.finish(code)

    @staticmethod
    def expect(has, wanted):
        """Compares a JSON value with what is wanted of it; see `difference`."""
        found = difference(wanted, has)
        assert not found, "\n".join(found)

    def close(self):
        for each in reversed(self.processes):
            each.stop()


def main(arguments):
    name = arguments[0]
    page = pathlib.Path(name + ".check.py")
    check = runpy.run_path(str(page))["check"] if page.exists() else Example.run
    with contextlib.closing(Example(name, arguments[1:])) as example:
        try:
            check(example)
        except Missing as reason:
            print("skipped: %s" % reason)
            return SKIPPED
        except Exception:  # of whatever kind: it is the check's answer
            traceback.print_exc(file=sys.stdout)
            print("\n".join(each.story() for each in example.processes))
            return 1
    return 0


if __name__ == "__main__":
    for end in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(end, lambda *_: sys.exit("the check is ended before its time"))  # and what it started with it
    signal.alarm(IN_ALL)
    sys.exit(main(sys.argv[1:]))
