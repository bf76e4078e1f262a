use super::{BlockArchive, NEAR};
use crate::block::{EngineBlock, tests::block};
use commonware_consensus::{Heightable as _, marshal::store::Blocks as _, types::Height};
use commonware_cryptography::Digestible as _;
use commonware_storage::archive::Identifier;
use futures::executor::block_on;
use std::sync::Arc;
use xl_crypto::{SecretKey, Verifier};
use xl_execution::Chain;
use xl_primitives::{
    Genesis, Hash, List, Text,
    account::{ADMIN, Node, NodeKind},
    genesis::{GenesisAccount, GenesisOrganisation, Threshold},
};
use xl_state::MemoryStore;

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).unwrap()
}

fn chain(store: &Arc<MemoryStore>) -> Chain<MemoryStore> {
    let key = |n: u8| SecretKey::from_slice(&[n; 32]).unwrap().public_key();
    let share = Threshold { numerator: 2, denominator: 3 };
    let genesis = Genesis {
        format: 1,
        name: text("test"),
        time_ms: 1,
        parameters: xl_primitives::ChainParameters::default(),
        organisations: List::new(vec![GenesisOrganisation { id: text("a"), name: text("A") }]).unwrap(),
        accounts: List::new(vec![GenesisAccount {
            organisation: text("a"),
            key: key(1),
            roles: List::new(vec![text(ADMIN)]).unwrap(),
        }])
        .unwrap(),
        nodes: List::new(vec![Node {
            name: text("n"),
            organisation: text("a"),
            kind: NodeKind::Application,
            key: key(2),
        }])
        .unwrap(),
        governance: share,
        recovery: share,
    };
    Chain::open(Arc::clone(store), &genesis, Arc::new(Verifier::default())).unwrap()
}

fn archive(store: &Arc<MemoryStore>) -> BlockArchive<MemoryStore> {
    BlockArchive::open(chain(store), Arc::clone(store)).unwrap()
}

fn put(archive: BlockArchive<MemoryStore>, height: u64) -> BlockArchive<MemoryStore> {
    let block = Arc::new(EngineBlock::new(Arc::new(block(height, Hash::ZERO))));
    block_on(archive.put(block.digest(), &block)).unwrap()
}

fn heights(heights: Vec<Height>) -> Vec<u64> {
    heights.into_iter().map(Height::get).collect()
}

#[test]
fn gaps_are_where_no_block_is() {
    let store = Arc::new(MemoryStore::new());
    let archive = [1, 2, 5, 6, 9].into_iter().fold(archive(&store), put);
    assert_eq!(heights(archive.missing_items(Height::new(1), 10)), [3, 4, 7, 8]);
    assert_eq!(heights(archive.missing_items(Height::new(4), 2)), [4, 7]);
    let gap = |height| {
        let (end, next) = archive.next_gap(Height::new(height));
        (end.map(Height::get), next.map(Height::get))
    };
    assert_eq!(gap(0), (Some(2), Some(5)));
    assert_eq!(gap(3), (None, Some(5)));
    assert_eq!(gap(5), (Some(6), Some(9)));
    assert_eq!(gap(9), (Some(9), None));
    assert_eq!(gap(12), (None, None));
    assert_eq!(archive.last_index().map(Height::get), Some(9));
}

#[test]
fn genesis_is_always_there() {
    let store = Arc::new(MemoryStore::new());
    let archive = archive(&store);
    let genesis = block_on(archive.get(Identifier::Index(0))).unwrap().unwrap();
    assert_eq!(genesis.height().get(), 0);
    assert_eq!(block_on(archive.get(Identifier::Key(&genesis.digest()))).unwrap().unwrap(), genesis);
    assert_eq!(archive.last_index().map(Height::get), Some(0));
}

#[test]
fn the_first_block_of_a_height_stays() {
    let store = Arc::new(MemoryStore::new());
    let archive = put(archive(&store), 3);
    let first = block_on(archive.get(Identifier::Index(3))).unwrap().unwrap();
    let other = Arc::new(EngineBlock::new(Arc::new(block(3, Hash([5; 32])))));
    let archive = block_on(archive.put(other.digest(), &other)).unwrap();
    assert_eq!(block_on(archive.get(Identifier::Index(3))).unwrap().unwrap(), first);
    assert!(block_on(archive.get(Identifier::Key(&other.digest()))).unwrap().is_none());
}

#[test]
fn far_blocks_wait_in_the_store_and_go_when_they_are_committed() {
    let store = Arc::new(MemoryStore::new());
    let far = NEAR + 10;
    let first = put(archive(&store), far);
    let digest = block_on(first.get(Identifier::Index(far))).unwrap().unwrap().digest();
    drop(first);
    let again = archive(&store);
    assert_eq!(block_on(again.get(Identifier::Key(&digest))).unwrap().unwrap().height().get(), far);
    again.settle(far).unwrap();
    assert!(block_on(again.get(Identifier::Index(far))).unwrap().is_none());
    assert!(block_on(archive(&store).get(Identifier::Index(far))).unwrap().is_none());
}
