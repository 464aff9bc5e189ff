# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
# Every header is installed whatever the features: those only bring the libraries of the components.
set(VCPKG_BUILD_TYPE release) # header-only

vcpkg_from_github(
  OUT_SOURCE_PATH SOURCE_PATH
  REPO ovrseer/ovrseer
  REF "v${VERSION}"
  SHA512 0 # of the release's archive: known once it is tagged
  HEAD_REF main)

vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS -DOVRSEER_INSTALL=ON -DOVRSEER_BUILD_TESTS=OFF -DOVRSEER_BUILD_EXAMPLES=OFF -DOVRSEER_BUILD_BENCH=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/ovrseer)
vcpkg_fixup_pkgconfig()

file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/lib" "${CURRENT_PACKAGES_DIR}/share/licenses")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
