# Every test that ctest runs: one GoogleTest program per layer, the include rule, and the black-box
# suites in tests/, which drive the built programs from Node with the official client.
find_package(GTest CONFIG REQUIRED)
find_package(rapidcheck CONFIG REQUIRED)
include(GoogleTest)

foreach(layer IN LISTS PULSE_LAYERS)
  if(PULSE_TEST_SOURCES_${layer})
    add_executable(${layer}_tests ${PULSE_TEST_SOURCES_${layer}})
    target_link_libraries(${layer}_tests PRIVATE pulse_${layer} GTest::gmock_main GTest::gtest rapidcheck)
    # Tests that share one PostgreSQL, which takes two seconds to start, run in one process.
    gtest_discover_tests(${layer}_tests TEST_PREFIX "${layer}." TEST_FILTER "-*Postgres*" DISCOVERY_TIMEOUT 60
      PROPERTIES TIMEOUT 120)
  endif()
endforeach()

add_test(NAME store.postgres COMMAND store_tests --gtest_filter=*Postgres*)
set_tests_properties(store.postgres PROPERTIES TIMEOUT 600)

add_test(NAME house.includes COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_SOURCE_DIR}
  -P ${CMAKE_SOURCE_DIR}/cmake/check_includes.cmake)

if(EXISTS ${CMAKE_SOURCE_DIR}/tests/CMakeLists.txt)
  add_subdirectory(tests)
endif()

# `ninja -C build/release tidy`: the checks of .clang-tidy over the layers, each file once until its object
# changes. Not over `app`, the tests, examples and benchmarks: including everything, they would take as long
# again. In the release preset alone, as all presets compile the same sources.
find_program(CLANG_TIDY clang-tidy-19)
if(CLANG_TIDY AND CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_GENERATOR STREQUAL "Ninja")
  set(stamps "")
  foreach(layer IN LISTS PULSE_LAYERS)
    if(layer STREQUAL "app")
      continue()
    endif()
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} src/${layer}/*.cpp)
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    foreach(source IN LISTS sources)
      set(stamp ${CMAKE_BINARY_DIR}/tidy/${source}.ok)
      cmake_path(GET stamp PARENT_PATH folder)
      file(MAKE_DIRECTORY ${folder})
      add_custom_command(OUTPUT ${stamp}
        COMMAND ${CLANG_TIDY} --quiet -p ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR}/${source}
        COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
        DEPENDS ${CMAKE_BINARY_DIR}/CMakeFiles/pulse_${layer}.dir/${source}.o ${CMAKE_SOURCE_DIR}/.clang-tidy
        COMMENT "clang-tidy ${source}" VERBATIM)
      list(APPEND stamps ${stamp})
    endforeach()
  endforeach()
  add_custom_target(tidy DEPENDS ${stamps})
endif()
