//! Our rule around the engine's wrapper (protocol 1): certify executes, and only then lets the engine vote to finalise.

use crate::{
    application::{Marshal, Rules},
    block::{EngineBlock, Place},
    evidence::Witness,
    scheme::Scheme,
};
use commonware_actor::Feedback;
use commonware_consensus::{
    Automaton, CertifiableAutomaton, Handoff, Relay, Reporter, Viewable as _,
    marshal::{core::DigestFallback, standard::Inline},
    simplex::{Plan, types::Activity},
    types::{FixedEpocher, Round},
};
use commonware_macros::select;
use commonware_runtime::{Clock, Metrics, Spawner};
use commonware_utils::channel::{fallible::OneshotExt as _, oneshot};
use std::sync::Arc;
use xl_network::identity::{Digest, PublicKey};
use xl_state::Store;

/// The engine's wrapper: it keeps blocks durable before a finalise vote and proposes the last block of an epoch again.
type Wrapper<E, S> = Inline<E, Scheme, Rules<S>, EngineBlock, FixedEpocher>;

/// The application of one node, as its consensus engines see it.
pub(crate) struct Adapter<E: Spawner + Metrics + Clock, S: Store + 'static> {
    runtime: Arc<E>,
    rules: Rules<S>,
    inner: Wrapper<E, S>,
    witness: Witness,
}

impl<E: Spawner + Metrics + Clock, S: Store + 'static> Clone for Adapter<E, S> {
    fn clone(&self) -> Self {
        Self {
            runtime: Arc::clone(&self.runtime),
            rules: self.rules.clone(),
            inner: self.inner.clone(),
            witness: self.witness.clone(),
        }
    }
}

impl<E: Spawner + Metrics + Clock, S: Store + 'static> Adapter<E, S> {
    pub(crate) fn new(runtime: E, rules: Rules<S>, epocher: FixedEpocher, witness: Witness) -> Self {
        let marshal: Marshal = rules.marshal.clone();
        let inner = Inline::new(runtime.child("wrapper"), rules.clone(), marshal, epocher);
        Self { runtime: Arc::new(runtime), rules, inner, witness }
    }

    /// Waits until the block is durable here, then executes it. `None` when consensus no longer needs to know.
    async fn certified(
        rules: Rules<S>,
        runtime: E,
        durable: oneshot::Receiver<bool>,
        round: Round,
        digest: Digest,
    ) -> Option<bool> {
        if !durable.await.ok()? {
            return Some(false);
        }
        let block = rules.marshal.subscribe_by_digest(digest, DigestFallback::FetchByRound { round });
        Some(rules.certify(&runtime, block.await.ok()?).await)
    }
}

impl<E: Spawner + Metrics + Clock, S: Store + 'static> Automaton for Adapter<E, S> {
    type Context = Place;
    type Digest = Digest;

    async fn propose(&mut self, place: Place) -> oneshot::Receiver<Digest> {
        self.inner.propose(place).await
    }

    async fn verify(&mut self, place: Place, digest: Digest) -> oneshot::Receiver<bool> {
        self.inner.verify(place, digest).await
    }
}

impl<E: Spawner + Metrics + Clock, S: Store + 'static> CertifiableAutomaton for Adapter<E, S> {
    async fn prepare(&mut self, place: Place) -> oneshot::Receiver<Handoff<Digest>> {
        self.inner.prepare(place).await
    }

    async fn certify(&mut self, round: Round, digest: Digest) -> oneshot::Receiver<bool> {
        let durable = self.inner.certify(round, digest).await;
        let (mut verdict, answer) = oneshot::channel();
        let rules = self.rules.clone();
        self.runtime.child("certify").with_attribute("round", round).spawn(move |runtime| async move {
            select! {
                _ = verdict.closed() => {},
                decided = Self::certified(rules, runtime, durable, round, digest) => {
                    if let Some(decided) = decided {
                        verdict.send_lossy(decided);
                    }
                },
            }
        });
        answer
    }
}

impl<E: Spawner + Metrics + Clock, S: Store + 'static> Relay for Adapter<E, S> {
    type Digest = Digest;
    type PublicKey = PublicKey;
    type Plan = Plan<PublicKey>;

    fn broadcast(&mut self, digest: Digest, plan: Plan<PublicKey>) -> Feedback {
        self.inner.broadcast(digest, plan)
    }
}

impl<E: Spawner + Metrics + Clock, S: Store + 'static> Reporter for Adapter<E, S> {
    type Activity = Activity<Scheme, Digest>;

    fn report(&mut self, activity: Self::Activity) -> Feedback {
        match &activity {
            Activity::Nullification(nullification) => {
                let round = nullification.round;
                self.rules.context.own.lock().nullified(round.epoch().get(), round.view().get());
            }
            Activity::Finalization(finalization) => {
                let round = finalization.proposal.round;
                self.rules.context.own.lock().finalized(round.epoch().get(), finalization.view().get());
            }
            Activity::ConflictingNotarize(_) | Activity::ConflictingFinalize(_) | Activity::NullifyFinalize(_) => {
                self.witness.testify(activity.clone());
            }
            _ => {}
        }
        self.inner.report(activity)
    }
}
