# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Slack takes what the other receiver, which was asked too, refuses."""


def check(example):
    slack = example.stand_in("slack_stub.mjs")
    broken = example.stand_in("sink.mjs", "500")
    example.run(code=3, SLACK_WEBHOOK_URL=slack.url + "/services/T/B/X", WEBHOOK_URL=broken.url + "/crashes")
    example.expect(slack.get("/messages"), [{"text": "/worker exited with code 3 .*/"}])
    example.expect(broken.records(1), [{"m": "POST", "u": "/crashes"}])
