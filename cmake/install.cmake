# What `cmake --install` and `cpack` give: the Socket.IO library, static and shared, with its headers, CMake
# package and pkg-config files (component `library`), the same for its Redis adapter (`library-redis`), and the
# server (`server`). The libraries are put together from the objects of the layers, so nothing is compiled twice.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
include(cmake/public_headers.cmake)

# Before 1.0 each minor version may change what is in headers, so each is a library of its own.
set(PULSE_SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(headers_dir ${CMAKE_INSTALL_INCLUDEDIR}/pulse-socketio)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/pulse-socketio)

# pulse_library(NAME ALIAS COMPONENT OBJECTS … USES … NEEDS …): NAME shared and NAME-static, found by applications
# as pulse::ALIAS and pulse::ALIAS-static. They see what it USES in its headers, and need not have what it NEEDS.
function(pulse_library name alias component)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "" "OBJECTS;USES;NEEDS")
  add_library(${name} SHARED ${arg_OBJECTS})
  add_library(${name}-static STATIC ${arg_OBJECTS})
  set_target_properties(${name} PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PULSE_SOVERSION}
    EXPORT_NAME ${alias} LINKER_LANGUAGE CXX)
  set_target_properties(${name}-static PROPERTIES OUTPUT_NAME ${name} EXPORT_NAME ${alias}-static LINKER_LANGUAGE CXX)
  target_link_options(${name} PRIVATE -Wl,--no-undefined -Wl,--as-needed)
  list(TRANSFORM arg_USES REPLACE "^pulse-socketio$" "pulse-socketio-static" OUTPUT_VARIABLE uses_static)
  target_link_libraries(${name} PUBLIC ${arg_USES} PRIVATE ${arg_NEEDS})
  target_link_libraries(${name}-static PUBLIC ${uses_static} PRIVATE ${arg_NEEDS})
  foreach(target ${name} ${name}-static)
    target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${headers_dir}>)
    target_compile_features(${target} INTERFACE cxx_std_20)
  endforeach()

  install(TARGETS ${name} EXPORT ${name} COMPONENT ${component}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${component} NAMELINK_COMPONENT ${component})
  install(TARGETS ${name}-static EXPORT ${name}-static COMPONENT ${component}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${component})
  # Apart, because whoever links the shared one need not have what the static one is to be linked with.
  foreach(set ${name} ${name}-static)
    install(EXPORT ${set} FILE ${set}-targets.cmake NAMESPACE pulse:: DESTINATION ${package_dir} COMPONENT ${component})
  endforeach()

  # The prefix is known when it is installed: `cmake --install --prefix`, or cpack.
  set(PREFIX "@PREFIX@")
  configure_file(cmake/${name}.pc.in ${CMAKE_BINARY_DIR}/package/${name}.pc.in @ONLY)
  install(CODE "
    set(PREFIX \"\${CMAKE_INSTALL_PREFIX}\")
    configure_file(${CMAKE_BINARY_DIR}/package/${name}.pc.in ${CMAKE_BINARY_DIR}/package/${name}.pc @ONLY)
    file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/pkgconfig\" TYPE FILE
      FILES ${CMAKE_BINARY_DIR}/package/${name}.pc)" COMPONENT ${component})
endfunction()

function(pulse_install_headers component headers except)
  install(CODE "
    set(SOURCE_DIR \"${CMAKE_SOURCE_DIR}/src\")
    set(DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${headers_dir}\")
    set(HEADERS \"${headers}\")
    set(EXCEPT \"${except}\")
    include(\"${CMAKE_SOURCE_DIR}/cmake/install_headers.cmake\")" COMPONENT ${component})
endfunction()

# What speaks Redis are folders of socketio, and a library of its own: it alone needs hiredis.
set(redis_folders "/socketio/(redis_[a-z]+|cluster)/")
set(socketio_objects "$<TARGET_OBJECTS:pulse_socketio>")
pulse_library(pulse-socketio socketio library
  OBJECTS $<TARGET_OBJECTS:pulse_base> $<TARGET_OBJECTS:pulse_net> $<TARGET_OBJECTS:pulse_engineio>
    "$<FILTER:${socketio_objects},EXCLUDE,${redis_folders}>"
  USES Threads::Threads Boost::headers Boost::json
  NEEDS spdlog::spdlog OpenSSL::Crypto ZLIB::ZLIB)
pulse_library(pulse-socketio-redis socketio-redis library-redis
  OBJECTS $<TARGET_OBJECTS:pulse_redis> "$<FILTER:${socketio_objects},INCLUDE,${redis_folders}>"
  USES pulse-socketio
  NEEDS spdlog::spdlog PkgConfig::HIREDIS OpenSSL::Crypto Boost::url)
pulse_install_headers(library "${PULSE_PUBLIC_HEADERS}" "")
pulse_install_headers(library-redis "${PULSE_PUBLIC_HEADERS_redis}" "${PULSE_PUBLIC_HEADERS}")

configure_package_config_file(cmake/pulse-socketio-config.cmake.in
  ${CMAKE_BINARY_DIR}/package/pulse-socketio-config.cmake INSTALL_DESTINATION ${package_dir}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/package/pulse-socketio-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/package/pulse-socketio-config.cmake
  ${CMAKE_BINARY_DIR}/package/pulse-socketio-config-version.cmake DESTINATION ${package_dir} COMPONENT library)

# The server. Its unit names the program by its path, which is known when it is installed.
install(TARGETS pulseboard RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT server)
install(CODE "
  file(READ \"${CMAKE_SOURCE_DIR}/deploy/pulseboard.service\" unit)
  if(NOT CMAKE_INSTALL_PREFIX STREQUAL \"/usr\")
    string(REPLACE /etc/ \"\${CMAKE_INSTALL_PREFIX}/etc/\" unit \"\${unit}\")
    set(etc \"\${CMAKE_INSTALL_PREFIX}/etc\")
  else()
    set(etc /etc)
  endif()
  string(REPLACE /usr/bin/ \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/\" unit \"\${unit}\")
  file(WRITE \"${CMAKE_BINARY_DIR}/package/pulseboard.service\" \"\${unit}\")
  file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\" TYPE FILE
    FILES \"${CMAKE_BINARY_DIR}/package/pulseboard.service\")
  file(INSTALL DESTINATION \"\${etc}\" TYPE FILE FILES \"${CMAKE_SOURCE_DIR}/deploy/pulseboard.env\"
    PERMISSIONS OWNER_READ OWNER_WRITE)" COMPONENT server)

include(cmake/debian.cmake)
