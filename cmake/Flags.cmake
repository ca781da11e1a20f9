# Warnings for our code, hardening, and one block per kind of build.
add_library(cjv_flags INTERFACE)
target_include_directories(cjv_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(cjv_flags INTERFACE
  -Wall -Wextra -Wconversion -Wno-sign-conversion -Wformat=2 -Werror=format-security
  -Werror=unused-result -Wshadow-uncaptured-local -Wnon-virtual-dtor
  -fno-strict-overflow -fno-delete-null-pointer-checks
  $<$<BOOL:${CJV_WERROR}>:-Werror>)

set(CJV_SANITIZE "" CACHE STRING "address (with undefined), thread, or empty")
if(CJV_SANITIZE STREQUAL "address")
  set(flags -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
elseif(CJV_SANITIZE STREQUAL "thread")
  # Asio's fence-based counts give false reports; with this it uses atomics.
  set(flags -fsanitize=thread -DBOOST_ASIO_DISABLE_STD_FENCED_BLOCK)
else()
  set(flags -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
            -ftrivial-auto-var-init=zero -D_GLIBCXX_ASSERTIONS)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    # Debian's compilers set _FORTIFY_SOURCE themselves on some releases.
    list(APPEND flags -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  endif()
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
add_compile_options(${flags})
if(CJV_SANITIZE)
  add_link_options(${flags})
endif()
if(CJV_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(CJV_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # The base folder makes the cache serve any clone; see docs/decisions.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
