//! Solidity contracts on the chain.

mod lab;

use lab::{Lab, failure, key};
use xl_execution::UpgradeCode;
use xl_primitives::{
    AccountId, CheckedTx, ContractId, Hash, List, Status,
    account::ACCOUNTS,
    contract::{self, CONTRACTS, CodeMachine, ContractRecord, StagedCode, StagedForm, Verdict, VersionRecord},
    encode,
    governance::{Action, ContractPolicy, Deployers, GOVERNANCE, Proposal, ProposalStatus, Upgraders, proposal_key},
};

fn artefact(name: &str) -> Vec<u8> {
    let path = format!("{}/../../examples/solidity/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read_to_string(path).unwrap();
    // The one key whose value is code.
    let hexed = document.split("\"bytecode\": \"0x").nth(1).unwrap().split('"').next().unwrap();
    hex::decode(hexed).unwrap()
}

fn word(number: u128) -> Vec<u8> {
    [&[0; 16][..], &number.to_be_bytes()].concat()
}

fn address(id: &[u8; 20]) -> Vec<u8> {
    [&[0; 12][..], id].concat()
}

fn transfer(to: &AccountId, value: u128) -> Vec<u8> {
    [address(&to.0), word(value)].concat()
}

trait Solidity {
    fn deploy_evm(&mut self, name: &str, code: Vec<u8>, arguments: Vec<u8>, events: &[&str]) -> Status;
    fn with_token() -> Self;
    fn evm_view(&self, contract: &str, method: &str, arguments: &[u8]) -> Result<Vec<u8>, String>;
}

impl Solidity for Lab {
    fn deploy_evm(&mut self, name: &str, code: Vec<u8>, arguments: Vec<u8>, events: &[&str]) -> Status {
        let events: Vec<String> = events.iter().map(|event| (*event).to_owned()).collect();
        let arguments = encode(&(name.to_owned(), code, arguments, b"{}".to_vec(), events));
        let tx = self.tx("a", 1, CONTRACTS, "deploy_evm", &arguments);
        self.block(vec![tx]).0.remove(0)
    }

    fn with_token() -> Self {
        let mut lab = Self::new();
        // Two empty texts and the supply.
        let arguments = [96, 128, 1_000, 0, 0].map(word).concat();
        let events = ["Approval(address,address,uint256)", "Transfer(address,address,uint256)"];
        let status = lab.deploy_evm("grain", artefact("Token"), arguments, &events);
        assert!(matches!(status, Status::Success { .. }), "{status:?}");
        lab
    }

    fn evm_view(&self, contract: &str, method: &str, arguments: &[u8]) -> Result<Vec<u8>, String> {
        let report =
            self.chain.query(founder(1), ContractId::derive(contract), method, arguments, 100_000_000).unwrap();
        report.outcome.map_err(|(code, ..)| code)
    }
}

fn founder(seed: u8) -> AccountId {
    AccountId::derive(if seed == 1 { "a" } else { "b" }, &key(seed).public_key())
}

#[test]
fn the_standard_token_is_deployed_and_moves() {
    let mut lab = Lab::with_token();
    let (one, two) = (founder(1), founder(2));
    let balance = |lab: &Lab, of: &AccountId| lab.evm_view("grain", "balanceOf(address)", &address(&of.0)).unwrap();
    assert_eq!(balance(&lab, &one), word(1_000));
    // The constructor's event and the registry's own.
    let deployed = lab.chain.stored_block(1).unwrap().unwrap().receipts.remove(0);
    assert_eq!(deployed.events.iter().map(|event| &*event.name).collect::<Vec<_>>(), ["Transfer", "ContractDeployed"]);

    let pays = lab.tx("a", 1, "grain", "transfer(address,uint256)", &transfer(&two, 30));
    let back = lab.tx("b", 2, "grain", "transfer(address,uint256)", &transfer(&one, 10));
    let too_much = lab.tx("b", 2, "grain", "transfer(address,uint256)", &transfer(&one, 21));
    let nothing = lab.tx("b", 2, "grain", "burn(uint256)", &word(1));
    let ids: Vec<Hash> = [&pays, &back, &too_much].map(CheckedTx::id).to_vec();
    let (statuses, _) = lab.block(vec![pays, back, too_much, nothing]);
    assert!(matches!(&statuses[0], Status::Success { output } if **output == word(1)), "{statuses:?}");
    assert!(matches!(statuses[1], Status::Success { .. }));
    // A revert tells its error's bytes, under the method as people write it.
    let Status::Failed(failure) = &statuses[2] else { panic!("{statuses:?}") };
    assert_eq!(&*failure.code, "XL-EVM-REVERT");
    assert_eq!(&*failure.path[0].method, "transfer(address,uint256)");
    let selector = &xl_evm::keccak(b"InsufficientBalance(uint256,uint256)")[..4];
    assert_eq!(*failure.detail, [selector, &word(20), &word(21)].concat());
    assert_eq!(failure_of(&statuses[3]), "XL-EVM-REVERT");
    assert_eq!((balance(&lab, &one), balance(&lab, &two)), (word(980), word(20)));

    let receipts = lab.chain.stored_block(2).unwrap().unwrap().receipts;
    let event = &receipts[0].events[0];
    assert_eq!((&*event.name, event.contract), ("Transfer", ContractId::derive("grain")));
    let topics = vec![
        xl_evm::keccak(b"Transfer(address,address,uint256)"),
        address(&one.0).try_into().unwrap(),
        address(&two.0).try_into().unwrap(),
    ];
    assert_eq!(*event.data, encode(&(topics, word(30))));
    assert!(receipts[2].events.is_empty());
    for (index, id) in ids.iter().enumerate() {
        let (_, receipt) = lab.chain.replay(2, index).unwrap().unwrap();
        assert_eq!((&receipt, receipt.tx_id), (&receipts[index], *id));
    }
}

fn failure_of(status: &Status) -> &str {
    failure(status).0
}

#[test]
fn a_solidity_contract_lives_under_the_registrys_rules() {
    let mut lab = Lab::with_token();
    lab.deploy();
    // A name once, by who may, code that is code.
    assert_eq!(failure_of(&lab.deploy_evm("grain", artefact("Probe"), Vec::new(), &[])), "XL-CONTRACT-EXISTS");
    assert_eq!(failure_of(&lab.deploy_evm("empty", Vec::new(), Vec::new(), &[])), "XL-EVM-NO_CODE");
    assert_eq!(failure_of(&lab.deploy_evm("bad", vec![0xfe], Vec::new(), &[])), "XL-EVM-INVALID");
    let status = lab.deploy_evm("probe", artefact("Probe"), Vec::new(), &[]);
    assert!(matches!(status, Status::Success { .. }), "{status:?}");
    // The failed ones are not there, so their names are free.
    assert_eq!(lab.evm_view("bad", "up()", &[]), Err("XL-CONTRACT-UNKNOWN".into()));

    let mut call = |method: &str, arguments: &[u8]| {
        let tx = lab.tx("a", 1, "probe", method, arguments);
        lab.block(vec![tx]).0.remove(0)
    };
    assert!(matches!(call("up()", &[]), Status::Success { .. }));
    assert_eq!(failure_of(&call("spin()", &[])), "XL-EVM-OUT_OF_GAS");
    assert_eq!(failure_of(&call("create()", &[])), "XL-EVM-CREATE");
    assert_eq!(failure_of(&call("many(uint256)", &word(65))), "XL-EVM-LIMIT_EVENTS");
    // A contract of the other machine, and the platform's own, do not answer; an account answers nothing.
    let mut answers =
        |target: &[u8; 20]| call("answers(address,bytes)", &[address(target), word(64), word(0)].concat());
    assert_eq!(failure_of(&answers(&ContractId::derive("counter").0)), "XL-EVM-UNAVAILABLE");
    assert_eq!(failure_of(&answers(&ContractId::derive(CONTRACTS).0)), "XL-EVM-UNAVAILABLE");
    assert!(matches!(answers(&founder(2).0), Status::Success { output } if *output == word(1)));
    assert_eq!(lab.evm_view("probe", "up()", &[]), Err("XL-EVM-READ_ONLY".into()));
    assert_eq!(lab.evm_view("probe", "count()", &[]), Ok(word(1)));
    // An event without a name in the contract's interface.
    let receipts = lab.chain.stored_block(lab.chain.tip().height).unwrap().unwrap().receipts;
    assert!(receipts[0].events.is_empty());
    let up = lab.tx("a", 1, "probe", "up()", &[]);
    lab.block(vec![up]);
    let receipts = lab.chain.stored_block(lab.chain.tip().height).unwrap().unwrap().receipts;
    assert_eq!(&*receipts[0].events[0].name, "log");
    // The chain's own facts, and contracts that call contracts over the running state of one block.
    let facts = lab.evm_view("probe", "facts()", &[]).unwrap();
    let chain = lab.chain.chain_id();
    assert_eq!(facts[..32], address(&founder(1).0));
    assert_eq!(facts[64..96], word(u128::from(lab.chain.tip().height)));
    assert_eq!(facts[96..128], word(u128::from(lab.chain.tip().time_ms / 1000)));
    assert_eq!(facts[128..], word(u128::from(xl_evm::rules::chain_id(&chain.0))));
    let probe = AccountId(ContractId::derive("probe").0);
    let funds = lab.tx("a", 1, "grain", "transfer(address,uint256)", &transfer(&probe, 7));
    let token = address(&ContractId::derive("grain").0);
    let arguments = [token, transfer(&founder(2), 7)].concat();
    let attempt = lab.tx("a", 1, "probe", "attempt(address,address,uint256)", &arguments);
    let again = lab.tx("a", 1, "probe", "attempt(address,address,uint256)", &arguments);
    let (statuses, _) = lab.block(vec![funds, attempt, again]);
    assert!(matches!(&statuses[1], Status::Success { output } if **output == word(1)), "{statuses:?}");
    assert!(matches!(&statuses[2], Status::Success { output } if **output == word(0)), "{statuses:?}");
    assert_eq!(lab.evm_view("grain", "balanceOf(address)", &address(&founder(2).0)), Ok(word(7)));
}

#[test]
fn a_frozen_contract_answers_views_only_to_people_and_to_contracts() {
    let mut lab = Lab::with_token();
    lab.deploy_evm("probe", artefact("Probe"), Vec::new(), &[]);
    let token = address(&ContractId::derive("grain").0);
    let attempt = [token.clone(), transfer(&founder(2), 0)].concat();
    let held = [token, address(&founder(1).0)].concat();
    let before = lab.tx("a", 1, "probe", "attempt(address,address,uint256)", &attempt);
    let freeze = lab.tx("a", 1, CONTRACTS, "freeze", &encode(&("grain".to_owned(),)));
    let direct = lab.tx("a", 1, "grain", "transfer(address,uint256)", &transfer(&founder(2), 1));
    let through = lab.tx("a", 1, "probe", "attempt(address,address,uint256)", &attempt);
    let (statuses, _) = lab.block(vec![before, freeze, direct, through]);
    assert!(statuses[..2].iter().all(|status| matches!(status, Status::Success { .. })), "{statuses:?}");
    assert_eq!(failure_of(&statuses[2]), "XL-CONTRACT-FROZEN");
    assert_eq!(failure_of(&statuses[3]), "XL-EVM-UNAVAILABLE");
    assert_eq!(lab.evm_view("probe", "held(address,address)", &held), Ok(word(1_000)));
    // An upgrade is for the other machine: code here is replaced by the contract's own means, or not at all.
    let code = wat::parse_str(lab::COUNTER).unwrap();
    let staged = encode(&(code.clone(), b"{}".to_vec(), xl_primitives::contract::Layout::default()));
    let stage = lab.tx("a", 1, CONTRACTS, "stage", &staged);
    let (statuses, _) = lab.block(vec![stage]);
    assert!(matches!(statuses[0], Status::Success { .. }), "{statuses:?}");
    let staged = UpgradeCode::Staged(Hash(xl_crypto::sm3(&[&code])));
    let report = lab.chain.dry_run_upgrade(founder(1), "probe", staged, List::default(), 1_000_000_000).unwrap();
    assert_eq!(report.outcome.unwrap_err().0, "XL-UPGRADE-MACHINE");
}

#[test]
fn a_webassembly_contract_is_told_that_it_cannot_call_one_in_solidity() {
    let mut lab = Lab::with_token();
    let target: String = ContractId::derive("grain").0.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let code = wat::parse_str(format!(
        r#"(module
          (import "env" "call" (func $call (param i32 i32 i32 i32 i32 i64) (result i32)))
          (import "env" "returned" (func $returned (param i32 i32) (result i32)))
          (import "env" "returned_len" (func $length (result i32)))
          (import "env" "ret" (func $ret (param i32 i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "{target}")
          (data (i32.const 32) "name()")
          (func (export "go") (result i32)
            (drop (call $call (i32.const 0) (i32.const 32) (i32.const 6) (i32.const 0) (i32.const 0) (i64.const -1)))
            (drop (call $returned (i32.const 64) (i32.const 200)))
            (call $ret (i32.const 64) (call $length))
            (i32.const 0)))"#
    ))
    .unwrap();
    let deploy = lab.tx("a", 1, CONTRACTS, "deploy", &lab::deployment("caller", &code));
    let (statuses, _) = lab.block(vec![deploy]);
    assert!(matches!(statuses[0], Status::Success { .. }), "{statuses:?}");
    let go = lab.tx("a", 1, "caller", "go", &[]);
    let (statuses, _) = lab.block(vec![go]);
    let told = encode(&("XL-CONTRACT-MACHINE".to_owned(), 0u32, Vec::<u8>::new()));
    assert!(matches!(&statuses[0], Status::Success { output } if **output == told), "{statuses:?}");
    lab.reproduced();
}

#[test]
fn a_vote_freezes_thaws_and_ends_a_solidity_contract_and_never_upgrades_it() {
    let mut lab = Lab::with_token();
    let status = lab.deploy_evm("probe", artefact("Probe"), Vec::new(), &[]);
    assert!(matches!(status, Status::Success { .. }), "{status:?}");
    let mut number = 0u32;
    // Both organisations vote in one block, the token is called behind them.
    let mut vote = |lab: &mut Lab, action: &Action| {
        number += 1;
        let until = lab.chain.tip().time_ms + 60_000;
        let ballot = encode(&(number, true));
        let txs = vec![
            lab.tx("a", 1, GOVERNANCE, "propose", &encode(&(action.clone(), String::new(), until))),
            lab.tx("a", 1, GOVERNANCE, "vote", &ballot),
            lab.tx("b", 2, GOVERNANCE, "vote", &ballot),
            lab.tx("a", 1, "grain", "transfer(address,uint256)", &transfer(&founder(2), 1)),
        ];
        let (mut statuses, _) = lab.block(txs);
        let called = statuses.pop().unwrap();
        assert!(statuses.iter().all(|status| matches!(status, Status::Success { .. })), "{statuses:?}");
        called
    };
    let name = || lab::text("grain");
    let called = vote(&mut lab, &Action::FreezeContract { name: name(), version: 1 });
    assert_eq!(failure_of(&called), "XL-CONTRACT-FROZEN");
    assert_eq!(lab.evm_view("grain", "balanceOf(address)", &address(&founder(1).0)), Ok(word(1_000)));
    let called = vote(&mut lab, &Action::UnfreezeContract { name: name(), version: 1 });
    assert!(matches!(called, Status::Success { .. }), "{called:?}");

    let code = wat::parse_str(lab::COUNTER).unwrap();
    let staged = encode(&(code.clone(), b"{}".to_vec(), xl_primitives::contract::Layout::default()));
    let code_hash = Hash(xl_crypto::sm3(&[&code]));
    let upgrade = Action::UpgradeContract { name: name(), version: 1, code_hash, migrated: List::default() };
    let until = lab.chain.tip().time_ms + 60_000;
    let stage = lab.tx("a", 1, CONTRACTS, "stage", &staged);
    let propose = lab.tx("a", 1, GOVERNANCE, "propose", &encode(&(upgrade, String::new(), until)));
    let (statuses, _) = lab.block(vec![stage, propose]);
    assert!(matches!(statuses[0], Status::Success { .. }), "{statuses:?}");
    assert_eq!(failure_of(&statuses[1]), "XL-UPGRADE-MACHINE");

    let called = vote(&mut lab, &Action::DestroyContract { name: name(), version: 1 });
    assert_eq!(failure_of(&called), "XL-CONTRACT-DESTROYED");
    // Its address answers contracts no more.
    let held = [address(&ContractId::derive("grain").0), address(&founder(1).0)].concat();
    assert_eq!(lab.evm_view("probe", "held(address,address)", &held), Err("XL-EVM-UNAVAILABLE".into()));
    lab.reproduced();
}

/// A world where nobody deploys alone.
struct Voting(Lab);

impl Voting {
    fn new() -> Self {
        let mut world = Self(Lab::new());
        world.policy(|_| {});
        world
    }

    fn policy(&mut self, change: impl Fn(&mut ContractPolicy)) {
        let mut policy = ContractPolicy { deploy: Deployers::Governance, ..ContractPolicy::default() };
        change(&mut policy);
        let id = self.proposed(&Action::SetContractPolicy { policy });
        self.succeeded("a", "vote", &encode(&(id, true)));
        self.succeeded("b", "vote", &encode(&(id, true)));
    }

    /// A call of governance, or of another system contract that has the method.
    fn status(&mut self, organisation: &str, method: &str, arguments: &[u8]) -> Status {
        let contract = match method {
            "propose" | "vote" => GOVERNANCE,
            "grant" => ACCOUNTS,
            _ => CONTRACTS,
        };
        let signer = if organisation == "a" { 1 } else { 2 };
        let tx = self.0.tx(organisation, signer, contract, method, arguments);
        self.0.block(vec![tx]).0.remove(0)
    }

    fn succeeded(&mut self, organisation: &str, method: &str, arguments: &[u8]) -> Vec<u8> {
        match self.status(organisation, method, arguments) {
            Status::Success { output } => output.to_vec(),
            Status::Failed(failure) => panic!("{method}: {failure:?}"),
        }
    }

    fn refused(&mut self, organisation: &str, method: &str, arguments: &[u8]) -> String {
        failure_of(&self.status(organisation, method, arguments)).to_owned()
    }

    /// Staged by b.
    fn staged(&mut self, code: &[u8], arguments: &[u8]) -> Hash {
        let output = self.succeeded("b", "stage_evm", &staging(code, arguments));
        assert_eq!(output, xl_crypto::sm3(&[code]));
        Hash(output.try_into().unwrap())
    }

    fn proposing(&self, action: &Action) -> Vec<u8> {
        encode(&(action.clone(), String::new(), self.0.chain.tip().time_ms + 60_000))
    }

    fn proposed(&mut self, action: &Action) -> u32 {
        let arguments = self.proposing(action);
        u32::from_le_bytes(self.succeeded("a", "propose", &arguments).try_into().unwrap())
    }

    fn state<T: borsh::BorshDeserialize + borsh::BorshSerialize>(&self, key: &[u8]) -> Option<T> {
        self.0.chain.view().get(key).unwrap().map(|bytes| xl_primitives::decode(&bytes, "record").unwrap())
    }

    fn open(&self, id: u32) -> bool {
        let proposal: Proposal = self.state(&proposal_key(id)).unwrap();
        proposal.status == ProposalStatus::Open && proposal.votes.len() == 1
    }
}

fn staging(code: &[u8], arguments: &[u8]) -> Vec<u8> {
    let events = ["Approval(address,address,uint256)", "Transfer(address,address,uint256)"].map(str::to_owned).to_vec();
    encode(&(code.to_vec(), arguments.to_vec(), b"{}".to_vec(), events))
}

fn deploying(name: &str, code_hash: Hash) -> Action {
    Action::DeployContract { name: lab::text(name), code_hash }
}

/// Creation code that reverts with the word 42 below `height`.
fn not_before(height: u8) -> Vec<u8> {
    [&[0x60, height][..], &hex::decode("4310600c5760016000f35b602a60005260206000fd").unwrap()].concat()
}

#[test]
fn where_nobody_deploys_alone_a_vote_deploys_solidity() {
    let mut world = Voting::new();
    let arguments = [96, 128, 1_000, 0, 0].map(word).concat();
    let alone = world.0.deploy_evm("grain", artefact("Token"), arguments.clone(), &[]);
    assert_eq!(failure_of(&alone), "XL-RIGHT-GOVERNANCE");

    let hash = world.staged(&artefact("Token"), &arguments);
    let staged: StagedCode = world.state(&contract::staged_key(&hash)).unwrap();
    let StagedForm::Evm { arguments_hash, arguments_bytes, events } = &staged.form else { panic!("{staged:?}") };
    assert_eq!((arguments_hash.0, *arguments_bytes, events.len()), (xl_crypto::sm3(&[&arguments]), 160, 2));
    let id = world.proposed(&deploying("grain", hash));
    world.succeeded("b", "vote", &encode(&(id, true)));
    assert_eq!(world.0.evm_view("grain", "name()", &[]), Err("XL-CONTRACT-UNKNOWN".into()));
    world.succeeded("a", "vote", &encode(&(id, true)));

    // It belongs to who staged it, in whose name the constructor ran.
    let grain = ContractId::derive("grain");
    let record: ContractRecord = world.state(&contract::record_key(&grain)).unwrap();
    assert_eq!((record.owner, &*record.organisation, record.machine), (founder(2), "b", CodeMachine::Evm));
    let version: VersionRecord = world.state(&contract::version_key(&grain, 1)).unwrap();
    assert_eq!((version.proposal, version.by, version.code_hash), (Some(id), founder(1), record.code_hash));
    assert_eq!(world.0.evm_view("grain", "balanceOf(address)", &address(&founder(2).0)), Ok(word(1_000)));
    let receipt = world.0.chain.stored_block(world.0.chain.tip().height).unwrap().unwrap().receipts.remove(0);
    let names: Vec<&str> = receipt.events.iter().map(|event| &*event.name).collect();
    assert_eq!(names, ["ProposalVoted", "ProposalEnacted", "Transfer", "ContractDeployed"]);
    assert_eq!(receipt.events[2].contract, grain);
    assert_eq!(receipt.events[3].contract, contract::address());

    // The staging has ended and left nothing; the same code may be staged for another contract.
    assert!(world.state::<StagedCode>(&contract::staged_key(&hash)).is_none());
    for kind in [b'y', b'j'] {
        assert!(world.0.chain.view().get(&contract::staged_piece_key(&hash, kind, 0)).unwrap().is_none());
    }
    assert!(world.state::<u32>(&contract::staged_count_key(&founder(2))).is_none());
    world.staged(&artefact("Token"), &arguments);
    assert_eq!(world.refused("b", "stage_evm", &staging(&artefact("Token"), &[])), "XL-CODE-STAGED");
    let pays = world.0.tx("b", 2, "grain", "transfer(address,uint256)", &transfer(&founder(1), 30));
    assert!(matches!(world.0.block(vec![pays]).0[0], Status::Success { .. }));
    world.0.reproduced();
}

#[test]
fn a_constructor_that_reverts_in_the_deciding_vote_leaves_the_proposal_open() {
    let mut world = Voting::new();
    let code = not_before(12);
    let hash = world.staged(&code, &[]);
    let id = world.proposed(&deploying("later", hash));
    world.succeeded("b", "vote", &encode(&(id, true)));
    let Status::Failed(failure) = world.status("a", "vote", &encode(&(id, true))) else { panic!("it deployed") };
    assert!(world.0.chain.tip().height < 12);
    assert_eq!((&*failure.code, &*failure.detail), ("XL-EVM-REVERT", &*word(42)));
    let last = failure.path.last().unwrap();
    assert_eq!((last.contract, &*last.method), (ContractId::derive("later"), "constructor"));
    assert!(world.open(id));
    assert!(world.state::<StagedCode>(&contract::staged_key(&hash)).is_some());
    assert!(world.state::<ContractRecord>(&contract::record_key(&ContractId::derive("later"))).is_none());
    // What can still be put right: here by waiting.
    while world.0.chain.tip().height < 11 {
        world.0.block(Vec::new());
    }
    world.succeeded("a", "vote", &encode(&(id, true)));
    assert!(world.state::<ContractRecord>(&contract::record_key(&ContractId::derive("later"))).is_some());
    world.0.reproduced();
}

#[test]
fn a_vote_deploys_what_was_proposed_with_its_arguments_and_nothing_else() {
    let mut world = Voting::new();
    let code = not_before(0);
    assert_eq!(
        {
            let p = world.proposing(&deploying("one", Hash([9; 32])));
            world.refused("a", "propose", &p)
        },
        "XL-CODE-UNKNOWN"
    );
    assert_eq!(world.refused("b", "stage_evm", &staging(&[], &[])), "XL-EVM-NO_CODE");
    let most = xl_evm::rules::CREATION_BYTES_MAX;
    assert_eq!(world.refused("b", "stage_evm", &staging(&code, &vec![0; most])), "XL-EVM-CODE_SIZE");
    // As much as there may be: all of it goes again.
    let long = vec![0; most - code.len()];
    let hash = world.staged(&code, &long);
    assert_eq!(world.refused("a", "unstage", &encode(&(hash,))), "XL-RIGHT-OWNER");
    let id = world.proposed(&deploying("one", hash));
    world.succeeded("b", "vote", &encode(&(id, true)));
    // The same code with other arguments is not what the others agreed to.
    world.succeeded("b", "unstage", &encode(&(hash,)));
    assert!(world.0.chain.view().get(&contract::staged_piece_key(&hash, b'y', 0)).unwrap().is_none());
    assert_eq!(world.refused("a", "vote", &encode(&(id, true))), "XL-CODE-UNKNOWN");
    world.staged(&code, &word(7));
    assert_eq!(world.refused("a", "vote", &encode(&(id, true))), "XL-PROPOSAL-STALE");
    assert!(world.open(id));

    // It is no code for the other machine.
    world.policy(|policy| {
        policy.deploy = Deployers::Developers;
        policy.upgrade = Upgraders::Owner;
    });
    world.0.deploy();
    let name = || lab::text("counter");
    let upgrade = Action::UpgradeContract { name: name(), version: 1, code_hash: hash, migrated: List::default() };
    assert_eq!(
        {
            let p = world.proposing(&upgrade);
            world.refused("a", "propose", &p)
        },
        "XL-UPGRADE-MACHINE"
    );
    let alone = encode(&("counter".to_owned(), 1u32, hash, Vec::<String>::new()));
    assert_eq!(world.refused("a", "upgrade", &alone), "XL-UPGRADE-MACHINE");
    let staged = UpgradeCode::Staged(hash);
    let report = world.0.chain.dry_run_upgrade(founder(1), "counter", staged, List::default(), 1_000_000_000).unwrap();
    assert_eq!(report.outcome.unwrap_err().0, "XL-UPGRADE-MACHINE");
    world.0.reproduced();
}

#[test]
fn an_audit_that_the_policy_demands_is_of_the_creation_code_that_a_vote_deploys() {
    let mut world = Voting::new();
    world.succeeded("a", "grant", &encode(&(founder(1), "auditor".to_owned())));
    world.policy(|policy| {
        policy.audit_required = true;
        policy.audit_independent = true;
    });
    let hash = world.staged(&not_before(0), &[]);
    let id = world.proposed(&deploying("one", hash));
    world.succeeded("b", "vote", &encode(&(id, true)));
    assert_eq!(world.refused("a", "vote", &encode(&(id, true))), "XL-CONTRACT-AUDIT-MISSING");
    let until = world.0.chain.tip().time_ms + 60_000;
    let audit = |code: Hash, verdict| encode(&(code, Hash([7; 32]), verdict, "by eye".to_owned(), until));
    world.succeeded("a", "audit", &audit(hash, Verdict::Negative));
    assert_eq!(world.refused("a", "vote", &encode(&(id, true))), "XL-CONTRACT-AUDIT-NEGATIVE");
    assert!(world.open(id));
    world.succeeded("a", "audit", &audit(hash, Verdict::Positive));
    world.succeeded("a", "vote", &encode(&(id, true)));
    let version: VersionRecord = world.state(&contract::version_key(&ContractId::derive("one"), 1)).unwrap();
    assert_eq!(version.audit.map(|audit| audit.auditor), Some(founder(1)));
    world.0.reproduced();
}

#[test]
fn staging_and_the_deciding_vote_pay_for_what_they_keep_and_run() {
    let mut world = Voting::new();
    let arguments = [96, 128, 1_000, 0, 0].map(word).concat();
    let gas = |world: &Voting| {
        let block = world.0.chain.stored_block(world.0.chain.tip().height).unwrap().unwrap();
        block.receipts[0].gas_used
    };
    let hash = world.staged(&artefact("Token"), &arguments);
    assert!(gas(&world) > 50 * (artefact("Token").len() + arguments.len()) as u64 + 200_000);
    let id = world.proposed(&deploying("grain", hash));
    world.succeeded("b", "vote", &encode(&(id, true)));
    let first = gas(&world);
    world.succeeded("a", "vote", &encode(&(id, true)));
    let deciding = gas(&world) - first;
    world.policy(|policy| policy.deploy = Deployers::Developers);
    let events = ["Approval(address,address,uint256)", "Transfer(address,address,uint256)"];
    world.0.deploy_evm("other", artefact("Token"), arguments, &events);
    let alone = gas(&world);
    // Alone it pays for its transaction's bytes besides; the rest is the same work.
    assert!(alone > deciding && alone - deciding < 2_000_000, "{alone} {deciding}");
}
