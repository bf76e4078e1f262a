//! [`Chain`]: committed state, the blocks executed over it, and the one way in which they become durable.

use crate::{
    error::{ExecuteError, Fault, InvalidBlock, Refused},
    executor::Executor,
    genesis,
    overlay::Branch,
    pending::{DEPTH_MAX, Pending, PendingBlocks},
    records,
    run::{Executed, PROTOCOL_VERSION, Place, Room, Run, check_limits, check_sender, receipts_root, record},
    window::Window,
};
use parking_lot::{Mutex, RwLock};
use std::{borrow::Borrow, collections::HashSet, path::Path, sync::Arc};
use xl_crypto::{PublicKey, Verifier};
use xl_light::{FinalityCertificate, FinalityProof};
use xl_primitives::{
    Block, Bounded, ChainParameters, CheckedTx, Genesis, Hash, Header, List, Receipt, TxError,
    account::{Account, account_key, validators_hash},
    block::transactions_root,
    id::OrganisationId,
};
use xl_state::{Batch, CommitOutcome, Diff, State, Store, Table, View};

/// Checked transactions remembered by their bytes, so that a block's signatures are not checked again.
const CHECKED_MAX: usize = 60_000;

/// Where the engine put a proposal.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// Validator-set period.
    pub epoch: u64,
    /// View of the proposal.
    pub view: u64,
    /// View of the parent.
    pub parent_view: u64,
    /// Who proposes.
    pub leader: PublicKey,
}

/// A block made here.
#[derive(Debug)]
pub struct Proposed {
    /// The block, executed and pending.
    pub block: Arc<Block>,
    /// Its digest.
    pub digest: Hash,
    /// Candidates that it could not take.
    pub refused: Vec<(Hash, Refused)>,
}

/// A block that is durable here.
#[derive(Clone, Debug)]
pub struct Committed {
    /// Its height.
    pub height: u64,
    /// Its digest.
    pub digest: Hash,
    /// Header time, UTC milliseconds.
    pub time_ms: u64,
    /// Identities of its transactions, in order.
    pub tx_ids: Vec<Hash>,
    /// One receipt each.
    pub receipts: Arc<Vec<Receipt>>,
}

struct Inner<S: Store> {
    genesis: Genesis,
    chain_id: Hash,
    genesis_header: Header,
    validators: Vec<PublicKey>,
    state: State<S>,
    verifier: Arc<Verifier>,
    executor: Executor,
    queries: Executor,
    index: bool,
    checked: Mutex<Checked>,
    moving: RwLock<Moving>,
    /// Held while a block is committed, so that two cannot interleave.
    committing: Mutex<()>,
}

struct Moving {
    tip: Arc<Header>,
    tip_digest: Hash,
    pending: PendingBlocks,
    window: Window,
}

/// A handle; clones share everything.
pub struct Chain<S: Store>(Arc<Inner<S>>);

impl<S: Store> Clone for Chain<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Store> std::fmt::Debug for Chain<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chain({}, height {})", self.0.chain_id, self.0.moving.read().tip.height)
    }
}

