# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""The reference parser reads the page in both formats, and a real Prometheus scrapes it; what is not installed is left out."""
import json
import pathlib
import subprocess
import tempfile
import urllib.parse

FORMATS = (("text", "text/plain"), ("om", "application/openmetrics-text; version=1.0.0"))


def parse(example, url):
    """Lets the reference parser read the page."""
    for words, accept in FORMATS:
        status, page = example.get(url, Accept=accept)
        assert status == 200
        parser = [example.needs("/usr/bin/python3"), example.counterparty("om_check.py"), words]
        done = subprocess.run(parser, input=page, capture_output=True, text=True, timeout=60, check=False)
        if "ModuleNotFoundError" in done.stderr:
            raise example.Missing("needs python3-prometheus-client")
        assert done.returncode == 0, done.stderr
        assert "counter ovrseer_unit_crashes" in done.stdout


def scrape(example, url):
    """Lets a Prometheus scrape the page until it has the crashes of the worker."""
    with tempfile.TemporaryDirectory() as folder:
        jobs = [{"job_name": "ovrseer", "scrape_interval": "200ms", "static_configs": [{"targets": [url.split("/")[2]]}]}]
        config = pathlib.Path(folder, "prometheus.yml")
        config.write_text(json.dumps({"scrape_configs": jobs}), encoding="utf-8")
        port = example.free_port()
        server = example.server([example.needs("prometheus"), "--config.file=%s" % config, "--storage.tsdb.path=" + folder,
                                 "--web.listen-address=127.0.0.1:%d" % port], port)
        server.wait(lambda: example.get(server.url + "/-/ready")[0] == 200, "its being ready")
        query = "/api/v1/query?query=" + urllib.parse.quote('ovrseer_unit_crashes_total{unit="worker",kind="exit_code"}')
        found = server.wait(lambda: server.get(query).get("data", {}).get("result"), "an answer to " + query)
        example.expect(found, [{"metric": {"job": "ovrseer", "namespace": "default"}}])
        assert float(found[0]["value"][1]) >= 1
        server.stop()


def check(example):
    program = example.start(METRICS_PORT=0)
    url = program.wait_line("^metrics on (http://.*/metrics)$")[1]
    program.wait(lambda: 'ovrseer_unit_crashes_total{namespace="default",unit="worker"' in example.get(url)[1], "a crash")
    for counterpart in (parse, scrape):
        try:
            counterpart(example, url)
        except example.Missing as reason:
            print("left out: %s" % reason)
    program.process.terminate()
    example.finish()
