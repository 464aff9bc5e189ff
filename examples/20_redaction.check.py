# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""What arrives has the lines and none of the secrets in them."""
import json


def check(example):
    server = example.stand_in("sink.mjs")
    example.run(code=3, WEBHOOK_URL=server.url + "/crashes")
    body = server.records(1)[0]["b"]
    for secret in ("hunter2", "0123456789abcdefghij", "4711001"):
        assert secret not in body, secret + " is in " + body
    lines = ["/connecting to postgres://shop:.*@db-1/orders/", "/Authorization: .*/", '/\\{"password": ".*", "user": "shop"\\}/',
             "refused an order of customer <hidden>"]
    example.expect(json.loads(body)["last_lines"], lines)
