//! The life of a contract: staged, voted on, upgraded, frozen, destroyed; what is refused changes nothing.

mod lab;

use lab::{COUNTER, Lab, failure, genesis_of, key, text};
use xl_crypto::sm3;
use xl_execution::UpgradeCode;
use xl_primitives::{
    AccountId, CheckedTx, ContractId, Hash, List, Status,
    account::ACCOUNTS,
    contract::{
        self, CONTRACTS, ContractRecord, ContractStatus, Layout, LayoutField, Migrated, STAGED_MAX, Verdict,
        VersionRecord,
    },
    decode, encode,
    governance::{Action, ContractPolicy, Deployers, GOVERNANCE, Proposal, ProposalStatus, Upgraders, proposal_key},
};

const ORGANISATIONS: [&str; 4] = ["a", "b", "c", "d"];
const DAY_MS: u64 = 86_400_000;

fn layout(fields: &[(&str, &str)]) -> Layout {
    let field = |(name, kind): &(&str, &str)| LayoutField { field: text(name), digest: Hash(sm3(&[kind.as_bytes()])) };
    List::new(fields.iter().map(field).collect()).unwrap()
}

fn migrated(fields: &[&str]) -> Migrated {
    List::new(fields.iter().map(|field| text(field)).collect()).unwrap()
}

/// The counter by tens, without `init`; `migrate` is added as given.
fn by_tens(migrate: &str) -> Vec<u8> {
    let source = COUNTER
        .replace("(call $load) (i64.const 1)))\n    (call $emit", "(call $load) (i64.const 10)))\n    (call $emit")
        .replace("(func (export \"init\") (result i32) (call $store (i64.const 1)) (i32.const 0))", migrate);
    assert_ne!(source, COUNTER);
    wat::parse_str(source).unwrap()
}

const SEVENTY: &str = "(func (export \"migrate\") (result i32) (call $store (i64.const 70)) (i32.const 0))";
const REFUSES: &str = "(func (export \"migrate\") (result i32) (call $store (i64.const 70))
    (call $abort (i32.const 8) (i32.const 5) (i32.const 9) (i32.const 0) (i32.const 0)) (i32.const 0))";

fn hash(code: &[u8]) -> Hash {
    Hash(sm3(&[code]))
}

fn account(organisation: usize) -> AccountId {
    AccountId::derive(ORGANISATIONS[organisation], &key(organisation as u8 + 1).public_key())
}

fn succeeded(status: &Status) -> bool {
    matches!(status, Status::Success { .. })
}

struct World(Lab);

impl World {
    /// `counter` with the field n, deployed by organisation a.
    fn new() -> Self {
        let mut world = Self(Lab::of(genesis_of(&ORGANISATIONS)));
        let code = wat::parse_str(COUNTER).unwrap();
        let arguments = encode(&("counter".to_owned(), code, b"one".to_vec(), layout(&[("n", "u64")])));
        world.done(0, CONTRACTS, "deploy", &arguments);
        world
    }

    fn tx(&mut self, organisation: usize, contract: &str, method: &str, arguments: &[u8]) -> CheckedTx {
        self.0.tx(ORGANISATIONS[organisation], organisation as u8 + 1, contract, method, arguments)
    }

    fn status(&mut self, organisation: usize, contract: &str, method: &str, arguments: &[u8]) -> Status {
        let tx = self.tx(organisation, contract, method, arguments);
        let (statuses, refused) = self.0.block(vec![tx]);
        assert!(refused.is_empty(), "{refused:?}");
        statuses[0].clone()
    }

    fn done(&mut self, organisation: usize, contract: &str, method: &str, arguments: &[u8]) -> Vec<u8> {
        match self.status(organisation, contract, method, arguments) {
            Status::Success { output } => output.to_vec(),
            Status::Failed(failure) => panic!("{method}: {failure:?}"),
        }
    }

    fn refused(&mut self, organisation: usize, contract: &str, method: &str, arguments: &[u8]) -> String {
        failure(&self.status(organisation, contract, method, arguments)).0.to_owned()
    }

    fn stage(&mut self, organisation: usize, code: &[u8], layout: Layout) -> Hash {
        let arguments = encode(&(code.to_vec(), b"two".to_vec(), layout));
        self.done(organisation, CONTRACTS, "stage", &arguments);
        hash(code)
    }

