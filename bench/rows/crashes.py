"""A worker that is killed in the middle of its jobs: how long until another one has them."""

import contextlib
import os
import signal
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rig import PEERS, PYTHON, Row, ask, built, running, until
from services import postgres, redis

JOBS = 8
PATIENCE = 120


@dataclass(frozen=True)
class Queue:
    """A queue's command, to which a task is added, and where it keeps its jobs."""

    command: object
    store: object
    environment: tuple = ()
    counts: bool = False
    elsewhere: bool = False  # whether the worker that is killed takes itself for one on another machine


@contextlib.contextmanager
def sqlite():
    yield None


@contextlib.contextmanager
def url_of_postgres():
    with postgres() as server:
        yield server.url


def dabir(folder, url):
    return [built("examples/crash_bench"), "--dir", folder, *(["--url", url] if url else [])]


def celery(_folder, port):
    return [PYTHON, PEERS / "celery_crash.py", port]


def node(queue):
    return lambda _folder, where: ["node", PEERS / "crash_jobs.mjs", queue, where]


ELSEWHERE = ["unshare", "--uts", "sh", "-c", 'hostname elsewhere && exec "$@"', "sh"]
QUEUES = {
    "Dabir, SQLite": Queue(dabir, sqlite, counts=True),
    "Dabir, PostgreSQL": Queue(dabir, url_of_postgres, counts=True),
    "Dabir, PostgreSQL, another machine": Queue(dabir, url_of_postgres, counts=True, elsewhere=True),
    "BullMQ on Redis": Queue(node("bullmq"), redis),
    "Celery on Redis, at least once, tuned to 15 s": Queue(celery, redis, (("CELERY_VISIBILITY", "15"),)),
    "Celery on Redis, at least once": Queue(celery, redis),
    "pg-boss": Queue(node("pg-boss"), url_of_postgres),
    "graphile-worker": Queue(node("graphile"), url_of_postgres),
}


def begun(lines):
    """(number, seconds since 1970) of each job that was begun."""
    if not lines.exists():
        return []
    words = [line.split() for line in lines.read_text().splitlines()]
    return [(int(number), float(at)) for number, at in words]


def until_again(queue):
    """Seconds from the kill to the last of its jobs' first instruction elsewhere; PATIENCE when they do not come."""
    with tempfile.TemporaryDirectory(prefix="dabir-bench-") as folder, queue.store() as where:
        command = queue.command(folder, where)
        environment = os.environ | dict(queue.environment)
        held, again = Path(folder) / "held", Path(folder) / "again"
        ask([*command, "make", JOBS], **dict(queue.environment))
        hold = [*(ELSEWHERE if queue.elsewhere else []), *command, "hold", held]
        with running(hold, env=environment) as victim:
            until("all jobs are begun", lambda: len(begun(held)) == JOBS)
            with running([*command, "quick", again], env=environment):
                # The other one is up, and finds nothing to do.
                time.sleep(3)
                os.killpg(victim.pid, signal.SIGKILL)
                killed = time.time()
                with contextlib.suppress(TimeoutError):
                    until("they run again", lambda: len(begun(again)) >= JOBS, PATIENCE, pause=0.05)
                found = begun(again)
                check(queue, command, found)
    return max((at for _, at in found), default=0) - killed if len(found) >= JOBS else PATIENCE


def check(queue, command, found):
    """Each job ran again once, and Dabir knows that it ended."""
    if len({number for number, _ in found}) != len(found):
        raise RuntimeError(f"a job came twice: {found}")
    if queue.counts:
        until("all jobs end", lambda: ask([*command, "count"])["ended"] == JOBS, pause=0.1)


def p30e(args):
    """All at the same time: they do nothing but wait."""
    samples = {name: [] for name in QUEUES}
    for _ in range(args.rounds):
        with ThreadPoolExecutor(len(QUEUES)) as threads:
            for name, seconds in zip(QUEUES, threads.map(until_again, QUEUES.values())):
                samples[name].append(seconds)
    late = [name for name, found in samples.items() if max(found) >= PATIENCE]
    return Row(
        "P30e", f"kill -9 of a worker with {JOBS} jobs → all of them run again elsewhere", "s",
        "≤ 10 s, 0 lost, 0 double commits", samples,
        notes=[
            "Each job runs again once and ends, or the row fails. All queues wait at the same time. A worker beside the "
            "dead one on its machine sees that it is dead; one on another machine waits for the end of its lease.",
            f"Not back within {PATIENCE} s, where we stopped waiting: {', '.join(late) or 'none'}.",
        ],
    )


ROWS = {"P30e": p30e}
