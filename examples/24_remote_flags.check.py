# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""The flags change with the document, a broken one leaves the last good ones, and the unit is the same process all the while."""
import http.server
import json
import threading


class Flags(http.server.BaseHTTPRequestHandler):
    """Serves the document by its version, and takes reports."""
    document = ""
    version = 0
    answers = []
    reports = []

    @classmethod
    def define(cls, *flags):
        cls.document = json.dumps({"version": 1, "flags": flags})
        cls.version += 1

    def do_GET(self):
        tag = '"%d"' % self.version
        body = self.document.encode()
        status = 304 if self.headers.get("If-None-Match") == tag else 200
        self.send_response(status)
        self.send_header("ETag", tag)
        if status == 200:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status == 200:
            self.wfile.write(body)
        self.answers.append(status)

    def do_POST(self):
        self.reports.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def told(flag):
    """The reports about a flag: the process of each, and how often it had matched by then."""
    return [(each["pid"], each["flags"][0]["count"]) for each in list(Flags.reports) if 'flag "%s"' % flag in each["message"]]


def check(example):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Flags)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = "http://127.0.0.1:%d" % server.server_port
    lag = {"name": "lag", "pattern": "lag is [1-9]\\d+s", "onMatch": "report"}
    Flags.define(lag)
    program = example.start(FLAGS_URL=url + "/flags", WEBHOOK_URL=url + "/reports")
    program.wait(lambda: told("lag"), "a report")
    program.wait(lambda: 304 in Flags.answers, "an answer that nothing has changed")

    Flags.define(lag, {"name": "broken", "pattern": "("})
    program.wait_line("are refused, those before go on")
    before = len(told("lag"))
    program.wait(lambda: len(told("lag")) > before + 1, "reports by the last good flags")

    Flags.define({"name": "slow", "pattern": "/REPLICATION/i", "onMatch": "report"})
    program.wait(lambda: len(told("slow")) > 1, "reports by the new flags")
    messages = [each["message"] for each in list(Flags.reports)]
    first = next(i for i, message in enumerate(messages) if 'flag "slow"' in message)
    assert all('flag "slow"' in message for message in messages[first:]), "the old flag still matches"
    counts = [count for _, count in told("lag")]
    assert counts == sorted(set(counts)), "the refused document made it count anew"
    assert len({pid for flag in ("lag", "slow") for pid, _ in told(flag)}) == 1, "the unit was restarted"
    program.process.terminate()
    example.finish()
