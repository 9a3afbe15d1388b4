"""The supervisor: what a quiet poll costs, how soon a crashed room is back, and what its own death costs."""

import contextlib
import functools
import http.server
import json
import os
import resource
import signal
import threading
import time
from pathlib import Path

from product import dabir, supervisord
from rig import HOST, Row, cpu_seconds, first_frame, in_turn, open_websocket, until

LIST = [
    {"id": n, "name": "Sprint Planning", "date_time": "2031-06-01T14:00:00Z", "port": None, "is_running": False}
    for n in range(1, 1001)
]
BODY = json.dumps(LIST).encode()
WATCHED = 5.0
FIRST_WAIT = 100
SUPERVISORD_ROOMS = 20


class ListServer(http.server.ThreadingHTTPServer):
    """Serves the list for ever unchanged, with an ETag or without."""

    def __init__(self, with_etag):
        super().__init__((HOST, 0), ListHandler)
        self.etag = '"unchanged"' if with_etag else None
        self.polls = 0


class ListHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.polls += 1
        known = self.server.etag and self.headers["If-None-Match"] == self.server.etag
        self.send_response(304 if known else 200)
        if self.server.etag:
            self.send_header("ETag", self.server.etag)
        if not known:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        if not known:
            self.wfile.write(BODY)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def list_server(with_etag):
    with ListServer(with_etag) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def polling(with_etag):
    """CPU in ms a poll, less what the same server costs while it does not poll."""
    with list_server(with_etag) as source:
        url = f'[meetings.django]\nurl = "http://{HOST}:{source.server_port}/"\n'
        often, polls = watched(f'[meetings]\npoll_interval = "100ms"\n{url}', source)
        seldom, _ = watched(f'[meetings]\npoll_interval = "1h"\n{url}', source)
    return (often - seldom) / polls * 1000


def watched(settings, source):
    """CPU seconds of a settled server, and the polls it made meanwhile."""
    before_start = source.polls
    with dabir(settings) as server:
        until("the list is read", lambda: source.polls > before_start)
        until("its meetings are known", lambda: len(server.meetings()) == len(LIST), pause=0.1)
        time.sleep(1)
        polls, cpu = source.polls, cpu_seconds(server.process.pid)
        time.sleep(WATCHED)
        return cpu_seconds(server.process.pid) - cpu, source.polls - polls


def python_parse():
    rounds = 100
    start = time.process_time()
    for _ in range(rounds):
        json.loads(BODY)
    return (time.process_time() - start) / rounds * 1000


def p18(args):
    subjects = {
        "Dabir, the whole list again": functools.partial(polling, False),
        "Dabir, answered 304": functools.partial(polling, True),
        "Python's JSON parse alone": python_parse,
    }
    what = f"reconcile {len(LIST):,} unchanged meetings ({len(BODY) / 1000:.0f} KB), CPU a poll"
    falls_short = "Where a 304 falls short: the time is that of one HTTP request and its wake-ups; the list is not touched."
    return Row(
        "P18", what, "ms", "≤ 1.5 ms, ≤ 0.15 ms on a 304", in_turn(subjects, args.rounds), notes=[falls_short]
    )


def crash(pid, answer):
    """Time in ms from the kill of a room until `answer` returns."""
    start = time.perf_counter()
    os.kill(pid, signal.SIGKILL)
    until("the room is gone", lambda: not is_alive(pid), pause=0.0002)
    answer()
    return (time.perf_counter() - start) * 1000


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except FileNotFoundError:
        return False


def dabir_crash():
    with dabir() as server:
        [room] = server.running_rooms(1).values()
        first_frame(room["port"], "/ws?name=before")
        return crash(room["pid"], lambda: first_frame(room["port"], "/ws?name=after"))


def supervisord_crash():
    with supervisord(1) as peer, peer.running():
        [(name, pid)] = until("the room runs", peer.pids, pause=0.1).items()
        port = int(name.removeprefix("room"))
        first_frame(port)
        return crash(pid, lambda: first_frame(port))


def p20(args):
    return Row(
        "P20", "a room crashes → a WebSocket is served again", "ms", "≤ 15 ms after its first back-off",
        in_turn({"Dabir": dabir_crash, "supervisord, Python room": supervisord_crash}, args.rounds),
        notes=[f"Dabir waits {FIRST_WAIT} ms before it starts a room again; those are in the figure."],
    )


def takeover(rooms):
    """Time in ms from the start of a new supervisor until it says that it holds all rooms."""
    with dabir() as server:
        before = server.running_rooms(rooms)
        with contextlib.ExitStack() as sockets:
            people = [sockets.enter_context(open_websocket(room["port"], "/ws?name=Ali")) for room in list(before.values())[:50]]
            server.kill9()
            start = time.perf_counter()
            server.start(taken_over=rooms)
            elapsed = (time.perf_counter() - start) * 1000
            dropped = sum(is_closed(person) for person in people)
        after = server.meetings()
        changed = sum(after[id]["pid"] != room["pid"] for id, room in before.items())
        if dropped or changed:
            raise RuntimeError(f"{dropped} of {len(people)} sockets dropped, {changed} rooms are other processes")
        return elapsed


def is_closed(stream):
    """Whether the other side has ended; what it said meanwhile is read away."""
    stream.setblocking(False)
    try:
        while stream.recv(4096):
            pass
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def supervisord_takeover():
    """How many rooms it holds, ten seconds after it was killed and started again."""
    with supervisord(SUPERVISORD_ROOMS) as peer:
        with peer.running():
            before = until("all rooms run", lambda: all_of(peer.pids()), 60, pause=0.2)
            os.kill(int((peer.config.parent / "pid").read_text()), signal.SIGKILL)
            try:
                with peer.running():
                    time.sleep(10)
                    after = peer.pids()
            finally:
                for pid in before.values():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
        return sum(after.get(name) == pid for name, pid in before.items())


def all_of(pids):
    return len(pids) == SUPERVISORD_ROOMS and pids


def p21(args):
    # Each room has some descriptors here for its log and sockets.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    held = supervisord_takeover()
    return Row(
        "P21", f"kill -9 of the supervisor with {args.rooms:,} rooms → all in hand again", "ms", "≤ 1 s, 0 sockets dropped",
        in_turn({"Dabir": functools.partial(takeover, args.rooms)}, args.rounds),
        notes=[
            "From the start of the new server to its ready line; every room is the same process as before and of 50 "
            "connections none was dropped, or the row fails.",
            f"supervisord held {held} of its {SUPERVISORD_ROOMS} rooms ten seconds after the same.",
        ],
    )


ROWS = {"P18": p18, "P20": p20, "P21": p21}
