//! The JSON documents that a node answers with: bytes in lower-case hex, times in UTC milliseconds, u64 of contracts as
//! they are encoded.

use crate::{error::NodeError, node::Node};
use serde_json::{Value, json};
use std::{
    str::FromStr,
    time::{Duration, Instant},
};
use xl_execution::{CallReport, StoredBlock, TxPlace};
use xl_light::quorum;
use xl_primitives::{
    AccountId, ContractId, Event, Hash, Header, Receipt, SignedTx, Status, Text,
    account::{self, Account, Organisation, account_key, organisation_key},
    contract::{self, ContractRecord, VersionRecord, piece_key, record_key, version_key},
    decode,
};
use xl_state::View;

/// Most accounts of one answer.
const PAGE_MAX: usize = 500;

/// A signed transaction.
#[must_use]
pub fn transaction(tx: &SignedTx) -> Value {
    let body = &tx.body;
    json!({
        "tx_id": body.id().to_string(),
        "chain_id": body.chain_id.to_string(),
        "sender": body.sender.to_string(),
        "key": hex::encode(tx.key.as_bytes()),
        "contract": body.call.contract.to_string(),
        "method": &*body.call.method,
        "arguments": hex::encode(&*body.call.arguments),
        "gas_limit": body.gas_limit,
        "valid_until_ms": body.valid_until_ms,
        "salt": hex::encode(body.salt),
    })
}

fn event(event: &Event) -> Value {
    json!({ "contract": event.contract.to_string(), "name": &*event.name, "data": hex::encode(&*event.data) })
}

/// A receipt.
#[must_use]
pub fn receipt(receipt: &Receipt) -> Value {
    let events: Vec<Value> = receipt.events.iter().map(event).collect();
    let mut document = json!({
        "tx_id": receipt.tx_id.to_string(),
        "gas_used": receipt.gas_used,
        "events": events,
        "status": "success", "code": "", "line": 0, "path": [], "detail": "", "output": "",
    });
    match &receipt.status {
        Status::Success { output } => document["output"] = hex::encode(&**output).into(),
        Status::Failed(failure) => {
            let frame =
                |f: &xl_primitives::receipt::Frame| json!({ "contract": f.contract.to_string(), "method": &*f.method });
            document["status"] = "failed".into();
            document["code"] = (*failure.code).into();
            document["line"] = failure.line.into();
            document["path"] = failure.path.iter().map(frame).collect();
            document["detail"] = hex::encode(&*failure.detail).into();
        }
    }
    document
}

/// A header.
#[must_use]
pub fn header(h: &Header) -> Value {
    json!({
        "format": h.format, "chain_id": h.chain_id.to_string(), "protocol_version": h.protocol_version, "height": h.height,
        "epoch": h.epoch, "view": h.view, "parent_view": h.parent_view, "leader": hex::encode(h.leader.as_bytes()),
        "parent": h.parent.to_string(), "time_ms": h.time_ms, "tx_root": h.tx_root.to_string(),
        "state_root": h.state_root.to_string(), "receipts_root": h.receipts_root.to_string(), "gas_used": h.gas_used,
        "validators_hash": h.validators_hash.to_string(), "next_validators_hash": h.next_validators_hash.to_string(),
    })
}

/// An account.
#[must_use]
pub fn account(id: &AccountId, record: &Account) -> Value {
    let key = |k: &account::KeyRecord| json!({ "key": hex::encode(k.key.as_bytes()), "added_height": k.added_height, "revoked_height": k.revoked_height });
    json!({
        "account": id.to_string(),
        "organisation": &*record.organisation,
        "roles": record.roles.iter().map(|role| role.to_string()).collect::<Vec<_>>(),
        "keys": record.keys.iter().map(key).collect::<Vec<_>>(),
        "suspended": record.suspended,
        "admitted_height": record.admitted_height,
    })
}

fn contract_document(id: &ContractId, record: &ContractRecord) -> Value {
    json!({
        "name": &*record.name,
        "address": id.to_string(),
        "owner": record.owner.to_string(),
        "organisation": &*record.organisation,
        "status": record.status.name(),
        "version": record.version,
        "machine": record.machine.name(),
        "code_hash": record.code_hash.to_string(),
        "code_bytes": record.code_bytes,
        "interface_hash": record.interface_hash.to_string(),
        "interface_bytes": record.interface_bytes,
        "deployed_height": record.deployed_height,
        "changed_height": record.changed_height,
    })
}