    fn proposing(&self, action: &Action) -> Vec<u8> {
        encode(&(action.clone(), "why".to_owned(), self.0.chain.tip().time_ms + DAY_MS))
    }

    fn propose(&mut self, organisation: usize, action: &Action) -> u32 {
        let arguments = self.proposing(action);
        let output = self.done(organisation, GOVERNANCE, "propose", &arguments);
        u32::from_le_bytes(output.try_into().unwrap())
    }

    /// Proposed by a, accepted by a, b and c.
    fn enact(&mut self, action: &Action) {
        let id = self.propose(0, action);
        for organisation in 0..3 {
            self.done(organisation, GOVERNANCE, "vote", &encode(&(id, true)));
        }
        assert!(matches!(self.proposal(id).status, ProposalStatus::Enacted { .. }));
    }

    fn state<T: borsh::BorshDeserialize + borsh::BorshSerialize>(&self, key: &[u8]) -> Option<T> {
        self.0.chain.view().get(key).unwrap().map(|bytes| decode(&bytes, "record").unwrap())
    }

    fn proposal(&self, id: u32) -> Proposal {
        self.state(&proposal_key(id)).unwrap()
    }

    fn record(&self) -> ContractRecord {
        self.state(&contract::record_key(&ContractId::derive("counter"))).unwrap()
    }

    fn value(&self) -> u64 {
        self.0.value(account(0))
    }

    fn policy(&mut self, change: impl Fn(&mut ContractPolicy)) {
        let mut policy = ContractPolicy::default();
        change(&mut policy);
        self.enact(&Action::SetContractPolicy { policy });
    }
}

fn upgrade(version: u32, code_hash: Hash, fields: &[&str]) -> Action {
    Action::UpgradeContract { name: text("counter"), version, code_hash, migrated: migrated(fields) }
}

#[test]
fn the_deciding_vote_upgrades_and_the_next_transaction_of_its_block_meets_the_new_code() {
    let mut world = World::new();
    let code = world.stage(1, &by_tens(""), layout(&[("n", "u64"), ("m", "u8")]));
    let id = world.propose(3, &upgrade(1, code, &[]));
    let votes = [0, 1, 2].map(|i| world.tx(i, GOVERNANCE, "vote", &encode(&(id, true))));
    let mut block = vec![world.tx(0, "counter", "up", &[])];
    block.extend(votes);
    block.push(world.tx(0, "counter", "up", &[]));
    let (statuses, refused) = world.0.block(block);
    assert!(statuses.iter().all(succeeded) && refused.is_empty(), "{statuses:?}");
    assert_eq!(world.value(), 1 + 1 + 10);

    let record = world.record();
    assert_eq!((record.version, record.code_hash, record.owner), (2, code, account(0)));
    let id_of = ContractId::derive("counter");
    let versions: Vec<VersionRecord> =
        (1..=2).map(|number| world.state(&contract::version_key(&id_of, number)).unwrap()).collect();
    assert_eq!(versions[0].code_hash, hash(&wat::parse_str(COUNTER).unwrap()));
    assert_eq!((versions[1].code_hash, versions[1].proposal, versions[1].by), (code, Some(id), account(2)));
    let view = world.0.chain.view();
    let piece = |kind, version| view.get(&contract::piece_key(&id_of, kind, version, 0)).unwrap();
    assert_eq!(piece(b'i', 1).as_deref(), Some(&b"one"[..]), "old interfaces stay, to read old receipts by");
    assert_eq!(piece(b'i', 2).as_deref(), Some(&b"two"[..]));
    assert!(piece(b'x', 1).is_none() && piece(b'x', 2).is_some());
    assert!(view.get(&contract::staged_key(&code)).unwrap().is_none(), "what runs is staged no more");
    world.0.reproduced();
}

