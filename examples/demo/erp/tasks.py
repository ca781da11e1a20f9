"""What the ERP does at night: one task that goes well, one that is slow, one that fails, one that tries again."""

import random
import time

from celery.utils.log import get_task_logger

from erp.celery import app

log = get_task_logger(__name__)


class LedgerClosed(Exception):
    pass


class PriceListError(Exception):
    pass


class BankAway(Exception):
    pass


@app.task
def close_day(branch, currency="EUR"):
    """Sums up a branch's day."""
    time.sleep(random.uniform(0.5, 2))
    sales = random.randrange(90_000, 250_000)
    log.info("closed the day of %s", branch)
    return {"branch": branch, "documents": random.randrange(80, 400), "sales": f"{sales / 100:.2f} {currency}"}


@app.task
def send_mails(template, limit=50):
    """Sends what waits in the mail queue."""
    sent = random.randrange(limit)
    time.sleep(sent * 0.01)
    return f"{sent} mails sent with template {template}"


@app.task
def monthly_report(year, month, seconds=40):
    """Slow on purpose: time to look at it while it runs, to cancel it, to see its worker busy."""
    for chapter in range(seconds):
        time.sleep(1)
        log.info("chapter %d of %d", chapter + 1, seconds)
    return f"report-{year}-{month:02}.pdf, {seconds} chapters"


@app.task
def import_prices(supplier):
    """Fails: its supplier sends a price that is none. The traceback names the cause and the cause's cause."""
    lines = ["4711;9.90", "4712;12.50", "4713;n/a"]
    return sum(_price(number, line) for number, line in enumerate(lines, 1))


def _price(number, line):
    article, _, price = line.partition(";")
    try:
        return float(price)
    except ValueError as error:
        try:
            raise PriceListError(f"line {number}: article {article} has no price") from error
        except PriceListError as cause:
            raise LedgerClosed("prices were not taken over, the ledger stays as it was") from cause


@app.task(bind=True, max_retries=5)
def fetch_statements(self, account):
    """Succeeds at its third try, as banks do."""
    if self.request.retries < 2:
        raise self.retry(exc=BankAway(f"{account}: 503 Service Unavailable"), countdown=3)
    return {"account": account, "statements": random.randrange(1, 9), "tries": self.request.retries + 1}
