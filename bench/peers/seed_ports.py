"""A port manager of the usual make: under a file lock it probes every port, backs the file up and writes it anew.

`seed_ports.py STATE SECONDS` picks and releases in a closed loop and prints how many picks it made.
"""

import json
import shutil
import socket
import sys
import time
from pathlib import Path

from filelock import FileLock
from persiantools.jdatetime import JalaliDateTime

START, END, HISTORY = 3000, 9000, 50


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class PortManager:
    def __init__(self, path):
        self.path = Path(path)
        self.backups = self.path.parent / "backups"
        self.backups.mkdir(parents=True, exist_ok=True)
        self.lock = FileLock(f"{path}.lock")

    def load(self):
        try:
            return json.loads(self.path.read_text())
        except (FileNotFoundError, ValueError):
            return {"used_ports": [], "port_usage": {}, "history": [], "change_count": 0}

    def save(self, state):
        if self.path.exists():
            shutil.copy(self.path, self.backups / f"{self.path.stem}_{time.strftime('%Y%m%d_%H%M%S')}.json")
        self.path.write_text(json.dumps(state, indent=2))

    def change(self, state, prev, new):
        now = JalaliDateTime.now().strftime("%Y/%m/%d %H:%M")
        taken = set(state["used_ports"])
        state["current_port"] = new
        state["free_ports"] = [port for port in range(START, END + 1) if port not in taken and is_free(port)]
        state["history"] = (state["history"] + [{"time": now, "prev": prev, "new": new}])[-HISTORY:]
        state["change_count"] += 1
        self.save(state)

    def pick(self):
        with self.lock:
            state = self.load()
            taken = set(state["used_ports"])
            port = next(port for port in range(START, END + 1) if port not in taken and is_free(port))
            state["used_ports"].append(port)
            state["port_usage"][str(port)] = state["port_usage"].get(str(port), 0) + 1
            self.change(state, None, port)
        return port

    def release(self, port):
        with self.lock:
            state = self.load()
            state["used_ports"].remove(port)
            self.change(state, port, None)


def main():
    ports = PortManager(sys.argv[1])
    end = time.monotonic() + float(sys.argv[2])
    picks = 0
    while time.monotonic() < end:
        ports.release(ports.pick())
        picks += 1
    print(picks)


main()
