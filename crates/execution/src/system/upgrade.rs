//! The next version of a contract: state that it would misread is not handed to it, and what `migrate` refuses did not
//! happen.

use super::{
    At, Refusal, Step, Stop, audit,
    contracts::{self, CHANGE_GAS, NewCode, Origin, drop_code, existing, keep, run, staged, take_staged},
    decoded,
    governance::policy,
    refused, require,
};
use crate::{error::Fault, run::MIGRATE};
use xl_crypto::sm3;
use xl_primitives::{
    ContractId, Hash, Text,
    contract::{CodeMachine, ContractRecord, FieldName, Layout, Migrated, StagedCode, StagedForm, layout_key},
    encode,
    governance::Upgraders,
};
use xl_vm::{GAS_SCHEDULE_VERSION, INSTRUMENTER_VERSION};

/// `upgrade(name, version, code_hash, migrated) -> new version`: by the owner, where the policy lets it.
pub fn by_owner(at: &mut At<'_, '_>, input: &[u8]) -> Step<Vec<u8>> {
    let (name, version, code_hash, migrated) = decoded::<(Text<32>, u32, Hash, Migrated)>(input)?;
    at.pay(CHANGE_GAS)?;
    let (_, record) = existing(at, &name)?;
    require(policy(at)?.upgrade == Upgraders::Owner, "XL-RIGHT-GOVERNANCE")?;
    require(record.owner == at.caller(), "XL-RIGHT-OWNER")?;
    let version = staged_upgrade(at, &name, version, &code_hash, &migrated, None)?;
    Ok(encode(&version))
}

/// Brings staged code in as the version after `version`; the number of the new one.
pub fn staged_upgrade(
    at: &mut At<'_, '_>,
    name: &str,
    version: u32,
    code_hash: &Hash,
    migrated: &[FieldName],
    proposal: Option<u32>,
) -> Step<u32> {
    let (id, record) = existing(at, name)?;
    require(record.version == version, "XL-UPGRADE-VERSION")?;
    let staged = staged(at, code_hash)?;
    let policy = policy(at)?;
    let audit = audit::satisfied(at, &policy, code_hash, &record.organisation)?;
    apply(at, &id, record, code_hash, &staged, migrated, Origin { proposal, audit })
}

fn apply(
    at: &mut At<'_, '_>,
    id: &ContractId,
    old: ContractRecord,
    code_hash: &Hash,
    staged: &StagedCode,
    migrated: &[FieldName],
    origin: Origin,
) -> Step<u32> {
    require(old.machine == CodeMachine::Wasm, "XL-UPGRADE-MACHINE")?;
    let StagedForm::Wasm { layout } = &staged.form else { return refused("XL-UPGRADE-MACHINE") };
    let code = take_staged(at, code_hash, staged, layout.clone())?;
    let layout: Layout = at.read(&layout_key(id), "layout")?.unwrap_or_default();
    compatible(&layout, &code, migrated)?;
    drop_code(at, id, &old);
    let record = ContractRecord {
        version: old.version + 1,
        code_hash: *code_hash,
        code_bytes: staged.code_bytes,
        interface_hash: staged.interface_hash,
        interface_bytes: staged.interface_bytes,
        instrumenter_version: INSTRUMENTER_VERSION,
        gas_schedule_version: GAS_SCHEDULE_VERSION,
        changed_height: at.context.height,
        ..old
    };
    keep(at, id, &record, &code, origin);
    run(at, id, record.owner, &code.prepared, MIGRATE)?;
    at.emit("ContractUpgraded", &(*id, record.name, record.version, record.code_hash));
    Ok(record.version)
}

/// Every field of the old layout is kept in the same form, or `migrate` of the new code answers for it.
fn compatible(old: &Layout, new: &NewCode, migrated: &[FieldName]) -> Step<()> {
    let migrates = new.prepared.exports.iter().any(|export| export == MIGRATE);
    let answered = |field: &FieldName| migrates && migrated.contains(field);
    match old.iter().find(|kept| !new.layout.contains(kept) && !answered(&kept.field)) {
        Some(kept) => Err(Refusal::about("XL-UPGRADE-LAYOUT", kept.field.as_bytes()).into()),
        None => Ok(()),
    }
}

/// What an upgrade would do on the state as it is.
pub struct Rehearsal {
    /// The new version, or the refusal.
    pub outcome: Result<u32, Refusal>,
    /// The refusal that the policy on audits would give before, if any.
    pub audit: Option<Refusal>,
    /// Keys of the contract that it would write or delete.
    pub writes: usize,
}

/// Upgrades `name` to staged code whoever asks, and says what came of it. The caller drops what was written.
pub fn rehearse(at: &mut At<'_, '_>, name: &str, code_hash: &Hash, migrated: &[FieldName]) -> Result<Rehearsal, Fault> {
    let mut audit = None;
    let mut attempt = |at: &mut At<'_, '_>| -> Step<u32> {
        let (id, record) = existing(at, name)?;
        let staged = staged(at, code_hash)?;
        let policy = policy(at)?;
        match audit::satisfied(at, &policy, code_hash, &record.organisation) {
            Err(Stop::Refused(refusal)) => audit = Some(refusal),
            Err(stop) => return Err(stop),
            Ok(_) => {}
        }
        apply(at, &id, record, code_hash, &staged, migrated, Origin { proposal: None, audit: None })
    };
    let outcome = match attempt(at) {
        Ok(version) => Ok(version),
        Err(Stop::Refused(refusal)) => Err(refusal),
        Err(Stop::Fault(fault)) => return Err(fault),
    };
    let writes = at.run.overlay.written(&ContractId::derive(name).0);
    Ok(Rehearsal { outcome, audit, writes })
}

/// Stages code as the caller would; its hash.
pub fn stage(at: &mut At<'_, '_>, input: &[u8]) -> Result<Result<Hash, Refusal>, Fault> {
    match contracts::stage(at, input) {
        Ok(hash) => Ok(Ok(Hash(hash.try_into().unwrap_or_default()))),
        Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
        Err(Stop::Fault(fault)) => Err(fault),
    }
}

/// Digest of the record of staged code: what a proposal is about.
pub fn digest(staged: &StagedCode) -> Hash {
    Hash(sm3(&[&encode(staged)]))
}
