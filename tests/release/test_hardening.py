"""S-56 of docs/design/guarantees.md: what the linked program is, not which flags somebody passed. Read with binutils' readelf."""

import re
import subprocess

import pytest

from harness.server import binary


def readelf(*flags):
    return subprocess.run(
        ["readelf", "--wide", *flags, binary()], capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture(scope="module")
def segments():
    """Segment type → its flags (R, W, E)."""
    return {
        match[1]: match[2].replace(" ", "")
        for match in re.finditer(r"^  (\w+) +(?:0x\w+ +){5}([RWE ]{3})", readelf("--segments"), re.MULTILINE)
    }


@pytest.fixture(scope="module")
def dynamic():
    return readelf("--dynamic")


@pytest.fixture(scope="module")
def imports():
    return set(re.findall(r"UND (\w+)(?:@|$)", readelf("--dyn-syms"), re.MULTILINE))


def test_the_program_may_be_loaded_anywhere(dynamic):
    assert "Type:" in readelf("--file-header")
    assert re.search(r"FLAGS_1.*\bPIE\b", dynamic)


def test_no_page_is_writable_and_executable(segments):
    assert segments["LOAD"]
    assert not [kind for kind, flags in segments.items() if "W" in flags and "E" in flags]


def test_the_stack_is_not_executable(segments):
    assert segments["GNU_STACK"] == "RW"


def test_the_table_of_imported_functions_is_read_only_from_the_start(segments, dynamic):
    assert "GNU_RELRO" in segments
    assert re.search(r"FLAGS_1.*\bNOW\b", dynamic)


def test_an_overwritten_stack_is_noticed(imports):
    assert "__stack_chk_fail" in imports


def test_copies_with_a_known_limit_are_checked(imports):
    assert any(name.endswith("_chk") and name != "__stack_chk_fail" for name in imports)


def test_no_folder_of_the_build_is_searched_for_libraries(dynamic):
    assert not re.search(r"\((RPATH|RUNPATH)\)", dynamic)
