"""Every rule of tools/layers.txt is only as good as the check that reads it."""

import pathlib

import pytest

from tools.load import tool

layers = tool("check_layers")
FLOORS = layers.read_floors("base:\nstore: base\nweb: base\napp: everything below\ncli: base app\n")


def complaints(path, text):
    return list(layers.wrong_includes([(pathlib.PurePath(path), text)], FLOORS))


@pytest.mark.parametrize(
    ("path", "include"),
    [
        ("store/rows.cpp", '#include "base/error.h"'),
        ("web/api/jobs.cpp", '#include "web/api/job_view.h"'),
        ("app/app.cpp", '#include "web/server.h"'),
        ("store/rows_test.cpp", '#include "support/clock.h"'),
        ("store/migrate.cpp", '#include "embedded/migrations.h"'),
        ("base/id.cpp", "#include <openssl/evp.h>"),
    ],
)
def test_a_folder_may_include_what_its_line_names(path, include):
    assert complaints(path, include) == []


@pytest.mark.parametrize(
    ("path", "include", "reason"),
    [
        ("base/id.cpp", '#include "store/store.h"', "base may not include store"),
        ("web/routes.cpp", '  #  include "store/store.h"', "web may not include store"),
        ("app/app.cpp", '#include "cli/cli.h"', "app may not include cli"),
        ("app/app.cpp", '#include "web/api/jobs.h"', "web/api is private to web"),
        ("store/rows.cpp", '#include "support/clock.h"', "store may not include support"),
        ("extra/new.cpp", "", "no line in tools/layers.txt"),
    ],
)
def test_anything_else_is_refused_with_the_reason(path, include, reason):
    (only,) = complaints(path, f"// first\n{include}")

    assert reason in only


def test_a_complaint_names_the_line():
    (only,) = complaints("base/id.cpp", 'int x;\n\n#include "web/server.h"\n')

    assert only.startswith("src/base/id.cpp:3: ")
