"""submit: the Python client. It signs, sends, waits for finality, and checks what the node answers.

`AsyncClient` does the work; `Client` is the same, one call at a time. `connection` finds out whom to talk to
as whom, `transport` signs in, retries what may be retried and verifies answers, `interfaces` turns values
into bytes and back.
"""

from xianglian.sdk.blocking import Client
from xianglian.sdk.client import AsyncClient

__all__ = ["AsyncClient", "Client"]
