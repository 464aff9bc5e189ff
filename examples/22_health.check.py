# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""The supervisor is well from the beginning, and ready when its unit is; before that it says who is not."""
import json
import pathlib
import tempfile


def check(example):
    with tempfile.TemporaryDirectory() as folder:
        marker = pathlib.Path(folder, "ready")
        program = example.start(HEALTH_PORT=0, DB_READY_FILE=marker)
        url = program.wait_line("^health on (http://.*)/health$")[1]
        assert example.get(url + "/health")[0] == 200
        status, page = example.get(url + "/ready")
        assert status == 503
        example.expect(json.loads(page), {"status": "fail", "not_ready": [{"unit": "db"}]})
        marker.touch()
        program.wait(lambda: example.get(url + "/ready")[0] == 200, "being ready")
        example.expect(json.loads(example.get(url + "/ready")[1]), {"status": "pass"})
        program.process.terminate()
        example.finish()
