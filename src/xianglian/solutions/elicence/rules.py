"""Rules of electronic licences that need no state: transitions, reasons, answers as of a time, attribute
proofs.
"""

from __future__ import annotations

from xianglian.contract import Hash, List, Public, Text, Time, ctx, encode, require, sm3, u8
from xianglian.contract.lib.identifiers import OK, attribute_name, certificate_sn, licence_issuer_of

from .errors import (
    BadAttributes,
    BadDigest,
    BadIdentifier,
    BadValidity,
    DisclosureWrong,
    FieldUnknown,
    FutureTime,
    HistoryFull,
    IllegalTransition,
    ReasonDoesNotFit,
    WrongOrganisation,
)
from .types import (
    ATTRIBUTES_MAX,
    HISTORY_MAX,
    HISTORY_RESERVE,
    TREE_DEPTH,
    Answer,
    Disclosure,
    Interval,
    Licence,
    Operation,
    Reason,
    Status,
)


def must_be_valid(problem: int) -> None:
    """Refuses an identifier with a problem of the identifier library."""
    if problem != OK:
        raise BadIdentifier(problem=u8(problem))


def is_final(status: Status) -> bool:
    """Whether a licence never leaves this status."""
    return status not in (Status.VALID, Status.SUSPENDED)


def status_after(status: Status, operation: Operation) -> Status:
    """The transition table. Expiry is no transition: it follows from the end of validity and the time asked
    for.
    """
    if operation == Operation.SUSPEND and status == Status.VALID:
        return Status.SUSPENDED
    if operation == Operation.RESUME and status == Status.SUSPENDED:
        return Status.VALID
    if operation == Operation.SUPERSEDE and status == Status.VALID:
        return Status.SUPERSEDED
    if not is_final(status):
        if operation == Operation.REVOKE:
            return Status.REVOKED
        if operation == Operation.WITHDRAW:
            return Status.WITHDRAWN
        if operation == Operation.CANCEL:
            return Status.CANCELLED
    raise IllegalTransition(status=status, operation=operation)


def must_fit(operation: Operation, reason: Reason) -> None:
    """Refuses a reason that the law does not give for the operation (行政许可法 49, 50, 69, 70, 78 to 81)."""
    fits = False
    if operation == Operation.ISSUE:
        fits = reason == Reason.APPLICATION
    elif operation == Operation.CHANGE:
        fits = reason in (Reason.APPLICATION, Reason.DATA_CHANGED)
    elif operation == Operation.RENEW:
        fits = reason == Reason.APPLICATION
    elif operation == Operation.SUSPEND:
        fits = reason in (Reason.INVESTIGATION, Reason.VIOLATION, Reason.HOLDER_REQUEST)
    elif operation == Operation.RESUME:
        fits = reason in (Reason.RECTIFIED, Reason.HOLDER_REQUEST)
    elif operation == Operation.REVOKE:
        fits = reason == Reason.VIOLATION
    elif operation == Operation.WITHDRAW:
        fits = reason in (Reason.OBTAINED_BY_DECEIT, Reason.GRANTED_IN_ERROR)
    elif operation == Operation.CANCEL:
        fits = reason in (Reason.HOLDER_REQUEST, Reason.HOLDER_GONE, Reason.NOT_RENEWED)
    if not fits:
        raise ReasonDoesNotFit(operation=operation, given=reason)


def must_have_room(history: List[Interval, HISTORY_MAX], status: Status) -> None:
    """Keeps the last entries of the history for transitions that end the licence."""
    room = HISTORY_MAX if is_final(status) else HISTORY_MAX - HISTORY_RESERVE
    require(len(history) < room, HistoryFull)


def answer_at(licence: Licence, at: Time) -> Answer:
    """Whether the licence was valid at `at`, by the last interval that begins no later. The end of validity
    is excluded.
    """
    status: Status | None = None
    for interval in licence.history:
        if interval.since <= at:
            status = interval.status
    expired = False
    if licence.valid_to is not None:
        expired = licence.valid_to <= at
    begun = licence.valid_from <= at
    valid = begun and not expired and status is not None and status == Status.VALID
    return Answer(
        valid=valid,
        status=status,
        expired=expired,
        begun=begun,
        asked_for=at,
        version=licence.version,
        next_id=licence.next_id,
    )


def event_hash(
    previous: Hash,
    licence_id: str,
    operation: Operation,
    reason: Reason,
    status: Status,
    actor: bytes,
    at: Time,
) -> Hash:
    """The digest of one change, over the digest of the one before: a licence's events form a chain."""
    return sm3(
        b"xl:elicence:event:1",
        previous,
        encode(licence_id),
        encode(operation),
        encode(reason),
        encode(status),
        actor,
        encode(at),
    )


def attribute_node(left: bytes, right: bytes) -> Hash:
    """An inner node of the attribute tree."""
    return sm3(b"\x01", left, right)


def root_of(disclosure: Disclosure) -> Hash:
    """The attribute root that a leaf and its path lead to. Bit i of the index says on which side level i
    joins.
    """
    if len(disclosure.path) != TREE_DEPTH or disclosure.index >= ATTRIBUTES_MAX:
        raise DisclosureWrong(index=disclosure.index)
    node = Hash(disclosure.leaf)
    index = disclosure.index
    for sibling in disclosure.path:
        node = attribute_node(sibling, node) if index % 2 == 1 else attribute_node(node, sibling)
        index = index // 2
    return node


def is_empty(digest: bytes) -> bool:
    """Whether a digest is all zero: a form that was left empty."""
    return digest == bytes(32)


def must_be_own(issuer: str, raw: bytes) -> None:
    """Refuses a licence identifier of another issuer than the caller's organisation."""
    if licence_issuer_of(raw) != issuer.encode():
        raise WrongOrganisation(held=issuer)


def must_be_attributes(attributes: List[Public[Text[32]], ATTRIBUTES_MAX]) -> None:
    """Refuses an empty list of attributes, a bad name, a name twice."""
    require(len(attributes) > 0, BadAttributes)
    for i in range(len(attributes)):
        require(attribute_name(attributes[i].encode()) == OK, BadAttributes)
        for j in range(i):
            require(attributes[i] != attributes[j], BadAttributes)


def must_be_fields(
    fields: List[Public[Text[32]], ATTRIBUTES_MAX], known: List[Public[Text[32]], ATTRIBUTES_MAX]
) -> None:
    """Refuses fields that the licence type does not have."""
    for name in fields:
        require(name in known, FieldUnknown)


def must_be_content(
    issued_on: Time,
    valid_from: Time,
    valid_to: Time | None,
    file_sm3: Hash,
    seal_cert_sn: Public[Text[40]],
    attribute_root: Hash,
) -> None:
    """Refuses what no licence may say: future issue, an end before its beginning or past, empty digests."""
    if issued_on > ctx.time_ms:
        raise FutureTime(now=ctx.time_ms)
    require(valid_to is None or (valid_to > valid_from and valid_to > ctx.time_ms), BadValidity)
    require(not is_empty(file_sm3) and not is_empty(attribute_root), BadDigest)
    must_be_valid(certificate_sn(seal_cert_sn.encode()))
