#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Runs conanfile.py against a stand-in for Conan, which is not installed here, for every set of options.

It finds what Conan would refuse: a component that names a requirement which was not declared, an option
that changes the files, a version that differs from the headers, a wrong platform let through.
"""
import collections
import importlib.util
import itertools
import pathlib
import sys
import types

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Invalid(Exception):
    pass


class Bag(dict):
    """Settings and options: attributes that may be asked for safely."""

    def get_safe(self, name, default=None):
        return self.get(name, default)


class Component:
    def __init__(self):
        self.properties, self.requires, self.defines, self.system_libs = {}, [], [], []
        self.bindirs, self.libdirs, self.includedirs = ["bin"], ["lib"], ["include"]

    def set_property(self, name, value):
        self.properties[name] = value


class Info(Component):
    def __init__(self):
        super().__init__()
        self.components = collections.defaultdict(Component)


class ConanFile:
    def __init__(self):
        self.declared, self.cleared, self.cpp_info = {}, False, Info()
        self.recipe_folder = str(ROOT)
        self.info = types.SimpleNamespace(clear=self._clear)

    def _clear(self):
        self.cleared = True

    def requires(self, reference, **traits):
        self.declared[reference.split("/")[0]] = traits


def install_stand_in():
    def module(name, **members):
        made = types.ModuleType(name)
        made.__dict__.update(members)
        sys.modules[name] = made

    def check_min_cppstd(recipe, least):
        if int(recipe.settings["compiler.cppstd"]) < least:
            raise Invalid("C++%d" % least)

    module("conan", ConanFile=ConanFile)
    module("conan.errors", ConanInvalidConfiguration=Invalid)
    module("conan.tools")
    module("conan.tools.build", check_min_cppstd=check_min_cppstd)
    module("conan.tools.layout", basic_layout=lambda recipe, src_folder=None: None)
    module("conan.tools.files", copy=lambda *a, **k: None,
           load=lambda recipe, path: pathlib.Path(path).read_text(encoding="utf-8"))


def load_recipe():
    spec = importlib.util.spec_from_file_location("recipe", ROOT / "conanfile.py")
    recipe = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipe)
    return next(c for c in vars(recipe).values() if isinstance(c, type) and issubclass(c, ConanFile) and c is not ConanFile)


def make(kind, options, **settings):
    recipe = kind()
    recipe.options = Bag(options)
    recipe.settings = Bag({"os": "Linux", "compiler": "gcc", "compiler.cppstd": "20", **settings})
    return recipe


def refuses(recipe):
    try:
        recipe.validate()
    except Invalid:
        return True
    return False


def complaints(kind):
    for field in ("name", "description", "license", "homepage", "url", "topics", "settings", "exports_sources"):
        if not getattr(kind, field, None):
            yield "no " + field
    if kind.package_type != "header-library" or "header-only" not in kind.topics:
        yield "it does not say that it is header-only"
    if set(kind.options) != set(kind.default_options):
        yield "options and defaults differ"
    if not (ROOT / kind.test_package_folder / "conanfile.py").is_file():
        yield "there is no test package where it says"
    for values in itertools.product((False, True), repeat=len(kind.options)):
        options = dict(zip(kind.options, values))
        recipe = make(kind, options)
        recipe.set_version()
        recipe.requirements()
        recipe.validate()
        recipe.package_id()
        recipe.package_info()
        said = 'version = "%s"' % recipe.version
        if said not in (ROOT / "include/ovrseer/version.hpp").read_text(encoding="utf-8"):
            yield "version %s is not the headers'" % recipe.version
        if not recipe.cleared:
            yield "the package id depends on settings"
        parts = recipe.cpp_info.components
        if len(parts) != 1 + sum(values):
            yield "%s: %d components" % (options, len(parts))
        used = set()
        for name, part in parts.items():
            if part.bindirs or part.libdirs:
                yield "component %s has folders that a header-only package lacks" % name
            for required in part.requires:
                package = required.split("::")[0]
                used.add(package)
                if package not in recipe.declared and package not in parts:
                    yield "component %s needs %s, which is not declared" % (name, required)
        for package in set(recipe.declared) - used:
            yield "%s is declared and no component uses it" % package
        for package, traits in recipe.declared.items():
            if not traits.get("transitive_headers"):
                yield "the headers of %s are not passed on" % package
    if not refuses(make(kind, kind.default_options, os="Windows")):
        yield "Windows is let through"
    if not refuses(make(kind, kind.default_options, **{"compiler.cppstd": "17"})):
        yield "C++17 is let through"


def main():
    install_stand_in()
    found = list(complaints(load_recipe()))
    for line in found:
        print("conanfile.py: " + line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
