//! `system:contracts`: the registry. Deployment validates and prepares the code as every node does, then runs `init`.
//! Code that a vote or an upgrade brings in is staged before: no transaction could carry it twice.

use super::{
    At, Refusal, Step, audit, decoded, evm,
    governance::{frozen, policy},
    refused, require, upgrade,
};
use crate::run::INIT;
use xl_crypto::sm3;
use xl_primitives::{
    AccountId, Bounded, ContractId, Hash, Text,
    account::{ADMIN, Account, DEVELOPER},
    contract::{
        AuditReference, CODE_BYTES_MAX, CodeMachine, ContractRecord, ContractStatus, INTERFACE_BYTES_MAX, Layout,
        PIECE_BYTES, STAGED_MAX, StagedCode, StagedForm, VersionRecord, count_key, index_key, layout_key, piece_key,
        record_key, staged_count_key, staged_key, staged_piece_key, version_key,
    },
    encode,
    governance::{ContractPolicy, Deployers},
    id::{OrganisationId, is_name},
};
use xl_vm::{CallContext, GAS_SCHEDULE_VERSION, INSTRUMENTER_VERSION, Prepared, deploy_gas, prepare};

/// Gas of keeping one byte of code, interface or layout.
pub const KEEP_BYTE_GAS: u64 = 50;
/// Gas of a change of a contract's status or of what is staged, and of an audit.
pub const CHANGE_GAS: u64 = 200_000;

pub fn call(at: &mut At<'_, '_>, method: &str, input: &[u8]) -> Step<Vec<u8>> {
    match method {
        "deploy" => deploy(at, input),
        "deploy_evm" => evm::deploy(at, input),
        "stage" => stage(at, input),
        "stage_evm" => evm::stage(at, input),
        "unstage" => unstage(at, input),
        "upgrade" => upgrade::by_owner(at, input),
        "freeze" => freeze(at, input),
        "audit" => audit::record(at, input),
        _ => refused("XL-VM-UNKNOWN_ENTRY"),
    }
}

/// Code that a node would run, with what belongs to it; examined and paid for.
pub struct NewCode {
    code: Vec<u8>,
    interface: Vec<u8>,
    pub layout: Layout,
    pub prepared: Prepared,
}

impl NewCode {
    pub const fn hash(&self) -> Hash {
        Hash(self.prepared.code_hash)
    }
}

/// Where new code comes from, for its record.
pub struct Origin {
    pub proposal: Option<u32>,
    pub audit: Option<AuditReference>,
}

fn may_write_contracts(account: &Account) -> bool {
    account.has_role(DEVELOPER) || account.has_role(ADMIN)
}

/// `deploy(name, code, interface, layout) -> contract address`: by whom the policy names.
fn deploy(at: &mut At<'_, '_>, input: &[u8]) -> Step<Vec<u8>> {
    type Arguments = (Text<32>, Bounded<CODE_BYTES_MAX>, Bounded<INTERFACE_BYTES_MAX>, Layout);
    let (name, code, interface, layout) = decoded::<Arguments>(input)?;
    let (account, policy) = deployer(at)?;
    free_name(at, &name)?;
    let code = examine(at, code.into_vec(), interface.into_vec(), layout)?;
    let audit = audit::satisfied(at, &policy, &code.hash(), &account.organisation)?;
    let owner = at.caller();
    let id = create(at, name, owner, account.organisation, code, Origin { proposal: None, audit })?;
    Ok(encode(&id))
}

/// The caller's account, which may deploy under the chain's policy.
pub fn deployer(at: &At<'_, '_>) -> Step<(Account, ContractPolicy)> {
    let account = at.account()?;
    let policy = policy(at)?;
    match policy.deploy {
        Deployers::Developers => require(may_write_contracts(&account), "XL-RIGHT-DEVELOPER")?,
        Deployers::Administrators => require(account.has_role(ADMIN), "XL-RIGHT-ADMIN")?,
        Deployers::Governance => return refused("XL-RIGHT-GOVERNANCE"),
    }
    Ok((account, policy))
}

