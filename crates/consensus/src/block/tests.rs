use super::{EngineBlock, block_bytes_max, to_chain};
use commonware_codec::{Decode as _, Encode as _, EncodeSize as _};
use commonware_consensus::{Block as _, BoundedBlock as _, Heightable as _};
use commonware_cryptography::Digestible as _;
use std::sync::Arc;
use xl_primitives::{Block, Bounded, ChainParameters, Hash, Header, List, block::transactions_root};

/// A block at `height` with two transactions of nonsense.
pub(crate) fn block(height: u64, parent: Hash) -> Block {
    let transactions = List::new([&b"one"[..], b"two"].iter().filter_map(|tx| Bounded::new(*tx)).collect()).unwrap();
    let leader = xl_crypto::SecretKey::from_slice(&[3; 32]).unwrap().public_key();
    let header = Header {
        format: 1,
        chain_id: Hash([1; 32]),
        protocol_version: 1,
        height,
        epoch: 0,
        view: height + 2,
        parent_view: height,
        leader,
        parent,
        time_ms: 1_000 + height,
        tx_root: transactions_root(&transactions),
        state_root: Hash([2; 32]),
        receipts_root: Hash([3; 32]),
        gas_used: 0,
        validators_hash: Hash([4; 32]),
        next_validators_hash: Hash([4; 32]),
    };
    Block { header, transactions }
}

#[test]
fn a_block_survives_the_wire_with_its_digest() {
    let inner = block(5, Hash([9; 32]));
    let sent = EngineBlock::new(Arc::new(inner.clone()));
    let bytes = sent.encode();
    assert_eq!(bytes.len(), sent.encode_size());
    let limit = block_bytes_max(&ChainParameters::default());
    let got = EngineBlock::decode_cfg(bytes, &limit).unwrap();
    assert_eq!(**got.block(), inner);
    assert_eq!((got.hash(), to_chain(&got.digest())), (inner.digest(), inner.digest()));
    assert_eq!((got.height().get(), to_chain(&got.parent())), (5, Hash([9; 32])));
    let place = got.place();
    assert_eq!((place.round.view().get(), place.parent.0.get()), (7, 5));
}

#[test]
fn another_body_under_the_same_header_is_refused() {
    let mut forged = block(5, Hash::ZERO);
    let mut transactions = forged.transactions.clone().into_vec();
    transactions.swap(0, 1);
    forged.transactions = List::new(transactions).unwrap();
    let bytes = EngineBlock::new(Arc::new(forged)).encode();
    assert!(EngineBlock::decode_cfg(bytes, &10_000).is_err());
}

#[test]
fn a_block_above_the_limit_is_refused_before_it_is_decoded() {
    let sent = EngineBlock::new(Arc::new(block(5, Hash::ZERO)));
    let size = sent.bytes.len();
    assert!(EngineBlock::decode_cfg(sent.encode(), &size).is_ok());
    assert!(EngineBlock::decode_cfg(sent.encode(), &(size - 1)).is_err());
    assert!(sent.encode_size() <= EngineBlock::max_encode_size(&size));
}

#[test]
fn the_largest_legal_block_fits_the_limit() {
    let parameters = ChainParameters { block_bytes_max: 2_000_000, block_count_max: 20_000, ..Default::default() };
    let each = 2_000_000 / 20_000;
    let transactions: Vec<_> = (0..20_000).filter_map(|_| Bounded::new(vec![7; each])).collect();
    let mut full = block(1, Hash::ZERO);
    full.transactions = List::new(transactions).unwrap();
    assert!(EngineBlock::new(Arc::new(full)).bytes.len() <= block_bytes_max(&parameters));
}
