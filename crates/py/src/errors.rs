//! The one place where a core error becomes a Python one. Classes and their families live in `xianglian.errors`.

use pyo3::{prelude::*, types::PyDict};
use xl_consensus::SubmitError;
use xl_execution::{Fault, QueryError};
use xl_node::{NodeError, reads::ReadRefused};

/// An instance of `xianglian.errors.<class>`; `code` is left to the class where it is empty.
pub fn raise(class: &str, code: &str, reason: &impl ToString, retry: bool) -> PyErr {
    Python::attach(|py| {
        let build = || {
            let facts = PyDict::new(py);
            if !code.is_empty() {
                facts.set_item("code", code)?;
                facts.set_item("retry", retry)?;
            }
            py.import("xianglian.errors")?.getattr(class)?.call((reason.to_string(),), Some(&facts))
        };
        build().map_or_else(|error| error, PyErr::from_value)
    })
}

/// A transaction that was turned away.
pub fn submit(error: &SubmitError) -> PyErr {
    let (code, retry) = submit_code(error);
    match error {
        SubmitError::Fault(fault) => raise("NodeFault", "", fault, false),
        SubmitError::Invalid(_) | SubmitError::Refused(_) | SubmitError::Pool(_) => {
            raise("TransactionRefused", code, error, retry)
        }
    }
}

/// Code and retry flag of a transaction that was turned away.
pub fn submit_code(error: &SubmitError) -> (&'static str, bool) {
    match error {
        SubmitError::Invalid(error) => (error.code(), false),
        SubmitError::Refused(refused) => (refused.code(), refused.retry()),
        SubmitError::Pool(error) => (error.code(), true),
        SubmitError::Fault(_) => ("XL-NODE-FAULT", false),
    }
}

/// A read that is not answered.
pub fn read(error: &ReadRefused) -> PyErr {
    raise("ReadRefused", error.code(), error, false)
}

/// Any failure of a node.
pub fn node(error: &NodeError) -> PyErr {
    match error {
        NodeError::Submit(error) => submit(error),
        error if error.is_damage() => raise("DamagedDatabase", "", error, false),
        NodeError::Stranger { .. } => raise("StrangerNode", "", error, false),
        NodeError::FolderInUse { .. } | NodeError::Store(xl_state::StoreError::Locked) => {
            raise("FolderInUse", "", error, false)
        }
        NodeError::Query(QueryError::Pruned { .. }) => raise("HistoryPruned", "", error, false),
        NodeError::Configuration(_) | NodeError::Field { .. } | NodeError::Decode(_) => {
            raise("Misused", "XL-NODE-CONFIGURATION", error, false)
        }
        NodeError::Genesis(_) | NodeError::Chain(Fault::OtherChain { .. }) => raise("InvalidGenesis", "", error, false),
        NodeError::Id(_) => raise("InvalidAddress", "", error, false),
        NodeError::NotServing { .. } => raise("ReadRefused", "XL-NODE-NOT-SERVING", error, false),
        NodeError::NotProvable { .. } => raise("Rejected", "XL-PROOF-NOT-YET", error, true),
        NodeError::Folder { .. }
        | NodeError::Chain(_)
        | NodeError::Store(_)
        | NodeError::State(_)
        | NodeError::Start(_)
        | NodeError::Ended { .. }
        | NodeError::Query(QueryError::Fault(_)) => raise("NodeFault", "", error, false),
    }
}

/// A genesis or configuration that is not one.
pub fn genesis(error: &NodeError) -> PyErr {
    raise("InvalidGenesis", "", error, false)
}
