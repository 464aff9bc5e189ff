# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""The real Spotlight, which reads envelopes as Sentry does, has two events; where npm cannot install it, any server has."""
import json
import urllib.request


def events_of_stream(url, count):
    """The events in the first envelopes of a stream of them, each a line of data."""
    with urllib.request.urlopen(url, timeout=20) as stream:
        data = (line[6:] for line in stream if line.startswith(b"data: "))
        envelopes = [json.loads(next(data)) for _ in range(count)]
    return [items[0][1] for _, items in envelopes]


def check(example):
    try:
        packages = example.npm("@spotlightjs/spotlight@4.11.8", "hono@4.12.25")
        server = example.stand_in("spotlight_srv.mjs", environment={"NODE_PACKAGES": packages})
    except example.Missing:
        server = example.stand_in("sink.mjs")
    dsn = server.url.replace("//", "//0123456789abcdef@") + "/1"
    example.run(code=139, SENTRY_DSN=dsn, SENTRY_RELEASE="shop@1.4.2", SENTRY_ENVIRONMENT="staging")
    if "spotlight" in server.name:
        events = events_of_stream(server.url + "/stream", 2)
    else:
        events = [json.loads(each["b"].split("\n")[2]) for each in server.records(2)]

    common = {"release": "shop@1.4.2", "environment": "staging"}
    example.expect(events, [{**common, "level": "error", "tags": {"unit": "import", "kind": "crash"}},
                            {**common, "level": "fatal", "tags": {"kind": "retries_exhausted"}}])
    assert "SIGSEGV" in json.dumps(events[0])
