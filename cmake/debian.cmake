# `cpack` in the build folder makes three Debian packages; what programs and libraries link, dpkg-shlibdeps finds out.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME pulseboard)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The Pulseboard authors <pulseboard@localhost>" CACHE STRING "Maintainer of the packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL library library-redis server)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(boost libboost${Boost_VERSION_MAJOR}.${Boost_VERSION_MINOR}-dev)
set(boost_json libboost-json${Boost_VERSION_MAJOR}.${Boost_VERSION_MINOR}-dev)
set(boost_url libboost-url${Boost_VERSION_MAJOR}.${Boost_VERSION_MINOR}-dev)

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libpulse-socketio-dev)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS "${boost}, ${boost_json}")
# What the static library is linked with.
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SUGGESTS "cmake, pkg-config, libspdlog-dev, libssl-dev, zlib1g-dev")
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "Socket.IO server library for C++20
 Socket.IO 5 over Engine.IO 4, polling and websocket, on Boost.Asio: headers,
 shared and static library, CMake package and pkg-config file.")

set(CPACK_DEBIAN_LIBRARY-REDIS_PACKAGE_NAME libpulse-socketio-redis-dev)
set(CPACK_DEBIAN_LIBRARY-REDIS_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBRARY-REDIS_PACKAGE_DEPENDS "libpulse-socketio-dev (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_LIBRARY-REDIS_PACKAGE_SUGGESTS "libhiredis-dev, ${boost_url}")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_BINARY_DIR})
set(CPACK_COMPONENT_LIBRARY-REDIS_DESCRIPTION "Redis adapter of the Socket.IO server library for C++20
 Several servers, of C++ and of Node, as one: @socket.io/redis-adapter's format.")

set(CPACK_DEBIAN_SERVER_PACKAGE_NAME pulseboard)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION web)
set(CPACK_DEBIAN_SERVER_PACKAGE_SUGGESTS "postgresql, redis-server, nginx | haproxy")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/deploy/debian/conffiles
  ${CMAKE_SOURCE_DIR}/deploy/debian/postinst ${CMAKE_SOURCE_DIR}/deploy/debian/prerm
  ${CMAKE_SOURCE_DIR}/deploy/debian/postrm)
set(CPACK_COMPONENT_SERVER_DESCRIPTION "Live dashboard server for marketplaces with tenants
 The server with its page, and a systemd unit that is neither enabled nor
 started by installing it: settings come first, in /etc/pulseboard.env.")

# The licence, where Debian looks for it.
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  install(FILES LICENSE DESTINATION share/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME} RENAME copyright
    COMPONENT ${component})
endforeach()
include(CPack)
