"""Ports picked a second by eight processes that do not know each other."""

import contextlib
import functools
import re
import subprocess
import tempfile
import uuid
from pathlib import Path

from rig import PEERS, PYTHON, Row, built, in_turn, running, until

PROCESSES = 8
SECONDS = 3
FALLS_SHORT = """\
Where it falls short: a quarter of the time is ext4's, which allocates the blocks of a file at once when it replaces
another."""


def dabir(*options):
    command = [built("examples/pick_bench"), "--processes", PROCESSES, "--seconds", SECONDS, *options]
    output = subprocess.run([str(word) for word in command], check=True, text=True, capture_output=True).stdout
    return float(re.search(r"(\d+) picks/s", output)[1])


def portserver():
    address = f"@bench-{uuid.uuid4()}"
    # Large enough for all picks of one round: ports of living processes do not come back.
    command = [PYTHON.parent / "portserver.py", "--portserver_address", address, "--portserver_static_pool", "10000-59999"]
    with running(command):
        until("the portserver listens", lambda: f"@{address[1:]}" in Path("/proc/net/unix").read_text())
        return closed_loops([PYTHON, PEERS / "portserver_client.py", address, SECONDS])


def seed():
    with tempfile.TemporaryDirectory() as folder:
        return closed_loops([PYTHON, PEERS / "seed_ports.py", Path(folder) / "ports.json", SECONDS])


def closed_loops(command):
    """Picks a second of all processes together; each prints its own count."""
    with contextlib.ExitStack() as stack:
        workers = [
            stack.enter_context(running(command, stdout=subprocess.PIPE, text=True)) for _ in range(PROCESSES)
        ]
        return sum(int(worker.communicate()[0]) for worker in workers) / SECONDS


def p23(args):
    subjects = {
        "Dabir": dabir,
        "Dabir, one caller a process": functools.partial(dabir, "--callers", 1),
        "portserver": portserver,
        "lock, scan, backup, rewrite": seed,
    }
    return Row(
        "P23", f"port picks a second, {PROCESSES} processes, reserved", "a second", "≥ 20,000 in the library",
        in_turn(subjects, args.rounds), more_is_better=True,
        notes=["Dabir and the last peer also release each port; portserver only hands out.", FALLS_SHORT],
    )


ROWS = {"P23": p23}