/// The address of `name`, which must be a name that nothing ever had.
pub fn free_name(at: &At<'_, '_>, name: &str) -> Step<ContractId> {
    require(is_name(name), "XL-CONTRACT-NAME")?;
    let id = ContractId::derive(name);
    require(at.run.overlay.get(&record_key(&id))?.is_none(), "XL-CONTRACT-EXISTS")?;
    Ok(id)
}

/// The address and record of a contract that is not destroyed.
pub fn existing(at: &At<'_, '_>, name: &str) -> Step<(ContractId, ContractRecord)> {
    let id = ContractId::derive(name);
    let Some(record) = at.read::<ContractRecord>(&record_key(&id), "contract")? else {
        return refused("XL-CONTRACT-UNKNOWN");
    };
    require(record.status != ContractStatus::Destroyed, "XL-CONTRACT-DESTROYED")?;
    Ok((id, record))
}

/// Validates and prepares code as every node does.
pub fn examine(at: &mut At<'_, '_>, code: Vec<u8>, interface: Vec<u8>, layout: Layout) -> Step<NewCode> {
    // Looking at the bytes is paid for before it is done, compiling once its size is known.
    let kept = code.len() + interface.len() + encode(&layout).len();
    at.pay(deploy_gas(code.len(), 0) + kept as u64 * KEEP_BYTE_GAS)?;
    let repeated = |(i, field): (usize, &xl_primitives::contract::LayoutField)| {
        layout[..i].iter().any(|before| before.field == field.field)
    };
    require(!layout.iter().enumerate().any(repeated), "XL-CONTRACT-LAYOUT")?;
    let prepared =
        prepare(&code).map_err(|rejected| Refusal::about("XL-CONTRACT-REFUSED", rejected.code().as_bytes()))?;
    at.pay(deploy_gas(code.len(), prepared.units) - deploy_gas(code.len(), 0))?;
    Ok(NewCode { code, interface, layout, prepared })
}

/// Registers a contract and runs its `init` in its owner's name.
pub fn create(
    at: &mut At<'_, '_>,
    name: Text<32>,
    owner: AccountId,
    organisation: OrganisationId,
    code: NewCode,
    origin: Origin,
) -> Step<ContractId> {
    let id = ContractId::derive(&name);
    let height = at.context.height;
    let record = ContractRecord {
        name: name.clone(),
        owner,
        organisation,
        status: ContractStatus::Active,
        version: 1,
        machine: CodeMachine::Wasm,
        code_hash: code.hash(),
        code_bytes: code.code.len() as u32,
        interface_hash: Hash(sm3(&[&code.interface])),
        interface_bytes: code.interface.len() as u32,
        instrumenter_version: INSTRUMENTER_VERSION,
        gas_schedule_version: GAS_SCHEDULE_VERSION,
        deployed_height: height,
        changed_height: height,
    };
    keep(at, &id, &record, &code, origin);
    list(at, &id)?;
    run(at, &id, owner, &code.prepared, INIT)?;
    at.emit("ContractDeployed", &(id, name, owner, record.code_hash));
    Ok(id)
}

/// Counts a new contract.
pub fn list(at: &mut At<'_, '_>, id: &ContractId) -> Step<()> {
    let count: u32 = at.read(&count_key(), "contract count")?.unwrap_or(0);
    at.write(index_key(count), id);
    at.write(count_key(), &(count + 1));
    Ok(())
}

/// Writes a contract's record with its code and the record of the version that it begins.
pub fn keep(at: &mut At<'_, '_>, id: &ContractId, record: &ContractRecord, code: &NewCode, origin: Origin) {
    at.write(layout_key(id), &code.layout);
    keep_code(at, id, record, &code.code, &code.interface, origin);
}

