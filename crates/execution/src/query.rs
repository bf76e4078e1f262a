//! Reading: views of contracts on committed state, and running a final transaction again to explain it.

use crate::{
    chain::Chain,
    error::Fault,
    overlay::{Branch, Past},
    records,
    run::{CallResult, Place, Run},
    system::{At, Refusal, upgrade},
};
use std::sync::Arc;
use xl_primitives::{
    AccountId, CheckedTx, ContractId, Event, Hash, Header, Receipt,
    contract::{self, Migrated},
};
use xl_state::{StateError, Store};
use xl_vm::CallContext;

/// What a call would do.
#[derive(Clone, Debug)]
pub struct CallReport {
    /// Header of the block on whose state it ran.
    pub header: Header,
    /// Digest of that block.
    pub digest: Hash,
    /// Returned value, or code, source line and detail of the refusal.
    pub outcome: Result<Vec<u8>, (String, u32, Vec<u8>)>,
    /// Gas it used.
    pub gas_used: u64,
    /// Events it reported.
    pub events: Vec<Event>,
}

/// The code of a dry run.
#[derive(Clone, Debug)]
pub enum UpgradeCode {
    /// Staged on the chain under this SM3.
    Staged(Hash),
    /// Not on the chain yet: the arguments with which `stage` would be called.
    New(Vec<u8>),
}

/// What an upgrade would do.
#[derive(Clone, Debug)]
pub struct UpgradeReport {
    /// Header of the block on whose state it ran.
    pub header: Header,
    /// Digest of that block.
    pub digest: Hash,
    /// SM3 of the new code; `None` where it would not even be staged.
    pub code_hash: Option<Hash>,
    /// Number of the new version, or code, source line and detail of the refusal.
    pub outcome: Result<u32, (String, u32, Vec<u8>)>,
    /// Code of the refusal that the policy on audits gives today, if any.
    pub audit: Option<String>,
    /// Gas of the upgrade alone.
    pub gas_used: u64,
    /// Keys of the contract that it would write or delete.
    pub writes: usize,
    /// Events it would report.
    pub events: Vec<Event>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// History no longer reaches back so far.
    #[error("history begins at height {oldest}")]
    Pruned {
        /// Oldest height kept.
        oldest: u64,
    },
    /// This node could not tell.
    #[error(transparent)]
    Fault(Fault),
}

impl From<Fault> for QueryError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::State(StateError::Pruned { oldest }) => Self::Pruned { oldest },
            other => Self::Fault(other),
        }
    }
}

impl CallReport {
    fn new(header: Header, (result, events): (CallResult, Vec<Event>)) -> Self {
        let outcome = result.outcome.map_err(|refusal| (refusal.code, refusal.line, refusal.detail));
        Self { digest: header.digest(), header, outcome, gas_used: result.gas_used, events }
    }
}

