# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
# Runs the vcpkg port as vcpkg would, with stand-ins for the functions of vcpkg, and looks at the result.
# usage: cmake -DSOURCE=dir -DWORK=dir -DCXX=compiler -P run_port.cmake
cmake_minimum_required(VERSION 3.25)

set(PORT ovrseer)
set(port_dir "${SOURCE}/packaging/vcpkg/ports/${PORT}")
file(READ "${port_dir}/vcpkg.json" manifest)
string(JSON VERSION GET "${manifest}" "version-semver")
file(REMOVE_RECURSE "${WORK}")
set(CURRENT_PACKAGES_DIR "${WORK}/packages/${PORT}")
set(CURRENT_BUILDTREES_DIR "${WORK}/build")
file(MAKE_DIRECTORY "${CURRENT_PACKAGES_DIR}")

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${out}")
  endif()
endfunction()

function(require_keywords where)
  foreach(keyword IN LISTS ARGN)
    if(NOT arg_${keyword})
      message(FATAL_ERROR "${where} lacks ${keyword}")
    endif()
  endforeach()
endfunction()

function(vcpkg_from_github)
  cmake_parse_arguments(arg "" "OUT_SOURCE_PATH;REPO;REF;SHA512;HEAD_REF" "PATCHES" ${ARGN})
  require_keywords(vcpkg_from_github OUT_SOURCE_PATH REPO REF HEAD_REF)
  if(NOT arg_REF STREQUAL "v${VERSION}" OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "vcpkg_from_github: ${ARGN}")
  endif()
  set(${arg_OUT_SOURCE_PATH} "${SOURCE}" PARENT_SCOPE)
endfunction()

function(vcpkg_cmake_configure)
  cmake_parse_arguments(arg "" "SOURCE_PATH" "OPTIONS" ${ARGN})
  require_keywords(vcpkg_cmake_configure SOURCE_PATH)
  run("${CMAKE_COMMAND}" -S "${arg_SOURCE_PATH}" -B "${CURRENT_BUILDTREES_DIR}" "-DCMAKE_CXX_COMPILER=${CXX}"
      "-DCMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR}" ${arg_OPTIONS})
endfunction()

function(vcpkg_cmake_install)
  run("${CMAKE_COMMAND}" --build "${CURRENT_BUILDTREES_DIR}" --target install)
endfunction()

function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(arg "" "CONFIG_PATH;PACKAGE_NAME" "" ${ARGN})
  require_keywords(vcpkg_cmake_config_fixup CONFIG_PATH)
  if(NOT EXISTS "${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}/${PORT}-config.cmake")
    message(FATAL_ERROR "there is no package in ${arg_CONFIG_PATH}")
  endif()
  file(RENAME "${CURRENT_PACKAGES_DIR}/${arg_CONFIG_PATH}" "${WORK}/config")
  file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/cmake")
  file(GLOB files "${WORK}/config/*")
  file(COPY ${files} DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
  # As vcpkg does: the package has moved up by one folder, so its way to the prefix is shorter.
  file(GLOB files "${CURRENT_PACKAGES_DIR}/share/${PORT}/*.cmake")
  foreach(file IN LISTS files)
    file(READ "${file}" text)
    string(REPLACE "/../../../\"" "/../../\"" text "${text}")
    string(REPLACE [[get_filename_component(_IMPORT_PREFIX "${CMAKE_CURRENT_LIST_FILE}" PATH)
get_filename_component(_IMPORT_PREFIX "${_IMPORT_PREFIX}" PATH)]]
                   [[get_filename_component(_IMPORT_PREFIX "${CMAKE_CURRENT_LIST_FILE}" PATH)]] text "${text}")
    file(WRITE "${file}" "${text}")
  endforeach()
endfunction()

function(vcpkg_fixup_pkgconfig)
  file(GLOB_RECURSE files "${CURRENT_PACKAGES_DIR}/*.pc")
  foreach(file IN LISTS files)
    file(STRINGS "${file}" libs REGEX "^Libs")
    if(libs AND file MATCHES "/share/pkgconfig/")
      message(FATAL_ERROR "${file} has libraries and belongs into lib/pkgconfig")
    endif()
  endforeach()
endfunction()

function(vcpkg_install_copyright)
  cmake_parse_arguments(arg "" "" "FILE_LIST" ${ARGN})
  require_keywords(vcpkg_install_copyright FILE_LIST)
  file(COPY_FILE "${arg_FILE_LIST}" "${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright")
endfunction()

set(CMAKE_CURRENT_LIST_DIR "${port_dir}")
include("${port_dir}/portfile.cmake")

foreach(name IN ITEMS share/ovrseer/copyright share/ovrseer/usage share/ovrseer/ovrseer-config.cmake
                      share/ovrseer/Findasio.cmake include/ovrseer/ovrseer.hpp share/pkgconfig/ovrseer.pc)
  if(NOT EXISTS "${CURRENT_PACKAGES_DIR}/${name}")
    message(FATAL_ERROR "the port does not install ${name}")
  endif()
endforeach()
foreach(name IN ITEMS debug lib share/cmake)
  if(EXISTS "${CURRENT_PACKAGES_DIR}/${name}")
    message(FATAL_ERROR "the port leaves ${name}/, which vcpkg refuses")
  endif()
endforeach()

# Each feature is a component that the package knows.
string(JSON count LENGTH "${manifest}" features)
math(EXPR last "${count} - 1")
foreach(index RANGE ${last})
  string(JSON feature MEMBER "${manifest}" features ${index})
  file(STRINGS "${CURRENT_PACKAGES_DIR}/share/ovrseer/ovrseer-components.cmake" names REGEX "component_names.*${feature}")
  if(NOT names)
    message(FATAL_ERROR "feature ${feature} is no component")
  endif()
endforeach()

# And it is found where it lies now.
run("${CMAKE_COMMAND}" -S "${SOURCE}/tests/consumer/find_package" -B "${WORK}/consumer"
    "-DCMAKE_PREFIX_PATH=${CURRENT_PACKAGES_DIR}" "-DCMAKE_CXX_COMPILER=${CXX}")
message(STATUS "the port installs ${PORT} ${VERSION}")