/// The same for code of any machine.
pub fn keep_code(
    at: &mut At<'_, '_>,
    id: &ContractId,
    record: &ContractRecord,
    code: &[u8],
    interface: &[u8],
    origin: Origin,
) {
    let by = at.caller();
    let version = VersionRecord {
        code_hash: record.code_hash,
        code_bytes: record.code_bytes,
        interface_hash: record.interface_hash,
        interface_bytes: record.interface_bytes,
        height: record.changed_height,
        by,
        proposal: origin.proposal,
        audit: origin.audit,
    };
    at.write(version_key(id, record.version), &version);
    for (kind, bytes) in [(b'x', code), (b'i', interface)] {
        for (piece, bytes) in bytes.chunks(PIECE_BYTES).enumerate() {
            at.run.overlay.put(piece_key(id, kind, record.version, piece as u16), bytes.to_vec());
        }
    }
    write_record(at, id, record);
}

/// Writes a contract's record; the next call of it follows it.
pub fn write_record(at: &mut At<'_, '_>, id: &ContractId, record: &ContractRecord) {
    at.write(record_key(id), record);
}

/// Drops the code of the version that `record` says, whose interface stays to be read.
pub fn drop_code(at: &mut At<'_, '_>, id: &ContractId, record: &ContractRecord) {
    for piece in 0..(record.code_bytes as usize).div_ceil(PIECE_BYTES) {
        at.run.overlay.delete(piece_key(id, b'x', record.version, piece as u16));
    }
}

/// Runs `init` or `migrate`, where the code exports it, in the name of the contract's owner.
pub fn run(at: &mut At<'_, '_>, id: &ContractId, owner: AccountId, prepared: &Prepared, entry: &str) -> Step<()> {
    if !prepared.exports.iter().any(|export| export == entry) {
        return Ok(());
    }
    let module = at.run.load(prepared)?;
    let context = CallContext { caller: owner.0, contract: id.0, ..at.context };
    let (result, events) = at.run.wasm(&module, context, entry, &[], at.gas_left, false)?;
    at.charge(result.gas_used);
    result.outcome?;
    at.events.extend(events);
    Ok(())
}

/// `stage(code, interface, layout) -> code hash`: keeps code for an upgrade or a vote.
pub fn stage(at: &mut At<'_, '_>, input: &[u8]) -> Step<Vec<u8>> {
    type Arguments = (Bounded<CODE_BYTES_MAX>, Bounded<INTERFACE_BYTES_MAX>, Layout);
    let (code, interface, layout) = decoded::<Arguments>(input)?;
    let (account, count) = stager(at)?;
    let NewCode { code, interface, layout, prepared } = examine(at, code.into_vec(), interface.into_vec(), layout)?;
    let form = StagedForm::Wasm { layout };
    keep_staged(at, account, count, Hash(prepared.code_hash), [&code, &[]], &interface, form)
}

/// The caller's account, which may stage code, and how many it keeps staged.
pub fn stager(at: &At<'_, '_>) -> Step<(Account, u32)> {
    let account = at.account()?;
    require(may_write_contracts(&account), "XL-RIGHT-DEVELOPER")?;
    let count: u32 = at.read(&staged_count_key(&at.caller()), "staged count")?.unwrap_or(0);
    require(count < STAGED_MAX, "XL-CODE-TOO-MANY")?;
    Ok((account, count))
}