#[test]
fn a_field_that_would_be_misread_is_refused_by_name_unless_migrate_answers_for_it() {
    let mut world = World::new();
    world.done(0, "counter", "up", &[]);
    for (fields, named, code) in [
        (layout(&[("n", "u32")]), &[][..], by_tens("")),
        (layout(&[("m", "u64")]), &["n"], by_tens("")), // listed, but nothing migrates it
        (layout(&[]), &[], by_tens(SEVENTY)),           // migrates, but is not listed
    ] {
        let staged = world.stage(0, &code, fields);
        let id = world.propose(0, &upgrade(1, staged, named));
        world.done(0, GOVERNANCE, "vote", &encode(&(id, true)));
        world.done(1, GOVERNANCE, "vote", &encode(&(id, true)));
        let before = world.proposal(id);
        let status = world.status(2, GOVERNANCE, "vote", &encode(&(id, true)));
        let Status::Failed(failure) = status else { panic!("upgraded") };
        assert_eq!((&*failure.code, &*failure.detail), ("XL-UPGRADE-LAYOUT", &b"n"[..]));
        assert_eq!((world.record().version, world.proposal(id)), (1, before));
        world.done(0, CONTRACTS, "unstage", &encode(&(staged,)));
    }
    assert_eq!(world.value(), 2);
    world.done(0, "counter", "up", &[]);
    assert_eq!(world.value(), 3);

    let staged = world.stage(0, &by_tens(SEVENTY), layout(&[("m", "u64")]));
    world.enact(&upgrade(1, staged, &["n"]));
    assert_eq!(world.value(), 70);
    assert_eq!(world.refused(0, "counter", "migrate", &[]), "XL-VM-UNKNOWN_ENTRY");
    world.0.reproduced();
}

#[test]
fn what_migrate_refuses_did_not_happen() {
    let mut world = World::new();
    let staged = world.stage(0, &by_tens(REFUSES), layout(&[("n", "u64")]));
    let id = world.propose(0, &upgrade(1, staged, &[]));
    world.done(0, GOVERNANCE, "vote", &encode(&(id, true)));
    world.done(1, GOVERNANCE, "vote", &encode(&(id, true)));
    let (record, proposal) = (world.record(), world.proposal(id));
    let vote = world.tx(2, GOVERNANCE, "vote", &encode(&(id, true)));
    let up = world.tx(2, "counter", "up", &[]);
    let (statuses, _) = world.0.block(vec![vote, up]);
    assert_eq!(failure(&statuses[0]), ("Empty", 9));
    assert!(succeeded(&statuses[1]), "the old code goes on in the same block");
    assert_eq!((world.record(), world.proposal(id)), (record, proposal));
    assert_eq!(world.value(), 2);
    world.0.reproduced();
}

#[test]
fn its_owner_freezes_at_once_and_only_a_vote_thaws() {
    let mut world = World::new();
    let name = encode(&("counter".to_owned(),));
    assert_eq!(world.refused(1, CONTRACTS, "freeze", &name), "XL-RIGHT-OWNER");
    let freeze = world.tx(0, CONTRACTS, "freeze", &name);
    let up = world.tx(1, "counter", "up", &[]);
    let (statuses, _) = world.0.block(vec![freeze, up]);
    assert!(succeeded(&statuses[0]));
    assert_eq!(failure(&statuses[1]).0, "XL-CONTRACT-FROZEN");
    assert_eq!(world.value(), 1, "views answer");
    assert_eq!(world.refused(0, CONTRACTS, "freeze", &name), "XL-CONTRACT-STATUS");
    // A frozen contract may be mended before it is thawed.
    let staged = world.stage(0, &by_tens(""), layout(&[("n", "u64")]));
    world.enact(&upgrade(1, staged, &[]));
    assert_eq!(world.refused(0, "counter", "up", &[]), "XL-CONTRACT-FROZEN");
    world.enact(&Action::UnfreezeContract { name: text("counter"), version: 2 });
    world.done(3, "counter", "up", &[]);
    assert_eq!(world.value(), 11);
    world.enact(&Action::FreezeContract { name: text("counter"), version: 2 });
    assert_eq!(world.record().status, ContractStatus::Frozen);
    world.0.reproduced();
}

