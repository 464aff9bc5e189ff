# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""All lines arrive in their order, in three requests."""
import json


def check(example):
    server = example.stand_in("sink.mjs")
    example.run(LOGS_URL=server.url + "/logs")
    requests = server.records(3)
    example.expect(requests, [{"m": "POST", "u": "/logs", "h": {"content-type": "application/x-ndjson"}}] * 3)
    batches = [[json.loads(line)["text"] for line in each["b"].splitlines()] for each in requests]
    assert [len(each) for each in batches] == [100, 100, 50]
    assert sum(batches, []) == ["job %d done" % i for i in range(1, 251)]
