"""A relay on loopback that keeps to a script, for faults that a real SMTP server cannot have.

`drip` names the command whose reply never ends ("banner", "EHLO", "MAIL", ".", …); `piece` is
what is sent again and again, `pause` the seconds between two pieces.
"""

import base64
import socket
import threading
from dataclasses import dataclass, field


@dataclass
class ScriptedRelay:
    """Accepts every command except the one that drips, and records what it received."""

    drip: str = ""
    piece: bytes = b"250-wait\r\n"
    pause: float = 0.02
    features: tuple[str, ...] = ()
    logins: frozenset[tuple[str, str]] = frozenset()
    hang_up_after_refusal: bool = False
    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "ScriptedRelay":
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with socket.create_connection(("127.0.0.1", self.port)):
            pass  # lets `accept` see that it is over
        for thread in self._threads:
            thread.join()
        self._server.close()

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            line, _ = self._server.accept()
            self._start(self._serve, line)

    def _serve(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as stream:
            try:
                self._reply(line, "banner", b"220 scripted\r\n")
                while command := stream.readline():
                    if not self._answer(line, stream, command.decode("ascii", "replace").strip()):
                        return
            except OSError:
                return

    def _answer(self, line: socket.socket, stream: object, command: str) -> bool:
        self.commands.append(command)
        verb = command.partition(" ")[0].upper()
        replies = {
            "EHLO": "".join(f"250-{name}\r\n" for name in ("scripted", *self.features)) + "250 OK",
            "DATA": "354 go ahead", "QUIT": "221 bye", "STARTTLS": "220 go ahead",
            "AUTH": self._judge(command),
        }  # fmt: skip
        reply = replies.get(verb, "250 fine")
        self._reply(line, verb, f"{reply}\r\n".encode())
        if verb == "DATA":
            self._take(line, stream)
        return not (verb == "QUIT" or (reply.startswith("535") and self.hang_up_after_refusal))

    def _take(self, line: socket.socket, stream: object) -> None:
        content = b""
        while (text := stream.readline()) != b".\r\n":  # type: ignore[attr-defined]
            if not text:
                return
            content += text
        self.mails.append(content)
        self._reply(line, ".", b"250 taken\r\n")

    def _judge(self, command: str) -> str:
        """The reply to AUTH PLAIN with an initial response, the only way to log in."""
        try:
            given = base64.b64decode(command.split(" ")[2]).decode().split("\0")[1:]
        except (IndexError, ValueError):
            return "504 only PLAIN"
        return "235 in" if tuple(given) in self.logins else "535 no"

    def _reply(self, line: socket.socket, name: str, reply: bytes) -> None:
        while name == self.drip and not self._ended.wait(self.pause):
            line.sendall(self.piece)
        line.sendall(reply)
