"""`network new`: organisations, keys encrypted at rest, node configurations and a genesis that names its
owners.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from xianglian import _core
from xianglian.deployment.layout import GENESIS_FILE, NetworkFolder, NodeConfiguration, NodeEntry
from xianglian.deployment.plan import Plan
from xianglian.deployment.ports import free_ports
from xianglian.errors import FolderExists
from xianglian.keys import Key, KeyStore, Profile, Profiles
from xianglian.keys.files import private_folder, write_atomic
from xianglian.keys.passphrase import configured_passphrase, development_passphrase
from xianglian.types import now_ms

ADMIN_ROLES = ("admin", "developer")
IDENTITY = "identity"
"""Name of a node's identity key in its key store."""
THRESHOLD = (2, 3)
"""Share of organisations that governance and recovery need."""


@dataclass(frozen=True, slots=True)
class _Seat:
    entry: NodeEntry
    key: Key


def new_network(folder: Path, plan: Plan) -> NetworkFolder:
    """Makes the network folder; all of it or nothing. Raises `FolderExists`, `InvalidGenesis`,
    `NoPassphrase`.
    """
    folder = folder.absolute()
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise FolderExists(
            f"{folder} exists already and is left as it is; choose another", path=str(folder)
        ) from error
    try:
        return _fill(folder, plan)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _fill(folder: Path, plan: Plan) -> NetworkFolder:
    given = configured_passphrase()
    passphrase = development_passphrase(folder) if given is None else given
    fast = given is None  # a random passphrase of 256 bits needs no slow derivation
    seats = _seats(plan)
    admins = {organisation.id: Key.generate() for organisation in plan.organisations}
    genesis = _core.build_genesis(json.dumps(_genesis(plan, seats, admins)))
    chain_id = str(json.loads(_core.genesis_json(genesis))["chain_id"])
    write_atomic(folder / GENESIS_FILE, genesis)
    network = NetworkFolder(
        path=folder,
        name=plan.name,
        chain_id=chain_id,
        development=given is None,
        nodes=tuple(seat.entry for seat in seats),
    )
    for seat in seats:
        _write_node(network, seat, seats, passphrase, fast=fast)
    profiles = Profiles(network.profiles, lambda: passphrase)
    profiles.create_store(fast=fast)
    for number, (organisation, key) in enumerate(admins.items()):
        for name in ["admin"] * (number == 0) + [f"admin-{organisation}"]:
            account = key.account(organisation)
            profiles.add(Profile(name, account, organisation, key.public_key, bytes.fromhex(chain_id)), key)
    network.write()
    return network


def _seats(plan: Plan) -> list[_Seat]:
    kinds = [(organisation.id, kind) for organisation in plan.organisations for kind in organisation.nodes]
    kinds.sort(key=lambda pair: pair[1] == "access")  # validators first, as people list them
    ports = iter(free_ports(3 * len(kinds)))
    counted: dict[str, int] = {}
    seats = []
    for organisation, kind in kinds:
        counted[kind] = counted.get(kind, 0) + 1
        key = Key.generate()
        entry = NodeEntry(
            name=f"{'validator' if kind == 'application' else kind}-{counted[kind]}",
            org=organisation,
            kind=kind,
            key=key.public_key.hex(),
            listen=f"127.0.0.1:{next(ports)}",
            operator=f"127.0.0.1:{next(ports)}",
            api=f"127.0.0.1:{next(ports)}" if kind == "access" else "",
        )
        seats.append(_Seat(entry, key))
    return seats


def _genesis(plan: Plan, seats: list[_Seat], admins: dict[str, Key]) -> dict[str, object]:
    return {
        "name": plan.name,
        "time_ms": now_ms(),
        "parameters": plan.parameters,
        "organisations": [{"id": item.id, "name": item.name} for item in plan.organisations],
        "accounts": [
            {"organisation": organisation, "key": key.public_key.hex(), "roles": list(ADMIN_ROLES)}
            for organisation, key in admins.items()
        ],
        "nodes": [
            {
                "name": seat.entry.name,
                "organisation": seat.entry.org,
                "kind": seat.entry.kind,
                "key": seat.entry.key,
            }
            for seat in seats
        ],
        "governance": list(THRESHOLD),
        "recovery": list(THRESHOLD),
    }


def _write_node(
    network: NetworkFolder, seat: _Seat, seats: list[_Seat], passphrase: bytes, *, fast: bool
) -> None:
    home = network.node_folder(seat.entry.name)
    private_folder(home)
    KeyStore.create(home / "keys", passphrase, fast=fast).put(IDENTITY, seat.key)
    NodeConfiguration(
        name=seat.entry.name,
        genesis=f"../../{GENESIS_FILE}",
        listen=seat.entry.listen,
        operator=seat.entry.operator,
        api=seat.entry.api,
        peers=tuple((other.entry.key, other.entry.listen) for other in seats if other is not seat),
    ).write(home)
