# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""A receiver that answers 500 is asked twice and left alone; one in its place that is well has the next probe."""


def check(example):
    broken = example.stand_in("sink.mjs", "500")
    program = example.start(WEBHOOK_URL=broken.url + "/crashes")
    program.wait_line("the breaker is open")
    assert len(broken.records(2)) >= 2
    broken.stop()
    well = example.stand_in("sink.mjs", port=broken.port)
    program.wait_line("the breaker is closed")
    example.finish()
    example.expect(well.records(1), [{"m": "POST", "u": "/crashes"}])
