"""One room: what its start costs, how soon it answers, what it weighs."""

import contextlib
import functools
import time

from rig import Row, cpu_seconds, first_frame, free_port, free_ports, in_turn, pss_mib, room_servers, running

NEIGHBOURS = 20
P1_FALLS_SHORT = """\
Where it falls short: about 0.75 ms of it is `exec` and what the kernel does to start any program; the rest is reading
the meeting's description, the journal and the first join."""
P2_FALLS_SHORT = "Where it falls short of forty times: Python starts in half the time here that the goal was set by."
# After this, what only the start needed is given back.
SETTLE = 1.0


def per_server(measure, rounds):
    return in_turn({name: functools.partial(measure, server) for name, server in room_servers().items()}, rounds)


def started(server, then):
    """Starts a room, waits for its first frame, and gives what `then` makes of process and time."""
    port = free_port()
    start = time.perf_counter()
    with running(server.command(port)) as process:
        first_frame(port, server.path.replace("{n}", "0"))
        return then(process, time.perf_counter() - start)


def p1(args):
    measure = functools.partial(started, then=lambda process, _: cpu_seconds(process.pid) * 1000)
    return Row(
        "P1", "CPU to start one room, up to its first WebSocket frame", "ms", "≤ 2 ms, ≥ 60× Python",
        per_server(measure, args.rounds), notes=[P1_FALLS_SHORT],
    )


def p2(args):
    measure = functools.partial(started, then=lambda _, seconds: seconds * 1000)
    return Row(
        "P2", "start → first WebSocket frame", "ms", "≤ 5 ms, ≥ 40× Python", per_server(measure, args.rounds),
        notes=[
            "Wall time: it holds for an idle machine only. Each server binds its own port and is asked every 0.2 ms.",
            P2_FALLS_SHORT,
        ],
    )


def idle_memory(server):
    """Of one among several, as rooms are in practice: they share the pages of their program."""
    ports = free_ports(NEIGHBOURS)
    with contextlib.ExitStack() as stack:
        rooms = [stack.enter_context(running(server.command(port))) for port in ports]
        for port in ports:
            first_frame(port, server.path.replace("{n}", "0"))
        time.sleep(SETTLE)
        return sum(pss_mib(room.pid) for room in rooms) / NEIGHBOURS


def p6(args):
    what = f"memory of an idle room (PSS), {NEIGHBOURS} of them running"
    return Row("P6", what, "MiB", "≤ 1 MiB", per_server(idle_memory, args.rounds))


ROWS = {"P1": p1, "P2": p2, "P6": p6}
