"""Background jobs: how many a second, at what cost, and how soon each begins."""

import tempfile

from rig import PEERS, PYTHON, Row, ask, built, in_turn
from services import postgres, redis

JOBS = 20_000
SLOTS = 128
RATE, SECONDS = 200, 10


def dabir(*words):
    with tempfile.TemporaryDirectory() as folder:
        return ask([built("examples/jobs_bench"), "--dir", folder, "--slots", SLOTS, *words])


def dabir_on_postgres(*words):
    with postgres() as server:
        return dabir("--url", server.url, *words)


def celery(*words, late=False):
    with redis() as port:
        return ask([PYTHON, PEERS / "celery_jobs.py", port, *words], CELERY_LATE="1" if late else "")


def bullmq(*words):
    with redis() as port:
        return ask(["node", PEERS / "bullmq_jobs.mjs", port, *words])


def column(subjects, word, *words):
    return {name: lambda run=run: run(*words)[word] for name, run in subjects.items()}


def late(*words):
    return celery(*words, late=True)


EVERYBODY = {
    "Dabir, SQLite": dabir, "Dabir, PostgreSQL": dabir_on_postgres, "Celery on Redis, as it comes": celery,
    "Celery on Redis, at least once": late, "BullMQ on Redis": bullmq,
}
DURABLE = "Dabir acknowledges nothing that is not on disk; Redis flushes once a second."


def p30(args):
    return Row(
        "P30", f"jobs a second, {JOBS:,} that do nothing, one process (Celery two)", "a second",
        "≥ 25× Celery as it comes, ≥ 40× at least once",
        in_turn(column(EVERYBODY, "done", "drain", JOBS), args.rounds), more_is_better=True, notes=[DURABLE],
    )


def p30d(args):
    return Row(
        "P30d", "CPU a job, with that of the broker (without PostgreSQL's)", "µs", "≤ 1/30 of Celery",
        in_turn(column(EVERYBODY, "cpu", "drain", JOBS), args.rounds),
    )


def p30c(args):
    subjects = {name: run for name, run in EVERYBODY.items() if run is not late}
    return Row(
        "P30c", f"from asking to the first instruction, {RATE} a second, p99", "ms", "≤ 5 on SQLite, ≤ 15 on PostgreSQL",
        in_turn(column(subjects, "p99", "latency", RATE, SECONDS), args.rounds), notes=[DURABLE],
    )


def on_postgres(queue):
    with postgres() as server:
        return ask(["node", PEERS / "pg_jobs.mjs", server.url, queue, JOBS])


def p30b(args):
    peers = {
        "graphile-worker, 24 at a time": "graphile", "graphile-worker, batching": "graphile-batching",
        "pg-boss, batches of 1,000": "pg-boss", "BullMQ": "bullmq",
    }
    subjects = {"Dabir": lambda: dabir_on_postgres("drain", JOBS)["done"]}
    subjects |= {name: lambda queue=queue: on_postgres(queue)["done"] for name, queue in peers.items()}
    return Row(
        "P30b", f"jobs a second on PostgreSQL, {JOBS:,} that do nothing, one process", "a second",
        "≥ 8× graphile-worker, ≥ 1.5× its batching, ≥ 4× the others", in_turn(subjects, args.rounds),
        more_is_better=True, notes=["Each has a PostgreSQL of its own, as it comes: what is acknowledged is on disk."],
    )


ROWS = {"P30": p30, "P30b": p30b, "P30d": p30d, "P30c": p30c}