impl<S: Store + 'static> Chain<S> {
    /// Opens the chain in `store`, writing genesis into an empty one. `index` keeps the look-up by transaction, which
    /// nodes that serve users need. In `artefacts`, a folder of this chain alone, blocks find what was compiled before.
    ///
    /// # Errors
    /// [`Fault`]: damaged or foreign database, or no contract machine.
    pub fn open_with(
        store: Arc<S>,
        genesis: &Genesis,
        verifier: Arc<Verifier>,
        index: bool,
        artefacts: Option<&Path>,
    ) -> Result<Self, Fault> {
        let chain_id = genesis.chain_id();
        let state = State::open(store)?;
        let writes = genesis::writes(genesis);
        let prepared = match state.head() {
            None => Some(state.prepare(&[], &writes)?),
            Some(_) => None,
        };
        if let Some(diff) = prepared {
            let header = genesis::header(genesis, Hash(diff.root()));
            let block = Block { header, transactions: List::default() };
            state.commit(0, block.digest().0, &diff, records::genesis_batch(&block))?;
        }
        let view = state.view();
        let missing = |height| Fault::Missing { what: "header", height };
        let genesis_header = records::header(view.records(), 0)?.ok_or(missing(0))?;
        if genesis_header.chain_id != chain_id {
            return Err(Fault::OtherChain { got: genesis_header.chain_id, expected: chain_id });
        }
        let height = view.height().unwrap_or(0);
        let tip = records::header(view.records(), height)?.ok_or(missing(height))?;
        let mut window = Window::default();
        records::recent(view.records(), &tip, genesis.parameters.lifetime_ms_max, |id, until| {
            if until >= tip.time_ms {
                window.insert(id, until);
            }
        })?;
        let moving = Moving { tip_digest: tip.digest(), tip: Arc::new(tip), pending: PendingBlocks::default(), window };
        Ok(Self(Arc::new(Inner {
            validators: genesis.validators(),
            genesis: genesis.clone(),
            chain_id,
            genesis_header,
            state,
            verifier,
            executor: Executor::start("xl-execute", artefacts)?,
            queries: Executor::start("xl-query", None)?,
            index,
            checked: Mutex::new(Checked::default()),
            moving: RwLock::new(moving),
            committing: Mutex::new(()),
        })))
    }

    /// [`Chain::open_with`] the index by transaction, without artefacts.
    ///
    /// # Errors
    /// As there.
    pub fn open(store: Arc<S>, genesis: &Genesis, verifier: Arc<Verifier>) -> Result<Self, Fault> {
        Self::open_with(store, genesis, verifier, true, None)
    }

    /// Digest of genesis.
    #[must_use]
    pub fn chain_id(&self) -> Hash {
        self.0.chain_id
    }
    /// The founding act.
    #[must_use]
    pub fn genesis(&self) -> &Genesis {
        &self.0.genesis
    }
    /// Rules of the chain.
    #[must_use]
    pub fn parameters(&self) -> ChainParameters {
        self.0.genesis.parameters.clone()
    }
    /// The block at height 0, which nobody voted for; [`Chain::block_at`] has it as well.
    #[must_use]
    pub fn genesis_block(&self) -> Block {
        Block { header: self.0.genesis_header.clone(), transactions: List::default() }
    }
    /// Validators of an epoch in ascending order, if they are decided.
    #[must_use]
    pub fn validators(&self, _epoch: u64) -> Option<Vec<PublicKey>> {
        Some(self.0.validators.clone())
    }
    /// Header of the last committed block.
    #[must_use]
    pub fn tip(&self) -> Arc<Header> {
        Arc::clone(&self.0.moving.read().tip)
    }
    /// Committed state at one height, for readers.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.0.state.view()
    }
    /// The store beneath.
    #[must_use]
    pub fn store(&self) -> &Arc<S> {
        self.0.state.store()
    }
    /// The verifier of this node.
    #[must_use]
    pub fn verifier(&self) -> &Arc<Verifier> {
        &self.0.verifier
    }
    pub(crate) fn queries(&self) -> &Executor {
        &self.0.queries
    }

    /// Header of the block that `view` shows.
    ///
    /// # Errors
    /// [`Fault`] when it cannot be read.
    pub fn header_of(&self, view: &View) -> Result<Header, Fault> {
        let height = view.height().unwrap_or(0);
        records::header(view.records(), height)?.ok_or(Fault::Missing { what: "header", height })
    }

    /// Digest of the committed block at `height`.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn header_digest_at(&self, height: u64) -> Result<Option<Hash>, Fault> {
        Ok(records::header(&**self.store(), height)?.map(|header| header.digest()))
    }
    /// The committed header at `height`.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn header_at(&self, height: u64) -> Result<Option<Header>, Fault> {
        records::header(&**self.store(), height)
    }
    /// The committed block at `height`.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn block_at(&self, height: u64) -> Result<Option<Block>, Fault> {
        records::block(&**self.store(), height)
    }
    /// The committed block at `height` with its receipts.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn stored_block(&self, height: u64) -> Result<Option<records::StoredBlock>, Fault> {
        records::stored_block(&**self.store(), height)
    }
    /// The block with this digest, committed or pending.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn block_by_digest(&self, digest: &Hash) -> Result<Option<Block>, Fault> {
        if let Some(pending) = self.0.moving.read().pending.get(digest) {
            return Ok(Some((*pending.block).clone()));
        }
        match records::height_of(&**self.store(), digest)? {
            Some(height) => self.block_at(height),
            None => Ok(None),
        }
    }
    /// Where a committed transaction stands; only with the index.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn tx_place(&self, id: &Hash) -> Result<Option<records::TxPlace>, Fault> {
        records::tx_place(&**self.store(), id)
    }
    /// The certificate kept for `height`.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn certificate_at(&self, height: u64) -> Result<Option<FinalityCertificate>, Fault> {
        records::certificate(&**self.store(), height)
    }
    /// Keeps a certificate that came after its block was committed. It is evidence, not state: not synced by itself.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn add_certificate(&self, height: u64, certificate: &FinalityCertificate) -> Result<(), Fault> {
        let mut batch = Batch::new();
        batch.put(Table::Certificates, height.to_be_bytes(), xl_primitives::encode(certificate));
        Ok(self.store().write(batch, false)?)
    }
    /// Finality of the header at `height`; `None` until a certificate at or above it is kept.
    ///
    /// # Errors
    /// [`Fault`] when the store fails.
    pub fn finality(&self, height: u64) -> Result<Option<FinalityProof>, Fault> {
        records::finality(&**self.store(), height)
    }

    /// Context-free rules (protocol 13a), once per node and signed transaction. Any thread.
    ///
    /// # Errors
    /// [`TxError`] says which rule is broken.
    pub fn check(&self, bytes: Vec<u8>) -> Result<CheckedTx, TxError> {
        if let Some(tx) = self.0.checked.lock().get(&bytes) {
            return Ok(tx);
        }
        let tx = CheckedTx::check(bytes, &self.0.chain_id, &self.0.verifier)?;
        self.0.checked.lock().insert(tx.clone());
        Ok(tx)
    }

    /// [`Self::check`] for many, in order; signatures that are new here are verified together, which is cheaper.
    #[must_use]
    pub fn check_many(&self, all: Vec<Vec<u8>>) -> Vec<Result<CheckedTx, TxError>> {
        let known: Vec<Option<CheckedTx>> = {
            let checked = self.0.checked.lock();
            all.iter().map(|bytes| checked.get(bytes)).collect()
        };
        let fresh = all.into_iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(bytes, _)| bytes).collect();
        let fresh = CheckedTx::check_many(fresh, &self.0.chain_id, &self.0.verifier);
        let mut checked = self.0.checked.lock();
        for tx in fresh.iter().flatten() {
            checked.insert(tx.clone());
        }
        drop(checked);
        let mut fresh = fresh.into_iter();
        let malformed = || TxError::Decode(xl_primitives::DecodeError::Malformed { what: "transaction" });
        known
            .into_iter()
            .map(|known| known.map_or_else(|| fresh.next().unwrap_or_else(|| Err(malformed())), Ok))
            .collect()
    }

    /// Whether the next block may take `tx`, judged by committed state and `now_ms`; the sender's organisation.
    ///
    /// # Errors
    /// [`Refused`] says why not. [`Fault`] when this node cannot tell.
    pub fn admissible(&self, tx: &CheckedTx, now_ms: u64) -> Result<Result<OrganisationId, Refused>, Fault> {
        let (tip_ms, replayed) = {
            let moving = self.0.moving.read();
            (moving.tip.time_ms, moving.window.contains(&tx.id()))
        };
        if replayed {
            return Ok(Err(Refused::Replayed { tx_id: tx.id() }));
        }
        if let Err(refused) = check_limits(tx, now_ms.max(tip_ms), &self.0.genesis.parameters) {
            return Ok(Err(refused));
        }
        let bytes = self.view().get(&account_key(&tx.body().sender))?;
        let account = bytes.map(|bytes| record::<Account>(&bytes, "account")).transpose()?;
        Ok(match (check_sender(tx, account.as_ref()), account) {
            (Ok(()), Some(account)) => Ok(account.organisation),
            (Err(refused), _) => Err(refused),
            (Ok(()), None) => Err(Refused::UnknownAccount { account: tx.body().sender }),
        })
    }

    /// True when `parent` or an uncommitted ancestor of it holds the transaction, or a committed block within its life.
    #[must_use]
    pub fn pending_contains(&self, parent: &Hash, id: &Hash) -> bool {
        let moving = self.0.moving.read();
        moving.window.contains(id)
            || moving.pending.branch(&moving.tip_digest, parent).is_some_and(|b| b.iter().any(|p| p.ids.contains(id)))
    }

    /// Identities that a block on `parent` may not hold, among uncommitted ancestors.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "into a set")]
    pub fn pending_ids(&self, parent: &Hash) -> HashSet<Hash> {
        let moving = self.0.moving.read();
        let branch = moving.pending.branch(&moving.tip_digest, parent).unwrap_or_default();
        branch.iter().flat_map(|pending| pending.ids.iter().copied()).collect()
    }

    /// Makes and executes a block on `parent` from `candidates`, in their order, as far as bounds allow.
    ///
    /// # Errors
    /// [`ExecuteError`]; never `Invalid` but for a time that is not after the parent's.
    pub fn propose(
        &self,
        parent: &Hash,
        round: Round,
        time_ms: u64,
        candidates: Vec<CheckedTx>,
    ) -> Result<Proposed, ExecuteError> {
        let ground = self.ground(parent)?;
        if time_ms <= ground.parent.time_ms {
            return Err(InvalidBlock::Header { field: "time_ms" }.into());
        }
        let place = Place { chain: self.chain_id(), height: ground.parent.height + 1, time_ms };
        let chain = self.clone();
        let work = ground.clone();
        let (chosen, refused, executed) = self.0.executor.run(move |machine| {
            let parameters = &chain.0.genesis.parameters;
            let base = work.base();
            let mut run = Run::new(&base, place, machine);
            let mut room = Room::new(parameters);
            let (mut chosen, mut refused, mut ids) = (Vec::new(), Vec::new(), HashSet::new());
            for tx in candidates {
                let verdict = chain.judge(&tx, place.time_ms, &work, &mut ids, &mut run)?;
                let verdict =
                    verdict.and_then(|organisation| room.take(&tx, &organisation).map_err(|_| Refused::BlockFull));
                match verdict {
                    Ok(()) => {
                        run.transaction(&tx)?;
                        chosen.push(tx);
                    }
                    Err(reason) => {
                        if reason == Refused::BlockFull {
                            ids.remove(&tx.id());
                        }
                        refused.push((tx.id(), reason));
                    }
                }
            }
            Ok::<_, ExecuteError>((chosen, refused, run.finish()))
        })??;
        let bodies: Option<Vec<_>> = chosen.iter().map(|tx| Bounded::new(tx.bytes())).collect();
        let transactions = bodies.and_then(List::new).ok_or(InvalidBlock::Bound { what: "transactions" })?;
        let diff = self.0.state.prepare(&ground.diffs(), &executed.writes)?;
        let header = Header {
            format: 1,
            chain_id: self.0.chain_id,
            protocol_version: PROTOCOL_VERSION,
            height: place.height,
            epoch: round.epoch,
            view: round.view,
            parent_view: round.parent_view,
            leader: round.leader,
            parent: *parent,
            time_ms,
            tx_root: transactions_root(&transactions),
            state_root: Hash(diff.root()),
            receipts_root: receipts_root(&executed.receipts),
            gas_used: executed.gas_used,
            validators_hash: validators_hash(&self.0.validators),
            next_validators_hash: validators_hash(&self.0.validators),
        };
        let block = Arc::new(Block { header, transactions });
        let digest = block.digest();
        self.register(Arc::clone(&block), digest, diff, executed, &chosen);
        Ok(Proposed { block, digest, refused })
    }

    /// Executes a block unless that is done, and compares every root. Never looks at the clock.
    ///
    /// # Errors
    /// [`ExecuteError`].
    pub fn verify(&self, block: &Block) -> Result<(), ExecuteError> {
        let digest = block.digest();
        if self.is_executed(&digest) {
            return Ok(());
        }
        let ground = self.ground(&block.header.parent)?;
        self.check_header(block, &ground.parent)?;
        let bodies = block.transactions.iter().map(|bytes| bytes.to_vec()).collect();
        let checked = self.check_many(bodies).into_iter().enumerate();
        let valid = checked.map(|(index, tx)| tx.map_err(|error| InvalidBlock::Transaction { index, error }));
        let transactions = valid.collect::<Result<Vec<CheckedTx>, InvalidBlock>>()?;
        let place = Place { chain: self.chain_id(), height: block.header.height, time_ms: block.header.time_ms };
        let (chain, work, txs) = (self.clone(), ground.clone(), transactions.clone());
        let executed = self.0.executor.run(move |machine| {
            let base = work.base();
            let mut run = Run::new(&base, place, machine);
            let mut room = Room::new(&chain.0.genesis.parameters);
            let mut ids = HashSet::new();
            for (index, tx) in txs.iter().enumerate() {
                let organisation = chain
                    .judge(tx, place.time_ms, &work, &mut ids, &mut run)?
                    .map_err(|refused| InvalidBlock::Refused { index, refused })?;
                room.take(tx, &organisation)?;
                run.transaction(tx)?;
            }
            Ok::<_, ExecuteError>(run.finish())
        })??;
        let diff = self.0.state.prepare(&ground.diffs(), &executed.writes)?;
        let same = |what, holds: bool| if holds { Ok(()) } else { Err(InvalidBlock::Result { what }) };
        same("gas", executed.gas_used == block.header.gas_used)?;
        same("receipts root", receipts_root(&executed.receipts) == block.header.receipts_root)?;
        same("state root", Hash(diff.root()) == block.header.state_root)?;
        self.register(Arc::new(block.clone()), digest, diff, executed, &transactions);
        Ok(())
    }

    /// True when the block is pending here or committed.
    #[must_use]
    pub fn is_executed(&self, digest: &Hash) -> bool {
        let moving = self.0.moving.read();
        moving.tip_digest == *digest
            || moving.pending.get(digest).is_some()
            || matches!(records::height_of(&**self.store(), digest), Ok(Some(_)))
    }

    /// Makes a final block durable: state, block, receipts, indexes and height in one synced write. The same block again
    /// changes nothing.
    ///
    /// # Errors
    /// [`Fault`]: also when the block is not what this node computes, which halts it for good.
    pub fn commit(&self, block: &Block, certificate: Option<&FinalityCertificate>) -> Result<Arc<Committed>, Fault> {
        let _committing = self.0.committing.lock();
        let (digest, height) = (block.digest(), block.header.height);
        let tip = self.tip();
        if height <= tip.height {
            return self.committed_again(digest, height, certificate);
        }
        if height != tip.height + 1 || block.header.parent != self.0.moving.read().tip_digest {
            return Err(Fault::Order { height, tip: tip.height });
        }
        match self.verify(block) {
            Ok(()) => {}
            Err(ExecuteError::Invalid(reason)) => {
                return Err(Fault::Divergence { height, digest, reason: Box::new(reason) });
            }
            Err(ExecuteError::Fault(fault)) => return Err(fault),
            Err(ExecuteError::UnknownParent { .. } | ExecuteError::TooDeep { .. }) => {
                return Err(Fault::Order { height, tip: tip.height });
            }
        }
        let pending = self.0.moving.read().pending.get(&digest).cloned();
        let pending = pending.ok_or(Fault::Missing { what: "executed block", height })?;
        let outcome = self.0.state.commit(
            height,
            digest.0,
            &pending.diff,
            records::batch(&pending, certificate, self.0.index),
        )?;
        if outcome == CommitOutcome::Committed {
            let mut moving = self.0.moving.write();
            moving.tip = Arc::new(block.header.clone());
            moving.tip_digest = digest;
            moving.pending.committed(&digest, height);
            for (id, until) in &pending.transactions {
                moving.window.insert(*id, *until);
            }
            moving.window.expire(block.header.time_ms);
        }
        let tx_ids = pending.transactions.iter().map(|(id, _)| *id).collect();
        let receipts = Arc::clone(&pending.receipts);
        Ok(Arc::new(Committed { height, digest, time_ms: block.header.time_ms, tx_ids, receipts }))
    }

    fn committed_again(
        &self,
        digest: Hash,
        height: u64,
        certificate: Option<&FinalityCertificate>,
    ) -> Result<Arc<Committed>, Fault> {
        let stored = self.stored_block(height)?.ok_or(Fault::Missing { what: "block", height })?;
        if stored.digest != digest {
            return Err(xl_state::StateError::Conflict { height }.into());
        }
        if let Some(certificate) = certificate {
            self.add_certificate(height, certificate)?;
        }
        let tx_ids = stored.receipts.iter().map(|receipt| receipt.tx_id).collect();
        let time_ms = stored.block.header.time_ms;
        Ok(Arc::new(Committed { height, digest, time_ms, tx_ids, receipts: Arc::new(stored.receipts) }))
    }

    /// Where a block on `parent` would stand.
    fn ground(&self, parent: &Hash) -> Result<Ground, ExecuteError> {
        let moving = self.0.moving.read();
        let branch =
            moving.pending.branch(&moving.tip_digest, parent).ok_or(ExecuteError::UnknownParent { parent: *parent })?;
        if branch.len() >= DEPTH_MAX {
            return Err(ExecuteError::TooDeep { depth: branch.len() });
        }
        let header = branch.last().map_or_else(|| Arc::clone(&moving.tip), |p| Arc::new(p.block.header.clone()));
        Ok(Ground { parent: header, branch, view: self.0.state.view() })
    }

    /// Rules of a header that its parent and genesis decide.
    fn check_header(&self, block: &Block, parent: &Header) -> Result<(), InvalidBlock> {
        let header = &block.header;
        let parameters = &self.0.genesis.parameters;
        let set = validators_hash(&self.0.validators);
        let rules = [
            ("format", header.format == 1),
            ("chain_id", header.chain_id == self.0.chain_id),
            ("protocol_version", header.protocol_version == PROTOCOL_VERSION),
            ("height", header.height == parent.height + 1),
            ("epoch", header.epoch == header.height / parameters.epoch_blocks),
            ("time_ms", header.time_ms > parent.time_ms),
            ("validators_hash", header.validators_hash == set),
            ("next_validators_hash", header.next_validators_hash == set),
        ];
        if let Some((field, _)) = rules.iter().find(|(_, holds)| !holds) {
            return Err(InvalidBlock::Header { field });
        }
        if block.transactions.len() > parameters.block_count_max as usize {
            return Err(InvalidBlock::Bound { what: "transactions" });
        }
        if block.body_matches() { Ok(()) } else { Err(InvalidBlock::Body) }
    }

    /// Rules 12 and 13b for one transaction of a block on `ground`; the sender's organisation.
    fn judge(
        &self,
        tx: &CheckedTx,
        time_ms: u64,
        ground: &Ground,
        ids: &mut HashSet<Hash>,
        run: &mut Run<'_>,
    ) -> Result<Result<OrganisationId, Refused>, Fault> {
        let tx_id = tx.id();
        let ancestor = ground.branch.iter().any(|pending| pending.ids.contains(&tx_id));
        if ancestor || self.0.moving.read().window.contains(&tx_id) || !ids.insert(tx_id) {
            return Ok(Err(Refused::Replayed { tx_id }));
        }
        if let Err(refused) = check_limits(tx, time_ms, &self.0.genesis.parameters) {
            return Ok(Err(refused));
        }
        let account = run.account_before(&tx.body().sender)?;
        if let Err(refused) = check_sender(tx, account.as_deref()) {
            return Ok(Err(refused));
        }
        Ok(account.map(|a| a.organisation.clone()).ok_or(Refused::UnknownAccount { account: tx.body().sender }))
    }

    fn register(&self, block: Arc<Block>, digest: Hash, diff: Diff, executed: Executed, transactions: &[CheckedTx]) {
        let transactions: Vec<_> = transactions.iter().map(|tx| (tx.id(), tx.body().valid_until_ms)).collect();
        let ids = transactions.iter().map(|(id, _)| *id).collect();
        let receipts = Arc::new(executed.receipts);
        let pending = Pending { block, digest, diff: Arc::new(diff), receipts, transactions, ids };
        self.0.moving.write().pending.insert(Arc::new(pending));
    }
}

