"""A port manager as small as can be, on the shared file: the other program of the tests."""

import json
import sys

from filelock import FileLock, Timeout

KEYS = [
    "current_port", "free_ports", "used_ports", "port_usage", "history", "last_checked",
    "change_count", "last_error", "last_error_time", "settings",
]
part, path = sys.argv[1:]
lock = FileLock(path + ".lock")


def pick():
    """Takes the lowest free port, and rewrites the file in place with the keys it knows."""
    with lock:
        with open(path) as file:
            state = json.load(file)
        port = min(state["free_ports"])
        state["free_ports"].remove(port)
        state["used_ports"].append(port)
        state["current_port"] = port
        state["port_usage"][str(port)] = state["port_usage"].get(str(port), 0) + 1
        state["change_count"] += 1
        with open(path, "w") as file:
            json.dump({key: state[key] for key in KEYS}, file, indent=4)
    return port


if part == "hold":
    with lock:
        print("held now")
        sys.stdin.readline()
elif part == "try":
    try:
        lock.acquire(timeout=0)
        print("answer got it")
    except Timeout:
        print("answer locked out")
elif part == "pick":
    for _ in sys.stdin:
        print("port", pick())
