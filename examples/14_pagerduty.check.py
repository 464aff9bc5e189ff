# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Somebody is called at the third crash and not before, and the recovery ends the incident."""
import re


def check(example):
    pagerduty = example.stand_in("pd_stub.mjs")
    example.run(PAGERDUTY_ROUTING_KEY="0123456789abcdef0123456789abcdef", PAGERDUTY_EVENTS_URL=pagerduty.url)
    alert = {"k": "/ovrseer/host-1/.*api/", "n": 2, "state": "resolved", "summary": "/.*restart 3 of 5 in 100ms/"}
    example.expect(pagerduty.get("/alerts"), [alert])
    actions = re.findall('"event_action":"([a-z]+)"', "\n".join(pagerduty.lines))
    assert actions == ["trigger", "resolve"], actions
