"""The whole product under measurement: `dabir serve` in a folder of its own, and supervisord as its peer."""

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from rig import HOST, PEERS, PYTHON, built, free_port, running, until

# Settings of whoever runs the benchmark are not measured.
SYSTEM = {name: value for name, value in os.environ.items() if not name.startswith("DABIR_")}


# One token asks for everything here.
LIMITS = "\n[limits]\nperson = { per_second = 100000, burst = 100000 }\n"


class Dabir:
    """A server that can be killed and started again on what it left."""

    def __init__(self, folder, settings=""):
        self.folder = Path(folder)
        self.port = free_port()
        (self.folder / "dabir.toml").write_text(settings + LIMITS)
        self.process = None

    def start(self, taken_over=0):
        """Starts it and waits for its ready line; before that it must have taken over so many rooms."""
        log = (self.folder / "log").open("w+")
        command = [built("dabir"), "--config", self.folder / "dabir.toml", "--data-dir", self.folder / "data", "serve"]
        self.process = subprocess.Popen(
            [str(word) for word in command], stdout=log, stderr=log,
            env=SYSTEM | {"DABIR_SERVER__LISTEN": f"{HOST}:{self.port}", "NO_COLOR": "1"},
        )
        text = until("dabir is ready", lambda: self.log_with(r" is ready at "), 60)
        found = re.search(r"took over (\d+) living rooms", text)
        if taken_over != int(found[1] if found else 0):
            raise RuntimeError(f"it did not take over {taken_over} rooms:\n{text[-2000:]}")

    def log_with(self, pattern):
        text = (self.folder / "log").read_text()
        if self.process.poll() is not None:
            raise RuntimeError(f"dabir ended:\n{text[-2000:]}")
        return re.search(pattern, text) and text

    def kill9(self):
        self.process.kill()
        self.process.wait()

    def api(self, method, path, body=None):
        token = (self.folder / "data/secrets/admin.token").read_text().strip()
        request = urllib.request.Request(
            f"http://{HOST}:{self.port}/api/v1{path}", method=method, data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def meetings(self):
        """All meetings by id, page by page."""
        found, cursor = {}, ""
        while cursor is not None:
            page = self.api("GET", f"/meetings?limit=100{cursor and '&cursor=' + cursor}")
            found |= {meeting["id"]: meeting for meeting in page["items"]}
            cursor = page["next_cursor"]
        return found

    def running_rooms(self, count):
        """Makes `count` meetings that begin now and waits until all their rooms run."""
        for number in range(count):
            self.api("POST", "/meetings", {"name": f"Meeting {number}"})

        def all_run():
            rooms = self.meetings()
            return all(room["state"] == "running" for room in rooms.values()) and rooms

        return until(f"{count} rooms run", all_run, 120, pause=0.2)

    def end_rooms(self):
        """Ends all processes that work in this folder; a crashed server's rooms are nobody's children."""
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if str(self.folder) in (process / "cmdline").read_text():
                    os.kill(int(process.name), signal.SIGKILL)


@contextlib.contextmanager
def dabir(settings=""):
    with tempfile.TemporaryDirectory(prefix="dabir-bench-", ignore_cleanup_errors=True) as folder:
        server = Dabir(folder, settings)
        try:
            server.start()
            yield server
        finally:
            server.kill9()
            server.end_rooms()


SUPERVISORD = """\
[supervisord]
nodaemon=true
logfile=/dev/null
logfile_maxbytes=0
pidfile={folder}/pid
identifier=bench
[unix_http_server]
file={folder}/socket
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{folder}/socket
"""
PROGRAM = """\
[program:room{port}]
command={python} {script} {port}
autorestart=true
stdout_logfile=NONE
stderr_logfile=NONE
"""


class Supervisord:
    """supervisord with a Python room on each of its ports."""

    def __init__(self, folder, ports):
        self.config = Path(folder) / "supervisord.conf"
        script = PEERS / "websockets_room.py"
        programs = [PROGRAM.format(port=port, python=PYTHON, script=script) for port in ports]
        self.config.write_text(SUPERVISORD.format(folder=folder) + "".join(programs))

    def running(self):
        return running([PYTHON.parent / "supervisord", "-c", self.config])

    def pids(self):
        """The pid of each program that it holds to be running."""
        command = [PYTHON.parent / "supervisorctl", "-c", self.config, "status"]
        output = subprocess.run(command, capture_output=True, text=True).stdout
        return {name: int(pid) for name, pid in re.findall(r"(\S+)\s+RUNNING\s+pid (\d+)", output)}


@contextlib.contextmanager
def supervisord(rooms):
    with tempfile.TemporaryDirectory(prefix="dabir-bench-") as folder:
        yield Supervisord(folder, [free_port() for _ in range(rooms)])
