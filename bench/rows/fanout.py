"""One says, all hear: CPU per delivery, by the load generator of `dabir-room`."""

import functools
import re
import subprocess

from rig import HOST, Row, built, first_frame, free_port, in_turn, room_servers, running

SECONDS = 5
P9_FALLS_SHORT = """\
Where it falls short: nine tenths of it are the kernel's TCP, of which the floor is the measure; 20 messages a second are
too few to write two at once within 10 ms."""
P10_FALLS_SHORT = """\
Where it falls short: 200 messages a second put two into each write of 10 ms, and the bare write of two costs more than
the goal on this machine."""


def load(server, connections, rate):
    """CPU of the server in µs a delivery."""
    port = free_port()
    with running(server.command(port)) as process:
        first_frame(port, server.path.replace("{n}", "first"))
        url = f"ws://{HOST}:{port}{server.path}"
        command = [built("examples/fanout"), url, "--pid", process.pid, "--connections", connections, "--rate", rate]
        plain = ["--plain"] if server.path == "/" else []
        return figure(command + ["--seconds", SECONDS] + plain, r"CPU\s+([\d.]+) µs a delivery")


def floor(connections, rate, batch):
    command = [built("examples/fanout"), "--floor", "--connections", connections, "--rate", rate, "--seconds", SECONDS]
    return figure(command + ["--batch", batch], r"([\d.]+) µs a delivery")


def figure(command, pattern):
    output = subprocess.run([str(word) for word in command], check=True, text=True, capture_output=True).stdout
    delivered = re.search(r"deliveries\s+(\d+) of (\d+)", output)
    if delivered and delivered[1] != delivered[2]:
        print(f"  only {delivered[1]} of {delivered[2]} came in time: {command[1]}")
    return float(re.search(pattern, output)[1])


def row(id, what, goal, connections, rate, batch, falls_short, rounds):
    subjects = {
        name: functools.partial(load, server, connections, rate) for name, server in room_servers().items()
    }
    subjects["floor: the bare write"] = functools.partial(floor, connections, rate, batch)
    note = f"The floor writes {batch} message{'s' * (batch > 1)} at a time to as many sockets, and does nothing else."
    return Row(id, what, "µs", goal, in_turn(subjects, rounds), notes=[note, falls_short])


def p9(args):
    what = "fan-out, 500 people × 20 messages a second, CPU per delivery"
    return row("P9", what, "≤ 8.0 µs", 500, 20, 1, P9_FALLS_SHORT, args.rounds)


def p10(args):
    what = "fan-out, 200 people × 200 messages a second, CPU per delivery"
    return row("P10", what, "≤ 2.5 µs", 200, 200, 2, P10_FALLS_SHORT, args.rounds)


ROWS = {"P9": p9, "P10": p10}
