#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Checks both vcpkg manifests against the part of vcpkg's format that they use.

With python3-jsonschema the schema below is applied as such; without, its few rules are checked by hand.
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = r"^[a-z0-9]+(-[a-z0-9]+)*$"
DEPENDENCY = {
    "oneOf": [
        {"type": "string", "pattern": NAME},
        {
            "type": "object",
            "required": ["name"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string", "pattern": NAME},
                "host": {"type": "boolean"},
                "default-features": {"type": "boolean"},
                "features": {"type": "array", "items": {"type": "string", "pattern": NAME}},
                "platform": {"type": "string"},
            },
        },
    ]
}
SCHEMA = {
    "type": "object",
    "required": ["name", "version-semver", "description", "license"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "pattern": NAME},
        "version-semver": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "description": {"type": "string", "minLength": 10},
        "homepage": {"type": "string", "pattern": "^https://"},
        "license": {"type": "string"},
        "supports": {"type": "string"},
        "dependencies": {"type": "array", "items": DEPENDENCY},
        "default-features": {"type": "array", "items": {"type": "string", "pattern": NAME}},
        "features": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["description"],
                "additionalProperties": False,
                "properties": {
                    "description": {"type": "string", "minLength": 10},
                    "dependencies": {"type": "array", "items": DEPENDENCY},
                },
            },
        },
    },
}


def by_hand(manifest):
    for key in set(manifest) - set(SCHEMA["properties"]):
        yield "unknown key %s" % key
    for key in set(SCHEMA["required"]) - set(manifest):
        yield "no %s" % key
    for key, rule in SCHEMA["properties"].items():
        if "pattern" in rule and key in manifest and not re.search(rule["pattern"], manifest[key]):
            yield "%s: %r" % (key, manifest[key])


def complaints(manifest):
    try:
        import jsonschema
    except ImportError:
        return list(by_hand(manifest))
    validator = jsonschema.Draft7Validator(SCHEMA)
    return ["%s: %s" % ("/".join(map(str, e.path)), e.message) for e in validator.iter_errors(manifest)]


def main():
    wrong = 0
    for name in ("vcpkg.json", "packaging/vcpkg/ports/ovrseer/vcpkg.json"):
        manifest = json.loads((ROOT / name).read_text(encoding="utf-8"))
        for line in complaints(manifest):
            print("%s: %s" % (name, line))
            wrong += 1
    # The check itself must be able to fail.
    if not complaints({"name": "Wrong_Name", "unknown": 1}):
        print("a wrong manifest passes")
        wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
