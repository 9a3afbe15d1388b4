"""The tasks API: how many requests a second, and at what cost, beside FastAPI with SQLAlchemy.

All subjects have the same tasks, made through their API, and are asked the same by the same connections, which stay open
and ask again as soon as they are answered. A round is a server of its own with all the mixes.
"""

import contextlib
import functools
import http.client
import json
import os
import secrets
import statistics
import tempfile
import time
from dataclasses import dataclass

import product
from rig import HOST, PEERS, PYTHON, Row, ask, built, cpu_seconds, free_port, in_turn, running, until
from services import children, postgres

TASKS, LISTED, LOOKED_AT = 500, 50, 50
CONNECTIONS = 16, 64
MIXES = "reading", "writing"
LOADS = [(mix, connections) for mix in MIXES for connections in CONNECTIONS]
DABIR = "Dabir"
PEERS_HERE = {"FastAPI, 1 process": 1, "FastAPI, 2 processes": 2}
FLOOR = "floor: as many bytes, nothing done"
FLOOR_BYTES = {"reading": 15_000, "writing": 500}
GOAL = "≥ 10× FastAPI, the better of one and two processes"
PATH = "/api/v1/tasks"

MIXED = (
    f"Reading: a list of {LISTED} and one by its id, in turn. Writing: create, put, done and delete, in turn; each is on disk before "
    "the answer (SQLite FULL; PostgreSQL as it comes, its statistics taken as it does by itself after a "
    "while). Every answer is a 2xx, or the row fails."
)
BESIDES = (
    "Both check the token (in memory) and every field, look up the people, and keep the same columns with a version. Dabir writes "
    "besides, in the same transaction: the audit's chain, the task's activity, the outbox, the tags, the place on the board, and the "
    "mark for the search index; then it tells listeners, delivers what is in the outbox, and indexes what changed. It also limits "
    "and numbers requests."
)
PEER = (
    "FastAPI: uvicorn with uvloop and httptools, no access log; plain functions and sessions on sqlite3 and psycopg2, which take "
    "less than async ones on aiosqlite and asyncpg; a pool of 16 connections a process."
)


