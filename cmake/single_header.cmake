# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
# Makes every core header's name lead to the single header, so that all tests can be built against it.
# The backend headers are copied: they exist beside the single header, not in it.

set(shims "${PROJECT_BINARY_DIR}/single/include")
foreach(header IN LISTS OVRSEER_CORE_HEADERS)
  string(REGEX REPLACE "^include/" "" name "${header}")
  set(single "${PROJECT_SOURCE_DIR}/single_include/ovrseer/ovrseer.hpp")
  file(CONFIGURE OUTPUT "${shims}/${name}" CONTENT "#pragma once\n#include \"@single@\"\n" @ONLY)
endforeach()
foreach(header IN LISTS OVRSEER_EXT_HEADERS)
  string(REGEX REPLACE "^include/" "" name "${header}")
  configure_file("${PROJECT_SOURCE_DIR}/${header}" "${shims}/${name}" COPYONLY)
endforeach()

add_library(ovrseer_single INTERFACE)
target_compile_features(ovrseer_single INTERFACE cxx_std_20)
target_include_directories(ovrseer_single INTERFACE "${shims}")
target_link_libraries(ovrseer_single INTERFACE asio::asio fmt::fmt nlohmann_json::nlohmann_json)
target_compile_definitions(ovrseer_single INTERFACE $<$<CXX_COMPILER_ID:Clang,AppleClang>:ASIO_HAS_CO_AWAIT=1>)
