"""The stage on which a solution's story is played: clients of many people over one network."""

from __future__ import annotations

from collections.abc import Sequence

from xianglian.cli.output import note
from xianglian.deployment.layout import NetworkFolder
from xianglian.errors import Rejected
from xianglian.keys import Key, Profile, Profiles, find_passphrase
from xianglian.sdk import Client, system
from xianglian.types import Call


class NetworkStage:
    """A network that is up, with a solution's contract deployed."""

    def __init__(self, network: NetworkFolder, contract: str, *, purpose: str) -> None:
        self.network = network
        self.contract = contract
        self.organisations = sorted({node.org for node in network.nodes})
        self._purpose = purpose
        self._profiles = Profiles(network.profiles, lambda: find_passphrase(network.path))
        self._clients: dict[str, Client] = {}

    def client(self, profile: str) -> Client:
        """The client of a profile; one for each, closed by `close`."""
        if profile not in self._clients:
            self._clients[profile] = Client.connect(self.network.path, profile, purpose=self._purpose)
        return self._clients[profile]

    def admit(self, names: Sequence[str], organisation: str, roles: Sequence[str] = ()) -> list[str]:
        """Makes a key and a profile for each name and has the organisation admit them; their accounts, in order."""
        chain_id = bytes.fromhex(self.network.chain_id)
        known = set(self._profiles.names())
        accounts: list[str] = []
        calls: list[Call] = []
        for name in names:
            if name in known:
                accounts.append(self._profiles.profile(name).account)
                continue
            key = Key.generate()
            account = key.account(organisation)
            self._profiles.add(Profile(name, account, organisation, key.public_key, chain_id), key)
            arguments = {"organisation": organisation, "key": key.public_key, "roles": list(roles)}
            calls.append(Call(system.ACCOUNTS, "admit", arguments))
            accounts.append(account)
        self.together(f"admin-{organisation}", calls)
        return accounts

    def together(self, profile: str, calls: Sequence[Call]) -> list[str]:
        """Sends many calls of one profile at once and waits for all; their hashes. Raises the first refusal."""
        if not calls:
            return []
        client = self.client(profile)
        signed = [client.sign(call) for call in calls]
        answers = client.submit_many([data for _, data in signed])
        for (tx_hash, _), (admitted, code) in zip(signed, answers, strict=True):
            if not admitted:
                raise Rejected(f"{tx_hash}: {code}", code=code, tx_id=tx_hash)
        for tx_hash, _ in signed:
            client.wait(tx_hash)
        return [tx_hash for tx_hash, _ in signed]

    def say(self, zh: str, en: str) -> None:
        """One line of progress."""
        note(zh, en)

    def close(self) -> None:
        """Closes every client."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
