"""Servers that measurements stand on: PostgreSQL and Redis, each fresh and of its own."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rig import free_port, running, until

POSTGRES = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Postgres:
    url: str
    pid: int

    def cpu_seconds(self):
        """CPU time of the server and of all its processes, those that ended too."""
        return sum(map(spent, [self.pid, *children(self.pid)]))

    def analyze(self):
        """Has it take its statistics, as it does by itself after a while."""
        subprocess.run([POSTGRES / "psql", "-qc", "ANALYZE", self.url], check=True)


def spent(pid):
    """CPU time of a process and of its children that ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(int(field) for field in fields[11:15]) / TICKS
    return 0.0


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


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
        with running([*as_server, POSTGRES / "postgres", "-D", data, *settings]) as server:
            ready = [POSTGRES / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q"]
            until("PostgreSQL starts", lambda: subprocess.run(ready).returncode == 0)
            yield Postgres(f"postgres://postgres@127.0.0.1:{port}/postgres", server.pid)


@contextlib.contextmanager
def redis():
    """As Debian starts it, with an append-only file that is flushed each second."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        with running(["redis-server", "--port", port, "--dir", folder, "--appendonly", "yes", "--save", ""]):
            ping = ["redis-cli", "-p", str(port), "ping"]
            until("Redis starts", lambda: subprocess.run(ping, capture_output=True).stdout == b"PONG\n")
            yield port
