//! A validator that votes twice: beside its honest votes it signs two more for the next view.

use commonware_codec::{Encode as _, varint::UInt};
use commonware_consensus::{
    simplex::types::{Notarize, Proposal, Vote},
    types::{Epoch, Round, View},
};
use commonware_p2p::{Recipients, Sender};
use commonware_utils::ordered::Set;
use rand_core::Rng;
use xl_consensus::scheme::Scheme;
use xl_network::identity::{Digest, PrivateKey, PublicKey};
use xl_primitives::{Hash, Header};

/// Signs and sends two votes for different blocks of the view after `tip`.
pub fn equivocate<Tx: Sender<PublicKey = PublicKey>>(
    sender: &mut Tx,
    chain_id: &Hash,
    validators: &Set<PublicKey>,
    key: &PrivateKey,
    tip: &Header,
    rng: &mut impl Rng,
) {
    let scheme = Scheme::new(chain_id, validators.clone(), Some(key.clone()));
    let round = Round::new(Epoch::new(tip.epoch), View::new(tip.view + 1));
    for _ in 0..2 {
        let mut digest = [0; 32];
        rng.fill_bytes(&mut digest);
        let proposal = Proposal::new(round, View::new(tip.view), Digest::new(digest));
        let Some(vote) = Notarize::sign(&scheme, proposal) else { return };
        let vote: Vote<Scheme, Digest> = Vote::Notarize(vote);
        let message = [UInt(tip.epoch).encode(), vote.encode()].concat();
        let _ = sender.send(Recipients::All, message, true);
    }
}
