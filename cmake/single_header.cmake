# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
# Makes the name of every header that the single one holds lead to it, so that all tests can be built
# against it. The backend headers and what they alone need, bodies too, are copied: they exist beside it, not in it.

set(shims "${PROJECT_BINARY_DIR}/single/include")
set(single "${PROJECT_SOURCE_DIR}/single_include/ovrseer/ovrseer.hpp")
file(STRINGS "${single}" held REGEX "^// ---- ")
list(TRANSFORM held REPLACE "^// ---- " "")
list(APPEND held ovrseer/ovrseer.hpp)
foreach(header IN LISTS OVRSEER_CORE_HEADERS OVRSEER_EXT_HEADERS OVRSEER_BODIES)
  string(REGEX REPLACE "^include/" "" name "${header}")
  if(name IN_LIST held)
    file(CONFIGURE OUTPUT "${shims}/${name}" CONTENT "#pragma once\n#include \"@single@\"\n" @ONLY)
  else()
    configure_file("${PROJECT_SOURCE_DIR}/${header}" "${shims}/${name}" COPYONLY)
  endif()
endforeach()

add_library(ovrseer_single INTERFACE)
target_compile_features(ovrseer_single INTERFACE cxx_std_20)
target_include_directories(ovrseer_single INTERFACE "${shims}")
target_link_libraries(ovrseer_single INTERFACE asio::asio fmt::fmt nlohmann_json::nlohmann_json)
target_compile_definitions(ovrseer_single INTERFACE $<$<CXX_COMPILER_ID:Clang,AppleClang>:ASIO_HAS_CO_AWAIT=1>)