#[test]
fn what_is_destroyed_answers_nobody_and_leaves_its_name_taken_and_its_state_provable() {
    let mut world = World::new();
    let id = ContractId::derive("counter");
    let destroy = Action::DestroyContract { name: text("counter"), version: 1 };
    world.enact(&destroy);
    for method in ["up", "value", "nothing"] {
        assert_eq!(world.refused(0, "counter", method, &[]), "XL-CONTRACT-DESTROYED");
    }
    let report = world.0.chain.query(account(0), id, "value", &[], 10_000_000).unwrap();
    assert_eq!(report.outcome.unwrap_err().0, "XL-CONTRACT-DESTROYED");
    let view = world.0.chain.view();
    assert!(view.get(&contract::piece_key(&id, b'x', 1, 0)).unwrap().is_none());
    assert!(view.get(&contract::piece_key(&id, b'i', 1, 0)).unwrap().is_some());
    assert_eq!(view.get(&[&id.0[..], b"n"].concat()).unwrap(), Some(1u64.to_le_bytes().to_vec()));
    assert_eq!(world.record().status, ContractStatus::Destroyed);

    let code = wat::parse_str(COUNTER).unwrap();
    let again = encode(&("counter".to_owned(), code, Vec::<u8>::new(), Layout::default()));
    assert_eq!(world.refused(0, CONTRACTS, "deploy", &again), "XL-CONTRACT-EXISTS");
    let arguments = world.proposing(&destroy);
    assert_eq!(world.refused(0, GOVERNANCE, "propose", &arguments), "XL-CONTRACT-DESTROYED");
    let name = encode(&("counter".to_owned(),));
    assert_eq!(world.refused(0, CONTRACTS, "freeze", &name), "XL-CONTRACT-DESTROYED");
    world.0.reproduced();
}

#[test]
fn one_vote_an_organisation_and_a_no_that_decides() {
    let mut world = World::new();
    let clerk = encode(&("a".to_owned(), key(20).public_key(), vec!["clerk".to_owned()]));
    world.done(0, ACCOUNTS, "admit", &clerk);
    let second = encode(&("a".to_owned(), key(21).public_key(), vec!["admin".to_owned()]));
    world.done(0, ACCOUNTS, "admit", &second);
    let freeze = Action::FreezeContract { name: text("counter"), version: 1 };
    let id = world.propose(0, &freeze);
    let vote = |yes: bool| encode(&(id, yes));
    let by_clerk = world.0.tx("a", 20, GOVERNANCE, "vote", &vote(true));
    let propose = world.proposing(&freeze);
    let proposed_by_clerk = world.0.tx("a", 20, GOVERNANCE, "propose", &propose);
    let first = world.0.tx("a", 21, GOVERNANCE, "vote", &vote(true));
    let (statuses, _) = world.0.block(vec![by_clerk, proposed_by_clerk, first]);
    assert_eq!(failure(&statuses[0]).0, "XL-RIGHT-ADMIN");
    assert_eq!(failure(&statuses[1]).0, "XL-RIGHT-DEVELOPER");
    assert!(succeeded(&statuses[2]));
    assert_eq!(world.refused(0, GOVERNANCE, "vote", &vote(true)), "XL-PROPOSAL-VOTED");
    assert_eq!(world.refused(0, GOVERNANCE, "vote", &encode(&(9u32, true))), "XL-PROPOSAL-UNKNOWN");
    world.done(1, GOVERNANCE, "vote", &vote(false));
    assert_eq!(world.proposal(id).status, ProposalStatus::Open);
    world.done(2, GOVERNANCE, "vote", &vote(false)); // two of four cannot be outvoted by three
    assert!(matches!(world.proposal(id).status, ProposalStatus::Rejected { .. }));
    assert_eq!(world.refused(3, GOVERNANCE, "vote", &vote(true)), "XL-PROPOSAL-CLOSED");
    let ballots: Vec<_> = world.proposal(id).votes.iter().map(|b| (b.organisation.to_string(), b.yes)).collect();
    assert_eq!(ballots, [("a".into(), true), ("b".into(), false), ("c".into(), false)]);
    assert_eq!(world.record().status, ContractStatus::Active);
    world.0.reproduced();
}

