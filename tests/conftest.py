"""Fixtures of the tests that need the real binary: `make build` leaves it where they look, CJV_BINARY names another."""

import itertools
import signal
import types

import pytest

from harness.celery import VERSIONS, Fleet
from harness.client import Client
from harness.people import PASSWORD, first_admin
from harness.server import Server, binary
from harness.wait import until


def pytest_sessionstart(session):
    # A run in the background of a script ignores Ctrl-C, and so would every program that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not binary().exists():
        raise pytest.UsageError(f"{binary()} is missing: make build, or set CJV_BINARY")


@pytest.fixture
def server_in(tmp_path):
    """Starts servers in this test's folder and leaves none behind."""
    started = []

    def start(*flags, **settings):
        server = Server(tmp_path, *flags, **settings)
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.kill()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A server of this file's own, where only its tests make jobs and runs; `fresh.admin` is signed in."""
    server = Server(tmp_path_factory.mktemp("fresh"), CJV_RUNNER_COMMANDS="owners").start()
    yield types.SimpleNamespace(server=server, admin=first_admin(server))
    server.kill()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The server that most tests share. They keep apart by the names and tags of their jobs."""
    server = Server(tmp_path_factory.mktemp("shared"), CJV_RUNNER_COMMANDS="owners").start()
    yield server
    assert server.process.poll() is None, f"the server died on the way:\n{server.complaints()}"
    server.kill()


@pytest.fixture(scope="session")
def people(server):
    """One signed-in client for each kind of person, and one for nobody."""
    admin = first_admin(server)
    for name, flags in {"owner": ["--staff"], "staff": ["--staff"], "plain": []}.items():
        server.add_user(name, PASSWORD, *flags)
    return types.SimpleNamespace(
        superuser=admin,
        nobody=Client(server),
        **{name: Client(server).login(name, PASSWORD) for name in ("owner", "staff", "plain")},
    )


@pytest.fixture(scope="session")
def admin(people):
    return people.superuser


_numbers = itertools.count(1)


@pytest.fixture
def name(request):
    """A name that no other job has."""
    return f"{request.node.name[:150]} {next(_numbers)}"


@pytest.fixture(scope="session", params=VERSIONS, ids="celery-{}".format)
def fleet(request, tmp_path_factory):
    """A Celery installation of one version: a Redis, one prefork worker without -E, a client. Tests tell theirs by its id."""
    fleet = Fleet.of(tmp_path_factory.mktemp(f"fleet-{request.param}"), request.param)
    yield fleet
    assert fleet.worker.alive(), f"the worker died on the way:\n{fleet.worker.log()[-4000:]}"
    fleet.remove()


@pytest.fixture(scope="session")
def celery(fleet, tmp_path_factory):
    """Our server in front of that installation; `admin` and `staff` are signed in."""
    server = Server(
        tmp_path_factory.mktemp(f"server-{fleet.version}"), "--broker", fleet.broker.url(), CJV_RUNNER_COMMANDS="owners"
    ).start()
    admin = first_admin(server)
    server.add_user("staff", PASSWORD, "--staff")
    until(lambda: admin.get(f"api/workers/{fleet.worker.node}/").status_code == 200, "the server has heard of the worker")
    yield types.SimpleNamespace(
        server=server, admin=admin, staff=Client(server).login("staff", PASSWORD), fleet=fleet, version=fleet.version
    )
    assert server.process.poll() is None, f"the server died on the way:\n{server.complaints()}"
    server.kill()
