//! The state at height 0.

use std::collections::BTreeMap;
use xl_primitives::{
    Genesis, Hash, Header, List, Text,
    account::{self, ADMIN, Account, KeyRecord, Organisation, validators_hash},
    encode,
    governance::{self, ContractPolicy},
    transaction::TX_BYTES_MAX,
};

use crate::run::PROTOCOL_VERSION;

/// What genesis writes: organisations, accounts, nodes, validators, parameters, the rules for contracts.
pub fn writes(genesis: &Genesis) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
    let mut writes = BTreeMap::new();
    let mut put = |key: Vec<u8>, value: Vec<u8>| {
        writes.insert(key, Some(value));
    };
    for organisation in genesis.organisations.iter() {
        let is_admin = |a: &&xl_primitives::genesis::GenesisAccount| {
            a.organisation == organisation.id && a.roles.iter().any(|role| &**role == ADMIN)
        };
        let admins = genesis.accounts.iter().filter(is_admin).map(|a| a.id()).take(16).collect();
        let record = Organisation { name: organisation.name.clone(), admins: List::new(admins).unwrap_or_default() };
        put(account::organisation_key(&organisation.id), encode(&record));
    }
    for (index, founder) in genesis.accounts.iter().enumerate() {
        let key = KeyRecord { key: founder.key, added_height: 0, revoked_height: None };
        let record = Account {
            organisation: founder.organisation.clone(),
            roles: founder.roles.clone(),
            keys: List::new(vec![key]).unwrap_or_default(),
            suspended: false,
            admitted_height: 0,
        };
        put(account::account_key(&founder.id()), encode(&record));
        put(account::key_key(&founder.key), encode(&founder.id()));
        put(account::index_key(index as u32), encode(&founder.id()));
    }
    put(account::count_key(), encode(&(genesis.accounts.len() as u32)));
    put(account::nodes_key(), encode(&genesis.nodes));
    put(account::validators_key(), encode(&genesis.validators()));
    put(account::parameters_key(), encode(&genesis.parameters));
    let organisations: Vec<Text<32>> = genesis.organisations.iter().map(|o| o.id.clone()).collect();
    put(account::organisations_key(), encode(&organisations));
    put(governance::threshold_key(), encode(&genesis.governance));
    put(governance::policy_key(), encode(&ContractPolicy::default()));
    writes
}

/// The header at height 0: parent of the first block. It is computed, never voted for.
pub fn header(genesis: &Genesis, state_root: Hash) -> Header {
    let validators = genesis.validators();
    let set = validators_hash(&validators);
    Header {
        format: 1,
        chain_id: genesis.chain_id(),
        protocol_version: PROTOCOL_VERSION,
        height: 0,
        epoch: 0,
        view: 0,
        parent_view: 0,
        leader: validators[0],
        parent: Hash::ZERO,
        time_ms: genesis.time_ms,
        tx_root: xl_primitives::block::transactions_root::<xl_primitives::Bounded<TX_BYTES_MAX>>(&[]),
        state_root,
        receipts_root: Hash::ZERO,
        gas_used: 0,
        validators_hash: set,
        next_validators_hash: set,
    }
}
