"""A room on PyPI's `websockets`, written as its documentation advises: `websockets_room.py PORT`."""

import asyncio
import sys

from websockets.asyncio.server import broadcast, serve

people = set()


async def attend(person):
    await person.send('{"type":"welcome"}')
    people.add(person)
    try:
        async for message in person:
            broadcast(people, message)
    finally:
        people.discard(person)


async def main():
    # Without compression, as our room: it would cost every peer more.
    async with serve(attend, "127.0.0.1", int(sys.argv[1]), compression=None) as server:
        await server.serve_forever()


asyncio.run(main())
