"""Secret keys at rest and in use: an encrypted store in a folder, and the one interface that everything signs
through.
"""

from xianglian.keys.key import Key, Signer
from xianglian.keys.passphrase import find_passphrase
from xianglian.keys.profile import Profile, Profiles
from xianglian.keys.store import KeyStore

__all__ = ["Key", "KeyStore", "Profile", "Profiles", "Signer", "find_passphrase"]
