//! `system:contracts`: the registry. Deployment validates and prepares the code as every node does, then runs `init`.

use super::{At, SystemResult, arguments, refuse};
use crate::run::INIT;
use xl_crypto::sm3;
use xl_primitives::{
    Bounded, ContractId, Hash, Text,
    account::{ADMIN, Account, DEVELOPER, account_key},
    contract::{
        CODE_BYTES_MAX, ContractRecord, INTERFACE_BYTES_MAX, PIECE_BYTES, count_key, index_key, piece_key, record_key,
    },
    encode,
    id::is_name,
    receipt::EVENTS_MAX,
};
use xl_vm::{CallContext, GAS_SCHEDULE_VERSION, INSTRUMENTER_VERSION, deploy_gas, prepare};

/// Gas of keeping one byte of code or interface.
const KEEP_BYTE_GAS: u64 = 50;

pub fn call(at: &mut At<'_, '_>, method: &str, input: &[u8]) -> SystemResult {
    match method {
        "deploy" => deploy(at, input),
        _ => refuse!("XL-VM-UNKNOWN_ENTRY"),
    }
}

/// `deploy(name, code, interface) -> contract address`: by a developer or an administrator.
fn deploy(at: &mut At<'_, '_>, input: &[u8]) -> SystemResult {
    let (name, code, interface) = arguments!(input, (Text<32>, Bounded<CODE_BYTES_MAX>, Bounded<INTERFACE_BYTES_MAX>));
    let caller = at.caller();
    let Some(account) = at.read::<Account>(&account_key(&caller), "account")? else { refuse!("XL-ACCOUNT-UNKNOWN") };
    if !account.has_role(DEVELOPER) && !account.has_role(ADMIN) {
        refuse!("XL-RIGHT-DEVELOPER");
    }
    if !is_name(&name) {
        refuse!("XL-CONTRACT-NAME");
    }
    let id = ContractId::derive(&name);
    if at.run.overlay.get(&record_key(&id))?.is_some() {
        refuse!("XL-CONTRACT-EXISTS");
    }
    // Looking at the bytes is paid for before it is done, compiling once its size is known.
    if !at.charge(deploy_gas(code.len(), 0) + (code.len() + interface.len()) as u64 * KEEP_BYTE_GAS) {
        refuse!("XL-VM-OUT_OF_GAS");
    }
    let prepared = match prepare(&code) {
        Ok(prepared) => prepared,
        Err(rejected) => {
            let mut refusal = super::Refusal::new("XL-CONTRACT-REFUSED");
            refusal.detail = rejected.code().as_bytes().to_vec();
            return Ok(Err(refusal));
        }
    };
    if !at.charge(deploy_gas(code.len(), prepared.units) - deploy_gas(code.len(), 0)) {
        refuse!("XL-VM-OUT_OF_GAS");
    }
    let record = ContractRecord {
        name: name.clone(),
        owner: caller,
        organisation: account.organisation,
        code_hash: Hash(prepared.code_hash),
        code_bytes: code.len() as u32,
        interface_hash: Hash(sm3(&[&interface])),
        interface_bytes: interface.len() as u32,
        instrumenter_version: INSTRUMENTER_VERSION,
        gas_schedule_version: GAS_SCHEDULE_VERSION,
        deployed_height: at.context.height,
    };
    at.write(record_key(&id), &record);
    for (kind, bytes) in [(b'x', &code[..]), (b'i', &interface[..])] {
        for (piece, bytes) in bytes.chunks(PIECE_BYTES).enumerate() {
            at.run.overlay.put(piece_key(&id, kind, piece as u16), bytes.to_vec());
        }
    }
    let count: u32 = at.read(&count_key(), "contract count")?.unwrap_or(0);
    at.write(index_key(count), &id);
    at.write(count_key(), &(count + 1));

    let module = at.run.load(&prepared)?;
    if module.entries().any(|entry| entry == INIT) {
        let context = CallContext { contract: id.0, ..at.context };
        let (result, events) = at.run.wasm(&module, context, INIT, &[], at.gas_left, false)?;
        at.charge(result.gas_used);
        if let Err(refusal) = result.outcome {
            return Ok(Err(refusal));
        }
        // The registry reports one event more.
        if events.len() >= EVENTS_MAX {
            refuse!("XL-VM-LIMIT_EVENTS");
        }
        at.events.extend(events);
    }
    at.emit("ContractDeployed", &(id, name, caller, record.code_hash));
    Ok(Ok(encode(&id)))
}
