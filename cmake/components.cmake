# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
# One entry a component: how its library is found. Read by the build and, installed, by the package, so
# that both know the same. Each ends in an imported target ovrseer_needs::<component>, whose name is the
# same whatever the library's own targets are called in this version or that distribution.

set(ovrseer_component_names curl llhttp yaml zlib)

# Sets ovrseer_needs_<component>_FOUND, and defines the target when it was.
macro(ovrseer_find_component component)
  set(ovrseer_needs_${component}_FOUND FALSE)
  set(ovrseer_needs_targets "")
  if("${component}" STREQUAL "curl")
    find_package(CURL QUIET)
    set(ovrseer_needs_targets CURL::libcurl)
  elseif("${component}" STREQUAL "llhttp")
    find_package(llhttp MODULE QUIET)
    set(ovrseer_needs_targets llhttp::llhttp)
  elseif("${component}" STREQUAL "yaml")
    find_package(yaml-cpp CONFIG QUIET)
    set(ovrseer_needs_targets yaml-cpp::yaml-cpp yaml-cpp)
  elseif("${component}" STREQUAL "zlib")
    find_package(ZLIB QUIET)
    set(ovrseer_needs_targets ZLIB::ZLIB)
  endif()
  foreach(ovrseer_needs_target IN LISTS ovrseer_needs_targets)
    if(TARGET ${ovrseer_needs_target} AND NOT ovrseer_needs_${component}_FOUND)
      set(ovrseer_needs_${component}_FOUND TRUE)
      if(NOT TARGET ovrseer_needs::${component})
        add_library(ovrseer_needs::${component} INTERFACE IMPORTED)
        set_property(TARGET ovrseer_needs::${component} PROPERTY INTERFACE_LINK_LIBRARIES ${ovrseer_needs_target})
      endif()
    endif()
  endforeach()
endmacro()
