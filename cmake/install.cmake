# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
# What an installed ovrseer consists of: headers, a CMake package with components, a pkg-config file.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_DATADIR}/cmake/ovrseer")

# Each component has an export set of its own, so that its library is asked for only by those who want it.
install(TARGETS ovrseer EXPORT ovrseer-core-targets FILE_SET HEADERS FILE_SET ext FILE_SET bodies)
install(EXPORT ovrseer-core-targets NAMESPACE ovrseer:: DESTINATION ${package_dir})
foreach(component IN LISTS OVRSEER_COMPONENTS)
  install(TARGETS ovrseer_${component} EXPORT ovrseer-${component}-targets)
  install(EXPORT ovrseer-${component}-targets NAMESPACE ovrseer:: DESTINATION ${package_dir})
endforeach()

configure_package_config_file(cmake/ovrseer-config.cmake.in "${PROJECT_BINARY_DIR}/ovrseer-config.cmake"
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/ovrseer-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
configure_file(cmake/ovrseer.pc.in "${PROJECT_BINARY_DIR}/ovrseer.pc" @ONLY)

install(FILES "${PROJECT_BINARY_DIR}/ovrseer-config.cmake" "${PROJECT_BINARY_DIR}/ovrseer-config-version.cmake"
              cmake/Findasio.cmake cmake/Findllhttp.cmake DESTINATION ${package_dir})
install(FILES cmake/components.cmake DESTINATION ${package_dir} RENAME ovrseer-components.cmake)
install(FILES "${PROJECT_BINARY_DIR}/ovrseer.pc" DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
# For editors, which complete and explain the keys of a configuration by it.
install(FILES packaging/ovrseer.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/ovrseer)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/ovrseer)