impl<S: Store + 'static> Chain<S> {
    /// Runs a view of a contract on the committed state; writes and events are refused.
    ///
    /// # Errors
    /// [`QueryError`] when this node cannot tell.
    pub fn query(
        &self,
        caller: AccountId,
        contract: ContractId,
        method: &str,
        arguments: &[u8],
        gas_limit: u64,
    ) -> Result<CallReport, QueryError> {
        let view = self.view();
        let header = self.header_of(&view)?;
        let (method, arguments) = (method.to_owned(), arguments.to_vec());
        let place = Place { chain: self.chain_id(), height: header.height, time_ms: header.time_ms };
        let result = self.queries().run(move |machine| {
            let base = Branch { view, ancestors: Vec::new() };
            let mut run = Run::new(&base, place, machine);
            let context = CallContext {
                caller: caller.0,
                origin: caller.0,
                contract: contract.0,
                height: place.height,
                time_ms: place.time_ms,
                tx_id: [0; 32],
            };
            run.call(context, &method, &arguments, gas_limit, true)
        })?;
        Ok(CallReport::new(header, result?))
    }

    /// Upgrades a contract over a throw-away copy of the committed state, `migrate` included, whoever asks.
    ///
    /// # Errors
    /// [`QueryError`] when this node cannot tell.
    pub fn dry_run_upgrade(
        &self,
        caller: AccountId,
        name: &str,
        code: UpgradeCode,
        migrated: Migrated,
        gas_limit: u64,
    ) -> Result<UpgradeReport, QueryError> {
        let view = self.view();
        let header = self.header_of(&view)?;
        let name = name.to_owned();
        let place = Place { chain: self.chain_id(), height: header.height, time_ms: header.time_ms };
        let told = |refusal: Refusal| (refusal.code, refusal.line, refusal.detail);
        let report = UpgradeReport {
            digest: header.digest(),
            header,
            code_hash: None,
            outcome: Ok(0),
            audit: None,
            gas_used: 0,
            writes: 0,
            events: Vec::new(),
        };
        let report = self.queries().run(move |machine| {
            let base = Branch { view, ancestors: Vec::new() };
            let mut run = Run::new(&base, place, machine);
            let context = CallContext {
                caller: caller.0,
                origin: caller.0,
                contract: contract::address().0,
                height: place.height,
                time_ms: place.time_ms,
                tx_id: [0; 32],
            };
            let mut at = At { run: &mut run, context, events: Vec::new(), gas_left: gas_limit, read_only: false };
            let code_hash = match code {
                UpgradeCode::Staged(hash) => hash,
                UpgradeCode::New(arguments) => match upgrade::stage(&mut at, &arguments)? {
                    Ok(hash) => hash,
                    Err(refusal) => return Ok(UpgradeReport { outcome: Err(told(refusal)), ..report }),
                },
            };
            (at.events, at.gas_left) = (Vec::new(), gas_limit);
            let rehearsal = upgrade::rehearse(&mut at, &name, &code_hash, &migrated)?;
            Ok::<_, Fault>(UpgradeReport {
                code_hash: Some(code_hash),
                outcome: rehearsal.outcome.map_err(told),
                audit: rehearsal.audit.map(|refusal| refusal.code),
                gas_used: gas_limit - at.gas_left,
                writes: rehearsal.writes,
                events: at.events,
                ..report
            })
        })??;
        Ok(report)
    }

    /// Runs the transaction at `index` of the block at `height` again, after those before it, on the state they met.
    /// Also tells the receipt that this gives.
    ///
    /// # Errors
    /// [`QueryError::Pruned`] when that state is no longer kept.
    pub fn replay(&self, height: u64, index: usize) -> Result<Option<(CallReport, Receipt)>, QueryError> {
        let view = self.view();
        let Some(block) = records::block(view.records(), height)? else { return Ok(None) };
        let transactions: Result<Vec<CheckedTx>, _> =
            block.transactions.iter().take(index + 1).map(|bytes| self.check(bytes.to_vec())).collect();
        let transactions = transactions.map_err(|_| Fault::Missing { what: "transaction", height })?;
        if height == 0 || transactions.len() != index + 1 {
            return Ok(None);
        }
        let header = block.header;
        let place = Place { chain: self.chain_id(), height, time_ms: header.time_ms };
        let replayed = self.queries().run(move |machine| {
            let base = Past { view: Arc::clone(&view), height: height - 1 };
            let mut run = Run::new(&base, place, machine);
            let mut last = None;
            for tx in &transactions {
                last = Some(run.receipt_of(tx)?);
            }
            Ok::<_, Fault>(last)
        })??;
        Ok(replayed.map(|receipt| {
            let outcome = match &receipt.status {
                xl_primitives::Status::Success { output } => Ok(output.to_vec()),
                xl_primitives::Status::Failed(f) => Err((f.code.to_string(), f.line, f.detail.to_vec())),
            };
            let events = receipt.events.to_vec();
            let report = CallReport { digest: header.digest(), header, outcome, gas_used: receipt.gas_used, events };
            (report, receipt)
        }))
    }
}