/// Where a block stands: its parent, the uncommitted ancestors, the committed state beneath.
#[derive(Clone)]
struct Ground {
    parent: Arc<Header>,
    branch: Vec<Arc<Pending>>,
    view: Arc<View>,
}

impl Ground {
    fn diffs(&self) -> Vec<Arc<Diff>> {
        self.branch.iter().map(|pending| Arc::clone(&pending.diff)).collect()
    }

    fn base(&self) -> Branch {
        Branch { view: Arc::clone(&self.view), ancestors: self.diffs() }
    }
}

/// Two generations of checked transactions: the older one is forgotten when the younger is full.
#[derive(Default)]
struct Checked {
    young: HashSet<ByBytes>,
    old: HashSet<ByBytes>,
}

#[derive(PartialEq, Eq)]
struct ByBytes(CheckedTx);

impl std::hash::Hash for ByBytes {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.bytes().hash(state);
    }
}

impl Borrow<[u8]> for ByBytes {
    fn borrow(&self) -> &[u8] {
        self.0.bytes()
    }
}

impl Checked {
    fn get(&self, bytes: &[u8]) -> Option<CheckedTx> {
        self.young.get(bytes).or_else(|| self.old.get(bytes)).map(|tx| tx.0.clone())
    }

    fn insert(&mut self, tx: CheckedTx) {
        if self.young.len() >= CHECKED_MAX / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(ByBytes(tx));
    }
}
