"""Sync: how many rows a second, at what cost, in how much memory, and what a second run takes.

All subjects ask one gateway for the same pages, and all keep a table in step by its key. A round is a first load, a
second run with nothing changed, and a third one with one row in a hundred changed, each by a process of its own.
"""

import contextlib
import functools
import statistics
import subprocess
import tempfile
import urllib.request
from dataclasses import dataclass

from rig import PEERS, PYTHON, Row, ask, built, in_turn, running
from services import postgres

COLUMNS = 25
MANY = 10  # times as many rows, for memory
CHANGED = 100  # one row in so many
CAMPUSES, TERMS, CELL_ROWS = 98, 6, 10
DELAY, CONNECTIONS = 0.2, 4
PHASES = "first", "same", "changed"
DURABLE = "Dabir commits pages with the run's place among them, and the loop each page; all is on disk before it counts."
SETTINGS = (
    "dlt merges by the key; on SQLite it is told to make the primary key, without which a second run takes more than a "
    "minute for 20,000 rows. Tuned: no compression, buffers of 20,000, files of 50,000, two processes to normalize; into PostgreSQL "
    "also CSV by COPY and its `upsert`, which SQLite does not have. No progress is printed."
)


@contextlib.contextmanager
def gateway(rows, delay=0.0):
    """The address of a gateway with so many rows, and each page after so many seconds."""
    command = [built("examples/gateway"), "--rows", rows, "--columns", COLUMNS, "--delay", round(delay * 1000)]
    with running(command, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().split()[1]


def change(address):
    urllib.request.urlopen(urllib.request.Request(f"http://{address}/Change", method="POST")).close()


@dataclass(frozen=True)
class Subject:
    """Who brings a table in step: its command for a gateway, a folder, and PostgreSQL's address or nothing."""

    command: object
    on_postgres: bool = False
    tuned: bool = False

    def prepare(self, folder, server):
        """Makes Dabir's own tables, which are not what is measured."""
        if self.command is dabir_command:
            ask([built("examples/sync_bench"), "open", *place(folder, server and server.url)])

    def sync(self, address, rows, folder, server):
        url, before = (server.url, server.cpu_seconds()) if server else (None, 0)
        figures = ask(self.command(address, rows, folder, url), DLT_TUNED="1" if self.tuned else "")
        if server:
            figures["server"] = (server.cpu_seconds() - before) / rows * 1e6
        if figures["there"] != rows or figures["keys"] != rows:
            raise RuntimeError(f"{rows} rows were served, but: {figures}")
        return figures


def place(folder, url):
    return ["--dir", folder, *(["--url", url] if url else [])]


def dabir_command(address, _rows, folder, url, *words):
    return [built("examples/sync_bench"), "--gateway", address, *words, "sync", *place(folder, url)]


def peer_command(script):
    def command(address, rows, folder, url):
        where = url and url.replace("postgres://", "postgresql://")
        return [PYTHON, PEERS / script, "pages", address, rows, folder, *([where] if where else [])]

    return command


DLT, LOOP = peer_command("dlt_sync.py"), peer_command("loop_sync.py")
ON_SQLITE = {
    "Dabir": Subject(dabir_command),
    "dlt, as it comes": Subject(DLT),
    "dlt, tuned": Subject(DLT, tuned=True),
    "a careful Python loop": Subject(LOOP),
}
ON_POSTGRES = {
    "Dabir": Subject(dabir_command, on_postgres=True),
    "dlt, as it comes": Subject(DLT, on_postgres=True),
    "dlt, tuned": Subject(DLT, on_postgres=True, tuned=True),
    "a careful Python loop": Subject(LOOP, on_postgres=True),
}


@contextlib.contextmanager
def database(on_postgres):
    """An empty folder, and an empty PostgreSQL when it is wanted."""
    with tempfile.TemporaryDirectory(prefix="dabir-bench-", ignore_cleanup_errors=True) as folder:
        with postgres() if on_postgres else contextlib.nullcontext() as server:
            yield folder, server


def round_of(subject, rows, phases=PHASES):
    """The figures of each phase."""
    found = {}
    with gateway(rows) as address, database(subject.on_postgres) as (folder, server):
        subject.prepare(folder, server)
        for phase in phases:
            if phase == "changed":
                change(address)
            found[phase] = subject.sync(address, rows, folder, server)
            check_written(phase, rows, found[phase])
    return found


def check_written(phase, rows, figures):
    """Only Dabir says what it wrote."""
    wanted = {"first": rows, "same": 0, "changed": rows // CHANGED}[phase]
    if figures.get("written", wanted) != wanted:
        raise RuntimeError(f"{phase}: {wanted} rows should be written, but: {figures}")


@functools.cache
def measured(on_postgres, rounds, rows):
    """What all rows but the last two are taken from, so that it is measured once."""
    subjects = ON_POSTGRES if on_postgres else ON_SQLITE
    return in_turn({name: lambda s=subject: round_of(s, rows) for name, subject in subjects.items()}, rounds)


def figures(on_postgres, args):
    return measured(on_postgres, args.rounds, args.load)


def column(samples, phase, word, add=""):
    return {name + add: [sample[phase][word] for sample in found] for name, found in samples.items()}


def both(args, phase, word, names=""):
    """One figure of all subjects on SQLite, then on PostgreSQL; or of those whose name begins so."""
    found = {}
    for on_postgres, add in (False, " → SQLite"), (True, " → PostgreSQL"):
        named = {name: samples for name, samples in figures(on_postgres, args).items() if name.startswith(names)}
        found |= column(named, phase, word, add)
    return found


def ceiling(rows):
    """Rows a second when the pages are read and nothing is done with them."""
    with gateway(rows) as address:
        return ask([built("examples/sync_bench"), "--gateway", address, "read", rows])["rate"]


def first_load(name, where, goal, on_postgres, args):
    samples = column(figures(on_postgres, args), "first", "rate")
    samples["ceiling: the pages read, nothing done"] = [ceiling(args.load) for _ in range(args.rounds)]
    what = f"rows a second, first load of {args.load:,} rows × {COLUMNS} columns into {where}"
    return Row(name, what, "a second", goal, samples, more_is_better=True, notes=[DURABLE, SETTINGS])


def p31(args):
    return first_load("P31", "SQLite", "≥ 10× dlt as it comes, ≥ 4× tuned, ≥ 1.3× the loop", False, args)


def p31b(args):
    return first_load("P31b", "PostgreSQL", "≥ 10× dlt as it comes, ≥ 4× tuned, ≥ 5× the loop", True, args)


def p31f(args):
    server = column(figures(True, args), "first", "server")
    beside = ", ".join(f"{name} {statistics.median(found):.0f} µs" for name, found in server.items())
    return Row(
        "P31f", "CPU a row, first load, without PostgreSQL's", "µs", "none set", both(args, "first", "cpu"),
        notes=[f"PostgreSQL's own, counting the rows: {beside}."],
    )


def many(on_postgres, rows):
    """The most memory of one long load, MiB."""
    subject = (ON_POSTGRES if on_postgres else ON_SQLITE)["Dabir"]
    return round_of(subject, rows, PHASES[:1])["first"]["peak"]


def p31c(args):
    samples, rows = both(args, "first", "peak"), MANY * args.load
    for on_postgres, add in (False, " → SQLite"), (True, " → PostgreSQL"):
        samples[f"Dabir{add}, {rows:,} rows"] = [many(on_postgres, rows)]
    left = both(args, "first", "left", names="dlt")
    beside = ", ".join(f"{name} {max(found):.0f} MiB" for name, found in left.items())
    return Row(
        "P31c", "most memory of the process during the first load (VmHWM)", "MiB",
        f"≤ 64 MiB, ± 10 % of it at {rows:,} rows; nothing on disk beside the database",
        samples,
        notes=[
            "Of dlt's processes only the main one is counted. Every row is there once, or the row fails.",
            f"Left on disk beside the database: {beside}; Dabir and the loop nothing.",
        ],
    )


def p31d(args):
    return Row(
        "P31d", f"rows a second, a second run with nothing changed, {args.load:,} rows", "a second",
        "0 rows written, ≥ 15× dlt", both(args, "same", "rate"), more_is_better=True,
        notes=["Dabir writes no row, or the row fails; the others write all of them again."],
    )


def p31g(args):
    return Row(
        "P31g", f"rows a second, a run with 1 % changed, {args.load:,} rows", "a second", "none set",
        both(args, "changed", "rate"), more_is_better=True,
        notes=["Dabir writes the changed rows and no other, or the row fails."],
    )


def slow(command, **environment):
    """Seconds for all campuses and terms of a gateway that takes its time."""
    with gateway(CELL_ROWS, DELAY) as address, tempfile.TemporaryDirectory(prefix="dabir-bench-") as folder:
        figures = ask(command(address, folder), **environment)
    if figures["there"] != CAMPUSES * TERMS * CELL_ROWS:
        raise RuntimeError(f"rows are missing: {figures}")
    return figures["seconds"]


def p31e(args):
    cells = CAMPUSES * TERMS
    words = ["--campuses", CAMPUSES, "--terms", TERMS, "--concurrency", CONNECTIONS]

    def dabir(address, folder):
        return dabir_command(address, 0, folder, None, *words)

    def dlt(address, folder):
        return [PYTHON, PEERS / "dlt_sync.py", "cells", address, CAMPUSES, TERMS, folder]

    subjects = {
        "Dabir": lambda: slow(dabir),
        "dlt, as it comes": lambda: slow(dlt, DLT_TUNED=""),
        "dlt, four threads": lambda: slow(dlt, DLT_TUNED="1"),
        "ideal: the gateway's time alone": lambda: cells * DELAY / CONNECTIONS,
    }
    return Row(
        "P31e", f"a slow gateway: {cells} cells, {DELAY * 1000:.0f} ms a page, {CONNECTIONS} connections", "s",
        f"≥ 90 % of the ideal, {cells * DELAY / CONNECTIONS / 0.9:.1f} s", in_turn(subjects, args.rounds),
    )


ROWS = {"P31": p31, "P31b": p31b, "P31f": p31f, "P31c": p31c, "P31d": p31d, "P31g": p31g, "P31e": p31e}
