"""The HTTP server around a gateway."""

from __future__ import annotations

import uvicorn

from xianglian.gateway.app import Gateway


def serve(gateway: Gateway, address: str) -> None:
    """Serves on `host:port` until SIGTERM or SIGINT."""
    host, _, port = address.rpartition(":")
    uvicorn.Server(
        uvicorn.Config(
            gateway,
            host=host,
            port=int(port),
            access_log=False,
            log_level="warning",
            server_header=False,
            date_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=2,
            backlog=1024,
            h11_max_incomplete_event_size=64 * 1024,
        )
    ).run()
