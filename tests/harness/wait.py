"""Waiting for a condition with a deadline. The only place of these tests that lets time pass."""

import time


def until(condition, what, deadline=10.0):
    """The first true value of `condition()`; fails naming `what` when `deadline` seconds bring none."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline} s: {what}")
        time.sleep(0.02)


def spend(seconds):
    """For moments that are random on purpose: when a server is killed."""
    time.sleep(seconds)
