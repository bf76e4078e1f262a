//! Deployment of Solidity contracts: the registry runs the constructor and keeps the code that it returns.

use super::{
    At, Step, audit,
    contracts::{self, KEEP_BYTE_GAS, Origin},
    decoded,
};
use xl_crypto::sm3;
use xl_evm::{EVM_RULES_VERSION, rules::CREATION_BYTES_MAX};
use xl_primitives::{
    Bounded, Hash, List, Text,
    contract::{
        CodeMachine, ContractRecord, ContractStatus, EVENT_NAMES_MAX, EventNames, INTERFACE_BYTES_MAX, event_names_key,
    },
    encode,
};
use xl_vm::CallContext;

/// Gas of a deployment before its size is counted.
const DEPLOY_GAS: u64 = 1_000_000;

/// Signatures of a contract's events.
type Signatures = List<Text<256>, EVENT_NAMES_MAX>;

/// `deploy_evm(name, code, arguments, interface, events) -> contract address`: by whom the policy names. `code` is the
/// creation code, which an audit is of; `arguments` its encoded arguments, `events` the signatures that its logs are
/// named by.
pub fn deploy(at: &mut At<'_, '_>, input: &[u8]) -> Step<Vec<u8>> {
    type Code = Bounded<CREATION_BYTES_MAX>;
    type Arguments = (Text<32>, Code, Code, Bounded<INTERFACE_BYTES_MAX>, Signatures);
    let (name, code, constructor, interface, signatures) = decoded::<Arguments>(input)?;
    let (account, policy) = contracts::deployer(at)?;
    let id = contracts::free_name(at, &name)?;
    let names = event_names(&signatures);
    let kept = code.len() + interface.len() + encode(&names).len();
    at.pay(DEPLOY_GAS + kept as u64 * KEEP_BYTE_GAS)?;
    let audit = audit::satisfied(at, &policy, &Hash(sm3(&[&code])), &account.organisation)?;

    let context = CallContext { contract: id.0, ..at.context };
    let creation = [&code[..], &constructor].concat();
    let (result, events) = at.run.evm_deploy(context, creation, &names, at.gas_left)?;
    at.charge(result.gas_used);
    let runtime = result.outcome?;
    let (height, owner) = (at.context.height, at.caller());
    let record = ContractRecord {
        name: name.clone(),
        owner,
        organisation: account.organisation,
        status: ContractStatus::Active,
        version: 1,
        machine: CodeMachine::Evm,
        code_hash: Hash(sm3(&[&runtime])),
        code_bytes: runtime.len() as u32,
        interface_hash: Hash(sm3(&[&interface])),
        interface_bytes: interface.len() as u32,
        instrumenter_version: EVM_RULES_VERSION,
        gas_schedule_version: EVM_RULES_VERSION,
        deployed_height: height,
        changed_height: height,
    };
    at.write(event_names_key(&id), &names);
    contracts::keep_code(at, &id, &record, &runtime, &interface, Origin { proposal: None, audit });
    contracts::list(at, &id)?;
    at.events.extend(events);
    at.emit("ContractDeployed", &(id, name, owner, record.code_hash));
    Ok(encode(&id))
}

/// First topics and names: the signature up to its parameters, the whole of it where another event has that name.
fn event_names(signatures: &Signatures) -> EventNames {
    let mut names: Vec<(Hash, Text<64>)> = Vec::new();
    for signature in signatures.iter() {
        let topic = Hash(xl_evm::keccak(signature.as_bytes()));
        let short = signature.split('(').next().and_then(Text::new);
        let taken = short.as_ref().is_some_and(|short: &Text<64>| names.iter().any(|(_, name)| name == short));
        if let Some(name) = if taken { Text::new(&**signature) } else { short } {
            names.push((topic, name));
        }
    }
    List::new(names).unwrap_or_default()
}
