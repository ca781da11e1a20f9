"""The runner decides whether we believe our tests, so what it counts is tested."""

import os
import pathlib

import pytest

from tools.load import tool

runner = tool("run_tests")
Count = runner.Count


def ctest_report(status, output):
    return f'<testsuite><testcase name="x" status="{status}"><system-out>{output}</system-out></testcase></testsuite>'


def summary(cases, passed, failed, skipped):
    return f"[doctest] test cases: {cases:3} | {passed:3} passed | {failed} failed | {skipped} skipped"


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (ctest_report("run", summary(12, 12, 0, 0)), Count(12, 0, 0)),
        (ctest_report("fail", summary(12, 10, 2, 0)), Count(10, 2, 0)),
        (ctest_report("run", summary(11, 11, 0, 1)), Count(11, 0, 1)),
        # A sanitizer speaks after the summary; a crash comes before it.
        (ctest_report("fail", summary(12, 12, 0, 0)), Count(12, 1, 0)),
        (ctest_report("fail", "Segmentation fault"), Count(0, 1, 0)),
        (ctest_report("notrun", ""), Count(0, 1, 0)),
    ],
)
def test_the_cases_of_a_cpp_program_are_counted(report, expected):
    assert runner.count_ctest(report) == expected


def test_the_cases_of_a_junit_report_are_counted():
    report = """<testsuites><testsuite>
        <testcase name="a"/>
        <testcase name="b"><failure message="no"/></testcase>
        <testcase name="c"><error message="no"/></testcase>
        <testcase name="d"><skipped/></testcase>
    </testsuite></testsuites>"""

    assert runner.count_junit(report) == Count(passed=1, failed=2, skipped=1)


def test_what_did_not_pass_is_named_with_its_reason():
    junit = """<testsuites><testsuite>
        <testcase classname="tests.x" name="passes"/>
        <testcase classname="tests.x" name="fails"><failure message="first line&#10;second"/></testcase>
        <testcase name="breaks"><error>no message
            at all</error></testcase>
        <testcase name="waits"><skipped/></testcase>
    </testsuite></testsuites>"""
    line = "=" * 79
    said = f"""{line}
a_test.cpp:1:
TEST CASE:  a case that says something

a_test.cpp:2: MESSAGE: 500 worlds

{line}
a_test.cpp:3:
TEST CASE:  a case that fails

a_test.cpp:4: ERROR: CHECK( 1 == 2 ) is NOT correct!

{line}
{summary(9, 8, 1, 0)}"""

    assert runner.count_junit(junit).names == (
        "tests.x: fails: first line",
        "breaks: no message",
        "waits: skipped",
    )
    assert runner.count_ctest(ctest_report("fail", said)).names == ("x: a case that fails",)
    assert runner.count_ctest(ctest_report("fail", "Segmentation fault")).names == ("x: fail",)


@pytest.mark.parametrize(
    ("status", "report"),
    [
        (0, None),  # left no report
        (0, "<testsuites>"),  # was cut off while it wrote
        (0, "<testsuites/>"),  # ran nothing
        (1, '<testsuites><testsuite><testcase name="a"/></testsuite></testsuites>'),  # failed beside its tests
    ],
)
def test_a_suite_that_cannot_be_believed_is_a_failure(tmp_path, status, report):
    path = tmp_path / "report.xml"
    if report is not None:
        path.write_text(report)

    assert runner.read_outcome(status, path, runner.count_junit).failed == 1


def test_a_good_suite_has_no_failure(tmp_path):
    path = tmp_path / "report.xml"
    path.write_text('<testsuites><testsuite><testcase name="a"/></testsuite></testsuites>')

    assert runner.read_outcome(0, path, runner.count_junit) == Count(passed=1)


def suite(folder, name, script):
    """A suite of one test, `name`, that passes when the script does."""
    report = folder / f"{name}.xml"
    passed = f'<testsuites><testsuite><testcase name="{name}"/></testsuite></testsuites>'
    return runner.Suite(name, ["sh", "-ec", f"{script}\necho '{passed}' > '{report}'"], report, runner.count_junit)


def test_lanes_run_beside_one_another_and_each_is_heard_whole(tmp_path, capfd):
    os.mkfifo(tmp_path / "both")  # whoever opens it waits for the other

    runs = runner.run_beside(
        [
            [],
            [suite(tmp_path, "first", f"echo says first > '{tmp_path}/both'"), suite(tmp_path, "next", "echo says next")],
            [suite(tmp_path, "other", f"cat '{tmp_path}/both'; echo says other >&2; exit 3")],
        ]
    )

    assert [run.suite.name for run in runs] == ["first", "next", "other"]
    assert [run.count for run in runs] == [Count(passed=1), Count(passed=1), Count(failed=1)]
    lines = capfd.readouterr().out.splitlines()
    assert lines.index("==== next") < lines.index("says next") < lines.index("==== other")
    assert lines[-3:] == ["==== other", "says first", "says other"]


def test_a_suite_that_cannot_be_started_is_a_failure_and_the_next_one_runs(tmp_path):
    missing = suite(tmp_path, "missing", "")
    missing.command = [tmp_path / "missing"]

    runs = runner.run_beside([[missing, suite(tmp_path, "next", "true")]])

    assert [run.count for run in runs] == [Count(failed=1), Count(passed=1)]


def test_ctrl_c_ends_what_runs_and_nothing_else_is_started(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "GRACE", 0.1)
    os.mkfifo(tmp_path / "both")
    deaf = suite(tmp_path, "deaf", f"trap '' INT; echo $$ > '{tmp_path}/pid'; echo > '{tmp_path}/both'; exec sleep 60")
    interrupts = suite(tmp_path, "interrupts", f"cat '{tmp_path}/both'; kill -INT $PPID")

    with pytest.raises(KeyboardInterrupt):
        runner.run_beside([[deaf, suite(tmp_path, "next", "true")], [interrupts]])

    assert not pathlib.Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()
    assert not (tmp_path / "next.xml").exists()
