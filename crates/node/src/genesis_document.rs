//! Genesis as a JSON document: what operators write and read.

use crate::error::NodeError;
use serde::{Deserialize, Serialize};
use xl_primitives::{
    ChainParameters, Genesis, List, PublicKey, Text,
    account::{Node, NodeKind},
    genesis::{GenesisAccount, GenesisOrganisation, Threshold},
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default, skip_deserializing)]
    chain_id: String,
    name: String,
    time_ms: u64,
    organisations: Vec<Organisation>,
    accounts: Vec<Account>,
    nodes: Vec<DocumentNode>,
    #[serde(default)]
    parameters: serde_json::Map<String, serde_json::Value>,
    governance: [u16; 2],
    recovery: [u16; 2],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Organisation {
    id: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    organisation: String,
    key: String,
    roles: Vec<String>,
    #[serde(default, skip_deserializing)]
    account: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentNode {
    name: String,
    organisation: String,
    kind: String,
    key: String,
}

/// A public key from hex.
///
/// # Errors
/// [`NodeError::Field`] when it is none.
pub fn key(hex_text: &str) -> Result<PublicKey, NodeError> {
    let bytes = hex::decode(hex_text).map_err(|_| NodeError::Field { field: "key" })?;
    PublicKey::from_slice(&bytes).map_err(|_| NodeError::Field { field: "key" })
}

fn text<const N: usize>(value: &str, field: &'static str) -> Result<Text<N>, NodeError> {
    Text::new(value).ok_or(NodeError::Field { field })
}

fn list<T, const N: usize>(items: Vec<T>, field: &'static str) -> Result<List<T, N>, NodeError> {
    List::new(items).ok_or(NodeError::Field { field })
}

/// Genesis from its document, checked. `parameters` may name any of them; the others keep their defaults.
///
/// # Errors
/// [`NodeError::Configuration`], [`NodeError::Field`], [`NodeError::Genesis`].
pub fn parse(document: &str) -> Result<Genesis, NodeError> {
    let document: Document = serde_json::from_str(document)?;
    let organisations = document.organisations.iter().map(|o| {
        Ok(GenesisOrganisation { id: text(&o.id, "organisations.id")?, name: text(&o.name, "organisations.name")? })
    });
    let accounts = document.accounts.iter().map(|a| {
        let roles: Result<Vec<_>, NodeError> = a.roles.iter().map(|role| text(role, "accounts.roles")).collect();
        Ok(GenesisAccount {
            organisation: text(&a.organisation, "accounts.organisation")?,
            key: key(&a.key)?,
            roles: list(roles?, "accounts.roles")?,
        })
    });
    let nodes = document.nodes.iter().map(|n| {
        let kind = [NodeKind::Application, NodeKind::Access].into_iter().find(|kind| kind.name() == n.kind);
        Ok(Node {
            name: text(&n.name, "nodes.name")?,
            organisation: text(&n.organisation, "nodes.organisation")?,
            kind: kind.ok_or(NodeError::Field { field: "nodes.kind" })?,
            key: key(&n.key)?,
        })
    });
    let threshold = |[numerator, denominator]: [u16; 2]| Threshold { numerator, denominator };
    let genesis = Genesis {
        format: 1,
        name: text(&document.name, "name")?,
        time_ms: document.time_ms,
        parameters: parameters(&document.parameters)?,
        organisations: list(organisations.collect::<Result<_, NodeError>>()?, "organisations")?,
        accounts: list(accounts.collect::<Result<_, NodeError>>()?, "accounts")?,
        nodes: list(nodes.collect::<Result<_, NodeError>>()?, "nodes")?,
        governance: threshold(document.governance),
        recovery: threshold(document.recovery),
    };
    genesis.validate()?;
    Ok(genesis)
}

fn parameters(given: &serde_json::Map<String, serde_json::Value>) -> Result<ChainParameters, NodeError> {
    let mut parameters = ChainParameters::default();
    for (name, value) in given {
        let value = value.as_u64().ok_or(NodeError::Field { field: "parameters" })?;
        let small = u32::try_from(value).map_err(|_| NodeError::Field { field: "parameters" });
        match name.as_str() {
            "lifetime_ms_max" => parameters.lifetime_ms_max = value,
            "block_bytes_max" => parameters.block_bytes_max = small?,
            "block_count_max" => parameters.block_count_max = small?,
            "block_gas_max" => parameters.block_gas_max = value,
            "organisation_share_permille" => parameters.organisation_share_permille = small?,
            "epoch_blocks" => parameters.epoch_blocks = value,
            "leader_timeout_ms" => parameters.leader_timeout_ms = small?,
            "heartbeat_ms" => parameters.heartbeat_ms = value,
            _ => return Err(NodeError::Field { field: "parameters" }),
        }
    }
    Ok(parameters)
}

/// The document of a genesis, complete.
#[must_use]
pub fn write(genesis: &Genesis) -> String {
    let p = &genesis.parameters;
    let number = |value: u64| serde_json::Value::from(value);
    let parameters = [
        ("lifetime_ms_max", number(p.lifetime_ms_max)),
        ("block_bytes_max", number(p.block_bytes_max.into())),
        ("block_count_max", number(p.block_count_max.into())),
        ("block_gas_max", number(p.block_gas_max)),
        ("organisation_share_permille", number(p.organisation_share_permille.into())),
        ("epoch_blocks", number(p.epoch_blocks)),
        ("leader_timeout_ms", number(p.leader_timeout_ms.into())),
        ("heartbeat_ms", number(p.heartbeat_ms)),
    ];
    let document = Document {
        chain_id: genesis.chain_id().to_string(),
        name: genesis.name.to_string(),
        time_ms: genesis.time_ms,
        organisations: genesis
            .organisations
            .iter()
            .map(|o| Organisation { id: o.id.to_string(), name: o.name.to_string() })
            .collect(),
        accounts: genesis
            .accounts
            .iter()
            .map(|a| Account {
                organisation: a.organisation.to_string(),
                key: hex::encode(a.key.as_bytes()),
                roles: a.roles.iter().map(ToString::to_string).collect(),
                account: a.id().to_string(),
            })
            .collect(),
        nodes: genesis
            .nodes
            .iter()
            .map(|n| DocumentNode {
                name: n.name.to_string(),
                organisation: n.organisation.to_string(),
                kind: n.kind.name().into(),
                key: hex::encode(n.key.as_bytes()),
            })
            .collect(),
        parameters: parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        governance: [genesis.governance.numerator, genesis.governance.denominator],
        recovery: [genesis.recovery.numerator, genesis.recovery.denominator],
    };
    serde_json::to_string(&document).unwrap_or_default()
}
