"""Everything that can go wrong, by what the caller can do about it.

XianglianError
├── Rejected       refused or failed: no effect (but gas, where a receipt says so)
├── Unreachable    effect unknown: ask for the transaction by its hash
└── Misused        the caller's own mistake

Each class and instance has a stable `code`, a `retry` flag and its facts as fields; `str(error)` is the
English reason, the console words codes in Chinese.
"""

from __future__ import annotations

from typing import Any


class XianglianError(Exception):
    """Base of all. `code` is stable; `facts` are the values that the reason speaks of."""

    code = "XL-ERROR"
    retry = False

    def __init__(
        self, reason: str = "", *, code: str | None = None, retry: bool | None = None, **facts: Any
    ) -> None:
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

    @property
    def exit_code(self) -> int:
        """What `xl` ends with: 1 refused or failed, 2 misuse, 3 outcome unknown (design section 5)."""
        return 1


class Rejected(XianglianError):
    """The chain or a node refused: nothing happened."""

    code = "XL-REJECTED"


class Unreachable(XianglianError):
    """No answer: whether it took effect is unknown. Ask for the transaction by its hash."""

    code = "XL-UNREACHABLE"
    retry = True

    @property
    def exit_code(self) -> int:
        """3 where a transaction may or may not have taken effect; 1 where nothing had been sent."""
        return 3 if "tx_id" in self.facts else 1


class Misused(XianglianError):
    """The call itself is wrong."""

    code = "XL-MISUSED"

    @property
    def exit_code(self) -> int:
        """2."""
        return 2


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


class NoSession(Rejected):
    """Everything under /v1 needs a session: sign in first."""

    code = "XL-SESSION"


class LoginRefused(Rejected):
    """The sign-in was refused: unknown or used challenge, stale time, or a signature that is not the
    account's.
    """

    code = "XL-SESSION-LOGIN"


class Busy(Rejected):
    """This node has as much to do as it takes on at once. Nothing was done; try again shortly."""

    code = "XL-BUSY"
    retry = True


class TooLarge(Misused):
    """The request is larger than this operation takes."""

    code = "XL-TOO-LARGE"


class NotFound(Misused):
    """There is no such thing on this chain, or not yet."""

    code = "XL-NOT-FOUND"


class InvalidRequest(Misused):
    """The request does not have the form that the interface describes."""

    code = "XL-REQUEST"


class WaitedTooLong(Unreachable):
    """No finality within the time given. The transaction may still be included until its `valid_until_ms`."""

    code = "XL-TX-TIMEOUT"


class AnswerForged(Rejected):
    """The answer does not carry the signature of the node that was asked."""

    code = "XL-ANSWER-SIGNATURE"


class FolderExists(Misused):
    """The folder exists already and is left as it is."""

    code = "XL-FOLDER-EXISTS"


class NoNetwork(Misused):
    """This folder holds no network."""

    code = "XL-NO-NETWORK"


class InvalidConfiguration(Misused):
    """A configuration file is missing, or does not say what it must."""

    code = "XL-CONFIGURATION"


class UnknownProfile(Misused):
    """There is no profile with this name."""

    code = "XL-PROFILE"


class NoPassphrase(Misused):
    """No passphrase for the key store: set XL_PASSPHRASE_FILE, a systemd credential, or answer the prompt."""

    code = "XL-KEYS-NO-PASSPHRASE"


class NetworkDown(Unreachable):
    """The network, or the node that was asked, is not running."""

    code = "XL-NETWORK-DOWN"


class Damaged(Rejected):
    """A file is not what it should be."""

    code = "XL-FILE-DAMAGED"


def _known() -> dict[str, type[XianglianError]]:
    found: dict[str, type[XianglianError]] = {}
    waiting: list[type[XianglianError]] = [XianglianError]
    while waiting:
        kind = waiting.pop()
        found[kind.code] = kind
        waiting.extend(kind.__subclasses__())
    return found


def from_json(document: dict[str, Any], *, otherwise: type[XianglianError] = Rejected) -> XianglianError:
    """The error that `to_json` described; codes without a class of their own become `otherwise`."""
    code = str(document.get("code", otherwise.code))
    kind = _known().get(code, otherwise)
    facts = document.get("facts") or {}
    return kind(
        str(document.get("reason", "")), code=code, retry=bool(document.get("retry", kind.retry)), **facts
    )
