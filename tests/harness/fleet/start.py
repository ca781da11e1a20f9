"""Celery's own command line, as `celery` starts it; also where Celery 5.2 meets a Python that it was not made for."""

import importlib.metadata
import sys

if sys.version_info >= (3, 12):
    # Kombu 5.2 asks entry_points() for a group as Python up to 3.11 let it.
    importlib.metadata.EntryPoints.get = lambda self, group, default=(): list(self.select(group=group)) or default

from celery.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
