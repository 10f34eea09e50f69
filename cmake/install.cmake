# SPDX-License-Identifier: MIT
# What `cmake --install` puts where: headers, both libraries, facula.pc, the CMake package.
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/facula)
install(DIRECTORY include/facula DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
# Two export files: a user of the shared library needs no jansson.
foreach(library facula_shared facula_static)
  install(TARGETS ${library} EXPORT ${library} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT ${library} FILE ${library}.cmake NAMESPACE Facula:: DESTINATION ${package})
endforeach()

configure_package_config_file(cmake/faculaConfig.cmake.in faculaConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(faculaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/faculaConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/faculaConfigVersion.cmake
        DESTINATION ${package})

# The .pc file finds its prefix from where it lies, so that an installed tree can be moved.
file(RELATIVE_PATH FACULA_PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(cmake/facula.pc.in facula.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/facula.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
