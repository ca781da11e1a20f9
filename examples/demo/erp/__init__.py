"""A small ERP, as far as its Celery tasks go. It knows nothing of Cron Job Viewer."""

from erp.celery import app

__all__ = ["app"]
