# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
# How our own programs are compiled: warnings as errors, sanitizers, ccache. None of it reaches a consumer.

find_program(OVRSEER_CCACHE ccache)
mark_as_advanced(OVRSEER_CCACHE)
if(OVRSEER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${OVRSEER_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${OVRSEER_CCACHE}")
endif()

add_library(ovrseer_developer INTERFACE)
# The GCC exception: at -O2 it takes Asio's recycled frames for a mismatch.
target_compile_options(
  ovrseer_developer INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion $<$<BOOL:${OVRSEER_WERROR}>:-Werror>
                              $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>)

# In a unity build a test's local types do not stand in the main file, and GCC then warns of their linkage.
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(ovrseer_developer INTERFACE -Wno-subobject-linkage)
endif()

if(OVRSEER_SANITIZE)
  target_compile_options(ovrseer_developer INTERFACE -fsanitize=${OVRSEER_SANITIZE} -fno-omit-frame-pointer
                                                     -fno-sanitize-recover=all)
  target_link_options(ovrseer_developer INTERFACE -fsanitize=${OVRSEER_SANITIZE})
  if(OVRSEER_SANITIZE MATCHES address)
    # A recycled frame would hide its use after the end.
    target_compile_definitions(ovrseer_developer INTERFACE ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
  endif()
  if(OVRSEER_SANITIZE MATCHES thread)
    # GCC's sanitizer does not follow Asio's fence, and says so as a warning.
    target_compile_options(ovrseer_developer INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  find_program(OVRSEER_LLD NAMES ld.lld-19 ld.lld)
  mark_as_advanced(OVRSEER_LLD)
  if(OVRSEER_LLD)
    target_link_options(ovrseer_developer INTERFACE --ld-path=${OVRSEER_LLD})
  endif()
endif()

# The headers as our own programs see them: as they are, with the bodies compiled once, or through single_include/.
add_library(ovrseer_subject INTERFACE)
if(OVRSEER_USE_SINGLE_HEADER)
  include(cmake/single_header.cmake)
  target_link_libraries(ovrseer_subject INTERFACE ovrseer_single)
elseif(OVRSEER_USE_COMPILED)
  target_link_libraries(ovrseer_compiled PRIVATE ovrseer_developer)
  target_link_libraries(ovrseer_subject INTERFACE ovrseer_compiled)
else()
  target_link_libraries(ovrseer_subject INTERFACE ovrseer)
endif()

# Where asked for, clang compiles the umbrella once, with the code of all that is inline in it and of the instances that it
# names, and our programs take that from one object: a third of the time for a test.
if(OVRSEER_PRECOMPILE AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(ovrseer_developer INTERFACE -pthread) # some tests have it from a library, and all must agree
  file(CONFIGURE OUTPUT precompiled.cpp CONTENT "")
  add_library(ovrseer_precompiled OBJECT "${CMAKE_CURRENT_BINARY_DIR}/precompiled.cpp")
  set_target_properties(ovrseer_precompiled PROPERTIES UNITY_BUILD OFF)
  target_link_libraries(ovrseer_precompiled PRIVATE ovrseer_developer ovrseer)
  target_compile_definitions(ovrseer_precompiled PRIVATE OVRSEER_SEPARATE_COMPILATION)
  # Without the time of its making, so that ccache knows it again.
  target_compile_options(ovrseer_precompiled PRIVATE -fpch-codegen -Wno-unused-command-line-argument
                                                     "SHELL:-Xclang -fno-pch-timestamp")
  target_precompile_headers(ovrseer_precompiled PRIVATE <ovrseer/ovrseer.hpp>)
  set(header "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/ovrseer_precompiled.dir/cmake_pch.hxx.pch")
  separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_DEBUG}")
  add_custom_command(
    OUTPUT precompiled.o
    COMMAND "${CMAKE_CXX_COMPILER}" ${flags} "$<TARGET_PROPERTY:ovrseer_developer,INTERFACE_COMPILE_OPTIONS>"
            -ffunction-sections -fdata-sections -c "${header}" -o precompiled.o
    DEPENDS "${header}"
    COMMAND_EXPAND_LISTS VERBATIM)
  add_library(ovrseer_precompiled_code STATIC precompiled.o)
  set_target_properties(ovrseer_precompiled_code PROPERTIES LINKER_LANGUAGE CXX)
  add_dependencies(ovrseer_precompiled_code ovrseer_precompiled)
  # The system's headers have inline functions that nobody can call: what they need is in no library.
  target_link_options(ovrseer_precompiled_code INTERFACE -Wl,--gc-sections)
  target_precompile_headers(ovrseer_compiled REUSE_FROM ovrseer_precompiled)
endif()

# Links a program of ours with the library, the components that are here, and the developer's flags. With HEADERS
# every body is compiled in the program itself, whatever the rest does.
function(ovrseer_link_own target)
  if("HEADERS" IN_LIST ARGN AND NOT OVRSEER_USE_SINGLE_HEADER)
    target_link_libraries(${target} PRIVATE ovrseer_developer ovrseer)
  else()
    target_link_libraries(${target} PRIVATE ovrseer_developer ovrseer_subject)
    if(TARGET ovrseer_precompiled)
      target_precompile_headers(${target} REUSE_FROM ovrseer_precompiled)
      target_link_libraries(${target} PRIVATE ovrseer_precompiled_code)
    endif()
  endif()
  foreach(component IN LISTS OVRSEER_FOUND_COMPONENTS)
    target_link_libraries(${target} PRIVATE ovrseer_needs::${component})
  endforeach()
endfunction()

# Takes the files out of a list that need a component whose library is not here.
function(ovrseer_drop_unbuildable list prefix)
  foreach(component IN LISTS ovrseer_component_names)
    if(NOT component IN_LIST OVRSEER_FOUND_COMPONENTS AND ${prefix}_NEED_${component})
      list(REMOVE_ITEM ${list} ${${prefix}_NEED_${component}})
    endif()
  endforeach()
  set(${list} "${${list}}" PARENT_SCOPE)
endfunction()

# ovrseer_link_engines(TARGET NAME...): what others have made and ours is held against, as far as it is here; each that is
# defines OVRSEER_HAS_NAME.
function(ovrseer_link_engines target)
  find_package(PkgConfig QUIET)
  set(package_of_RE2 re2)
  set(package_of_PCRE2 libpcre2-8)
  set(package_of_HS libhs)
  set(package_of_PROMETHEUS prometheus-cpp-core)
  foreach(name IN LISTS ARGN)
    if(PkgConfig_FOUND)
      pkg_check_modules(OVRSEER_${name} QUIET IMPORTED_TARGET ${package_of_${name}})
    endif()
    if(OVRSEER_${name}_FOUND)
      target_link_libraries(${target} PRIVATE PkgConfig::OVRSEER_${name})
      target_compile_definitions(${target} PRIVATE OVRSEER_HAS_${name}=1)
    endif()
  endforeach()
endfunction()