#[test]
fn a_proposal_ends_with_its_time_and_with_the_version_it_was_made_against() {
    let mut world = World::new();
    let freeze = Action::FreezeContract { name: text("counter"), version: 1 };
    let now = world.0.chain.tip().time_ms;
    for (until, expected) in [(now, "XL-PROPOSAL-TIME"), (now + 91 * DAY_MS, "XL-PROPOSAL-TIME")] {
        let arguments = encode(&(freeze.clone(), String::new(), until));
        assert_eq!(world.refused(0, GOVERNANCE, "propose", &arguments), expected);
    }
    let now = world.0.chain.tip().time_ms;
    let short = world.done(0, GOVERNANCE, "propose", &encode(&(freeze.clone(), String::new(), now + 30)));
    let short = u32::from_le_bytes(short.try_into().unwrap());
    world.done(0, GOVERNANCE, "vote", &encode(&(short, true)));
    world.done(1, "counter", "up", &[]);
    assert_eq!(world.refused(1, GOVERNANCE, "vote", &encode(&(short, true))), "XL-PROPOSAL-EXPIRED");

    let stale = world.propose(0, &freeze);
    let staged = world.stage(0, &by_tens(""), layout(&[("n", "u64")]));
    let wrong = world.proposing(&upgrade(2, staged, &[]));
    assert_eq!(world.refused(0, GOVERNANCE, "propose", &wrong), "XL-PROPOSAL-STALE");
    world.enact(&upgrade(1, staged, &[]));
    world.done(0, GOVERNANCE, "vote", &encode(&(stale, true)));
    world.done(1, GOVERNANCE, "vote", &encode(&(stale, true)));
    assert_eq!(world.refused(2, GOVERNANCE, "vote", &encode(&(stale, true))), "XL-PROPOSAL-STALE");
}

#[test]
fn code_staged_anew_with_another_interface_is_not_what_was_agreed_to() {
    let mut world = World::new();
    let code = by_tens("");
    let staged = world.stage(1, &code, layout(&[("n", "u64")]));
    let id = world.propose(1, &upgrade(1, staged, &[]));
    world.done(0, GOVERNANCE, "vote", &encode(&(id, true)));
    world.done(2, GOVERNANCE, "vote", &encode(&(id, true)));
    assert_eq!(world.refused(0, CONTRACTS, "unstage", &encode(&(staged,))), "XL-RIGHT-OWNER");
    world.done(1, CONTRACTS, "unstage", &encode(&(staged,)));
    assert_eq!(world.refused(3, GOVERNANCE, "vote", &encode(&(id, true))), "XL-CODE-UNKNOWN");
    let other = encode(&(code, b"another interface".to_vec(), layout(&[("n", "u64")])));
    world.done(1, CONTRACTS, "stage", &other);
    assert_eq!(world.refused(3, GOVERNANCE, "vote", &encode(&(id, true))), "XL-PROPOSAL-STALE");
}

#[test]
fn an_account_stages_a_bounded_number_of_codes() {
    let mut world = World::new();
    let code = |number: u32| by_tens(&format!("(global i32 (i32.const {number}))"));
    let first = world.stage(0, &code(0), Layout::default());
    for number in 1..STAGED_MAX {
        world.stage(0, &code(number), Layout::default());
    }
    let one_more = encode(&(code(99), Vec::<u8>::new(), Layout::default()));
    assert_eq!(world.refused(0, CONTRACTS, "stage", &one_more), "XL-CODE-TOO-MANY");
    let known = encode(&(code(0), Vec::<u8>::new(), Layout::default()));
    assert_eq!(world.refused(1, CONTRACTS, "stage", &known), "XL-CODE-STAGED");
    world.done(0, CONTRACTS, "unstage", &encode(&(first,)));
    world.done(0, CONTRACTS, "stage", &one_more);
    let twice = encode(&(code(77), Vec::<u8>::new(), layout(&[("n", "u8"), ("n", "u8")])));
    assert_eq!(world.refused(1, CONTRACTS, "stage", &twice), "XL-CONTRACT-LAYOUT");
    let hostile = encode(&(vec![1u8; 9], Vec::<u8>::new(), Layout::default()));
    assert_eq!(world.refused(1, CONTRACTS, "stage", &hostile), "XL-CONTRACT-REFUSED");
}

