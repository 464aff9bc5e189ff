# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Two crashes and the end of the worker arrive in Slack, by either way."""


def check(example):
    slack = example.stand_in("slack_stub.mjs")
    example.run(code=3, SLACK_WEBHOOK_URL=slack.url + "/services/T/B/X")
    example.run(code=3, SLACK_BOT_TOKEN="xoxb-1", SLACK_CHANNEL="#ops", SLACK_API_URL=slack.url)
    messages = slack.get("/messages")
    texts = ["/worker exited with code 3 .*; restart %d of 2 in 100ms/" % count for count in (1, 2)] + ["/.*; given up/"]
    example.expect(messages, [{"text": text} for text in texts] + [{"text": text, "channel": "#ops"} for text in texts])
    assert "connection refused" in str(messages[0]["blocks"])
