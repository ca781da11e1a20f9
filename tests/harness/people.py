"""Signing in: the first administrator, and a password that the rules accept."""

from harness.client import Client

PASSWORD = "correct horse battery"


def first_admin(server, root="/"):
    """Signs in with the one-time password of the first start and changes it."""
    user, one_time = server.first_sign_in
    client = Client(server, root).login(user, one_time)
    changed = client.change_password(one_time, PASSWORD)
    assert changed.status_code == 204, changed.text
    return client
