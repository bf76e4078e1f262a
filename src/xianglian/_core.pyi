"""The border to the Rust core: bytes, ints, strings and frozen objects only. Every call releases the
interpreter lock.

Encodings: hashes and ids are raw bytes unless a name ends in `_text` (bech32m) or the result is a JSON
document; JSON follows the house rules: bytes in lower-case hex, u64 and wider as decimal strings, times in
UTC milliseconds. Errors are the classes of `xianglian.errors`.
"""

from typing import Any, final

__version__: str
PROTOCOL_VERSION: int

# --- cryptography -----------------------------------------------------------------------------------------

def sm3(data: bytes, /) -> bytes:
    """SM3 digest, 32 bytes (GB/T 32905)."""

def sm2_generate() -> bytes:
    """A fresh secret key: 32 bytes, the scalar big endian."""

def sm2_public_key(secret: bytes, /) -> bytes:
    """The public key of `secret`: 33 bytes, compressed SEC1. Raises `InvalidKey`."""

def sm2_sign(secret: bytes, message: bytes, /) -> bytes:
    """Signature r || s, 64 bytes, deterministic, default identifier (GB/T 32918.2). Raises `InvalidKey`."""

def sm2_verify(public_key: bytes, message: bytes, signature: bytes, /) -> None:
    """Raises `InvalidSignature` unless `signature` verifies; `public_key` as 33 or 65 bytes SEC1
    (`InvalidKey`).
    """

def sm4_ecb_encrypt(key: bytes, block: bytes, /) -> bytes:
    """One 16-byte block (GB/T 32907). Raises `InvalidKey`."""

def sm4_ecb_decrypt(key: bytes, block: bytes, /) -> bytes:
    """The inverse of `sm4_ecb_encrypt`."""

def sm4_gcm_encrypt(key: bytes, nonce: bytes, plaintext: bytes, associated_data: bytes, /) -> bytes:
    """Ciphertext then 16-byte tag; key 16 bytes, nonce 12 bytes, never used twice with one key."""

def sm4_gcm_decrypt(key: bytes, nonce: bytes, ciphertext: bytes, associated_data: bytes, /) -> bytes:
    """Raises `DecryptionFailed` when key, nonce, associated data or ciphertext differ from what was
    sealed.
    """

@final
class Vault:
    """A key store's master key, unlocked. `header` is public and goes to disk; secrets are sealed one by
    one.
    """

    @staticmethod
    def create(passphrase: bytes, *, fast: bool = False) -> Vault:
        """A new vault. `fast` lowers the cost of guessing (development networks and tests only)."""

    @staticmethod
    def unlock(header: bytes, passphrase: bytes) -> Vault:
        """Raises `WrongPassphrase`, `DamagedKeyStore`."""

    @property
    def header(self) -> bytes: ...
    def seal(self, name: str, secret: bytes) -> bytes: ...
    def open(self, name: str, sealed: bytes) -> bytes:
        """Raises `DamagedKeyStore` when the entry was made under another name or vault."""

# --- identifiers ------------------------------------------------------------------------------------------

def account_id(organisation: str, public_key: bytes) -> str:
    """`xl1...`: the account that `organisation` opens with `public_key`."""

def contract_address(name: str) -> str:
    """`xlc1...`: the address of the contract with this name (system contracts: `system:accounts`,
    `system:contracts`).
    """

def address_to_bytes(text: str) -> bytes:
    """20 bytes of an `xl1...` or `xlc1...` text. Raises `InvalidAddress`."""

def account_to_text(address: bytes) -> str: ...
def contract_to_text(address: bytes) -> str: ...

# --- transactions -----------------------------------------------------------------------------------------

def sign_transaction(
    secret: bytes,
    *,
    chain_id: bytes,
    sender: str,
    contract: str,
    method: str,
    arguments: bytes,
    gas_limit: int,
    valid_until_ms: int,
    salt: bytes | None = None,
) -> tuple[bytes, bytes]:
    """(transaction id, signed bytes). `contract` is an address; `arguments` is Borsh of the argument
    tuple.
    """

def decode_transaction(signed: bytes) -> str:
    """JSON
    {"tx_id","sender","key","contract","method","arguments","gas_limit","valid_until_ms","salt","chain_id"}.
    """

def read_request(
    secret: bytes,
    *,
    chain_id: bytes,
    node: bytes,
    session: bytes,
    role: str,
    purpose: str,
    query: bytes,
    minimum_height: int,
    expires_ms: int,
    nonce: bytes,
) -> bytes:
    """A signed read (protocol 22): canonical request bytes with the signature."""

def verify_answer(
    node: bytes, request: bytes, height: int, block_hash: bytes, result: bytes, signature: bytes, /
) -> None:
    """Checks what `Node.sign_answer` of the node with identity key `node` signed for the signed read
    `request`. Raises `InvalidSignature`.
    """

# --- genesis ----------------------------------------------------------------------------------------------