/// Keeps code, with what stands behind it, as the caller's; `count` are staged by it already.
pub fn keep_staged(
    at: &mut At<'_, '_>,
    account: Account,
    count: u32,
    hash: Hash,
    [code, behind]: [&[u8]; 2],
    interface: &[u8],
    form: StagedForm,
) -> Step<Vec<u8>> {
    require(at.run.overlay.get(&staged_key(&hash))?.is_none(), "XL-CODE-STAGED")?;
    let owner = at.caller();
    let record = StagedCode {
        owner,
        organisation: account.organisation,
        code_bytes: code.len() as u32,
        interface_hash: Hash(sm3(&[interface])),
        interface_bytes: interface.len() as u32,
        form,
        height: at.context.height,
    };
    for (kind, bytes) in [(b'y', &*[code, behind].concat()), (b'j', interface)] {
        for (piece, bytes) in bytes.chunks(PIECE_BYTES).enumerate() {
            at.run.overlay.put(staged_piece_key(&hash, kind, piece as u16), bytes.to_vec());
        }
    }
    at.write(staged_key(&hash), &record);
    at.write(staged_count_key(&owner), &(count + 1));
    at.emit("CodeStaged", &(hash, owner, record.interface_hash));
    Ok(encode(&hash))
}

/// `unstage(code_hash)`: by who staged it.
fn unstage(at: &mut At<'_, '_>, input: &[u8]) -> Step<Vec<u8>> {
    let (hash,) = decoded::<(Hash,)>(input)?;
    at.pay(CHANGE_GAS)?;
    let staged = staged(at, &hash)?;
    require(staged.owner == at.caller(), "XL-RIGHT-OWNER")?;
    drop_staged(at, &hash, &staged)?;
    at.emit("CodeUnstaged", &(hash, staged.owner));
    Ok(Vec::new())
}

/// The record of staged code.
pub fn staged(at: &At<'_, '_>, hash: &Hash) -> Step<StagedCode> {
    match at.read(&staged_key(hash), "staged code")? {
        Some(staged) => Ok(staged),
        None => refused("XL-CODE-UNKNOWN"),
    }
}

/// Staged code of WebAssembly, examined again: it is compiled again where it runs.
pub fn take_staged(at: &mut At<'_, '_>, hash: &Hash, staged: &StagedCode, layout: Layout) -> Step<NewCode> {
    let (code, interface) = take_staged_bytes(at, hash, staged)?;
    examine(at, code, interface, layout)
}

/// Ends a staging; the code, with what stands behind it, and its interface.
pub fn take_staged_bytes(at: &mut At<'_, '_>, hash: &Hash, staged: &StagedCode) -> Step<(Vec<u8>, Vec<u8>)> {
    let read = |at: &At<'_, '_>, kind, length| {
        crate::run::read_pieces(length, |piece| at.run.overlay.get(&staged_piece_key(hash, kind, piece)))
    };
    let bytes = (read(at, b'y', staged.kept_bytes())?, read(at, b'j', staged.interface_bytes)?);
    drop_staged(at, hash, staged)?;
    Ok(bytes)
}

fn drop_staged(at: &mut At<'_, '_>, hash: &Hash, staged: &StagedCode) -> Step<()> {
    for (kind, length) in [(b'y', staged.kept_bytes()), (b'j', staged.interface_bytes)] {
        for piece in 0..(length as usize).div_ceil(PIECE_BYTES) {
            at.run.overlay.delete(staged_piece_key(hash, kind, piece as u16));
        }
    }
    at.run.overlay.delete(staged_key(hash));
    let key = staged_count_key(&staged.owner);
    match at.read::<u32>(&key, "staged count")?.unwrap_or(0) {
        0 | 1 => at.run.overlay.delete(key),
        count => at.write(key, &(count - 1)),
    }
    Ok(())
}

/// `freeze(name)`: at once, by the owner or an administrator of its organisation. Only a vote takes it back.
fn freeze(at: &mut At<'_, '_>, input: &[u8]) -> Step<Vec<u8>> {
    let (name,) = decoded::<(Text<32>,)>(input)?;
    at.pay(CHANGE_GAS)?;
    let (id, record) = existing(at, &name)?;
    let account = at.account()?;
    let administers = account.organisation == record.organisation && account.has_role(ADMIN) && !account.suspended;
    require(at.caller() == record.owner || administers, "XL-RIGHT-OWNER")?;
    frozen(at, &id, record)?;
    Ok(Vec::new())
}
