"""The operator's port of a node: /healthz and /metrics over plain HTTP, nothing else. Runs in threads of its
own.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from xianglian.gateway.metrics import prometheus


def serve_health(address: str, status: Callable[[], str]) -> ThreadingHTTPServer:
    """Answers on `host:port` from `status` (JSON of `Node.status`) until the process ends or `shutdown`."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 5
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            document = json.loads(status())
            if self.path == "/healthz":
                self._answer(503 if document["fault"] else 200, "application/json", json.dumps(document))
            elif self.path == "/metrics":
                self._answer(200, "text/plain; version=0.0.4", prometheus(document))
            else:
                self._answer(404, "text/plain", "/healthz and /metrics are all there is here\n")

        def _answer(self, code: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(code)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    host, _, port = address.rpartition(":")
    server = ThreadingHTTPServer((host, int(port)), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.5,), name="health", daemon=True).start()
    return server