#[test]
fn who_deploys_and_who_upgrades_is_voted() {
    let mut world = World::new();
    let developer = encode(&("a".to_owned(), key(20).public_key(), vec!["developer".to_owned()]));
    world.done(0, ACCOUNTS, "admit", &developer);
    let deploy = |name: &str| {
        let code = wat::parse_str(COUNTER).unwrap();
        encode(&(name.to_owned(), code, Vec::<u8>::new(), layout(&[("n", "u64")])))
    };
    let staged = world.stage(0, &by_tens(""), layout(&[("n", "u64")]));
    let alone = encode(&("counter".to_owned(), 1u32, staged, Migrated::default()));
    assert_eq!(world.refused(0, CONTRACTS, "upgrade", &alone), "XL-RIGHT-GOVERNANCE");

    world.policy(|policy| {
        policy.deploy = Deployers::Administrators;
        policy.upgrade = Upgraders::Owner;
    });
    let tx = world.0.tx("a", 20, CONTRACTS, "deploy", &deploy("second"));
    assert_eq!(failure(&world.0.block(vec![tx]).0[0]).0, "XL-RIGHT-ADMIN");
    assert_eq!(world.refused(1, CONTRACTS, "upgrade", &alone), "XL-RIGHT-OWNER");
    let other = encode(&("counter".to_owned(), 2u32, staged, Migrated::default()));
    assert_eq!(world.refused(0, CONTRACTS, "upgrade", &other), "XL-UPGRADE-VERSION");
    assert_eq!(world.done(0, CONTRACTS, "upgrade", &alone), encode(&2u32));

    world.policy(|policy| policy.deploy = Deployers::Governance);
    assert_eq!(world.refused(0, CONTRACTS, "deploy", &deploy("second")), "XL-RIGHT-GOVERNANCE");
    let code = wat::parse_str(COUNTER).unwrap();
    let staged = world.stage(3, &code, layout(&[("n", "u64")]));
    world.enact(&Action::DeployContract { name: text("second"), code_hash: staged });
    let record: ContractRecord = world.state(&contract::record_key(&ContractId::derive("second"))).unwrap();
    assert_eq!((record.owner, &*record.organisation, record.version), (account(3), "d", 1));
    world.done(1, "second", "up", &[]);
    world.0.reproduced();
}

#[test]
fn where_the_policy_demands_an_audit_code_runs_only_with_a_fresh_good_one_for_exactly_its_hash() {
    let mut world = World::new();
    let grant = encode(&(account(0), "auditor".to_owned()));
    world.done(0, ACCOUNTS, "grant", &grant);
    let grant = encode(&(account(3), "auditor".to_owned()));
    world.done(3, ACCOUNTS, "grant", &grant);
    world.policy(|policy| {
        policy.audit_required = true;
        policy.audit_independent = true;
        policy.upgrade = Upgraders::Owner;
    });
    let staged = world.stage(0, &by_tens(""), layout(&[("n", "u64")]));
    let upgrade = encode(&("counter".to_owned(), 1u32, staged, Migrated::default()));
    let deploy = {
        let code = wat::parse_str(COUNTER).unwrap();
        encode(&("second".to_owned(), code, Vec::<u8>::new(), layout(&[("n", "u64")])))
    };
    assert_eq!(world.refused(0, CONTRACTS, "deploy", &deploy), "XL-CONTRACT-AUDIT-MISSING");
    let audit = |world: &World, code: Hash, verdict: Verdict, life_ms: u64| {
        let until = world.0.chain.tip().time_ms + life_ms;
        encode(&(code, Hash([7; 32]), verdict, "xl check 1".to_owned(), until))
    };
    let arguments = audit(&world, staged, Verdict::Positive, DAY_MS);
    assert_eq!(world.refused(1, CONTRACTS, "audit", &arguments), "XL-RIGHT-AUDITOR");
    let past = audit(&world, staged, Verdict::Positive, 0);
    assert_eq!(world.refused(3, CONTRACTS, "audit", &past), "XL-AUDIT-TIME");
    world.done(0, CONTRACTS, "audit", &arguments); // of the owner's own organisation: does not count
    assert_eq!(world.refused(0, CONTRACTS, "upgrade", &upgrade), "XL-CONTRACT-AUDIT-MISSING");
    let short = audit(&world, staged, Verdict::Positive, 15);
    world.done(3, CONTRACTS, "audit", &short);
    world.done(1, "counter", "up", &[]);
    assert_eq!(world.refused(0, CONTRACTS, "upgrade", &upgrade), "XL-CONTRACT-AUDIT-EXPIRED");
    let bad = audit(&world, staged, Verdict::Negative, DAY_MS);
    world.done(3, CONTRACTS, "audit", &bad);
    assert_eq!(world.refused(0, CONTRACTS, "upgrade", &upgrade), "XL-CONTRACT-AUDIT-NEGATIVE");
    let good = audit(&world, staged, Verdict::Positive, DAY_MS);
    world.done(3, CONTRACTS, "audit", &good);
    world.done(0, CONTRACTS, "upgrade", &upgrade);
    let version: VersionRecord = world.state(&contract::version_key(&ContractId::derive("counter"), 2)).unwrap();
    let audit = version.audit.unwrap();
    assert_eq!((audit.auditor, audit.report_hash), (account(3), Hash([7; 32])));
    world.0.reproduced();
}

