# room(<name> [MAY_INCLUDE <room>...] [LIBRARIES <target>...] [TEST_MAY_INCLUDE <room>...])
#
# Makes src/<name>/*.cc a static library that sees exactly the rooms it names,
# and src/<name>/*_test.cc one test program `<name>_test`. Every header is
# compiled alone when the target <name>_verify_interface_header_sets is built.
# tests/house_test.cc reads these calls and refuses an undeclared include.
function(room name)
  cmake_parse_arguments(ROOM "" "" "MAY_INCLUDE;LIBRARIES;TEST_MAY_INCLUDE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.h)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*_test.cc)
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()

  add_library(${name} STATIC ${sources})
  target_sources(${name} PUBLIC FILE_SET HEADERS
                 BASE_DIRS ${CMAKE_CURRENT_SOURCE_DIR} FILES ${headers})
  set_target_properties(${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ROOM_MAY_INCLUDE} fmt::fmt ${ROOM_LIBRARIES})

  if(PORTOLAN_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} ${ROOM_TEST_MAY_INCLUDE}
                          GTest::gtest GTest::gtest_main rapidcheck)
    target_precompile_headers(${name}_test PRIVATE <gtest/gtest.h>)
    add_test(NAME ${name}_test COMMAND ${name}_test)
  endif()
endfunction()
