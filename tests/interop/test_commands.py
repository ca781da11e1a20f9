"""Who may make jobs of kind `command`: `runner.commands`, and the shell."""

import pytest

from harness.client import Client
from harness.people import PASSWORD, first_admin

BODY = {"kind": "command", "schedule": "", "target": {"argv": ["/bin/true"]}}


def clients(server):
    server.add_user("owner", PASSWORD, "--staff")
    return first_admin(server), Client(server).login("owner", PASSWORD)


def test_by_default_superusers_alone_make_commands(server_in):
    admin, owner = clients(server_in())

    assert admin.post("api/cron-jobs/", {**BODY, "name": "of the admin"}).status_code == 201
    assert owner.post("api/cron-jobs/", {**BODY, "name": "of the owner"}).status_code == 403
    assert owner.post("api/cron-jobs/", {"name": "a task", "task": "erp.noop", "schedule": ""}).status_code == 201


def test_by_default_an_owner_cannot_change_what_a_command_does(server_in):
    admin, owner = clients(server_in())
    me = owner.get("api/auth/me/").json()["user"]["id"]
    job = admin.post("api/cron-jobs/", {**BODY, "name": "given away", "owner_id": me}).json()
    path = f"api/cron-jobs/{job['id']}/"

    assert owner.patch(path, {"target": {"argv": ["/bin/false"]}}).status_code == 403
    assert owner.patch(path, {"description": "but this"}).status_code == 200
    assert owner.put(path, owner.get(path).json()).status_code == 200


def test_switched_off_nobody_makes_commands(server_in):
    admin, _ = clients(server_in(CJV_RUNNER_COMMANDS="off"))

    assert admin.post("api/cron-jobs/", {**BODY, "name": "of the admin"}).status_code == 403


def test_the_shell_is_refused_unless_the_configuration_allows_it(admin, name):
    answer = admin.post("api/cron-jobs/", {**BODY, "name": name, "target": {"argv": ["echo $HOME"], "shell": True}})

    assert answer.status_code == 400
    assert "shell" in answer.json()["target"]


def test_the_shell_runs_where_the_configuration_allows_it(server_in):
    admin = first_admin(server_in(CJV_RUNNER_SHELL="true"))
    job = admin.create("with a shell", target={"argv": ["echo $((6 * 7))"], "shell": True})

    run = admin.finished(admin.run_now(job))

    assert run["status"] == "success"
    assert admin.output(run).text == "42\n"


@pytest.mark.parametrize(
    "variable",
    [
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "LD_AUDIT",
        "GLIBC_TUNABLES",
        "IFS",
        "BASH_ENV",
        "ENV",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "PERL5OPT",
        "NODE_OPTIONS",
        "GIT_SSH_COMMAND",
        "A=B",
        "",
    ],
)
def test_a_variable_that_changes_what_a_program_loads_is_refused(admin, name, variable):
    answer = admin.post(
        "api/cron-jobs/", {**BODY, "name": name, "target": {"argv": ["/bin/true"], "env": {variable: "x"}}}
    )

    assert answer.status_code == 400
    assert "env" in answer.json()["target"]


def test_only_superusers_set_the_path(people, name):
    body = {**BODY, "name": name, "target": {"argv": ["/bin/true"], "env": {"PATH": "/opt/bin"}}}

    assert people.owner.post("api/cron-jobs/", body).status_code == 400
    assert people.superuser.post("api/cron-jobs/", body).status_code == 201
