"""Pages on a slow telephone: how long until something is to be read."""

import functools
import json
import subprocess

from product import dabir
from rig import CHECKOUT, HOST, Row, built, first_frame, free_port, in_turn, running

NOTE = "Chromium, a processor four times as slow, 1.6 Mbit/s, 150 ms to the server, nothing in its cache."
PERSON = {"name": "Paint", "email": "paint@example.org", "password": "seven quiet rivers", "role": "operator"}


def paint(url, *options):
    """The first paint in milliseconds, in a browser that has never been here."""
    command = ["node", CHECKOUT / "bench/paint.mjs", url, "1", *options]
    output = subprocess.run(command, check=True, text=True, capture_output=True).stdout
    return json.loads(output)["first"]


def room_page(path):
    port = free_port()
    with running([built("dabir-room"), port]):
        first_frame(port, "/ws?name=first")
        return paint(f"http://{HOST}:{port}{path}")


def join_page():
    with dabir() as server:
        meeting = server.api("POST", "/meetings", {"name": "جلسهٔ شورا"})
        return paint(f"{meeting['join_url']}?lang=fa")


def console():
    """Of somebody who is signed in already."""
    with dabir() as server:
        server.api("POST", "/users", PERSON)
        return paint(f"http://{HOST}:{server.port}/?lang=fa", PERSON["email"], PERSON["password"])


FLOOR = {"floor: a line of text": functools.partial(room_page, "/health")}


def participants(args):
    subjects = {"the room's page": functools.partial(room_page, "/?lang=fa"), "the join page": join_page, **FLOOR}
    return Row(
        "paint", "first paint of what participants open", "ms", "≤ 800 ms", in_turn(subjects, args.rounds),
        notes=[NOTE],
    )


def shell(args):
    return Row(
        "shell", "first paint of the console", "ms", "≤ 1,800 ms",
        in_turn({"the console": console, **FLOOR}, args.rounds),
        notes=[NOTE, "What is painted first is the empty frame; the first words follow about a second later."],
    )


ROWS = {"paint": participants, "shell": shell}
