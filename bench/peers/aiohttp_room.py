"""A room on aiohttp: `aiohttp_room.py PORT`."""

import asyncio
import sys

from aiohttp import WSMsgType, web

people = set()


async def attend(request):
    person = web.WebSocketResponse(compress=False)
    await person.prepare(request)
    await person.send_str('{"type":"welcome"}')
    people.add(person)
    try:
        async for message in person:
            if message.type == WSMsgType.TEXT:
                await asyncio.gather(*(other.send_str(message.data) for other in people))
    finally:
        people.discard(person)
    return person


app = web.Application()
app.router.add_get("/", attend)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
