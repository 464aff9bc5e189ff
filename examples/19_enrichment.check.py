# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""The report that arrives has the fields of the environment and those that the example adds."""
import json


def check(example):
    server = example.stand_in("sink.mjs")
    example.run(code=3, WEBHOOK_URL=server.url + "/crashes", DEPLOYMENT_ENVIRONMENT="staging", APP_VERSION="1.4.2",
                GIT_COMMIT="0a1b2c3", AWS_REGION="eu-central-1", NODE_NAME="host-7")
    report = json.loads(server.records(1)[0]["b"])
    wanted = {"environment": "staging", "version": "1.4.2", "commit": "0a1b2c3", "region": "eu-central-1", "host": "host-7",
              "team": "payments", "runbook": "https://wiki.example/worker"}
    example.expect(report, {"unit": "worker", "fields": wanted})
    assert "commit: 0a1b2c3" in example.program.lines
