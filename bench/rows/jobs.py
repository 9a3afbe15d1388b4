"""Background jobs: how many a second, at what cost, and how soon each begins."""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from rig import PEERS, PYTHON, Row, built, free_port, in_turn, running, until

JOBS = 20_000
SLOTS = 128
RATE, SECONDS = 200, 10
POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


def ask(command, **environment):
    """What a program printed, as {word: number}."""
    environment = {**os.environ, **environment}
    output = subprocess.run([str(word) for word in command], check=True, text=True, capture_output=True, env=environment)
    return {word: float(number) for word, number in re.findall(r"^(\w+) ([\d.]+)", output.stdout, re.M)}


def dabir(*words):
    with tempfile.TemporaryDirectory() as folder:
        return ask([built("examples/jobs_bench"), "--dir", folder, "--slots", SLOTS, *words])


@contextlib.contextmanager
def postgres():
    """A server of its own that keeps what it acknowledged, as it comes."""
    with tempfile.TemporaryDirectory(prefix="dabir-bench-") as folder:
        shutil.chown(folder, "postgres", "postgres")
        as_server = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
        data, port = Path(folder) / "data", free_port()
        make = [*as_server, POSTGRES / "initdb", "--username=postgres", "--auth=trust", "-D", data]
        subprocess.run([str(word) for word in make], check=True, capture_output=True)
        settings = ["-c", f"port={port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        with running([*as_server, POSTGRES / "postgres", "-D", data, *settings]):
            ready = [POSTGRES / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q"]
            until("PostgreSQL starts", lambda: subprocess.run(ready).returncode == 0)
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"


def dabir_on_postgres(*words):
    with postgres() as url:
        return dabir("--url", url, *words)


@contextlib.contextmanager
def redis():
    """As Debian starts it, with an append-only file that is flushed each second."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        with running(["redis-server", "--port", port, "--dir", folder, "--appendonly", "yes", "--save", ""]):
            ping = ["redis-cli", "-p", str(port), "ping"]
            until("Redis starts", lambda: subprocess.run(ping, capture_output=True).stdout == b"PONG\n")
            yield port


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


ROWS = {"P30": p30, "P30d": p30d, "P30c": p30c}