/// What a call did or would do.
#[must_use]
pub fn call_report(report: &CallReport) -> Value {
    let (status, output, code, line, detail) = match &report.outcome {
        Ok(output) => ("success", hex::encode(output), String::new(), 0, String::new()),
        Err((code, line, detail)) => ("failed", String::new(), code.clone(), *line, hex::encode(detail)),
    };
    json!({
        "height": report.header.height,
        "block_hash": report.digest.to_string(),
        "time_ms": report.header.time_ms,
        "status": status, "output": output, "code": code, "line": line, "detail": detail,
        "gas_used": report.gas_used,
        "events": call_events(&report.events),
    })
}

/// Events of a call that is no transaction.
pub(crate) fn call_events(events: &[Event]) -> Vec<Value> {
    events.iter().map(event).collect()
}

/// The address of a contract given by name or address.
///
/// # Errors
/// [`NodeError::Id`] for a malformed address.
pub fn contract_id(name_or_address: &str) -> Result<ContractId, NodeError> {
    if name_or_address.starts_with("xlc1") {
        return Ok(ContractId::from_str(name_or_address)?);
    }
    Ok(ContractId::derive(name_or_address))
}

pub(crate) fn read<T: borsh::BorshDeserialize + borsh::BorshSerialize>(
    view: &View,
    key: &[u8],
    what: &'static str,
) -> Result<Option<T>, NodeError> {
    Ok(view.get(key)?.map(|bytes| decode(&bytes, what)).transpose()?)
}

impl Node {
    /// How the node is, for people and scripts.
    ///
    /// # Errors
    /// [`NodeError`] when it cannot read.
    pub fn status(&self) -> Result<String, NodeError> {
        let tip = self.chain.tip();
        let connected = self.connected();
        let genesis = self.chain.genesis();
        let validators = self.chain.validators(tip.epoch).unwrap_or_default();
        let is_up =
            |key: &xl_primitives::PublicKey| *key == self.entry.key || connected.contains(&hex::encode(key.as_bytes()));
        let up = validators.iter().filter(|key| is_up(key)).count();
        let halted = *self.handle.halted.borrow();
        let fault = halted.map(|halt| format!("halted at height {}: {}", halt.height, halt.cause));
        let peers: Vec<Value> = genesis
            .nodes
            .iter()
            .filter(|node| node.key != self.entry.key)
            .map(|node| {
                json!({
                    "name": &*node.name, "org": &*node.organisation, "kind": node.kind.name(),
                    "connected": connected.contains(&hex::encode(node.key.as_bytes())),
                })
            })
            .collect();
        Ok(json!({
            "name": &*self.entry.name,
            "org": &*self.entry.organisation,
            "kind": self.entry.kind.name(),
            "key": hex::encode(self.entry.key.as_bytes()),
            "chain_id": self.chain.chain_id().to_string(),
            "height": tip.height,
            "block_hash": tip.digest().to_string(),
            "state_root": tip.state_root.to_string(),
            "time_ms": tip.time_ms,
            "finalized": *self.handle.finalized.borrow(),
            "epoch": *self.handle.epoch.borrow(),
            "view": tip.view,
            "leader": hex::encode(tip.leader.as_bytes()),
            "peers": peers,
            "pool": { "transactions": self.pool.len(), "bytes": self.pool.bytes() },
            "validators": validators.len(),
            "validators_up": up,
            "votes": self.handle.votes,
            "evidence": *self.handle.evidence.borrow(),
            "healthy": fault.is_none() && up >= quorum(validators.len()),
            "fault": fault,
            "genesis_time_ms": genesis.time_ms,
        })
        .to_string())
    }

    /// A final transaction with its receipt.
    ///
    /// # Errors
    /// [`NodeError`] when the node serves no users or cannot read.
    pub fn transaction(&self, id: &Hash) -> Result<Option<String>, NodeError> {
        self.serving()?;
        let Some(place) = self.chain.tx_place(id)? else { return Ok(None) };
        let TxPlace { height, index } = place;
        let Some(stored) = self.chain.stored_block(height)? else { return Ok(None) };
        let place = index as usize;
        let pair = stored.block.transactions.get(place).zip(stored.receipts.get(place));
        let Some((bytes, found)) = pair else { return Ok(None) };
        let tx: SignedTx = decode(bytes, "transaction")?;
        Ok(Some(
            json!({
                "tx_id": id.to_string(), "height": height, "index": index,
                "time_ms": stored.block.header.time_ms, "block_hash": stored.digest.to_string(),
                "transaction": transaction(&tx), "receipt": receipt(found),
            })
            .to_string(),
        ))
    }