def build_genesis(document: str) -> bytes:
    """Canonical genesis from JSON
    {"name","time_ms","organisations":[{"id","name"}],"accounts":[{"organisation","key","roles"}],
    "nodes":[{"name","organisation","kind","key"}],"parameters":{...optional
    overrides},"governance":[2,3],"recovery":[2,3]}. Raises `InvalidGenesis`.
    """

def genesis_json(genesis: bytes) -> str:
    """The same document, complete, with "chain_id"."""

# --- contracts --------------------------------------------------------------------------------------------

def check_contract(code: bytes) -> str:
    """Validates a WebAssembly module as every node will. JSON
    {"code_hash","exports":[...],"instrumented_bytes","units"}. Raises `ContractRefused` with code and
    facts.
    """

@final
class ContractSandbox:
    """One contract over a state in memory: what `xl contract test` runs compiled code in. No chain, no
    consensus.
    """

    def __new__(cls, code: bytes) -> ContractSandbox: ...
    def set_account(self, address: bytes, organisation: str, roles: list[str]) -> None: ...
    def call(
        self,
        *,
        entry: str,
        arguments: bytes,
        caller: bytes,
        contract: bytes,
        height: int,
        time_ms: int,
        tx_id: bytes,
        gas_limit: int,
        read_only: bool = False,
        origin: bytes | None = None,
    ) -> str:
        """`origin` signed the transaction, the caller unless it is given. JSON
        {"status":"success"|"failed","output","gas_used","code","line","detail","events":[{"name","data"}]};
        a failed call leaves the state as it was.
        """

@final
class ContractMachine:
    """A node's machine over a host in Python: the gas and the failures of the chain, for tests."""

    def __new__(cls) -> ContractMachine: ...
    def run(
        self, *, code: bytes, entry: str, arguments: bytes, host: Any, gas_limit: int | None = None
    ) -> tuple[str, int, bytes, int]:
        """One call in a fresh instance; `host` is a `xianglian.contract.context.Host`. (code, line, output or
        detail, gas used); the code is empty where the call succeeded. Without `gas_limit` an outside call has
        what its caller gave, any other 2**63 - 1. Raises `ContractRefused`, and what the host raises.
        """

# --- proofs -----------------------------------------------------------------------------------------------

def verify_proof(
    proof: bytes,
    genesis: bytes | None = None,
    checkpoint_height: int = 0,
    checkpoint_hash: bytes | None = None,
) -> str:
    """Verifies a proof file's bytes offline; without a genesis the one in the file is taken
    ("unanchored"). JSON
    {"chain_id","height","block_hash","time_ms","state_root","validator_set","validators","signers",
    "strength":"unanchored"|"validator-set"|"checkpoint","fact":{"kind":"state"|"absence"|"receipt",...}}.
    Raises `ProofRefused`.
    """

# --- node -------------------------------------------------------------------------------------------------

