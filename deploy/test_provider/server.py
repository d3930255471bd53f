"""A provider that answers (tenar), in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import socket
from threading import Thread

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

HERE = "127.0.0.1"


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        """What is asked for is nobody's business."""


def listen(app: Flask, port: int, fd: int | None = None) -> BaseWSGIServer:
    return make_server(HERE, port, app, threaded=True, request_handler=_Quiet, fd=fd)


@contextmanager
def running(make: Callable[[str], Flask]) -> Iterator[Flask]:
    """`make` gets the issuer, on a free port; it answers for as long as the block lasts."""
    with socket() as door:
        door.bind((HERE, 0))
        door.listen(64)
        port = door.getsockname()[1]
        app = make(f"http://{HERE}:{port}")
        server = listen(app, port, door.fileno())
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield app
        finally:
            server.shutdown()
            thread.join(5)
            server.server_close()