    /// [`Self::transaction`], waiting for finality.
    ///
    /// # Errors
    /// As there.
    pub fn wait(&self, id: &Hash, timeout: Duration) -> Result<Option<String>, NodeError> {
        self.serving()?;
        let until = Instant::now() + timeout;
        loop {
            let height = self.chain.tip().height;
            if self.chain.tx_place(id)?.is_some() {
                return self.transaction(id);
            }
            if self.progress.wait(height + 1, until) <= height {
                return Ok(None);
            }
        }
    }

    /// A committed block.
    ///
    /// # Errors
    /// As [`Self::transaction`].
    pub fn block(&self, height: u64) -> Result<Option<String>, NodeError> {
        self.serving()?;
        let Some(stored) = self.chain.stored_block(height)? else { return Ok(None) };
        Ok(Some(self.block_document(&stored)?.to_string()))
    }

    /// What became of a block's transactions: for each its id, then 0 (success) or 1 (failed).
    ///
    /// # Errors
    /// As [`Self::transaction`].
    pub fn block_results(&self, height: u64) -> Result<Option<Vec<u8>>, NodeError> {
        self.serving()?;
        let Some(stored) = self.chain.stored_block(height)? else { return Ok(None) };
        let row = |found: &Receipt| {
            let failed = matches!(found.status, Status::Failed(_));
            found.tx_id.0.into_iter().chain([u8::from(failed)])
        };
        Ok(Some(stored.receipts.iter().flat_map(row).collect()))
    }

    /// The committed block with a digest.
    ///
    /// # Errors
    /// As [`Self::transaction`].
    pub fn block_by_hash(&self, digest: &Hash) -> Result<Option<String>, NodeError> {
        self.serving()?;
        match self.chain.block_by_digest(digest)? {
            Some(block) if self.chain.header_digest_at(block.header.height)? == Some(*digest) => {
                self.block(block.header.height)
            }
            _ => Ok(None),
        }
    }

    fn block_document(&self, stored: &StoredBlock) -> Result<Value, NodeError> {
        let height = stored.block.header.height;
        let mut rows = Vec::new();
        for (bytes, found) in stored.block.transactions.iter().zip(&stored.receipts) {
            let tx: SignedTx = decode(bytes, "transaction")?;
            let (status, code) = match &found.status {
                Status::Success { .. } => ("success", ""),
                Status::Failed(failure) => ("failed", &*failure.code),
            };
            rows.push(json!({
                "tx_id": found.tx_id.to_string(), "sender": tx.body.sender.to_string(),
                "contract": tx.body.call.contract.to_string(), "method": &*tx.body.call.method,
                "status": status, "code": code, "gas_used": found.gas_used,
            }));
        }
        let finality = if height == 0 { None } else { self.chain.finality(height)? };
        let names = |key: &xl_primitives::PublicKey| {
            self.chain.genesis().nodes.iter().find(|node| node.key == *key).map(|node| node.name.to_string())
        };
        let (certificate_height, signers) = match &finality {
            None => (Value::Null, Vec::new()),
            Some(proof) => {
                let set = self.chain.validators(proof.certificate.epoch).unwrap_or_default();
                let signed = proof.certificate.signers.iter().filter_map(|&s| set.get(usize::from(s)));
                (json!(height + proof.path.len() as u64 - 1), signed.filter_map(names).collect())
            }
        };
        Ok(json!({
            "height": height,
            "block_hash": stored.digest.to_string(),
            "header": header(&stored.block.header),
            "leader": names(&stored.block.header.leader),
            "transactions": rows,
            "bytes": stored.block.transactions.iter().map(|tx| tx.len()).sum::<usize>(),
            "certificate_height": certificate_height,
            "signers": signers,
        }))
    }

    /// An account.
    ///
    /// # Errors
    /// As [`Self::transaction`].
    pub fn account(&self, address: &str) -> Result<Option<String>, NodeError> {
        self.serving()?;
        let id = AccountId::from_str(address)?;
        let record: Option<Account> = read(&self.chain.view(), &account_key(&id), "account")?;
        Ok(record.map(|record| account(&id, &record).to_string()))
    }

    /// Accounts in the order of admission.
    ///
    /// # Errors
    /// As [`Self::transaction`].
    pub fn accounts(&self, offset: u32, limit: usize) -> Result<String, NodeError> {
        self.serving()?;
        let view = self.chain.view();
        let total: u32 = read(&view, &account::count_key(), "account count")?.unwrap_or(0);
        let mut rows = Vec::new();
        for index in (offset..total).take(limit.min(PAGE_MAX)) {
            let Some(id) = read::<AccountId>(&view, &account::index_key(index), "account id")? else { break };
            let Some(record) = read::<Account>(&view, &account_key(&id), "account")? else { break };
            rows.push(account(&id, &record));
        }
        Ok(json!({ "total": total, "accounts": rows }).to_string())
    }

