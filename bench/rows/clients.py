"""The lists of clients: what they cost while nothing changes, and how soon a change is where others read it.

The same 100,000 clients, of whom 1,000 are connected, five files and a key in a Redis of its own. Beside it runs the
loop that did this before, in Python: it looks at everything every half second.
"""

import contextlib
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from rig import PEERS, PYTHON, Row, ask, built, cpu_seconds, in_turn, running, until
from services import redis

CLIENTS, ACTIVE = 100_000, 1_000
SECONDS, CHANGES = 20, 200
KEY = "Clients_status"


def name(number):
    return f"client{number:06}"


def dabir():
    with tempfile.TemporaryDirectory(prefix="dabir-bench-") as folder, redis() as port:
        url = f"redis://127.0.0.1:{port}/0"
        return ask([built("examples/clients_bench"), folder, url, CLIENTS, SECONDS, CHANGES])


@contextlib.contextmanager
def loop():
    """The old loop at work: its process, its folder, and its Redis."""
    with tempfile.TemporaryDirectory(prefix="dabir-bench-") as folder, redis() as port:
        available = Path(folder) / "available"
        available.write_text(json.dumps([name(number) for number in range(CLIENTS)]))
        put(port, ACTIVE)
        command = [PYTHON, PEERS / "seed_clients.py", f"redis://127.0.0.1:{port}/0", folder, available, "loop"]
        with running(command) as process:
            until("the loop turns", (Path(folder) / "Network_Action.json").exists)
            yield process, Path(folder), port


def put(port, active):
    names = json.dumps([name(number) for number in range(active)])
    subprocess.run(["redis-cli", "-p", str(port), "HSET", KEY, "active_clients", names], check=True, capture_output=True)


def old():
    """As `dabir`, by the words that its figures have."""
    with loop() as (process, folder, port):
        before, begun = cpu_seconds(process.pid), time.perf_counter()
        time.sleep(SECONDS)
        rest = (cpu_seconds(process.pid) - before) / (time.perf_counter() - begun) * 100
        latencies = [change(folder / "active_clients.json", port, ACTIVE + turn + 1) for turn in range(20)]
    return {"rest": rest, "file_p50": statistics.median(latencies), "file_p99": max(latencies)}


def change(file, port, active):
    """Milliseconds until one more is in the file."""
    last = name(active - 1)
    put(port, active)
    begun = time.perf_counter()
    until("the file has it", lambda: last in file.read_text())
    return (time.perf_counter() - begun) * 1000


def p27(args):
    return Row(
        "P27", f"{CLIENTS:,} clients, nothing changes for {SECONDS} s: CPU", "% of a core", "≤ 0.1 %",
        in_turn({"Dabir": lambda: dabir()["rest"], "the loop in Python": lambda: old()["rest"]}, args.rounds),
        notes=["Without what Redis takes, which is asked twice a second by the loop and not at all by Dabir."],
    )


def p27b(args):
    ours = [dabir() for _ in range(args.rounds)]
    samples = {
        "Dabir, file": [figures["file_p99"] for figures in ours],
        "Dabir, Redis": [figures["redis_p99"] for figures in ours],
        "Dabir, memory and stream": [figures["memory_p99"] for figures in ours],
        "the loop in Python, file": [old()["file_p99"] for _ in range(args.rounds)],
    }
    return Row(
        "P27b", f"{CLIENTS:,} clients, one comes or leaves → seen there, p99", "ms", "≤ 50 ms", samples,
        notes=["Dabir's change is on the disk (SQLite FULL) before it is seen, and so is the file."],
    )


ROWS = {"P27": p27, "P27b": p27b}
