"""Standard interfaces (XRC) 标准接口, for calls between contracts, and how a contract says which it has.

Numbers, errors and meaning: `spec/20-xrc.md`. An id is SM3 over the canonical signatures (XL-XRC-2).
"""

from __future__ import annotations

from xianglian.contract import (
    Address,
    Hash,
    List,
    Public,
    Ref,
    Text,
    Time,
    component,
    entry,
    interface,
    overridable,
    u32,
    u64,
    u128,
    view,
)
from xianglian.contract.lib.evidence import Item, Version
from xianglian.contract.lib.registry import CredentialStatus, Standing

XRC_1 = (
    b"\x93\xe3\xc0\xe5\xd7\x39\xf6\xa4\xf6\x2b\xc6\xc6\x48\x37\x02\x6e"
    b"\xf8\x09\x35\x38\x6e\xd1\x9d\x85\x2d\xe9\xab\x71\x36\xfb\x31\xfa"
)
XRC_3 = (
    b"\xea\x18\xe1\xba\x29\x07\xd7\x53\xe8\x98\x8a\x96\x15\x15\x19\x69"
    b"\x70\xfe\x7c\x8b\x17\x9e\x72\x1b\x12\x86\x2b\xc8\xa3\x14\x90\xc8"
)
XRC_4 = (
    b"\x8b\x1d\xb2\x52\x82\x65\x85\xeb\x35\x8e\x45\xbf\x76\x0a\xac\x1c"
    b"\xe1\x2d\xe7\xbf\x0a\xc2\xe5\xb4\xbe\x91\x9b\x01\xce\x9c\x28\x2d"
)
XRC_20 = (
    b"\x81\x8e\xf5\xb8\x4b\x37\x29\x07\xc4\x19\xda\xfc\x4d\x63\xae\x08"
    b"\x24\x58\xfe\xb8\x4d\x7d\xfd\x25\xa7\x4a\xa3\x46\x07\xe0\x1f\xf4"
)
XRC_21 = (
    b"\xbe\xa4\xc9\xb3\x61\xea\x5d\x62\xee\x07\xd7\x05\xb0\xd9\xfe\x91"
    b"\x90\xf3\x68\xad\x30\x4d\x0f\xae\x50\x44\xf5\xb7\xac\x28\x16\x7d"
)
XRC_22 = (
    b"\x14\xa7\x66\x1f\x1c\xa2\xfa\xdb\x30\x46\x81\x54\xa4\xa4\x92\x72"
    b"\x5f\xd9\x95\xda\x78\x30\x2c\x59\xb9\x42\xe0\x3e\x4c\x36\x00\x75"
)
XRC_23 = (
    b"\x31\x3b\x59\x7c\x84\xea\x00\x0d\xda\xbf\xa0\x2d\x17\x99\x1b\x36"
    b"\x7d\xca\xaf\x2d\x48\x32\x61\x82\xf2\xe6\xb2\xfa\x52\x8f\xf4\xf4"
)
XRC_24 = (
    b"\xe7\x63\x2a\xd9\xbf\xa9\x5b\xeb\x0f\xef\xcd\x0c\x8c\x4a\xeb\xc4"
    b"\x2c\x02\x4e\x56\xc7\x84\xc5\x32\x7d\x1e\xa0\x92\x07\x35\x14\x88"
)
XRC_30 = (
    b"\xcf\xe3\xbd\x69\xe9\x6d\xda\x61\x27\xb6\xc3\x12\x83\x8a\x2d\xc3"
    b"\x59\xf1\x4c\x15\xd7\xe5\x0a\x9a\xf3\xd2\xcc\x1f\x88\xf1\x8e\xec"
)
XRC_31 = (
    b"\x4d\xab\xce\x52\xa9\x25\x69\xf1\xd2\x11\x94\xf6\x35\x74\x0e\xb6"
    b"\xc6\x75\x56\x99\x84\x78\x1b\xf5\x84\xf4\xaa\x93\x67\xce\x05\x24"
)
XRC_32 = (
    b"\x74\xfd\xc3\xb8\xb0\x93\x1a\xb9\xa7\x59\xff\x13\x60\x9b\xa9\x36"
    b"\xe6\x70\x79\xe9\x83\xef\xb6\x4f\xd4\xca\x0f\x97\xbe\x9b\xd1\x75"
)
"""Interface ids."""


@interface
class Xrc1:
    """接口检测 / Detection"""

    @view
    def supports(self, interface_id: Hash) -> bool: ...


