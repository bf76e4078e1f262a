//! The golden bytes of `spec/vectors`: made here, checked here and by `tests/vectors`, which shares no code with this.
//!
//! `XL_APPROVE=1 cargo test -p xl-primitives --test vectors` writes them anew: an approval of a new wire format.

use serde_json::{Value, json};
use std::path::Path;
use xl_crypto::{SecretKey, Verifier};
use xl_primitives::{
    AccountId, Block, Bounded, Call, ChainParameters, CheckedTx, ContractId, Event, Failure, Genesis, Hash, Header,
    List, PublicKey, Receipt, Status, Text, TxBody,
    account::{ACCOUNTS, Node, NodeKind, account_key, key_key, organisation_key, validators_hash},
    block::transactions_root,
    contract::{
        self, AuditRecord, AuditReference, CONTRACTS, CodeMachine, ContractRecord, ContractStatus, LayoutField,
        StagedCode, StagedForm, Verdict, VersionRecord,
    },
    encode,
    genesis::{GenesisAccount, GenesisOrganisation, Threshold},
    governance::{self, Action, Ballot, ContractPolicy, Deployers, GOVERNANCE, Proposal, ProposalStatus, Upgraders},
    merkle,
    receipt::Frame,
    transaction::signing_bytes,
};

fn hex(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(bytes)
}

fn secret(number: u8) -> SecretKey {
    SecretKey::from_slice(&[number; 32]).expect("a scalar")
}

fn key(number: u8) -> PublicKey {
    secret(number).public_key()
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("short")
}

fn bounded<const MAX: usize>(bytes: &[u8]) -> Bounded<MAX> {
    Bounded::new(bytes).expect("short")
}

fn list<T, const MAX: usize>(items: Vec<T>) -> List<T, MAX> {
    List::new(items).expect("few")
}

/// Compares with the published file, or writes it where the new bytes are approved.
fn publish(name: &str, value: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/vectors").join(name);
    let text = format!("{}\n", serde_json::to_string_pretty(value).expect("JSON"));
    if std::env::var_os("XL_APPROVE").is_some() {
        std::fs::write(&path, text).expect("writes");
        return;
    }
    let published = std::fs::read_to_string(&path).expect("the published vectors");
    assert!(published == text, "{name} differs from what this code makes; XL_APPROVE=1 approves a new format");
}

fn genesis() -> Genesis {
    let organisation = |id: &str, name: &str| GenesisOrganisation { id: text(id), name: text(name) };
    let admin = |id: &str, number| GenesisAccount {
        organisation: text(id),
        key: key(number),
        roles: list(vec![text("admin"), text("developer")]),
    };
    let node =
        |name: &str, id: &str, kind, number| Node { name: text(name), organisation: text(id), kind, key: key(number) };
    Genesis {
        format: 1,
        name: text("测试网"),
        time_ms: 1_767_225_600_000,
        parameters: ChainParameters::default(),
        organisations: list(vec![organisation("org1", "甲"), organisation("org2", "Second")]),
        accounts: list(vec![admin("org1", 1), admin("org2", 2)]),
        nodes: list(vec![
            node("v1", "org1", NodeKind::Application, 11),
            node("v2", "org2", NodeKind::Application, 12),
            node("access", "org1", NodeKind::Access, 13),
        ]),
        governance: Threshold { numerator: 2, denominator: 3 },
        recovery: Threshold { numerator: 1, denominator: 1 },
    }
}

