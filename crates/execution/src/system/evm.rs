//! Deployment of Solidity contracts, at once or by vote: the registry runs the constructor and keeps the code that it
//! returns.

use super::{
    At, Step, audit,
    contracts::{self, CHANGE_GAS, KEEP_BYTE_GAS, Origin},
    decoded, require,
};
use xl_crypto::sm3;
use xl_evm::{EVM_RULES_VERSION, rules::CREATION_BYTES_MAX};
use xl_primitives::{
    AccountId, Bounded, ContractId, Hash, List, Text,
    contract::{
        CodeMachine, ContractRecord, ContractStatus, EVENT_NAMES_MAX, EventNames, INTERFACE_BYTES_MAX, StagedForm,
        event_names_key,
    },
    encode,
    id::OrganisationId,
};
use xl_vm::CallContext;

/// Gas of a deployment before its size is counted.
const DEPLOY_GAS: u64 = 1_000_000;

/// Signatures of a contract's events.
type Signatures = List<Text<256>, EVENT_NAMES_MAX>;
type Code = Bounded<CREATION_BYTES_MAX>;

/// What a contract is made of.
pub struct Construction {
    /// Creation code with its encoded arguments behind it.
    pub creation: Vec<u8>,
    /// Length of the code alone.
    pub code_bytes: usize,
    pub interface: Vec<u8>,
    pub events: EventNames,
}

/// `deploy_evm(name, code, arguments, interface, events) -> contract address`: by whom the policy names. `code` is the
/// creation code, which an audit is of; `arguments` its encoded arguments, `events` the signatures that its logs are
/// named by.
pub fn deploy(at: &mut At<'_, '_>, input: &[u8]) -> Step<Vec<u8>> {
    type Arguments = (Text<32>, Code, Code, Bounded<INTERFACE_BYTES_MAX>, Signatures);
    let (name, code, arguments, interface, signatures) = decoded::<Arguments>(input)?;
    let (account, policy) = contracts::deployer(at)?;
    contracts::free_name(at, &name)?;
    let audit = audit::satisfied(at, &policy, &Hash(sm3(&[&code])), &account.organisation)?;
    let construction = Construction {
        creation: [&code[..], &arguments].concat(),
        code_bytes: code.len(),
        interface: interface.into_vec(),
        events: event_names(&signatures),
    };
    let owner = at.caller();
    let id = create(at, name, owner, account.organisation, construction, Origin { proposal: None, audit })?;
    Ok(encode(&id))
}

/// `stage_evm(code, arguments, interface, events) -> SM3 of the code`: keeps for a vote what `deploy_evm` would deploy.
pub fn stage(at: &mut At<'_, '_>, input: &[u8]) -> Step<Vec<u8>> {
    type Arguments = (Code, Code, Bounded<INTERFACE_BYTES_MAX>, Signatures);
    let (code, arguments, interface, signatures) = decoded::<Arguments>(input)?;
    let (account, count) = contracts::stager(at)?;
    let events = event_names(&signatures);
    let kept = code.len() + arguments.len() + interface.len() + encode(&events).len();
    at.pay(CHANGE_GAS + kept as u64 * KEEP_BYTE_GAS)?;
    // What no vote could deploy is not kept.
    require(!code.is_empty(), "XL-EVM-NO_CODE")?;
    require(code.len() + arguments.len() <= CREATION_BYTES_MAX, "XL-EVM-CODE_SIZE")?;
    let form =
        StagedForm::Evm { arguments_hash: Hash(sm3(&[&arguments])), arguments_bytes: arguments.len() as u32, events };
    contracts::keep_staged(at, account, count, Hash(sm3(&[&code])), [&code, &arguments], &interface, form)
}

/// Runs the constructor in the owner's name and registers the contract with the code that it returns.
pub fn create(
    at: &mut At<'_, '_>,
    name: Text<32>,
    owner: AccountId,
    organisation: OrganisationId,
    construction: Construction,
    origin: Origin,
) -> Step<ContractId> {
    let Construction { creation, code_bytes, interface, events: names } = construction;
    let id = ContractId::derive(&name);
    let kept = code_bytes + interface.len() + encode(&names).len();
    at.pay(DEPLOY_GAS + kept as u64 * KEEP_BYTE_GAS)?;
    let context = CallContext { caller: owner.0, contract: id.0, ..at.context };
    let (result, events) = at.run.evm_deploy(context, creation, &names, at.gas_left)?;
    at.charge(result.gas_used);
    let runtime = result.outcome?;
    let height = at.context.height;
    let record = ContractRecord {
        name: name.clone(),
        owner,
        organisation,
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
    contracts::keep_code(at, &id, &record, &runtime, &interface, origin);
    contracts::list(at, &id)?;
    at.events.extend(events);
    at.emit("ContractDeployed", &(id, name, owner, record.code_hash));
    Ok(id)
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