@interface
class Xrc3:
    """所有权 / Ownership"""

    @entry
    def offer_ownership(self, target: Address | None) -> None: ...

    @entry
    def accept_ownership(self) -> None: ...

    @view
    def owner(self) -> Address: ...

    @view
    def pending_owner(self) -> Address | None: ...


@interface
class Xrc4:
    """角色 / Roles"""

    @entry
    def grant_role(self, role: Public[Text[32]], account: Address, until: Time | None) -> None: ...

    @entry
    def revoke_role(self, role: Public[Text[32]], account: Address) -> None: ...

    @view
    def has_role(self, role: Public[Text[32]], account: Address) -> bool: ...


@interface
class Xrc20:
    """同质通证 / Fungible"""

    @entry
    def transfer(self, target: Address, amount: u128) -> None: ...

    @entry
    def set_allowance(self, spender: Address, previous: u128, amount: u128) -> None: ...

    @entry
    def transfer_from(self, source: Address, target: Address, amount: u128) -> None: ...

    @view
    def balance_of(self, holder: Address) -> u128: ...

    @view
    def total_supply(self) -> u128: ...

    @view
    def allowance(self, holder: Address, spender: Address) -> u128: ...


@interface
class Xrc21:
    """非同质通证 / Non-fungible"""

    @entry
    def transfer_token(self, token: Ref, target: Address) -> None: ...

    @entry
    def allow_token(self, token: Ref, spender: Address | None) -> None: ...

    @view
    def holder_of_token(self, token: Ref) -> Address: ...

    @view
    def spender_of_token(self, token: Ref) -> Address | None: ...

    @view
    def tokens_of(self, holder: Address) -> u64: ...


@interface
class Xrc22:
    """半同质通证 / Semi-fungible"""

    @entry
    def transfer_kind(self, kind: u64, target: Address, amount: u128) -> None: ...

    @view
    def balance_of_kind(self, kind: u64, holder: Address) -> u128: ...

    @view
    def supply_of_kind(self, kind: u64) -> u128: ...


@interface
class Xrc23:
    """绑定凭证 / Bound credential"""

    @entry
    def change_status(self, key: Ref, status: CredentialStatus, reason: Public[Text[120]]) -> None: ...

    @view
    def holder_of(self, key: Ref) -> Ref: ...

    @view
    def issuer_of(self, key: Ref) -> Address: ...

    @view
    def standing(self, key: Ref, at: Time) -> Standing: ...


@interface
class Xrc24:
    """受监管资产 / Regulated asset"""

    @entry
    def set_frozen(self, holder: Address, on: bool, reason: Public[Text[120]]) -> None: ...

    @entry
    def force_transfer(self, source: Address, target: Address, amount: u128, order: Ref) -> None: ...

    @entry
    def set_document(self, name: Public[Text[64]], document: Hash) -> None: ...

    @view
    def is_frozen(self, holder: Address) -> bool: ...

    @view
    def document(self, name: Public[Text[64]]) -> Hash: ...


@interface
class Xrc30:
    """存证 / Evidence"""

    @entry
    def keep(self, key: Ref, digest: Ref, purpose: Public[Text[64]]) -> None: ...

    @view
    def is_current(self, key: Ref, digest: Ref) -> bool: ...


@interface
class Xrc31:
    """批量存证 / Evidence in batches"""

    @entry
    def keep_batch(self, root: Hash, count: u32, purpose: Public[Text[64]]) -> u64: ...

    @view
    def is_in(self, number: u64, leaf: Hash, index: u32, path: List[Hash, 32]) -> bool: ...


@interface
class Xrc32:
    """存证更新 / Evidence with versions"""

    @entry
    def update(self, key: Ref, replaced: u32, digest: Ref) -> u32: ...

    @entry
    def withdraw(self, key: Ref, reason: Public[Text[120]]) -> None: ...

    @view
    def item(self, key: Ref) -> Item: ...

    @view
    def version(self, key: Ref, number: u32) -> Version: ...


@component
class Detection:
    """接口检测 / Says which standard interfaces a contract has; override `_has_standard`.

    Keeps: the answer depends on nothing but the id; XRC-1 itself is always named.
    """

    @overridable
    def _has_standard(self, interface_id: Hash) -> bool:
        return False

    @view
    def supports(self, interface_id: Hash) -> bool:
        """是否支持接口 / Whether this contract has the interface of an id.

        interface_id: 接口标识 / Interface id
        """
        return interface_id == XRC_1 or self._has_standard(interface_id)
