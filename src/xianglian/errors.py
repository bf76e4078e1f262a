"""Everything that can go wrong, by what the caller can do about it.

XianglianError
├── Rejected       refused or failed: no effect (but gas, where a receipt says so)
├── Unreachable    effect unknown: ask for the transaction by its hash
└── Misused        the caller's own mistake

Each class and instance has a stable `code`, a `retry` flag and its facts as fields; `str(error)` is the English reason,
the console words codes in Chinese.
"""

from __future__ import annotations

from typing import Any


class XianglianError(Exception):
    """Base of all. `code` is stable; `facts` are the values that the reason speaks of."""

    code = "XL-ERROR"
    retry = False

    def __init__(self, reason: str = "", *, code: str | None = None, retry: bool | None = None, **facts: Any) -> None:
        super().__init__(reason or (self.__doc__ or "").strip().splitlines()[0])
        if code is not None:
            self.code = code
        if retry is not None:
            self.retry = retry
        self.facts = facts

    @property
    def reason(self) -> str:
        """The reason in English."""
        return str(self.args[0])

    def to_json(self) -> dict[str, Any]:
        """The one shape in which errors leave the process."""
        return {"code": self.code, "reason": self.reason, "retry": self.retry, "facts": self.facts}


class Rejected(XianglianError):
    """The chain or a node refused: nothing happened."""

    code = "XL-REJECTED"


class Unreachable(XianglianError):
    """No answer: whether it took effect is unknown. Ask for the transaction by its hash."""

    code = "XL-UNREACHABLE"
    retry = True


class Misused(XianglianError):
    """The call itself is wrong."""

    code = "XL-MISUSED"


class TransactionRefused(Rejected):
    """A transaction was refused before it entered a block."""

    code = "XL-TX-REFUSED"


class TransactionFailed(Rejected):
    """A transaction was included and failed: it had no effect but its gas. `facts` hold receipt fields."""

    code = "XL-TX-FAILED"


class InvalidSignature(Rejected):
    """The SM2 signature does not verify for this key and message."""

    code = "XL-CRYPTO-SIGNATURE"


class InvalidKey(Misused):
    """Not a key of the expected form."""

    code = "XL-CRYPTO-KEY"


class DecryptionFailed(Rejected):
    """Key, nonce, associated data or ciphertext are not those that were sealed."""

    code = "XL-CRYPTO-DECRYPT"


class WrongPassphrase(Rejected):
    """The passphrase does not open this key store."""

    code = "XL-KEYS-PASSPHRASE"


class DamagedKeyStore(Rejected):
    """The key store was changed or its entry belongs elsewhere."""

    code = "XL-KEYS-DAMAGED"


class InvalidAddress(Misused):
    """Not an `xl1...` account or `xlc1...` contract address."""

    code = "XL-ADDRESS"


class InvalidGenesis(Misused):
    """This genesis cannot found a chain."""

    code = "XL-GENESIS"


class ContractRefused(Rejected):
    """The module is not one that nodes will run."""

    code = "XL-VM-REFUSED"


class ProofRefused(Rejected):
    """The proof does not prove what it says."""

    code = "XL-PROOF-REFUSED"


class ReadRefused(Rejected):
    """Reads need a valid session or signature by an account with the role."""

    code = "XL-READ-REFUSED"


class HistoryPruned(Rejected):
    """The state at that height is no longer kept."""

    code = "XL-HISTORY-PRUNED"


class NodeFault(Unreachable):
    """The node stopped itself rather than risk being wrong."""

    code = "XL-NODE-FAULT"


class StrangerNode(Rejected):
    """The node's key is not admitted to this chain."""

    code = "XL-NODE-STRANGER"


class DamagedDatabase(Rejected):
    """The node's database is damaged. Restore a backup or join again from the peers."""

    code = "XL-NODE-DATABASE"


class FolderInUse(Rejected):
    """Another process holds this node's folder."""

    code = "XL-NODE-LOCKED"
