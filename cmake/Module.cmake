# cjv_module(name SOURCES … USES … [LIBS …] [TESTS …] [TEST_USES …])
#
# Makes src/<name>/ the static library cjv_<name>, and its *_test.cpp files one program <name>_test.
# USES is the whole list of neighbours (folders): what is not named there does not link. LIBS are
# third-party targets, private to the folder. Sources are listed: the list is the table of contents.
find_package(doctest REQUIRED)
find_package(PkgConfig REQUIRED)

function(cjv_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;LIBS;TESTS;TEST_USES" ${ARGN})
  list(TRANSFORM arg_USES PREPEND cjv_)
  list(TRANSFORM arg_TEST_USES PREPEND cjv_)
  if(arg_SOURCES)
    add_library(cjv_${name} STATIC ${arg_SOURCES})
    target_link_libraries(cjv_${name} PUBLIC cjv_flags ${arg_USES} PRIVATE ${arg_LIBS})
  else()
    add_library(cjv_${name} INTERFACE)
    target_link_libraries(cjv_${name} INTERFACE cjv_flags ${arg_USES})
  endif()
  if(arg_TESTS)
    add_executable(${name}_test ${arg_TESTS} ${CMAKE_SOURCE_DIR}/tests/support/main.cpp)
    target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_compile_definitions(${name}_test PRIVATE CJV_GOLDEN="${CMAKE_SOURCE_DIR}/tests/golden")
    target_link_libraries(${name}_test PRIVATE cjv_${name} ${arg_TEST_USES} doctest::doctest)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS unit)
  endif()
endfunction()

# cjv_fuzz(cron SOURCES … USES …): the program fuzz_cron, in the fuzz preset alone.
function(cjv_fuzz name)
  if(NOT CJV_FUZZ)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;USES;LIBS" ${ARGN})
  list(TRANSFORM arg_USES PREPEND cjv_)
  add_executable(fuzz_${name} ${arg_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE ${arg_USES} ${arg_LIBS})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
endfunction()

# cjv_bench(schedule SOURCES … USES …): the program bench_schedule, with Google Benchmark and its main.
function(cjv_bench name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;LIBS" ${ARGN})
  list(TRANSFORM arg_USES PREPEND cjv_)
  find_package(benchmark REQUIRED)
  add_executable(bench_${name} ${arg_SOURCES})
  target_link_libraries(bench_${name} PRIVATE ${arg_USES} ${arg_LIBS} benchmark::benchmark_main)
endfunction()
