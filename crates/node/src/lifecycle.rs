//! The JSON documents about contracts' lives: versions, staged code and audits, proposals and votes, dry runs.

use crate::{
    documents::{call_events, contract_id, read},
    error::NodeError,
    node::Node,
};
use serde_json::{Value, json};
use std::str::FromStr;
use xl_execution::{UpgradeCode, UpgradeReport};
use xl_primitives::{
    AccountId, Hash, List, Text,
    account::organisations_key,
    contract::{
        AuditRecord, Audits, CodeMachine, ContractRecord, Layout, Migrated, StagedCode, StagedForm, VersionRecord,
        audits_key, layout_key, record_key, staged_key, staged_piece_key, version_key,
    },
    genesis::Threshold,
    governance::{
        Action, ContractPolicy, Deployers, Proposal, ProposalStatus, Upgraders, count_key, policy_key, proposal_key,
        threshold_key,
    },
    id::OrganisationId,
};
use xl_state::View;

/// Most versions or proposals of one answer.
const PAGE_MAX: u32 = 500;

fn version(number: u32, record: &VersionRecord) -> Value {
    let audit = record.audit.as_ref();
    json!({
        "version": number,
        "code_hash": record.code_hash.to_string(),
        "code_bytes": record.code_bytes,
        "interface_hash": record.interface_hash.to_string(),
        "interface_bytes": record.interface_bytes,
        "height": record.height,
        "by": record.by.to_string(),
        "proposal": record.proposal,
        "audit": audit.map(|a| json!({ "auditor": a.auditor.to_string(), "report_hash": a.report_hash.to_string() })),
    })
}

fn layout(layout: &Layout) -> Vec<Value> {
    layout.iter().map(|each| json!({ "field": &*each.field, "digest": each.digest.to_string() })).collect()
}

fn staged(hash: &Hash, record: &StagedCode, arguments: &[u8]) -> Value {
    let mut document = json!({
        "code_hash": hash.to_string(),
        "owner": record.owner.to_string(),
        "organisation": &*record.organisation,
        "machine": record.machine().name(),
        "code_bytes": record.code_bytes,
        "interface_hash": record.interface_hash.to_string(),
        "interface_bytes": record.interface_bytes,
        "height": record.height,
    });
    match &record.form {
        StagedForm::Wasm { layout: fields } => document["layout"] = layout(fields).into(),
        StagedForm::Evm { .. } => document["arguments"] = hex::encode(arguments).into(),
    }
    document
}

fn audit(record: &AuditRecord) -> Value {
    json!({
        "auditor": record.auditor.to_string(),
        "organisation": &*record.organisation,
        "report_hash": record.report_hash.to_string(),
        "verdict": record.verdict.name(),
        "tool": &*record.tool,
        "valid_until_ms": record.valid_until_ms,
        "height": record.height,
    })
}

fn policy(policy: &ContractPolicy) -> Value {
    let deploy = match policy.deploy {
        Deployers::Developers => "developers",
        Deployers::Administrators => "administrators",
        Deployers::Governance => "governance",
    };
    let upgrade = match policy.upgrade {
        Upgraders::Owner => "owner",
        Upgraders::Governance => "governance",
    };
    json!({
        "deploy": deploy,
        "upgrade": upgrade,
        "audit_required": policy.audit_required,
        "audit_independent": policy.audit_independent,
        "auditor": &*policy.auditor,
    })
}

fn action(action: &Action) -> Value {
    let mut document = json!({ "kind": action.kind() });
    if let Some(name) = action.contract() {
        document["name"] = (**name).into();
    }
    if let Some(version) = action.version() {
        document["version"] = version.into();
    }
    if let Some(hash) = action.code_hash() {
        document["code_hash"] = hash.to_string().into();
    }
    match action {
        Action::SetContractPolicy { policy: rules } => document["policy"] = policy(rules),
        Action::UpgradeContract { migrated, .. } => {
            document["migrated"] = migrated.iter().map(ToString::to_string).collect();
        }
        _ => {}
    }
    document
}

