"""A mail server for tests: says `ready PORT`, then each mail that it takes as one line of JSON.

    smtp_server.py [--later N] [--refuse] [--password WORD]
"""

import argparse
import asyncio
import email
import email.policy
import json

from aiosmtpd.smtp import SMTP, AuthResult


class Box:
    """Takes mail, unless it is told to put off the first ones, or to refuse them all."""

    def __init__(self, later, refuse):
        self.later, self.refuse = later, refuse

    async def handle_DATA(self, server, session, envelope):
        if self.refuse:
            return "550 nobody of this name lives here"
        if self.later > 0:
            self.later -= 1
            return "451 come back later"
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
        line = {
            "to": envelope.rcpt_tos,
            "from": envelope.mail_from,
            "headers": {name.lower(): str(value) for name, value in mail.items()},
            "text": parts.get("text/plain"),
            "html": parts.get("text/html"),
        }
        print(json.dumps(line), flush=True)
        return "250 taken"


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("--later", type=int, default=0)
    options.add_argument("--refuse", action="store_true")
    options.add_argument("--password", default="")
    options = options.parse_args()
    box = Box(options.later, options.refuse)

    def authenticate(server, session, envelope, mechanism, data):
        return AuthResult(success=data.password == options.password.encode())

    def connection():
        return SMTP(
            box,
            enable_SMTPUTF8=True,
            authenticator=authenticate if options.password else None,
            auth_required=bool(options.password),
            auth_require_tls=False,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection, "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
