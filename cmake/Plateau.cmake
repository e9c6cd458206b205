# The project's own CMake functions: one static library a folder, warnings as errors, sanitizers.

add_library(plateau_options INTERFACE)
target_compile_options(plateau_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Werror
  -fno-omit-frame-pointer
  $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>)  # which g++'s -Wconversion leaves out
target_compile_definitions(plateau_options INTERFACE PLATEAU_VERSION="${PROJECT_VERSION}")

set(PLATEAU_SANITIZE "" CACHE STRING "Sanitizers for every target, as in -fsanitize=")
if(PLATEAU_SANITIZE)
  add_compile_options(-fsanitize=${PLATEAU_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PLATEAU_SANITIZE})
endif()

# What is built once and not again, as by the sanitizers and in CI, is built in half the time if several sources are
# compiled as one, and with lines, functions and inlined calls for debug information. A source that another one of its
# folder shares a name with is compiled alone.
option(PLATEAU_UNITY "Compile several sources as one" OFF)
if(PLATEAU_UNITY OR PLATEAU_SANITIZE)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
  add_compile_options(-g1)
  # GCC 12 warns of concatenated strings once it sees enough of them (its bug 105651).
  add_compile_options($<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-restrict>)
endif()

set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${CMAKE_CURRENT_LIST_DIR}/compiled_alone.txt)

# Reads the sources that are compiled alone; for the sources of the calling folder.
function(plateau_compile_alone sources)
  if(NOT CMAKE_UNITY_BUILD)
    return()
  endif()
  file(STRINGS ${CMAKE_SOURCE_DIR}/cmake/compiled_alone.txt alone REGEX "^[^#]")
  foreach(source ${sources})
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE path)
    if(path IN_LIST alone)
      set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()
endfunction()

# Tests' own sources: compiling them is more than half of a build, and running them next to nothing; of debug
# information lines and functions are enough. Undefined behaviour is looked for in the code that they test.
add_library(plateau_test_options INTERFACE)
target_link_libraries(plateau_test_options INTERFACE plateau_options)
target_compile_options(plateau_test_options INTERFACE -O0 -g1)
# Of thousands of like cases, which take a sanitized program a minute, it is given every fifth.
set(stride 1)
if(PLATEAU_SANITIZE)
  set(stride 5)
endif()
target_compile_definitions(plateau_test_options INTERFACE PLATEAU_TEST_STRIDE=${stride})
if(PLATEAU_SANITIZE)
  target_compile_options(plateau_test_options INTERFACE -fno-sanitize=undefined)
  # Which one, for tests that take no time, or one road, under it: the compilers have no macro in common.
  string(REGEX MATCH "address|thread" sanitizer ${PLATEAU_SANITIZE})
  string(TOUPPER "${sanitizer}" sanitizer)
  target_compile_definitions(plateau_test_options INTERFACE PLATEAU_SANITIZE_${sanitizer})
endif()

# plateau_test_headers(TARGET): the program TARGET, a test that links plateau_test_options, reads what nearly every
# test includes precompiled, once for all of them.
function(plateau_test_headers target)
  if(NOT TARGET plateau_test_headers)
    set(source ${CMAKE_BINARY_DIR}/plateau_test_headers.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "int main() {\n  return 0;\n}\n")
    add_executable(plateau_test_headers EXCLUDE_FROM_ALL ${source})
    target_link_libraries(plateau_test_headers PRIVATE plateau_test_options GTest::gmock)
    target_precompile_headers(plateau_test_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h> <nlohmann/json.hpp>
      <algorithm> <array> <chrono> <filesystem> <fstream> <functional> <map> <memory> <optional> <sstream> <string>
      <thread> <vector>)
  endif()
  target_precompile_headers(${target} REUSE_FROM plateau_test_headers)
endfunction()

# plateau_library_headers(TARGET): where sources are compiled as one, the library TARGET, which links plateau_options,
# reads the largest headers precompiled, once for all libraries: reading them is a sixth of what compiling takes.
# Elsewhere not: there each source must include what it uses.
function(plateau_library_headers target)
  if(NOT CMAKE_UNITY_BUILD)
    return()
  endif()
  if(NOT TARGET plateau_library_headers)
    set(source ${CMAKE_BINARY_DIR}/plateau_library_headers.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "")
    add_library(plateau_library_headers STATIC EXCLUDE_FROM_ALL ${source})
    target_link_libraries(plateau_library_headers PRIVATE plateau_options)
    target_precompile_headers(plateau_library_headers PRIVATE <nlohmann/json.hpp>
      <algorithm> <array> <charconv> <chrono> <deque> <filesystem> <functional> <map> <memory> <optional> <set> <span>
      <sstream> <string> <string_view> <thread> <unordered_map> <variant> <vector>)
  endif()
  target_precompile_headers(${target} REUSE_FROM plateau_library_headers)
  # From a precompiled header GCC 12 does not see that what it warns of is the standard library's (GCC bug 105329): these
  # are said, and are no errors. They are in builds of single sources.
  target_compile_options(${target} PRIVATE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-error=array-bounds -Wno-error=stringop-overflow -Wno-error=stringop-overread>)