fn genesis_json(genesis: &Genesis) -> Value {
    let p = &genesis.parameters;
    json!({
        "format": genesis.format,
        "name": &*genesis.name,
        "time_ms": genesis.time_ms.to_string(),
        "parameters": {
            "lifetime_ms_max": p.lifetime_ms_max.to_string(),
            "block_bytes_max": p.block_bytes_max,
            "block_count_max": p.block_count_max,
            "block_gas_max": p.block_gas_max.to_string(),
            "organisation_share_permille": p.organisation_share_permille,
            "epoch_blocks": p.epoch_blocks.to_string(),
            "leader_timeout_ms": p.leader_timeout_ms,
            "heartbeat_ms": p.heartbeat_ms.to_string(),
        },
        "organisations": genesis.organisations.iter().map(|o| json!({"id": &*o.id, "name": &*o.name})).collect::<Vec<_>>(),
        "accounts": genesis.accounts.iter().map(|a| json!({
            "organisation": &*a.organisation,
            "key": hex(a.key.as_bytes()),
            "roles": a.roles.iter().map(|role| &**role).collect::<Vec<_>>(),
            "account_hex": hex(a.id().0),
            "account": a.id().to_string(),
        })).collect::<Vec<_>>(),
        "nodes": genesis.nodes.iter().map(|n| json!({
            "name": &*n.name, "organisation": &*n.organisation, "kind": n.kind.name(), "key": hex(n.key.as_bytes()),
        })).collect::<Vec<_>>(),
        "governance": [genesis.governance.numerator, genesis.governance.denominator],
        "recovery": [genesis.recovery.numerator, genesis.recovery.denominator],
    })
}

#[test]
fn genesis_vectors() {
    let genesis = genesis();
    genesis.validate().expect("founds a chain");
    let account = genesis.accounts[0].id();
    let contracts = [ACCOUNTS, CONTRACTS, GOVERNANCE, "points"].map(|name| {
        let id = ContractId::derive(name);
        json!({"name": name, "address_hex": hex(id.0), "address": id.to_string()})
    });
    publish(
        "genesis.json",
        &json!({
            "about": "Genesis (05), identifiers (02) and full state keys (11). u64 as decimal strings.",
            "genesis": genesis_json(&genesis),
            "bytes": hex(encode(&genesis)),
            "chain_id": genesis.chain_id().to_string(),
            "validators": genesis.validators().iter().map(|key| hex(key.as_bytes())).collect::<Vec<_>>(),
            "validators_hash": validators_hash(&genesis.validators()).to_string(),
            "contracts": contracts,
            "state_keys": {
                "account": hex(account_key(&account)),
                "key": hex(key_key(&key(1))),
                "organisation": hex(organisation_key("org1")),
            },
        }),
    );
}

fn body(genesis: &Genesis, contract: &str, method: &str, arguments: &[u8], salt: u8) -> TxBody {
    TxBody {
        format: 1,
        chain_id: genesis.chain_id(),
        sender: genesis.accounts[0].id(),
        call: Call { contract: ContractId::derive(contract), method: text(method), arguments: bounded(arguments) },
        gas_limit: 10_000_000,
        valid_until_ms: 1_767_225_660_000,
        salt: [salt; 16],
    }
}

fn body_json(body: &TxBody) -> Value {
    json!({
        "format": body.format,
        "chain_id": body.chain_id.to_string(),
        "sender": hex(body.sender.0),
        "contract": hex(body.call.contract.0),
        "method": &*body.call.method,
        "arguments": hex(&*body.call.arguments),
        "gas_limit": body.gas_limit.to_string(),
        "valid_until_ms": body.valid_until_ms.to_string(),
        "salt": hex(body.salt),
    })
}

/// `transfer(target, amount)` of Points: 20 bytes, then a u128.
fn transfer(target: AccountId, amount: u128) -> Vec<u8> {
    encode(&(target, amount))
}

fn transactions(genesis: &Genesis) -> Vec<xl_primitives::SignedTx> {
    let target = genesis.accounts[1].id();
    [
        body(genesis, "points", "transfer", &transfer(target, 1), 1),
        body(genesis, "points", "issue", &transfer(target, u128::MAX), 2),
        body(genesis, ACCOUNTS, "suspend", &target.0, 3),
        body(genesis, "points", "noop", &[], 4),
    ]
    .map(|body| body.sign(&secret(1)))
    .to_vec()
}

