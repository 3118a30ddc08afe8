"""A real SMTP server on loopback with faults, chosen by the prefix of an address.

    refuse-    550 to RCPT, always             grey-      451 to RCPT the first time
    before-    disconnects at RCPT, once       during-    disconnects in the middle of DATA, once
    after-     accepts the mail, disconnects before the reply, always
    later-     451 after the dot, the first time           slow-      replies slowly

Run as a script, it serves until it is killed: `smtp_server.py LOG` prints its port and writes
a line for every accepted mail.
"""

import asyncio
import ssl
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


@dataclass
class Mailbox:
    """The accepted mails, in order, and the faults that have occurred."""

    log: Path | None = None
    delivered: list[tuple[str, bytes]] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    deny: str = ""

    def deliver(self, recipient: str, content: bytes) -> None:
        """Store a mail; with a log, on disk before the reply is sent."""
        self.delivered.append((recipient, content))
        if self.log:
            name = message_from_bytes(content)["Message-ID"]
            with self.log.open("a") as log:
                log.write(f"{recipient} {name}\n")

    def once(self, recipient: str, fault: str) -> bool:
        """Return whether this recipient's fault is due, only the first time."""
        if not recipient.startswith(f"{fault}-") or self.faults[recipient]:
            return False
        self.faults[recipient] += 1
        return True

    def mails(self) -> dict[str, EmailMessage]:
        """Return the last mail of each recipient, parsed."""
        return {
            to: message_from_bytes(content, policy=default)  # type: ignore[misc]
            for to, content in self.delivered
        }


class Faulty:
    """The handler of aiosmtpd that causes the faults."""

    def __init__(self, box: Mailbox) -> None:
        self.box = box

    async def handle_RCPT(  # noqa: N802  aiosmtpd calls it by this name
        self, server: SMTP, _: Session, envelope: Envelope, address: str, __: list[str]
    ) -> str:
        if address.startswith("refuse-"):
            return "550 5.1.1 no such mailbox"
        if self.box.deny:
            return self.box.deny
        if self.box.once(address, "grey"):
            return "451 4.7.1 greylisted, come back later"
        if self.box.once(address, "before"):
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _: Session, envelope: Envelope
    ) -> str:
        (recipient,) = envelope.rcpt_tos
        if self.box.once(recipient, "later"):
            return "451 4.3.0 not now"
        if recipient.startswith("slow-"):
            await asyncio.sleep(0.05)
        assert isinstance(envelope.content, bytes)
        self.box.deliver(recipient, envelope.content)
        if recipient.startswith("after-"):
            server.transport.abort()
        return "250 2.0.0 accepted"


class Server(SMTP):
    """aiosmtpd's server, which can also disconnect while a mail is being read."""

    box: Mailbox

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.box.connections += 1
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        recipient = (self.envelope.rcpt_tos or [""])[0]
        if not self.box.once(recipient, "during"):
            await super().smtp_DATA(arg)
            return
        await self.push("354 go ahead")
        await self._reader.readline()
        self.transport.abort()


@contextmanager
def served(box: Mailbox, **options: Any) -> Iterator[int]:
    """The port of a server that runs in a separate thread during the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(listening(box, **options), loop).result()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_ended(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def listening(box: Mailbox, **options: Any) -> asyncio.Server:
    """A server on a free port of loopback."""

    def factory() -> Server:
        server = Server(Faulty(box), enable_SMTPUTF8=False, **options)
        server.box = box
        return server

    return await asyncio.get_running_loop().create_server(factory, "127.0.0.1", 0)


async def _ended(server: asyncio.Server) -> None:
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def login(user: str, password: str) -> dict[str, Any]:
    """Return options of a server that requires this login."""

    def check(_: Any, __: Any, ___: Any, ____: Any, data: Any) -> AuthResult:
        known = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=known, handled=False)

    return {"authenticator": check, "auth_require_tls": False}


def encrypted(certificate: Path, key: Path) -> dict[str, Any]:
    """Options of a server that offers STARTTLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return {"tls_context": context, "require_starttls": True}


async def main(log: Path) -> None:
    """Serve until killed."""
    server = await listening(Mailbox(log))
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
