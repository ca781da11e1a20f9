"""The runner decides whether we believe our tests, so what it counts is tested."""

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
