"""A mail server that behaves as it is told, over aiosmtpd (Debian: python3-aiosmtpd).

server.py LOG MODE [CERTIFICATE KEY]

Prints its port, and writes a line of JSON to LOG for each mail that it keeps, before it answers. That
is what a good server does: a mail it has answered with 250 is one it has.
"""

import asyncio
import json
import logging
import random
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult

LOG, MODE = sys.argv[1], sys.argv[2]
USER, PASSWORD = b"avvikelse@kommun.se", b"hemligt losenord"
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


class Handler:
    def __init__(self):
        self.log = open(LOG, "a", encoding="utf-8")
        self.refused = {}
        self.met = 0
        self.odd = set()

    def keep(self, session, envelope, answered):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        line = {
            "id": mail["Message-ID"].strip("<>"),
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": str(mail["Subject"]),
            "text": mail.get_content(),
            "raw": envelope.content.decode("ascii"),
            "tls": session.ssl is not None,
            "answered": answered,
        }
        self.log.write(json.dumps(line) + "\n")
        self.log.flush()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if MODE == "refusing" and address.startswith("nix"):
            return "550 5.1.1 %s is unknown here" % address
        if MODE == "relaying" and address.startswith("nix"):
            return "454 4.7.1 relay access denied"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        id = message_from_bytes(envelope.content)["Message-ID"]
        first = id not in self.odd
        if MODE == "later":
            # Three in ten tries, and no mail for ever.
            if random.random() < 0.3 and self.refused.get(id, 0) < 3:
                self.refused[id] = self.refused.get(id, 0) + 1
                return "451 4.3.0 not now"
        elif first and MODE in ("hanging", "dropping"):
            self.met += 1
            if MODE == "hanging" and self.met % 50 == 0:
                self.odd.add(id)
                await asyncio.sleep(3600)
            if MODE == "dropping" and self.met % 15 == 0:
                self.odd.add(id)
                # Every other one it has, and nobody was told.
                if self.met % 30 == 0:
                    self.keep(session, envelope, False)
                server.transport.abort()
                return "250 OK"
        self.keep(session, envelope, True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == USER and data.password == PASSWORD
    return AuthResult(success=good, handled=False)


async def main():
    handler = Handler()
    extra = {}
    if MODE == "tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
        extra = dict(
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            auth_require_tls=True,
            authenticator=authenticate,
        )

    mute = {"left": 2 if MODE == "hanging" else 0}

    class Mute(asyncio.Protocol):
        """Takes the connection and says nothing."""

    def make():
        if mute["left"] > 0:
            mute["left"] -= 1
            return Mute()
        return SMTP(handler, hostname="mail.example", ident="test", **extra)

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