#[test]
fn transaction_vectors() {
    let genesis = genesis();
    let verifier = Verifier::default();
    let cases: Vec<Value> = transactions(&genesis)
        .iter()
        .map(|tx| {
            let checked = CheckedTx::check(encode(tx), &genesis.chain_id(), &verifier).expect("valid");
            json!({
                "body": body_json(&tx.body),
                "body_bytes": hex(encode(&tx.body)),
                "tx_id": checked.id().to_string(),
                "signing_bytes": hex(signing_bytes(&checked.id())),
                "secret": hex(secret(1).to_bytes().as_slice()),
                "key": hex(tx.key.as_bytes()),
                "signature": hex(tx.signature.as_bytes()),
                "signed": hex(checked.bytes()),
            })
        })
        .collect();
    let good = encode(&transactions(&genesis)[0]);
    let changed = |at: usize, to: u8| {
        let mut bytes = good.clone();
        bytes[at] = to;
        bytes
    };
    let mut long_method = body(&genesis, "points", "x", &[], 5).sign(&secret(1));
    long_method.body.call.method = text(&"m".repeat(64));
    let mut too_long = encode(&long_method);
    too_long[1 + 32 + 20 + 20] = 65;
    let refused: Vec<Value> = [
        ("cut short", good[..good.len() - 1].to_vec(), "XL-TX-MALFORMED"),
        ("a byte too many", [&good[..], &[0]].concat(), "XL-TX-MALFORMED"),
        ("method longer than 64 bytes", too_long, "XL-TX-MALFORMED"),
        ("format 2", changed(0, 2), "XL-TX-FORMAT"),
        ("another chain", changed(1, good[1] ^ 1), "XL-TX-WRONG-CHAIN"),
        ("another sender", changed(33, good[33] ^ 1), "XL-TX-BAD-SIGNATURE"),
        ("key prefix 04", changed(good.len() - 97, 4), "XL-TX-MALFORMED"),
        ("r is zero", [&good[..good.len() - 64], &[0; 32], &good[good.len() - 32..]].concat(), "XL-TX-MALFORMED"),
        ("s changed", changed(good.len() - 1, good[good.len() - 1] ^ 1), "XL-TX-BAD-SIGNATURE"),
    ]
    .into_iter()
    .map(|(name, bytes, code)| {
        let error = CheckedTx::check(bytes.clone(), &genesis.chain_id(), &verifier).expect_err(name);
        assert_eq!(error.code(), code, "{name}");
        json!({"name": name, "signed": hex(bytes), "code": code})
    })
    .collect();
    publish(
        "transaction.json",
        &json!({
            "about": "Transactions (02) on the chain of genesis.json. Signatures are deterministic (RFC 6979), yet any valid one is accepted.",
            "chain_id": genesis.chain_id().to_string(),
            "accepted": cases,
            "refused": refused,
        }),
    );
}

fn receipts(genesis: &Genesis) -> Vec<Receipt> {
    let ids: Vec<Hash> = transactions(genesis).iter().map(|tx| tx.body.id()).collect();
    let points = ContractId::derive("points");
    let event = Event { contract: points, name: text("Transferred"), data: bounded(&[1, 2, 3]) };
    let failure = Failure {
        code: text("InsufficientBalance"),
        line: 77,
        path: list(vec![Frame { contract: points, method: text("transfer") }]),
        detail: bounded(&encode(&(3u128, 5u128))),
    };
    vec![
        Receipt {
            tx_id: ids[0],
            gas_used: 123_456,
            status: Status::Success { output: bounded(&[]) },
            events: list(vec![event]),
        },
        Receipt { tx_id: ids[1], gas_used: 60_000, status: Status::Failed(failure), events: List::default() },
        Receipt {
            tx_id: ids[2],
            gas_used: 250_000,
            status: Status::Success { output: bounded(&[7; 32]) },
            events: List::default(),
        },
    ]
}

