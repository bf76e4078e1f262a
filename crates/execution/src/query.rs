//! Reading: views of contracts on committed state, and running a final transaction again to explain it.

use crate::{
    chain::Chain,
    error::Fault,
    overlay::{Branch, Past},
    records,
    run::{CallResult, Place, Run},
};
use std::sync::Arc;
use xl_primitives::{AccountId, CheckedTx, ContractId, Event, Hash, Header, Receipt};
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
        let place = Place { height: header.height, time_ms: header.time_ms };
        let result = self.queries().run(move |machine| {
            let base = Branch { view, ancestors: Vec::new() };
            let mut run = Run::new(&base, place, machine);
            let context = CallContext {
                caller: caller.0,
                contract: contract.0,
                height: place.height,
                time_ms: place.time_ms,
                tx_id: [0; 32],
            };
            run.call(context, &method, &arguments, gas_limit, true)
        })?;
        Ok(CallReport::new(header, result?))
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
        let place = Place { height, time_ms: header.time_ms };
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
