"""How many lines a second `schedule check --jsonl` answers: the questions of the golden file of cron, 21 zones among
them, each with five slots and its warnings, many times over."""

import itertools
import json
import os
import pathlib
import subprocess
import tempfile
import time

LINES = 300_000
BAR = 100_000  # lines a second
GOLDEN = pathlib.Path(__file__).parent.parent / "tests/golden/cron/cron-visible.jsonl"
BINARY = os.environ.get("CJV_BINARY", "build/release/cron-job-viewer")


def questions():
    for line in GOLDEN.read_text().splitlines():
        case = json.loads(line)
        yield json.dumps(
            {"schedule": case["expr"], "timezone": case["tz"], "from": case["from"], "day_match": case["day_match"]}
        )


with tempfile.TemporaryFile("w+") as asked, tempfile.TemporaryFile() as answers:
    asked.writelines(line + "\n" for line in itertools.islice(itertools.cycle(list(questions())), LINES))
    asked.seek(0)
    began = time.perf_counter()
    subprocess.run([BINARY, "schedule", "check", "--jsonl"], stdin=asked, stdout=answers, check=True)
    took = time.perf_counter() - began
    answers.seek(0)
    assert sum(1 for _ in answers) == LINES
print(f"schedule check --jsonl: {LINES / took:,.0f} lines a second (bar {BAR:,}), {took / LINES * 1e6:.1f} us a line")