@dataclass(frozen=True)
class Server:
    """A tasks API at work."""

    port: int
    pid: int
    token: str
    person: str

    def cpu_seconds(self):
        return sum(map(cpu_seconds, [self.pid, *children(self.pid)]))

    def make_tasks(self):
        """Makes all the tasks; the ids of the first of them."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}

        def make(number):
            connection.request("POST", PATH, json.dumps(task(self.person, f"نوشتن فصل {number}")), headers)
            answer = connection.getresponse()
            body = json.load(answer)
            if answer.status != 201:
                raise RuntimeError(f"no task was made: {body}")
            return body["id"]

        with contextlib.closing(connection):
            return [make(number) for number in range(TASKS)][:LOOKED_AT]


def task(person, title, **other):
    return {
        "title": title, "description": "متن نخست را بخوان و بازنویسی کن.", "priority": "high", "assignees": [person],
        "due": "2031-06-01", "labels": ["فصل‌ها"], "checklist": [{"text": "خواندن"}, {"text": "نوشتن"}],
    } | other


def reads(ids):
    return [step for id in ids for step in (f"GET {PATH}?limit={LISTED}", f"GET {PATH}/{id}")]


def writes(person):
    new = json.dumps(task(person, "نوشتن فصل تازه"), ensure_ascii=False)
    whole = json.dumps(task(person, "بازنویسی فصل تازه", status="doing", priority="urgent"), ensure_ascii=False)
    one = f"{PATH}/{{id}}"
    return [f"POST {PATH} {new}", f"PUT {one} {whole}", f'PATCH {one} {{"status":"done"}}', f"DELETE {one}"]


@contextlib.contextmanager
def dabir(url):
    settings = f'[database]\nurl = "{url}"\n' if url else ""
    with product.dabir(settings) as server:
        new = {"email": "somebody@example.org", "name": "Somebody", "role": "writer", "password": secrets.token_hex(16)}
        person = server.api("POST", "/users", new)["id"]
        token = server.api("POST", "/tokens", {"name": "bench", "user": person})["secret"]
        yield Server(server.port, server.process.pid, token, person)


@contextlib.contextmanager
def fastapi(processes, url):
    with tempfile.TemporaryDirectory(prefix="dabir-bench-") as folder:
        url = url.replace("postgres://", "postgresql+psycopg2://") if url else f"sqlite:///{folder}/tasks.db"
        token, port = secrets.token_hex(16), free_port()
        environment = {"TASKS_URL": url, "TASKS_TOKEN": token}
        ask([PYTHON, PEERS / "fastapi_tasks.py"], **environment)
        command = [PYTHON, "-m", "uvicorn", "fastapi_tasks:app", "--app-dir", PEERS, "--host", HOST, "--port", port]
        options = ["--workers", processes, "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
        with running([*command, *options], env=os.environ | environment) as process:
            until("FastAPI answers", lambda: answers(port), pause=0.1)
            yield Server(port, process.pid, token, "somebody")


def answers(port):
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    with contextlib.closing(connection), contextlib.suppress(ConnectionRefusedError):
        connection.request("GET", PATH)
        return connection.getresponse().status


def load(connections, seconds, steps, *words):
    command = [built("examples/http_load"), *words, "--connections", connections, "--seconds", seconds]
    return ask(command, told="\n".join(steps))


def round_of(start, on_postgres, seconds):
    """The figures of each load on a server of its own."""
    with postgres() if on_postgres else contextlib.nullcontext() as database:
        with start(database and database.url) as server:
            steps = {"reading": reads(server.make_tasks()), "writing": writes(server.person)}
            if database:
                settled([server.cpu_seconds, database.cpu_seconds])
                database.analyze()
            return {(mix, many): under_load(server, database, many, seconds, steps[mix]) for mix, many in LOADS}


def under_load(server, database, connections, seconds, steps):
    at = f"{HOST}:{server.port}", "--token", server.token
    load(connections, 1, steps, *at)
    clocks = [server.cpu_seconds, *([database.cpu_seconds] if database else [])]
    before = settled(clocks)
    figures = load(connections, seconds, steps, *at)
    used = [after - since for after, since in zip(settled(clocks), before)]
    per_request = [seconds / figures["answers"] * 1e6 for seconds in used]
    return figures | dict(zip(("cpu", "database"), per_request))


def settled(clocks):
    """The CPU times, once what requests left behind is done: half a second with less than a tenth of a core."""

    def quiet():
        before = [clock() for clock in clocks]
        time.sleep(0.5)
        after = [clock() for clock in clocks]
        return sum(after) - sum(before) < 0.05 and after

    return until("the server is quiet", quiet, 120)


def floor(_, seconds):
    """What a bare answer costs, and how much the load generator can ask."""
    found = {}
    for mix, connections in LOADS:
        figures = load(connections, seconds, writes("nobody"), "--floor", FLOOR_BYTES[mix])
        found[mix, connections] = figures | {"cpu": figures["floor"]}
    return found


@functools.cache
def measured(on_postgres, rounds, seconds):
    """What two rows are taken from, so that it is measured once."""
    starts = {DABIR: dabir} | {name: functools.partial(fastapi, count) for name, count in PEERS_HERE.items()}
    subjects = {name: functools.partial(round_of, start) for name, start in starts.items()} | {FLOOR: floor}
    return in_turn({name: functools.partial(run, on_postgres, seconds) for name, run in subjects.items()}, rounds)


def row(id, what, unit, word, on_postgres, args, more_is_better=False):
    found = measured(on_postgres, args.rounds, args.seconds)
    samples, against = {}, {}
    for mix, connections in LOADS:
        for name, rounds in found.items():
            subject = f"{name}: {mix}, {connections} connections"
            samples[subject] = [sample[mix, connections][word] for sample in rounds]
            against[subject] = f"{DABIR}: {mix}, {connections} connections"
    where = "PostgreSQL" if on_postgres else "SQLite"
    row = Row(id, f"tasks API on {where}, {what}", unit, GOAL, samples, more_is_better, against=against)
    row.notes += [MIXED, BESIDES, PEER]
    return row, found


def rate(id, on_postgres, args):
    made, found = row(id, "requests a second", "a second", "rate", on_postgres, args, more_is_better=True)
    made.notes += [
        f"The load generator has the same two cores. Milliseconds for 99 of 100 answers: {beside(found, 'p99', '.1f')}.",
    ]
    return made


def cpu(id, on_postgres, args):
    made, found = row(id, "CPU a request", "µs", "cpu", on_postgres, args)
    made.notes += [
        "What a request leaves to be done afterwards is in it: the server is waited for until it is quiet. The load generator "
        f"is not in it, µs: {beside(found, 'own', '.0f')}.",
    ]
    if on_postgres:
        theirs = {name: rounds for name, rounds in found.items() if name != FLOOR}
        made.notes += [f"Nor is PostgreSQL, µs: {beside(theirs, 'database', '.0f')}."]
    return made


def beside(found, word, form):
    """One more figure of everybody, at each load."""

    def medians(rounds):
        return " / ".join(format(statistics.median(sample[at][word] for sample in rounds), form) for at in LOADS)

    loads = " / ".join(f"{mix} {connections}" for mix, connections in LOADS)
    return f"({loads}) " + "; ".join(f"{name} {medians(rounds)}" for name, rounds in found.items())


def p32(args):
    return rate("P32", False, args)


def p32b(args):
    return rate("P32b", True, args)


def p32c(args):
    return cpu("P32c", False, args)


def p32d(args):
    return cpu("P32d", True, args)


ROWS = {"P32": p32, "P32b": p32b, "P32c": p32c, "P32d": p32d}
