"""What all rows need: programs, processes and their CPU time, rounds in turn, medians."""

import base64
import contextlib
import os
import re
import signal
import socket
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PEERS = CHECKOUT / "bench/peers"
PYTHON = CHECKOUT / ".cache/venv/bin/python"
BUN = PEERS / "node_modules/.bin/bun"
BUILT = Path(os.environ.get("DABIR_BUILT", CHECKOUT / "target/release"))
HOST = "127.0.0.1"


class NotBuilt(Exception):
    """A program that a row needs is not there."""


def built(name):
    path = BUILT / name
    if not path.exists():
        raise NotBuilt(f"{path} is not built")
    return str(path)


def prepare():
    """Builds ours, unless DABIR_BUILT says where it is; Python's peers come with the tests' environment, Node's by npm."""
    if "DABIR_BUILT" not in os.environ:
        packages = [f"--package=dabir-{name}" for name in ("room", "ports", "jobs", "sync", "clients", "http")]
        subprocess.run(["cargo", "build", "--release", "--quiet", "--examples", *packages], cwd=CHECKOUT, check=True)
        subprocess.run(["make", "build"], cwd=CHECKOUT, check=True)
    subprocess.run([CHECKOUT / "tools/setup-tests"], check=True)
    lock, stamp = PEERS / "package-lock.json", PEERS / "node_modules/.stamp"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        subprocess.run(["npm", "ci", "--silent", "--prefix", PEERS], check=True)
        stamp.write_bytes(lock.read_bytes())


def ask(command, told=None, **environment):
    """What a program printed that was told something, as {word: number}."""
    environment = {**os.environ, **environment}
    command = [str(word) for word in command]
    done = subprocess.run(command, input=told, text=True, capture_output=True, env=environment)
    if done.returncode:
        raise RuntimeError(f"{command} failed: {done.stderr[-2000:]}")
    return {word: float(number) for word, number in re.findall(r"^(\w+) ([\d.]+)", done.stdout, re.M)}


@dataclass
class Row:
    """One figure of several subjects; the first subject is Dabir, and the others are compared with it."""

    id: str
    what: str
    unit: str
    goal: str
    samples: dict
    more_is_better: bool = False
    notes: list = field(default_factory=list)
    # Whoever is compared with another than the first.
    against: dict = field(default_factory=dict)

    def ours(self, subject):
        return self.against.get(subject, next(iter(self.samples)))

    def median(self, subject):
        return statistics.median(self.samples[subject])

    def ratio(self, subject):
        """How many times better Dabir is than `subject`."""
        ours, theirs = self.median(self.ours(subject)), self.median(subject)
        better, worse = (ours, theirs) if self.more_is_better else (theirs, ours)
        return better / worse if worse else float("inf")


def in_turn(subjects, rounds):
    """A B A B …: what else the machine does meets all subjects alike."""
    samples = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, measure in subjects.items():
            samples[name].append(measure())
    return samples


def free_ports(count):
    """As many ports that nobody has, all different: they are held until the last one is found."""
    with contextlib.ExitStack() as held:
        listeners = [held.enter_context(socket.create_server((HOST, 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


def free_port():
    return free_ports(1)[0]


@contextlib.contextmanager
def running(command, **options):
    """A process without a voice, gone at the end with all that it started."""
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | options
    process = subprocess.Popen([str(word) for word in command], start_new_session=True, **options)
    try:
        yield process
    finally:
        # Politely first, so that temporary files go too.
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def cpu_seconds(pid):
    """CPU time of all threads that live; the first number of schedstat, in nanoseconds."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def pss_mib(pid):
    """Memory with shared pages divided among those who share them."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no Pss line")


def until(what, question, seconds=30.0, pause=0.001):
    """Asks until the answer is truthy, and gives it."""
    end = time.perf_counter() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.perf_counter() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(pause)


def first_frame(port, path="/"):
    """Connects as soon as somebody listens, and returns once the first WebSocket frame is in."""
    open_websocket(port, path).close()


def open_websocket(port, path="/", seconds=30.0):
    """A connection whose first frame is in."""

    def connect():
        try:
            return socket.create_connection((HOST, port), timeout=seconds)
        except ConnectionRefusedError:
            return None

    stream = until(f"port {port} answers", connect, seconds, pause=0.0002)
    key = base64.b64encode(os.urandom(16)).decode()
    stream.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    seen = b""
    while not seen.partition(b"\r\n\r\n")[2]:
        chunk = stream.recv(65536)
        if not chunk:
            raise ConnectionError(f"no frame, but: {seen[:200]!r}")
        seen += chunk
    if not seen.startswith(b"HTTP/1.1 101 "):
        raise ConnectionError(f"no WebSocket, but: {seen[:200]!r}")
    return stream


@dataclass(frozen=True)
class RoomServer:
    """A program that serves one room: its command for a port, and the path of its WebSocket."""

    command: object
    path: str = "/"


def room_servers():
    """Dabir's room first, then its peers."""
    room = built("dabir-room")
    return {
        "Dabir": RoomServer(lambda port: [room, port], "/ws?name=p{n}"),
        "Python websockets": RoomServer(lambda port: [PYTHON, PEERS / "websockets_room.py", port]),
        "Python aiohttp": RoomServer(lambda port: [PYTHON, PEERS / "aiohttp_room.py", port]),
        "node ws": RoomServer(lambda port: ["node", PEERS / "ws_room.mjs", port]),
        "bun": RoomServer(lambda port: [BUN, PEERS / "bun_room.js", port]),
    }