endfunction()

# plateau_library(NAME [DEPS folder...] [LINK library...])
# The folder's *.cpp become the static library plateau_NAME, whose headers are included as
# "NAME/header.h". DEPS are other folders of src/; design section 4 says which are allowed, and
# tests/unit/house holds it against the code.
function(plateau_library name)
  cmake_parse_arguments(ARG "" "" "DEPS;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  plateau_compile_alone("${sources}")
  if(sources)
    add_library(plateau_${name} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(plateau_${name} PRIVATE plateau_options)
    plateau_library_headers(plateau_${name})
  else()
    add_library(plateau_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  # A forwarding folder of its own for each library, so that a target sees the headers of what it
  # links and no others.
  set(view ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${view})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${view}/${name} SYMBOLIC)
  target_include_directories(plateau_${name} ${scope} ${view})
  foreach(dep ${ARG_DEPS})
    target_link_libraries(plateau_${name} ${scope} plateau_${dep})
  endforeach()
  foreach(lib ${ARG_LINK})
    target_link_libraries(plateau_${name} ${scope} ${lib})
  endforeach()
endfunction()

# plateau_hard_worked(TARGET): the library whose tests would spend most of a sanitizer's time in it, for there nothing
# else is optimised. It reads no precompiled headers: clang takes none that were made without optimising.
function(plateau_hard_worked target)
  if(PLATEAU_SANITIZE)
    target_compile_options(${target} PRIVATE -O1)
    set_target_properties(${target} PROPERTIES DISABLE_PRECOMPILE_HEADERS ON)
  endif()
endfunction()

# plateau_unit_test(NAME [THREADS pattern...] [LINK library...]): the folder's *.cpp become the program unit_NAME, run
# by ctest under the label "unit", and where several threads meet in it under "threads" too: in the tests that the
# patterns match, which are all that ThreadSanitizer is given of it.
function(plateau_unit_test name)
  cmake_parse_arguments(ARG "" "" "THREADS;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(PLATEAU_SANITIZE STREQUAL "thread" AND ARG_THREADS)
    file(GLOB threaded CONFIGURE_DEPENDS ${ARG_THREADS})
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    list(APPEND sources ${threaded})
  endif()
  plateau_compile_alone("${sources}")
  add_executable(unit_${name} ${sources})
  target_link_libraries(unit_${name} PRIVATE plateau_test_options ${ARG_LINK} GTest::gmock GTest::gtest_main)
  plateau_test_headers(unit_${name})
  set_target_properties(unit_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_compile_definitions(unit_${name} PRIVATE
    PLATEAU_SOURCE_DIR="${CMAKE_SOURCE_DIR}" PLATEAU_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME unit_${name} COMMAND unit_${name})
  # Sanitized programs run many times slower, on machines that are busy with building the next.
  set(timeout 120)
  if(PLATEAU_SANITIZE)
    set(timeout 600)
  endif()
  set(labels unit)
  if(ARG_THREADS)
    list(APPEND labels threads)
  endif()
  set_tests_properties(unit_${name} PROPERTIES LABELS "${labels}" TIMEOUT ${timeout})
endfunction()

# plateau_embed_experiments(FOLDER SOURCE): writes SOURCE, which holds every FOLDER/*.json as text.
function(plateau_embed_experiments folder source)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.json)
  set(rows "")
  foreach(file ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME_WE)
    file(READ ${file} text)
    string(APPEND rows "    {\"${name}\", R\"experiment(${text})experiment\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "#include \"app/lab/catalogue.h\"

#include <array>

namespace plateau::app::lab {
namespace {

constexpr auto kBundled = std::to_array<Bundled>({
@rows@});

}  // namespace

std::span<const Bundled> bundled() {
  return kBundled;
}

}  // namespace plateau::app::lab
")
endfunction()

# plateau_embed_page(FOLDER SOURCE): writes SOURCE, which holds FOLDER's files, the built-in page, as text.
function(plateau_embed_page folder source)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*)
  set(rows "")
  foreach(file ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME)
    file(READ ${file} text)
    string(APPEND rows "      {\"${name}\", R\"asset(${text})asset\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "#include \"sink/page/assets.h\"

namespace plateau::sink::page {

const std::vector<Asset>& assets() {
  static const std::vector<Asset> all{
@rows@  };
  return all;
}

}  // namespace plateau::sink::page
")
endfunction()

# plateau_embed_flame_viewer(FOLDER SOURCE): writes SOURCE, which holds FOLDER's viewer.css and viewer.js as text.
function(plateau_embed_flame_viewer folder source)
  foreach(part css js)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/viewer.${part})
    file(READ ${folder}/viewer.${part} ${part})
  endforeach()
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "#include \"sink/flame/viewer.h\"

namespace plateau::sink::flame {

const std::string_view kViewerStyle = R\"viewer(@css@)viewer\";
const std::string_view kViewerScript = R\"viewer(@js@)viewer\";

}  // namespace plateau::sink::flame
")
endfunction()