fn receipt_json(receipt: &Receipt) -> Value {
    let status = match &receipt.status {
        Status::Success { output } => json!({"success": {"output": hex(&**output)}}),
        Status::Failed(failure) => json!({"failed": {
            "code": &*failure.code,
            "line": failure.line,
            "path": failure.path.iter().map(|f| json!({"contract": hex(f.contract.0), "method": &*f.method})).collect::<Vec<_>>(),
            "detail": hex(&*failure.detail),
        }}),
    };
    json!({
        "tx_id": receipt.tx_id.to_string(),
        "gas_used": receipt.gas_used.to_string(),
        "status": status,
        "events": receipt.events.iter().map(|e| json!({
            "contract": hex(e.contract.0), "name": &*e.name, "data": hex(&*e.data),
        })).collect::<Vec<_>>(),
    })
}

#[test]
fn receipt_vectors() {
    let receipts = receipts(&genesis());
    let encoded: Vec<Vec<u8>> = receipts.iter().map(encode).collect();
    let cases: Vec<Value> = receipts
        .iter()
        .zip(&encoded)
        .map(|(r, bytes)| json!({"receipt": receipt_json(r), "bytes": hex(bytes)}))
        .collect();
    let proofs: Vec<Value> = (0..encoded.len())
        .map(|index| {
            let proof = merkle::prove(&encoded, index).expect("in the list");
            json!({"index": index, "count": proof.count, "siblings": proof.siblings.iter().map(Hash::to_string).collect::<Vec<_>>(), "bytes": hex(encode(&proof))})
        })
        .collect();
    publish(
        "receipt.json",
        &json!({
            "about": "Receipts (04) of the first transactions of transaction.json, their root and inclusion proofs.",
            "receipts": cases,
            "receipts_root": merkle::root(&encoded).to_string(),
            "proofs": proofs,
        }),
    );
}

#[test]
fn block_vectors() {
    let genesis = genesis();
    let signed: Vec<Bounded<{ xl_primitives::transaction::TX_BYTES_MAX }>> =
        transactions(&genesis).iter().take(3).map(|tx| bounded(&encode(tx))).collect();
    let receipts = receipts(&genesis);
    let encoded: Vec<Vec<u8>> = receipts.iter().map(encode).collect();
    let set = validators_hash(&genesis.validators());
    let header = Header {
        format: 1,
        chain_id: genesis.chain_id(),
        protocol_version: 1,
        height: 42,
        epoch: 0,
        view: 300,
        parent_view: 299,
        leader: key(11),
        parent: Hash([5; 32]),
        time_ms: 1_767_225_601_000,
        tx_root: transactions_root(&signed),
        state_root: Hash([6; 32]),
        receipts_root: merkle::root(&encoded),
        gas_used: receipts.iter().map(|receipt| receipt.gas_used).sum(),
        validators_hash: set,
        next_validators_hash: set,
    };
    let block = Block { header: header.clone(), transactions: list(signed) };
    assert!(block.body_matches());
    let lists: Vec<Value> = (0..9u8)
        .map(|count| {
            let items: Vec<Vec<u8>> = (0..count).map(|i| vec![i; usize::from(i)]).collect();
            json!({"items": items.iter().map(hex).collect::<Vec<_>>(), "root": merkle::root(&items).to_string()})
        })
        .collect();
    publish(
        "block.json",
        &json!({
            "about": "A block (03) of the first transactions of transaction.json and the receipts of receipt.json; roots of lists.",
            "header": {
                "format": header.format,
                "chain_id": header.chain_id.to_string(),
                "protocol_version": header.protocol_version,
                "height": header.height.to_string(),
                "epoch": header.epoch.to_string(),
                "view": header.view.to_string(),
                "parent_view": header.parent_view.to_string(),
                "leader": hex(header.leader.as_bytes()),
                "parent": header.parent.to_string(),
                "time_ms": header.time_ms.to_string(),
                "tx_root": header.tx_root.to_string(),
                "state_root": header.state_root.to_string(),
                "receipts_root": header.receipts_root.to_string(),
                "gas_used": header.gas_used.to_string(),
                "validators_hash": header.validators_hash.to_string(),
                "next_validators_hash": header.next_validators_hash.to_string(),
            },
            "header_bytes": hex(encode(&header)),
            "digest": header.digest().to_string(),
            "transactions": block.transactions.iter().map(|tx| hex(&**tx)).collect::<Vec<_>>(),
            "bytes": hex(encode(&block)),
            "lists": lists,
        }),
    );
}