#[test]
fn a_dry_run_says_what_the_upgrade_will_do_and_does_nothing() {
    let mut world = World::new();
    let code = by_tens(SEVENTY);
    let fresh = encode(&(code.clone(), b"two".to_vec(), layout(&[("m", "u64")])));
    let dry = |world: &World, code: UpgradeCode, fields: &[&str]| {
        world.0.chain.dry_run_upgrade(account(3), "counter", code, migrated(fields), 1_000_000_000).unwrap()
    };
    let root = world.0.chain.tip().state_root;
    let report = dry(&world, UpgradeCode::New(fresh.clone()), &[]);
    assert_eq!(report.outcome.unwrap_err(), ("XL-UPGRADE-LAYOUT".into(), 0, b"n".to_vec()));
    let report = dry(&world, UpgradeCode::New(fresh), &["n"]);
    assert_eq!((report.outcome.unwrap(), report.writes, report.audit), (2, 1, None));
    assert_eq!(report.events.iter().map(|event| &*event.name).collect::<Vec<_>>(), ["ContractUpgraded"]);
    assert_eq!(report.code_hash, Some(hash(&code)));
    let report = dry(&world, UpgradeCode::Staged(hash(&code)), &["n"]);
    assert_eq!(report.outcome.unwrap_err().0, "XL-CODE-UNKNOWN");
    let hostile = encode(&(vec![0u8; 9], Vec::<u8>::new(), Layout::default()));
    let report = dry(&world, UpgradeCode::New(hostile), &[]);
    assert_eq!((report.outcome.unwrap_err().0, report.code_hash), ("XL-CONTRACT-REFUSED".to_owned(), None));
    assert_eq!((world.value(), world.record().version), (1, 1));
    assert_eq!(world.0.chain.view().height(), Some(world.0.chain.tip().height));
    assert_eq!(world.0.chain.tip().state_root, root);

    // Staged, it is told the same; and so it comes.
    let staged = world.stage(0, &code, layout(&[("m", "u64")]));
    let told = dry(&world, UpgradeCode::Staged(staged), &["n"]);
    assert_eq!((told.outcome.unwrap(), told.gas_used), (2, report_gas(&world, staged)));
    world.policy(|policy| policy.audit_required = true);
    assert_eq!(dry(&world, UpgradeCode::Staged(staged), &["n"]).audit.as_deref(), Some("XL-CONTRACT-AUDIT-MISSING"));
    world.policy(|_| {});
    world.enact(&upgrade(1, staged, &["n"]));
    assert_eq!(world.value(), 70);
    world.0.reproduced();
}

/// Gas of the same dry run, asked again.
fn report_gas(world: &World, staged: Hash) -> u64 {
    let code = UpgradeCode::Staged(staged);
    world.0.chain.dry_run_upgrade(account(0), "counter", code, migrated(&["n"]), 2_000_000_000).unwrap().gas_used
}

/// What a contract's life is, told plainly.
struct Told {
    status: ContractStatus,
    version: u32,
    value: u64,
    step: u64,
}

/// The next number of a sequence that `state` begins.
fn draw(state: &mut u64, below: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % below
}

