//! Proof files: a fact, its block and the block's finality.

use crate::{error::NodeError, node::Node};
use std::time::{Duration, Instant};
use xl_light::{Fact, FinalityProof, ProofFile, proof_file::to_bytes};
use xl_primitives::{Bounded, Hash, List, encode, merkle};
use xl_state::View;

/// How long a proof of the newest state waits for its certificate.
const CERTIFICATE_WAIT: Duration = Duration::from_secs(3);
const RETRY: Duration = Duration::from_millis(50);

impl Node {
    /// A proof file of the value, or absence, of a full state key in the newest provable block.
    ///
    /// # Errors
    /// [`NodeError::NotProvable`] while no certificate reaches the newest block.
    pub fn state_proof(&self, key: &[u8]) -> Result<Vec<u8>, NodeError> {
        self.serving()?;
        let key = Bounded::new(key).ok_or(NodeError::Field { field: "key" })?;
        let (view, finality) = self.provable_view()?;
        let value = view.get(&key)?.and_then(Bounded::new);
        let proof = view.prove(&key)?;
        Ok(self.proof_file(finality, Fact::State { key, value, proof }))
    }

    /// A proof file of the receipt of a final transaction.
    ///
    /// # Errors
    /// [`NodeError::NotProvable`] while no certificate reaches its block.
    pub fn receipt_proof(&self, tx_id: &Hash) -> Result<Option<Vec<u8>>, NodeError> {
        self.serving()?;
        let Some(place) = self.chain.tx_place(tx_id)? else { return Ok(None) };
        let (height, index) = (place.height, place.index as usize);
        let Some(stored) = self.chain.stored_block(height)? else { return Ok(None) };
        let finality = self.finality(height)?;
        let transactions: Vec<&[u8]> = stored.block.transactions.iter().map(|tx| &**tx).collect();
        let receipts: Vec<Vec<u8>> = stored.receipts.iter().map(encode).collect();
        let proofs = merkle::prove(&transactions, index).zip(merkle::prove(&receipts, index));
        let bodies = Bounded::new(transactions[index]).zip(Bounded::new(receipts[index].clone()));
        let ((transaction_proof, receipt_proof), (transaction, receipt)) =
            proofs.zip(bodies).ok_or(NodeError::NotProvable { height })?;
        let fact = Fact::Receipt { transaction, receipt, transaction_proof, receipt_proof };
        Ok(Some(self.proof_file(finality, fact)))
    }

    /// The newest committed state whose block has a certificate at or above it.
    fn provable_view(&self) -> Result<(std::sync::Arc<View>, FinalityProof), NodeError> {
        let until = Instant::now() + CERTIFICATE_WAIT;
        loop {
            let view = self.chain.view();
            let height = view.height().unwrap_or(0);
            if let Some(finality) = self.chain.finality(height)? {
                return Ok((view, finality));
            }
            if Instant::now() >= until {
                return Err(NodeError::NotProvable { height });
            }
            std::thread::sleep(RETRY);
        }
    }

    fn finality(&self, height: u64) -> Result<FinalityProof, NodeError> {
        let until = Instant::now() + CERTIFICATE_WAIT;
        loop {
            match self.chain.finality(height)? {
                Some(finality) => return Ok(finality),
                None if Instant::now() >= until => return Err(NodeError::NotProvable { height }),
                None => std::thread::sleep(RETRY),
            }
        }
    }

    fn proof_file(&self, finality: FinalityProof, fact: Fact) -> Vec<u8> {
        // The set of this chain is that of genesis in every epoch, so no transition stands between.
        to_bytes(&ProofFile::new(self.chain.genesis(), List::default(), finality, fact))
    }
}