/// Every action, as JSON and as it is.
fn actions() -> Vec<(Value, Action)> {
    let code_hash = Hash([5; 32]);
    let name = || text("points");
    let policy = ContractPolicy {
        deploy: Deployers::Governance,
        upgrade: Upgraders::Owner,
        audit_required: true,
        audit_independent: false,
        auditor: text("auditor"),
    };
    let change = |kind: &str| json!({"kind": kind, "name": "points", "version": 3});
    vec![
        (
            json!({"kind": "policy", "policy": {
                "deploy": "governance", "upgrade": "owner", "audit_required": true, "audit_independent": false,
                "auditor": "auditor",
            }}),
            Action::SetContractPolicy { policy },
        ),
        (
            json!({"kind": "deploy", "name": "points", "code_hash": code_hash.to_string()}),
            Action::DeployContract { name: name(), code_hash },
        ),
        (
            json!({
                "kind": "upgrade", "name": "points", "version": 3, "code_hash": code_hash.to_string(),
                "migrated": ["balances", "总量"],
            }),
            Action::UpgradeContract {
                name: name(),
                version: 3,
                code_hash,
                migrated: list(vec![text("balances"), text("总量")]),
            },
        ),
        (change("freeze"), Action::FreezeContract { name: name(), version: 3 }),
        (change("unfreeze"), Action::UnfreezeContract { name: name(), version: 3 }),
        (change("destroy"), Action::DestroyContract { name: name(), version: 3 }),
    ]
}

