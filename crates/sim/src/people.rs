//! Genesis and clients of a simulated network: every key follows from the seed.

use crate::scenario::Scenario;
use rand_core::Rng;
use xl_crypto::{PublicKey, SecretKey, sm3};
use xl_network::identity::PrivateKey;
use xl_primitives::{
    AccountId, Bounded, Call, Genesis, Hash, List, Text, TxBody,
    account::{self, ADMIN, Node, NodeKind},
    encode,
    genesis::{ChainParameters, GenesisAccount, GenesisOrganisation, Threshold},
};

/// Gas limit of every transaction of the workload.
const GAS: u64 = 1_000_000;
/// Life of a transaction from its submission.
const LIFETIME_MS: u64 = 60_000;

/// A key that follows from `label` and `number`.
#[must_use]
pub fn key(label: &str, number: u64) -> SecretKey {
    let mut salt = 0u64;
    loop {
        let scalar = sm3(&[b"xl-sim", label.as_bytes(), &number.to_be_bytes(), &salt.to_be_bytes()]);
        if let Ok(key) = SecretKey::from_slice(&scalar) {
            return key;
        }
        salt += 1;
    }
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a short text")
}

fn list<T, const MAX: usize>(items: Vec<T>) -> List<T, MAX> {
    List::new(items).expect("a short list")
}

/// The people and machines of one simulated network.
pub struct People {
    /// Founding act.
    pub genesis: Genesis,
    /// Its digest.
    pub chain_id: Hash,
    /// Identities of the nodes, validators first.
    pub nodes: Vec<PrivateKey>,
    admins: Vec<(AccountId, SecretKey, Text<32>)>,
    opened: Vec<(AccountId, usize)>,
    number: u64,
}

impl People {
    /// One organisation for each validator.
    #[must_use]
    pub fn new(scenario: &Scenario, time_ms: u64) -> Self {
        let organisations: Vec<Text<32>> = (0..scenario.validators).map(|i| text(&format!("org-{i}"))).collect();
        let owner = |i: usize| organisations[i % organisations.len()].clone();
        let keys: Vec<SecretKey> = (0..scenario.validators + scenario.access).map(|i| key("node", i as u64)).collect();
        let nodes = keys.iter().enumerate().map(|(i, key)| Node {
            name: text(&format!("node-{i}")),
            organisation: owner(i),
            kind: if i < scenario.validators { NodeKind::Application } else { NodeKind::Access },
            key: key.public_key(),
        });
        let admins: Vec<_> = organisations
            .iter()
            .enumerate()
            .map(|(i, name)| {
                let key = key("admin", i as u64);
                (AccountId::derive(name, &key.public_key()), key, name.clone())
            })
            .collect();
        let accounts = admins.iter().map(|(_, key, name)| GenesisAccount {
            organisation: name.clone(),
            key: key.public_key(),
            roles: list(vec![text(ADMIN)]),
        });
        let settings = &scenario.chain;
        let genesis = Genesis {
            format: 1,
            name: text("simulation"),
            time_ms,
            parameters: ChainParameters {
                epoch_blocks: settings.epoch_blocks,
                leader_timeout_ms: settings.leader_timeout_ms,
                heartbeat_ms: settings.heartbeat_ms,
                block_count_max: settings.block_count_max,
                ..ChainParameters::default()
            },
            organisations: list(
                organisations.iter().map(|id| GenesisOrganisation { id: id.clone(), name: text(id) }).collect(),
            ),
            accounts: list(accounts.collect()),
            nodes: list(nodes.collect()),
            governance: Threshold { numerator: 2, denominator: 3 },
            recovery: Threshold { numerator: 2, denominator: 3 },
        };
        let chain_id = genesis.chain_id();
        let nodes = keys.into_iter().map(PrivateKey::from).collect();
        Self { genesis, chain_id, nodes, admins, opened: Vec::new(), number: 0 }
    }

    /// The next transaction of the workload: accounts are opened and given roles, and some calls have no right to
    /// succeed.
    pub fn act(&mut self, rng: &mut impl Rng, now_ms: u64) -> (Hash, Vec<u8>) {
        self.number += 1;
        let admin = rng.next_u64() as usize % self.admins.len();
        let draw = rng.next_u32() % 10;
        let (method, arguments) = match self.opened.get(rng.next_u64() as usize % self.opened.len().max(1)) {
            Some((account, _)) if draw >= 8 => {
                ("grant", encode(&(*account, text::<32>(&format!("role-{}", self.number)))))
            }
            _ => {
                // Every tenth is opened by the administrator of another organisation, which is refused.
                let owner = if draw == 0 { (admin + 1) % self.admins.len() } else { admin };
                let organisation = &self.admins[owner].2;
                let fresh: PublicKey = key("account", self.number).public_key();
                self.opened.push((AccountId::derive(organisation, &fresh), owner));
                ("admit", encode(&(organisation.clone(), fresh, List::<Text<32>, 16>::default())))
            }
        };
        let (sender, secret, _) = &self.admins[admin];
        let mut salt = [0; 16];
        salt[..8].copy_from_slice(&self.number.to_be_bytes());
        let body = TxBody {
            format: 1,
            chain_id: self.chain_id,
            sender: *sender,
            call: Call {
                contract: account::address(),
                method: text(method),
                arguments: Bounded::new(arguments).expect("short arguments"),
            },
            gas_limit: GAS,
            valid_until_ms: now_ms + LIFETIME_MS,
            salt,
        };
        (body.id(), encode(&body.sign(secret)))
    }
}