impl World {
    /// Proposes and lets three vote; the code with which the proposal or the deciding vote was refused.
    fn decide(&mut self, action: &Action) -> Option<String> {
        let arguments = self.proposing(action);
        let status = self.status(0, GOVERNANCE, "propose", &arguments);
        let Status::Success { output } = &status else { return Some(failure(&status).0.to_owned()) };
        let vote = encode(&(u32::from_le_bytes((**output).try_into().unwrap()), true));
        self.done(0, GOVERNANCE, "vote", &vote);
        self.done(1, GOVERNANCE, "vote", &vote);
        let status = self.status(2, GOVERNANCE, "vote", &vote);
        (!succeeded(&status)).then(|| failure(&status).0.to_owned())
    }

    /// One act of a random life: what is refused, and what should be.
    fn act(&mut self, told: &mut Told, turn: u32, choice: u64) -> (Option<String>, Option<&'static str>) {
        use ContractStatus::{Active, Destroyed, Frozen};
        let name = || text("counter");
        let gone = (told.status == Destroyed).then_some("XL-CONTRACT-DESTROYED");
        let version = told.version;
        match choice {
            0..4 => {
                let status = self.status(1, "counter", "up", &[]);
                let refused = gone.or((told.status == Frozen).then_some("XL-CONTRACT-FROZEN"));
                told.value += if refused.is_none() { told.step } else { 0 };
                ((!succeeded(&status)).then(|| failure(&status).0.to_owned()), refused)
            }
            4 => {
                let status = self.status(0, CONTRACTS, "freeze", &encode(&("counter".to_owned(),)));
                let refused = gone.or((told.status == Frozen).then_some("XL-CONTRACT-STATUS"));
                told.status = if refused.is_none() { Frozen } else { told.status };
                ((!succeeded(&status)).then(|| failure(&status).0.to_owned()), refused)
            }
            5 | 6 => {
                let refused = gone.or((told.status == Active).then_some("XL-CONTRACT-STATUS"));
                told.status = if refused.is_none() { Active } else { told.status };
                (self.decide(&Action::UnfreezeContract { name: name(), version }), refused)
            }
            7 | 8 => {
                // Code of its own each time, so that nothing is staged twice; it counts by tens.
                let code = by_tens(&format!("(global i32 (i32.const {turn}))"));
                let code_hash = self.stage(0, &code, layout(&[("n", "u64")]));
                let refused = self.decide(&upgrade(version, code_hash, &[]));
                if gone.is_none() {
                    (told.version, told.step) = (version + 1, 10);
                } else {
                    self.done(0, CONTRACTS, "unstage", &encode(&(code_hash,)));
                }
                (refused, gone)
            }
            9 => {
                let stale = Action::FreezeContract { name: name(), version: version + 1 };
                (self.decide(&stale), gone.or(Some("XL-PROPOSAL-STALE")))
            }
            _ => {
                told.status = Destroyed;
                (self.decide(&Action::DestroyContract { name: name(), version }), gone)
            }
        }
    }
}

#[test]
fn a_random_life_is_what_the_rules_say() {
    for seed in 1..=6_u64 {
        let (mut world, mut state) = (World::new(), seed);
        let mut told = Told { status: ContractStatus::Active, version: 1, value: 1, step: 1 };
        for turn in 0..30 {
            // Destroyed late, if at all: most of a life is before.
            let choice = draw(&mut state, if turn < 20 { 10 } else { 12 });
            let (refused, expected) = world.act(&mut told, turn, choice);
            assert_eq!(refused.as_deref(), expected, "seed {seed}, turn {turn}, choice {choice}");
            let record = world.record();
            assert_eq!((record.status, record.version), (told.status, told.version), "seed {seed}, turn {turn}");
            let report =
                world.0.chain.query(account(2), ContractId::derive("counter"), "value", &[], 10_000_000).unwrap();
            match told.status {
                ContractStatus::Destroyed => assert_eq!(report.outcome.unwrap_err().0, "XL-CONTRACT-DESTROYED"),
                _ => assert_eq!(report.outcome.unwrap(), told.value.to_le_bytes(), "seed {seed}, turn {turn}"),
            }
        }
        world.0.reproduced();
    }
}