#[test]
fn lifecycle_vectors() {
    let genesis = genesis();
    let (account, id) = (genesis.accounts[0].id(), ContractId::derive("points"));
    let (code, interface, digest, report) = (Hash([5; 32]), Hash([6; 32]), Hash([7; 32]), Hash([8; 32]));
    let (account_hex, organisation) = (hex(account.0), "org1");
    let record = ContractRecord {
        name: text("points"),
        owner: account,
        organisation: text(organisation),
        status: ContractStatus::Frozen,
        version: 3,
        machine: CodeMachine::Evm,
        code_hash: code,
        code_bytes: 2048,
        interface_hash: interface,
        interface_bytes: 4096,
        instrumenter_version: 1,
        gas_schedule_version: 1,
        deployed_height: 9,
        changed_height: 12,
    };
    let version = VersionRecord {
        code_hash: code,
        code_bytes: 2048,
        interface_hash: interface,
        interface_bytes: 4096,
        height: 12,
        by: account,
        proposal: Some(2),
        audit: Some(AuditReference { auditor: account, report_hash: report }),
    };
    let staged = StagedCode {
        owner: account,
        organisation: text(organisation),
        code_bytes: 2048,
        interface_hash: interface,
        interface_bytes: 4096,
        form: StagedForm::Wasm { layout: list(vec![LayoutField { field: text("balances"), digest }]) },
        height: 11,
    };
    let staged_evm = StagedCode {
        form: StagedForm::Evm {
            arguments_hash: report,
            arguments_bytes: 96,
            events: list(vec![(digest, text("Transfer"))]),
        },
        ..staged.clone()
    };
    let audit = AuditRecord {
        auditor: account,
        organisation: text(organisation),
        report_hash: report,
        verdict: Verdict::Negative,
        tool: text("check 1"),
        valid_until_ms: 1_800_000_000_000,
        height: 11,
    };
    let ballot = Ballot { organisation: text(organisation), by: account, yes: true, height: 12 };
    let (shown, action) = actions().remove(2);
    let proposal = Proposal {
        action,
        title: text("理由 why"),
        proposer: account,
        organisation: text(organisation),
        height: 11,
        time_ms: 1_790_000_000_000,
        valid_until_ms: 1_790_000_600_000,
        staged: Some(digest),
        votes: list(vec![ballot]),
        status: ProposalStatus::Enacted { height: 12 },
    };
    let actions: Vec<Value> =
        actions().iter().map(|(shown, action)| json!({"action": shown, "bytes": hex(encode(action))})).collect();
    publish(
        "lifecycle.json",
        &json!({
            "about": "Contracts (13) and governance (14): records, actions, full state keys. u64 as decimal strings.",
            "actions": actions,
            "contract": {
                "name": "points", "owner": account_hex, "organisation": organisation, "status": 1, "version": 3, "machine": 1,
                "code_hash": code.to_string(), "code_bytes": 2048, "interface_hash": interface.to_string(),
                "interface_bytes": 4096, "instrumenter_version": 1, "gas_schedule_version": 1,
                "deployed_height": "9", "changed_height": "12", "bytes": hex(encode(&record)),
            },
            "version": {
                "code_hash": code.to_string(), "code_bytes": 2048, "interface_hash": interface.to_string(),
                "interface_bytes": 4096, "height": "12", "by": account_hex, "proposal": 2,
                "audit": {"auditor": account_hex, "report_hash": report.to_string()}, "bytes": hex(encode(&version)),
            },
            "staged": {
                "owner": account_hex, "organisation": organisation, "code_bytes": 2048,
                "interface_hash": interface.to_string(), "interface_bytes": 4096,
                "machine": 0, "layout": [{"field": "balances", "digest": digest.to_string()}], "height": "11",
                "bytes": hex(encode(&staged)),
            },
            "staged_evm": {
                "owner": account_hex, "organisation": organisation, "code_bytes": 2048,
                "interface_hash": interface.to_string(), "interface_bytes": 4096,
                "machine": 1, "arguments_hash": report.to_string(), "arguments_bytes": 96,
                "events": [{"topic": digest.to_string(), "name": "Transfer"}], "height": "11",
                "bytes": hex(encode(&staged_evm)),
            },
            "audit": {
                "auditor": account_hex, "organisation": organisation, "report_hash": report.to_string(), "verdict": 1,
                "tool": "check 1", "valid_until_ms": "1800000000000", "height": "11", "bytes": hex(encode(&audit)),
            },
            "proposal": {
                "action": shown, "title": "理由 why", "proposer": account_hex, "organisation": organisation,
                "height": "11", "time_ms": "1790000000000", "valid_until_ms": "1790000600000",
                "staged": digest.to_string(),
                "votes": [{"organisation": organisation, "by": account_hex, "yes": true, "height": "12"}],
                "status": 1, "decided_height": "12", "bytes": hex(encode(&proposal)),
            },
            "state_keys": {
                "contract": hex(contract::record_key(&id)), "version": hex(contract::version_key(&id, 3)),
                "layout": hex(contract::layout_key(&id)), "code": hex(contract::piece_key(&id, b'x', 3, 1)),
                "staged": hex(contract::staged_key(&code)), "staged_code": hex(contract::staged_piece_key(&code, b'y', 1)),
                "staged_count": hex(contract::staged_count_key(&account)), "audits": hex(contract::audits_key(&code)),
                "event_names": hex(contract::event_names_key(&id)),
                "policy": hex(governance::policy_key()), "threshold": hex(governance::threshold_key()),
                "proposal": hex(governance::proposal_key(2)),
            },
        }),
    );
}