/// A proposal. `status` is `expired` for one that is open by its record and took no decision in its time.
fn proposal(id: u32, record: &Proposal, time_ms: u64) -> Value {
    let (mut status, decided) = match record.status {
        ProposalStatus::Enacted { height } | ProposalStatus::Rejected { height } => {
            (record.status.name(), Some(height))
        }
        ProposalStatus::Open => ("open", None),
    };
    if decided.is_none() && record.valid_until_ms < time_ms {
        status = "expired";
    }
    let votes = record.votes.iter().map(|ballot| {
        json!({
            "organisation": &*ballot.organisation, "by": ballot.by.to_string(),
            "yes": ballot.yes, "height": ballot.height,
        })
    });
    json!({
        "id": id,
        "action": action(&record.action),
        "title": &*record.title,
        "proposer": record.proposer.to_string(),
        "organisation": &*record.organisation,
        "height": record.height,
        "time_ms": record.time_ms,
        "valid_until_ms": record.valid_until_ms,
        "status": status,
        "decided_height": decided,
        "votes": votes.collect::<Vec<_>>(),
    })
}

fn dry_run(report: &UpgradeReport) -> Value {
    let (status, version, code, line, detail) = match &report.outcome {
        Ok(version) => ("success", Some(*version), String::new(), 0, String::new()),
        Err((code, line, detail)) => ("failed", None, code.clone(), *line, hex::encode(detail)),
    };
    json!({
        "height": report.header.height,
        "block_hash": report.digest.to_string(),
        "time_ms": report.header.time_ms,
        "code_hash": report.code_hash.map(|hash| hash.to_string()),
        "status": status, "version": version, "code": code, "line": line, "detail": detail,
        "audit": report.audit,
        "gas_used": report.gas_used,
        "writes": report.writes,
        "events": call_events(&report.events),
    })
}

/// What is kept in pieces under the hash of staged code.
fn pieces(view: &View, hash: &Hash, kind: u8, length: u32) -> Result<Vec<u8>, NodeError> {
    let mut bytes = Vec::with_capacity(length as usize);
    let mut piece = 0;
    while bytes.len() < length as usize {
        let Some(part) = view.get(&staged_piece_key(hash, kind, piece))? else { break };
        bytes.extend(part);
        piece += 1;
    }
    Ok(bytes)
}

fn hash(text: &str) -> Result<Hash, NodeError> {
    let bytes = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(Hash).ok_or(NodeError::Field { field: "code_hash" })
}

impl Node {
    /// Every version of a contract, oldest first.
    ///
    /// # Errors
    /// [`NodeError`] when the node serves no users or cannot read.
    pub fn contract_versions(&self, name_or_address: &str) -> Result<Option<String>, NodeError> {
        self.serving()?;
        let id = contract_id(name_or_address)?;
        let view = self.chain.view();
        let Some(record) = read::<ContractRecord>(&view, &record_key(&id), "contract")? else { return Ok(None) };
        let mut rows = Vec::new();
        for number in (1..=record.version).rev().take(PAGE_MAX as usize) {
            let Some(found) = read::<VersionRecord>(&view, &version_key(&id, number), "version")? else { break };
            rows.insert(0, version(number, &found));
        }
        let fields: Layout = read(&view, &layout_key(&id), "layout")?.unwrap_or_default();
        Ok(Some(
            json!({
                "name": &*record.name, "address": id.to_string(), "status": record.status.name(),
                "version": record.version, "layout": layout(&fields), "versions": rows,
            })
            .to_string(),
        ))
    }

    /// What the chain knows of a code: whether it is staged, and what auditors say.
    ///
    /// # Errors
    /// As [`Self::contract_versions`].
    pub fn code(&self, code_hash: &str) -> Result<String, NodeError> {
        self.serving()?;
        let hash = hash(code_hash)?;
        let view = self.chain.view();
        let record: Option<StagedCode> = read(&view, &staged_key(&hash), "staged code")?;
        let audits: Audits = read(&view, &audits_key(&hash), "audits")?.unwrap_or_default();
        let record = match record {
            Some(record) => {
                // Of WebAssembly nothing stands behind the code.
                let kept = match record.machine() {
                    CodeMachine::Wasm => Vec::new(),
                    CodeMachine::Evm => pieces(&view, &hash, b'y', record.kept_bytes())?,
                };
                let arguments = kept.get(record.code_bytes as usize..).unwrap_or_default();
                Some(staged(&hash, &record, arguments))
            }
            None => None,
        };
        Ok(json!({
            "code_hash": hash.to_string(),
            "staged": record,
            "audits": audits.iter().map(audit).collect::<Vec<_>>(),
        })
        .to_string())
    }

