//! Conflicting votes (protocol 10): verified, written to the store, and only then told to anybody.

use crate::{epoch::Sets, scheme::Scheme};
use commonware_codec::Encode as _;
use commonware_consensus::{
    Epochable as _, Viewable as _,
    simplex::types::{Activity, Attributable as _},
};
use commonware_cryptography::certificate::Scheme as _;
use commonware_parallel::Sequential;
use commonware_runtime::Spawner;
use commonware_utils::{
    channel::{mpsc, watch},
    ordered::Quorum as _,
};
use rand_core::CryptoRng;
use std::sync::Arc;
use xl_network::identity::{Digest, PublicKey};
use xl_state::{Batch, Store, Table};

/// Reports that wait to be written; more of them at once are evidence enough.
const QUEUE_COUNT_MAX: usize = 256;
/// Most records of one validator and epoch: what he does beyond proves nothing new.
const RECORDS_PER_VALIDATOR_MAX: u64 = 64;

/// Hands conflicting votes to the task that keeps them.
#[derive(Clone)]
pub(crate) struct Witness(mpsc::Sender<Activity<Scheme, Digest>>);

impl Witness {
    pub(crate) fn testify(&self, activity: Activity<Scheme, Digest>) {
        let _ = self.0.try_send(activity);
    }
}

/// Key of a record: epoch, validator's key, view (big endian), kind.
fn key(epoch: u64, validator: &PublicKey, view: u64, kind: u8) -> Vec<u8> {
    [&epoch.to_be_bytes()[..], &validator[..], &view.to_be_bytes(), &[kind]].concat()
}

/// Starts the task; the watch counts the records that this run has written.
pub(crate) fn start<E, S>(runtime: &E, store: Arc<S>, sets: Sets) -> (Witness, watch::Receiver<u64>)
where
    E: Spawner + CryptoRng,
    S: Store + 'static,
{
    let (sender, mut reports) = mpsc::channel::<Activity<Scheme, Digest>>(QUEUE_COUNT_MAX);
    let (count, counted) = watch::channel(0);
    runtime.child("evidence").shared(true).spawn(move |mut runtime| async move {
        while let Some(activity) = reports.recv().await {
            let Some(scheme) = sets.get(activity.epoch()) else { continue };
            if !activity.verify(&mut runtime, &*scheme, &Sequential) {
                continue;
            }
            match write(&*store, &scheme, &activity) {
                Ok(true) => count.send_modify(|count| *count += 1),
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "consensus.evidence.unwritten"),
            }
        }
    });
    (Witness(sender), counted)
}

fn write<S: Store>(
    store: &S,
    scheme: &Scheme,
    activity: &Activity<Scheme, Digest>,
) -> Result<bool, xl_state::StoreError> {
    let (kind, signer, votes) = match activity {
        Activity::ConflictingNotarize(votes) => (1, votes.signer(), votes.encode()),
        Activity::ConflictingFinalize(votes) => (2, votes.signer(), votes.encode()),
        Activity::NullifyFinalize(votes) => (3, votes.signer(), votes.encode()),
        _ => return Ok(false),
    };
    let Some(validator) = scheme.participants().key(signer) else { return Ok(false) };
    let (epoch, view) = (activity.epoch().get(), activity.view().get());
    let record = key(epoch, validator, view, kind);
    let mut held = 0;
    store.scan(Table::Evidence, &key(epoch, validator, 0, 0), &mut |other, _| {
        if other == record || !other.starts_with(&record[..8 + validator.len()]) {
            held = if other == record { u64::MAX } else { held };
            return std::ops::ControlFlow::Break(());
        }
        held += 1;
        std::ops::ControlFlow::Continue(())
    })?;
    if held >= RECORDS_PER_VALIDATOR_MAX {
        return Ok(false);
    }
    let mut batch = Batch::new();
    batch.put(Table::Evidence, record, votes);
    store.write(batch, true)?;
    tracing::warn!(epoch, view, kind, %validator, "consensus.evidence");
    Ok(true)
}