@final
class Node:
    """One running node. Rust threads run it; they never wait for the interpreter."""

    def __new__(cls, configuration: str, identity_secret: bytes) -> Node:
        """Starts. `configuration` is JSON {"name","data_dir","genesis": hex,"listen":"127.0.0.1:port",
        "peers":[{"key","address"}],"api_public":bool,"log_level"}; the node finds its kind and
        organisation in genesis by its key. Raises `NodeFault`, `StrangerNode` (key not admitted),
        `DamagedDatabase`, `FolderInUse`.
        """

    def stop(self) -> None:
        """Stops and flushes. Idempotent."""

    def status(self) -> str:
        """JSON
        {"name","org","kind","chain_id","height","block_hash","state_root","time_ms","peers":[{"name","org","kind","connected"}],
        "pool":{"transactions","bytes"},"validators":n,"validators_up":n,"votes":bool,"evidence":n,"finalized","key","epoch","view","leader","healthy","fault":
        null|str,"genesis_time_ms"}.
        """

    def engine_metrics(self) -> str:
        """The BFT engine's own metrics in the Prometheus text form."""

    def submit(self, signed: bytes) -> bytes:
        """Checks, admits to the pool and sends to the validators; the transaction id. The same transaction
        twice is the same id. Raises a `Rejected` with code and reason.
        """

    def submit_batch(self, frames: bytes) -> bytes:
        """u32 little-endian length then bytes, repeated, at most 4 MiB; answer per transaction: 1 status
        byte (0 admitted, 1 rejected) then 32-byte id (admitted) or 32 bytes of code, NUL-padded
        (rejected).
        """

    def transaction(self, tx_id: bytes) -> str | None:
        """JSON
        {"tx_id","height","index","time_ms","block_hash","transaction":{...},"receipt":{"status","code","line","path":[{"contract","method"}],
        "detail","output","gas_used","events":[{"contract","name","data"}]}} once final and durable
        here, else None.
        """

    def wait(self, tx_id: bytes, timeout_ms: int) -> str | None:
        """`transaction`, waiting up to `timeout_ms` for finality."""

    def pool_contains(self, tx_id: bytes) -> bool: ...
    def block(self, height: int) -> str | None:
        """JSON
        {"height","block_hash","header":{...},"transactions":[{"tx_id","sender","contract","method","status","code","gas_used"}],
        "certificate_height","signers":[...names]}.
        """

    def block_results(self, height: int) -> bytes | None:
        """33 bytes for each transaction of a block, in order: its id, then 0 (success) or 1 (failed)."""

    def block_by_hash(self, block_hash: bytes) -> str | None: ...
    def wait_height(self, height: int, timeout_ms: int) -> int:
        """Waits until the committed height reaches `height`; the height then."""

    def account(self, address: str) -> str | None:
        """JSON
        {"account","organisation","roles","keys":[{"key","added_height","revoked_height"}],"suspended","admitted_height"}.
        """

    def organisations(self) -> str:
        """JSON [{"id","name","admins":[...]}]."""

    def accounts(self, offset: int, limit: int) -> str:
        """JSON {"total","accounts":[...]} in the order of admission."""

    def contract(self, name: str) -> str | None:
        """JSON
        {"name","address","owner","organisation","status","version","code_hash","code_bytes","interface_hash",
        "interface_bytes","deployed_height","changed_height"}; `status` is active, frozen or destroyed.
        """

    def contracts(self) -> str: ...
    def contract_interface(self, name: str, version: int | None = None) -> bytes | None:
        """The interface description of a version, by default of the one that runs."""

    def contract_versions(self, name: str) -> str | None:
        """JSON {"name","address","status","version","layout":[{"field","digest"}],"versions":[{"version",
        "code_hash","code_bytes","interface_hash","interface_bytes","height","by","proposal","audit"}]}.
        """

    def code(self, code_hash: str) -> str:
        """JSON {"code_hash","staged":{"owner","organisation","code_bytes","interface_hash","layout","height"}
        or null,"audits":[{"auditor","organisation","report_hash","verdict","tool","valid_until_ms",
        "height"}]}.
        """

    def staged_interface(self, code_hash: str) -> bytes | None:
        """The interface description of staged code."""

    def governance(self) -> str:
        """JSON {"policy":{"deploy","upgrade","audit_required","audit_independent","auditor"},"threshold",
        "organisations","needed","proposals"}.
        """

    def proposals(self, before: int | None, limit: int) -> str:
        """JSON {"total","proposals":[...]}, newest first."""

    def proposal(self, number: int) -> str | None:
        """JSON {"id","action":{"kind","name","version","code_hash","migrated","policy"},"title","proposer",
        "organisation","height","time_ms","valid_until_ms","status","decided_height","votes":[{"organisation",
        "by","yes","height"}]}; `status` is open, enacted, rejected or expired.
        """

    def dry_run_upgrade(
        self,
        caller: str,
        name: str,
        code_hash: str,
        stage_arguments: bytes,
        migrated: list[str],
        gas_limit: int,
    ) -> str:
        """Upgrades over a throw-away copy of the state. `code_hash` of staged code, or empty and the
        arguments of `stage`. JSON {"height","block_hash","time_ms","code_hash","status","version","code",
        "line","detail","audit","gas_used","writes","events"}.
        """

    def query(self, caller: str, contract: str, method: str, arguments: bytes, gas_limit: int) -> str:
        """Runs a view on the committed state. JSON
        {"height","block_hash","time_ms","status","output","code","line","detail","gas_used"}.
        """

    def replay(self, tx_id: bytes) -> str | None:
        """Runs a final transaction again on the state it met and tells what happened; JSON as
        `ContractSandbox.call` plus "height","same_as_receipt". Raises `HistoryPruned` when the state it
        met is no longer kept.
        """

    def state_proof(self, key: bytes) -> bytes:
        """A proof file: value or absence of a full state key in the newest provable block."""

    def receipt_proof(self, tx_id: bytes) -> bytes | None:
        """A proof file: the receipt, its block, its finality."""

    def events(self, cursor: int, limit: int, timeout_ms: int) -> str:
        """JSON
        {"events":[{"cursor","height","index","tx_id","contract","name","data","time_ms"}],"next_cursor"}:
        events after `cursor` (0 = from the first), waiting up to `timeout_ms` when there is none yet.
        """

    def sign_answer(self, request_hash: bytes, height: int, block_hash: bytes, result: bytes) -> bytes:
        """This node's signature over an answer to a signed read (protocol 22)."""

    def check_read(self, request: bytes) -> str:
        """Checks a signed read: signature, chain, node, expiry, nonce, that the key belongs to an active
        account with the role. JSON
        {"account","organisation","role","purpose","query","session","minimum_height","request_hash"}.
        Raises `ReadRefused`.
        """

    def check_login(self, message: bytes, key: bytes, signature: bytes, account: str) -> str:
        """Checks that `signature` over `message` is by an active key of an active `account`. JSON as
        `account`. Raises `ReadRefused`.
        """
