# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Each line and each event is a document, once."""


def check(example):
    cluster = example.stand_in("es_stub.mjs", "auth")
    example.run(code=3, ELASTICSEARCH_URL=cluster.url, ELASTICSEARCH_API_KEY="abc")
    found = cluster.get("/logs-ovrseer-default/_search", Authorization="ApiKey abc")["hits"]
    documents = [each["_source"] for each in found["hits"]]
    assert found["total"]["value"] == len({each["_id"] for each in found["hits"]}), "more than one page of documents"

    lines = [each for each in documents if each["event"]["dataset"] == "ovrseer.log"]
    texts = ["job 1 done", "job 2 done", "fatal: job 3 is malformed"]
    assert sorted(each["message"] for each in lines) == sorted(texts), lines
    example.expect(lines[0], {"service": {"name": "shop", "environment": "staging"}, "process": {"name": "worker"}})
    crashes = [each for each in documents if each["event"].get("action") == "crashed"]
    example.expect(crashes, [{"process": {"name": "worker", "exit_code": 3}, "event": {"outcome": "failure"}}])