    /// The members of the consortium.
    ///
    /// # Errors
    /// As [`Self::transaction`].
    pub fn organisations(&self) -> Result<String, NodeError> {
        self.serving()?;
        let view = self.chain.view();
        let ids: Vec<Text<32>> = read(&view, &account::organisations_key(), "organisations")?.unwrap_or_default();
        let mut rows = Vec::new();
        for id in ids {
            if let Some(record) = read::<Organisation>(&view, &organisation_key(&id), "organisation")? {
                let admins: Vec<String> = record.admins.iter().map(ToString::to_string).collect();
                rows.push(json!({ "id": &*id, "name": &*record.name, "admins": admins }));
            }
        }
        Ok(Value::from(rows).to_string())
    }

    /// A contract's record.
    ///
    /// # Errors
    /// As [`Self::transaction`].
    pub fn contract(&self, name_or_address: &str) -> Result<Option<String>, NodeError> {
        self.serving()?;
        let id = contract_id(name_or_address)?;
        let record: Option<ContractRecord> = read(&self.chain.view(), &record_key(&id), "contract")?;
        Ok(record.map(|record| contract_document(&id, &record).to_string()))
    }

    /// All contracts in the order of deployment.
    ///
    /// # Errors
    /// As [`Self::transaction`].
    pub fn contracts(&self) -> Result<String, NodeError> {
        self.serving()?;
        let view = self.chain.view();
        let total: u32 = read(&view, &contract::count_key(), "contract count")?.unwrap_or(0);
        let mut rows = Vec::new();
        for index in 0..total.min(PAGE_MAX as u32) {
            let Some(id) = read::<ContractId>(&view, &contract::index_key(index), "contract id")? else { break };
            let Some(record) = read::<ContractRecord>(&view, &record_key(&id), "contract")? else { break };
            rows.push(contract_document(&id, &record));
        }
        Ok(Value::from(rows).to_string())
    }

    /// The interface description of a version of a contract, by default of the one that runs.
    ///
    /// # Errors
    /// As [`Self::transaction`].
    pub fn contract_interface(
        &self,
        name_or_address: &str,
        version: Option<u32>,
    ) -> Result<Option<Vec<u8>>, NodeError> {
        self.serving()?;
        let id = contract_id(name_or_address)?;
        let view = self.chain.view();
        let Some(record) = read::<ContractRecord>(&view, &record_key(&id), "contract")? else { return Ok(None) };
        let version = version.unwrap_or(record.version);
        let Some(found) = read::<VersionRecord>(&view, &version_key(&id, version), "version")? else { return Ok(None) };
        let mut bytes = Vec::with_capacity(found.interface_bytes as usize);
        let mut piece = 0;
        while bytes.len() < found.interface_bytes as usize {
            let Some(part) = view.get(&piece_key(&id, b'i', version, piece))? else { break };
            bytes.extend(part);
            piece += 1;
        }
        Ok(Some(bytes))
    }

    /// Runs a view of a contract on the committed state.
    ///
    /// # Errors
    /// As [`Self::transaction`].
    pub fn query(
        &self,
        caller: &str,
        contract: &str,
        method: &str,
        arguments: &[u8],
        gas_limit: u64,
    ) -> Result<String, NodeError> {
        self.serving()?;
        let caller = AccountId::from_str(caller)?;
        let gas_limit = gas_limit.min(self.chain.genesis().parameters.block_gas_max);
        let report = self.chain.query(caller, contract_id(contract)?, method, arguments, gas_limit)?;
        Ok(call_report(&report).to_string())
    }

    /// Runs a final transaction again on the state it met.
    ///
    /// # Errors
    /// [`NodeError::Query`] when that state is no longer kept.
    pub fn replay(&self, id: &Hash) -> Result<Option<String>, NodeError> {
        self.serving()?;
        let Some(TxPlace { height, index }) = self.chain.tx_place(id)? else { return Ok(None) };
        let Some((report, replayed)) = self.chain.replay(height, index as usize)? else { return Ok(None) };
        let kept = self.chain.stored_block(height)?.and_then(|stored| stored.receipts.get(index as usize).cloned());
        let mut document = call_report(&report);
        document["same_as_receipt"] = (kept.as_ref() == Some(&replayed)).into();
        Ok(Some(document.to_string()))
    }
}
