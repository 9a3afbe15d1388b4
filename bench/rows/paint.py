"""The room's page on a slow telephone: how long until something is to be read."""

import functools
import json
import subprocess

from rig import CHECKOUT, HOST, Row, built, first_frame, free_port, in_turn, running


def first_paint(path):
    """In milliseconds, in a browser that has never been here."""
    port = free_port()
    with running([built("dabir-room"), port]):
        first_frame(port, "/ws?name=first")
        command = ["node", CHECKOUT / "bench/paint.mjs", f"http://{HOST}:{port}{path}", "1"]
        output = subprocess.run(command, check=True, text=True, capture_output=True).stdout
        return json.loads(output)["first"]


def paint(args):
    subjects = {
        "Dabir": functools.partial(first_paint, "/?lang=fa"),
        "floor: a line of text": functools.partial(first_paint, "/health"),
    }
    return Row(
        "paint", "first paint of the room's page", "ms", "≤ 800 ms", in_turn(subjects, args.rounds),
        notes=["Chromium, a processor four times as slow, 1.6 Mbit/s, 150 ms to the server, nothing in its cache."],
    )


ROWS = {"paint": paint}
