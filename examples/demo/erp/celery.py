"""The ERP's Celery application: `celery -A erp worker`."""

import os

from celery import Celery

app = Celery(
    "erp",
    broker=os.environ["ERP_BROKER"],
    backend=os.environ["ERP_BROKER"],
    include=["erp.tasks"],
    broker_connection_retry_on_startup=True,
)
