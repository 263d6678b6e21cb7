# room(<name> [MAY_INCLUDE <room>...] [LIBRARIES <target>...]
#      [TEST_MAY_INCLUDE <room>...] [TEST_LIBRARIES <library>...])
#
# Makes src/<name>/*.cc a static library that sees exactly the rooms it names,
# and src/<name>/*_test.cc one test program `<name>_test`. Every header is
# compiled alone by the target <name>_verify_interface_header_sets.
# tests/house_test.cc reads these calls and refuses an undeclared include.

# Reading the standard library is two thirds of compiling a file of ours: it is read
# once for all rooms, and once for all tests.
if(PORTOLAN_PCH)
  set(heavy <algorithm> <array> <chrono> <coroutine> <cstdint> <deque> <expected> <filesystem>
            <functional> <iostream> <map> <memory> <optional> <set> <span> <string> <string_view>
            <unordered_map> <unordered_set> <utility> <variant> <vector> <fmt/format.h>)
  file(WRITE ${CMAKE_BINARY_DIR}/no_code.cc "")
  add_library(std_headers OBJECT ${CMAKE_BINARY_DIR}/no_code.cc)
  target_link_libraries(std_headers PRIVATE fmt::fmt)
  target_precompile_headers(std_headers PRIVATE ${heavy})
  if(PORTOLAN_TESTS)
    add_library(test_headers OBJECT ${CMAKE_BINARY_DIR}/no_code.cc)
    target_link_libraries(test_headers PRIVATE fmt::fmt GTest::gtest)
    target_precompile_headers(test_headers PRIVATE <gtest/gtest.h> ${heavy})
  endif()
endif()

function(room name)
  cmake_parse_arguments(ROOM "" "" "MAY_INCLUDE;LIBRARIES;TEST_MAY_INCLUDE;TEST_LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.h)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*_test.cc
       ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*_test_support.cc)
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()
  list(FILTER headers EXCLUDE REGEX "_test_support\\.h$")

  add_library(${name} STATIC ${sources})
  target_sources(${name} PUBLIC FILE_SET HEADERS
                 BASE_DIRS ${CMAKE_CURRENT_SOURCE_DIR} FILES ${headers})
  set_target_properties(${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ROOM_MAY_INCLUDE} fmt::fmt ${ROOM_LIBRARIES})

  if(PORTOLAN_PCH)
    target_precompile_headers(${name} REUSE_FROM std_headers)
  endif()

  if(PORTOLAN_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} ${ROOM_TEST_MAY_INCLUDE} ${ROOM_TEST_LIBRARIES}
                          GTest::gtest GTest::gtest_main rapidcheck rapidcheck_gtest)
    if(PORTOLAN_PCH)
      target_precompile_headers(${name}_test REUSE_FROM test_headers)
    endif()
    add_test(NAME ${name}_test COMMAND ${name}_test)
  endif()
endfunction()
