# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Every line that it prints is one JSON object, and none is lost."""
import json


def check(example):
    example.run(code=3)
    records = [json.loads(line) for line in example.program.lines]
    lines = [each for each in records if "seq" not in each or "text" in each]
    first = {"type": "line", "unit": "worker", "stream": "out", "text": "job 1 took 12ms"}
    example.expect(lines, [first, {"type": "flag_matched", "flag": "slow", "captures": {"ms": "12"}},
                           {"type": "line", "text": "/.*job 2 is slow.*/", "level": "warning"}])
    events = [each for each in records if each not in lines]
    assert [each["seq"] for each in events] == list(range(1, len(events) + 1))
    crashed = [each for each in events if each["type"] == "crashed"]
    example.expect(crashed, [{"unit": "worker", "data": {"status": {"how": "exited", "code": 3}}}])
