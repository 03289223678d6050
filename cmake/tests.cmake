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
