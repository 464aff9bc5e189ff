# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""One message arrives, about the flag and with the lines around it, of a unit that did not crash."""


def check(example):
    slack = example.stand_in("slack_stub.mjs")
    example.run(SLACK_WEBHOOK_URL=slack.url + "/services/T/B/X")
    messages = slack.get("/messages")
    example.expect(messages, [{"text": "/worker.*lag.*/"}])
    assert "replication lag is 95s" in str(messages[0]["blocks"])
