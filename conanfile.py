# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""The Conan recipe. Options choose which libraries come along, never which headers are installed."""
import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load
from conan.tools.layout import basic_layout


class OvrseerConan(ConanFile):
    name = "ovrseer"
    description = "Header-only C++20 coroutines for supervising processes"
    license = "BSL-1.0"
    homepage = "https://github.com/ovrseer/ovrseer"
    url = "https://github.com/ovrseer/ovrseer"
    topics = ("process", "supervisor", "coroutines", "asio", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_curl": [True, False], "with_llhttp": [True, False], "with_yaml": [True, False],
               "with_zlib": [True, False]}
    default_options = {"with_curl": False, "with_llhttp": False, "with_yaml": False, "with_zlib": False}
    exports_sources = "LICENSE", "include/*"
    no_copy_source = True
    test_package_folder = "packaging/conan/test_package"

    # component: (requirement, what to link)
    _components = {
        "curl": ("libcurl/[>=7.88]", "libcurl::libcurl"),
        "llhttp": ("llhttp/[>=8.1]", "llhttp::llhttp"),
        "yaml": ("yaml-cpp/[>=0.7]", "yaml-cpp::yaml-cpp"),
        "zlib": ("zlib/[>=1.2.11 <2]", "zlib::zlib"),
    }

    def _enabled(self):
        return [name for name in self._components if self.options.get_safe("with_" + name)]

    def set_version(self):
        text = load(self, os.path.join(self.recipe_folder, "include", "ovrseer", "version.hpp"))
        parts = [re.search(r"OVRSEER_VERSION_%s (\d+)" % p, text).group(1) for p in ("MAJOR", "MINOR", "PATCH")]
        self.version = ".".join(parts)

    def layout(self):
        basic_layout(self, src_folder=".")

    def requirements(self):
        self.requires("asio/[>=1.22.1 <2]", transitive_headers=True)
        self.requires("fmt/[>=9 <13]", transitive_headers=True)
        self.requires("nlohmann_json/[>=3.11 <4]", transitive_headers=True)
        for name in self._enabled():
            self.requires(self._components[name][0], transitive_headers=True)

    def validate(self):
        if self.settings.get_safe("os") != "Linux":
            raise ConanInvalidConfiguration("ovrseer needs Linux: pidfd, clone, epoll")
        if self.settings.get_safe("compiler.cppstd"):
            check_min_cppstd(self, 20)

    def package_id(self):
        self.info.clear()

    def package(self):
        # The headers alone: the CMake package of Conan's consumers is made by Conan.
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "*.hpp", os.path.join(self.source_folder, "include"), os.path.join(self.package_folder, "include"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "ovrseer")
        # The core alone is ovrseer::ovrseer, as in the CMake package.
        self.cpp_info.set_property("cmake_target_name", "ovrseer::all")
        core = self.cpp_info.components["core"]
        core.set_property("cmake_target_name", "ovrseer::ovrseer")
        core.set_property("pkg_config_name", "ovrseer")
        core.bindirs, core.libdirs = [], []
        core.defines = ["ASIO_STANDALONE"]
        if "clang" in str(self.settings.get_safe("compiler")):
            core.defines.append("ASIO_HAS_CO_AWAIT=1")
        core.system_libs = ["pthread"]
        core.requires = ["asio::asio", "fmt::fmt", "nlohmann_json::nlohmann_json"]
        for name in self._enabled():
            part = self.cpp_info.components[name]
            part.set_property("cmake_target_name", "ovrseer::" + name)
            part.bindirs, part.libdirs, part.includedirs = [], [], []
            part.requires = ["core", self._components[name][1]]
