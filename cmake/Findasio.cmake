# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
# Finds standalone Asio, for which Debian installs headers alone. A package that describes itself
# (vcpkg, Conan) goes first. Defines asio::asio, asio_FOUND and asio_VERSION.

if(TARGET asio::asio)
  set(asio_FOUND TRUE)
  return()
endif()

find_package(asio ${asio_FIND_VERSION} CONFIG QUIET)
if(TARGET asio::asio)
  set(asio_FOUND TRUE)
  return()
endif()

find_path(asio_INCLUDE_DIR asio/version.hpp)
mark_as_advanced(asio_INCLUDE_DIR)
set(asio_VERSION "")
if(asio_INCLUDE_DIR)
  # 102201 is 1.22.1
  file(STRINGS "${asio_INCLUDE_DIR}/asio/version.hpp" asio_version_line REGEX "^#define ASIO_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+" asio_version_number "${asio_version_line}")
  if(asio_version_number)
    math(EXPR asio_version_major "${asio_version_number} / 100000")
    math(EXPR asio_version_minor "${asio_version_number} / 100 % 1000")
    math(EXPR asio_version_patch "${asio_version_number} % 100")
    set(asio_VERSION "${asio_version_major}.${asio_version_minor}.${asio_version_patch}")
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(asio REQUIRED_VARS asio_INCLUDE_DIR VERSION_VAR asio_VERSION)

if(asio_FOUND)
  find_package(Threads REQUIRED)
  add_library(asio::asio INTERFACE IMPORTED)
  target_include_directories(asio::asio SYSTEM INTERFACE "${asio_INCLUDE_DIR}")
  target_compile_definitions(asio::asio INTERFACE ASIO_STANDALONE)
  target_link_libraries(asio::asio INTERFACE Threads::Threads)
endif()