    /// The interface description of staged code.
    ///
    /// # Errors
    /// As [`Self::contract_versions`].
    pub fn staged_interface(&self, code_hash: &str) -> Result<Option<Vec<u8>>, NodeError> {
        self.serving()?;
        let hash = hash(code_hash)?;
        let view = self.chain.view();
        let Some(record) = read::<StagedCode>(&view, &staged_key(&hash), "staged code")? else { return Ok(None) };
        Ok(Some(pieces(&view, &hash, b'j', record.interface_bytes)?))
    }

    /// The rules for contracts, and what a proposal needs.
    ///
    /// # Errors
    /// As [`Self::contract_versions`].
    pub fn governance(&self) -> Result<String, NodeError> {
        self.serving()?;
        let view = self.chain.view();
        let rules: ContractPolicy = read(&view, &policy_key(), "contract policy")?.unwrap_or_default();
        let threshold: Threshold =
            read(&view, &threshold_key(), "threshold")?.unwrap_or(self.chain.genesis().governance);
        let organisations: Vec<OrganisationId> =
            read(&view, &organisations_key(), "organisations")?.unwrap_or_default();
        let proposals: u32 = read(&view, &count_key(), "proposal count")?.unwrap_or(0);
        Ok(json!({
            "policy": policy(&rules),
            "threshold": [threshold.numerator, threshold.denominator],
            "organisations": organisations.len(),
            "needed": threshold.of(organisations.len()),
            "proposals": proposals,
        })
        .to_string())
    }

    /// Proposals, newest first, below number `before`.
    ///
    /// # Errors
    /// As [`Self::contract_versions`].
    pub fn proposals(&self, before: Option<u32>, limit: u32) -> Result<String, NodeError> {
        self.serving()?;
        let view = self.chain.view();
        let total: u32 = read(&view, &count_key(), "proposal count")?.unwrap_or(0);
        let time_ms = self.chain.header_of(&view)?.time_ms;
        let top = before.map_or(total, |before| before.saturating_sub(1).min(total));
        let mut rows = Vec::new();
        for id in (1..=top).rev().take(limit.min(PAGE_MAX) as usize) {
            let Some(found) = read::<Proposal>(&view, &proposal_key(id), "proposal")? else { break };
            rows.push(proposal(id, &found, time_ms));
        }
        Ok(json!({ "total": total, "proposals": rows }).to_string())
    }

    /// One proposal.
    ///
    /// # Errors
    /// As [`Self::contract_versions`].
    pub fn proposal(&self, id: u32) -> Result<Option<String>, NodeError> {
        self.serving()?;
        let view = self.chain.view();
        let time_ms = self.chain.header_of(&view)?.time_ms;
        let found: Option<Proposal> = read(&view, &proposal_key(id), "proposal")?;
        Ok(found.map(|found| proposal(id, &found, time_ms).to_string()))
    }

    /// Upgrades a contract over a throw-away copy of the state. `code` is the hash of staged code, or the argument bytes
    /// with which `stage` would be called.
    ///
    /// # Errors
    /// As [`Self::contract_versions`].
    pub fn dry_run_upgrade(
        &self,
        caller: &str,
        name: &str,
        code: Result<&str, Vec<u8>>,
        migrated: &[String],
        gas_limit: u64,
    ) -> Result<String, NodeError> {
        self.serving()?;
        let caller = AccountId::from_str(caller)?;
        let code = match code {
            Ok(text) => UpgradeCode::Staged(hash(text)?),
            Err(arguments) => UpgradeCode::New(arguments),
        };
        let fields: Option<Vec<_>> = migrated.iter().map(|field| Text::new(field.as_str())).collect();
        let migrated: Migrated = fields.and_then(List::new).ok_or(NodeError::Field { field: "migrated" })?;
        let gas_limit = gas_limit.min(self.chain.genesis().parameters.block_gas_max);
        Ok(dry_run(&self.chain.dry_run_upgrade(caller, name, code, migrated, gas_limit)?).to_string())
    }
}
