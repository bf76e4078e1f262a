"""SM2, SM3 and SM4 for applications: the functions that the chain itself uses (GB/T 32905, 32907, 32918)."""

from xianglian._core import (
    sm2_generate,
    sm2_public_key,
    sm2_sign,
    sm2_verify,
    sm3,
    sm4_ecb_decrypt,
    sm4_gcm_decrypt,
    sm4_gcm_encrypt,
)
from xianglian._core import sm4_ecb_encrypt as _sm4_ecb_encrypt
from xianglian.errors import InvalidSignature


def sm4_ecb(key: bytes, block: bytes) -> bytes:
    """One 16-byte block under a 16-byte key: for test vectors, never for data. Raises `InvalidKey`."""
    return _sm4_ecb_encrypt(key, block)


__all__ = [
    "InvalidSignature",
    "sm2_generate",
    "sm2_public_key",
    "sm2_sign",
    "sm2_verify",
    "sm3",
    "sm4_ecb",
    "sm4_ecb_decrypt",
    "sm4_gcm_decrypt",
    "sm4_gcm_encrypt",
]
