# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Every message of metrics, events and service checks is one that the Agent takes."""


def check(example):
    agent = example.stand_in("dsd_server.py", 60, kind="udp")
    example.run(code=3, DD_AGENT_HOST="127.0.0.1", DD_DOGSTATSD_PORT=agent.port)
    agent.wait_line("ovrseer_unit_crashes_total.*worker")
    records = agent.records(len(agent.lines))
    assert all("ok" in each for each in records), [each for each in records if "ok" not in each]
    told = [each["ok"] for each in records]
    tags = ["env:staging", "service:shop"]
    assert all(set(tags) <= set(each["tags"]) for each in told)

    events = [each for each in told if each["t"] == "event"]
    example.expect([each["title"] for each in events], ["/worker exited with code 3 .*/", "/worker .*; given up/"])
    assert "no space left on device" in events[0]["text"]
    checks = [each for each in told if each["t"] == "check"]
    example.expect(checks, [{"name": "ovrseer.unit", "status": 2}] * 2)
    crashes = [each["values"] for each in told if each.get("name") == "ovrseer_unit_crashes_total"]
    assert sum(value for values in crashes for value in values) == 2, crashes
