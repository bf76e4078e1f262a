//! `system:governance`: organisations vote on the rules for contracts and on what becomes of a contract. One vote an
//! organisation, cast by an administrator; the deciding vote carries the proposal out in its own transaction.

use super::{
    At, Step,
    contracts::{self, Origin, drop_code, existing, free_name, staged, take_staged, take_staged_bytes, write_record},
    decoded, evm, refused, require, upgrade,
};
use xl_primitives::{
    ContractId, List, Text,
    account::{ADMIN, DEVELOPER, organisations_key},
    contract::{CodeMachine, ContractRecord, ContractStatus, StagedForm},
    encode,
    genesis::Threshold,
    governance::{
        Action, Ballot, ContractPolicy, PROPOSAL_LIFE_MS_MAX, Proposal, ProposalStatus, count_key, policy_key,
        proposal_key, threshold_key,
    },
    id::OrganisationId,
};

/// Gas of proposing.
const PROPOSE_GAS: u64 = 500_000;
/// Gas of voting, without what the deciding vote carries out.
const VOTE_GAS: u64 = 300_000;

pub fn call(at: &mut At<'_, '_>, method: &str, input: &[u8]) -> Step<Vec<u8>> {
    match method {
        "propose" => propose(at, input),
        "vote" => vote(at, input),
        _ => refused("XL-VM-UNKNOWN_ENTRY"),
    }
}

/// The rules for contracts as they are now.
pub fn policy(at: &At<'_, '_>) -> Step<ContractPolicy> {
    Ok(at.read(&policy_key(), "contract policy")?.unwrap_or_default())
}

/// `propose(action, title, valid_until_ms) -> id`: by an administrator or a developer.
fn propose(at: &mut At<'_, '_>, input: &[u8]) -> Step<Vec<u8>> {
    let (action, title, valid_until_ms) = decoded::<(Action, Text<256>, u64)>(input)?;
    at.pay(PROPOSE_GAS)?;
    let account = at.account()?;
    require(account.has_role(ADMIN) || account.has_role(DEVELOPER), "XL-RIGHT-DEVELOPER")?;
    let time_ms = at.context.time_ms;
    let in_time = valid_until_ms > time_ms && valid_until_ms - time_ms <= PROPOSAL_LIFE_MS_MAX;
    require(in_time, "XL-PROPOSAL-TIME")?;
    let staged = applicable(at, &action)?;
    let id = at.read::<u32>(&count_key(), "proposal count")?.unwrap_or(0) + 1;
    let (kind, subject) = (action.kind().to_owned(), subject(&action));
    let proposal = Proposal {
        action,
        title: title.clone(),
        proposer: at.caller(),
        organisation: account.organisation,
        height: at.context.height,
        time_ms,
        valid_until_ms,
        staged,
        votes: List::default(),
        status: ProposalStatus::Open,
    };
    at.write(proposal_key(id), &proposal);
    at.write(count_key(), &id);
    at.emit("ProposalMade", &(id, at.caller(), kind, subject, title, valid_until_ms));
    Ok(encode(&id))
}

fn subject(action: &Action) -> String {
    action.contract().map(ToString::to_string).unwrap_or_default()
}

/// Checks that an action could be carried out now, as far as one can tell without doing it; the digest of its code.
fn applicable(at: &At<'_, '_>, action: &Action) -> Step<Option<xl_primitives::Hash>> {
    let upgrades = matches!(action, Action::UpgradeContract { .. });
    match action {
        Action::SetContractPolicy { policy } => require(policy.is_valid(), "XL-ROLE-INVALID")?,
        Action::DeployContract { name, .. } => drop(free_name(at, name)?),
        Action::UpgradeContract { name, version, .. }
        | Action::FreezeContract { name, version }
        | Action::UnfreezeContract { name, version }
        | Action::DestroyContract { name, version } => {
            let (_, record) = existing(at, name)?;
            require(record.version == *version, "XL-PROPOSAL-STALE")?;
            require(!upgrades || record.machine == CodeMachine::Wasm, "XL-UPGRADE-MACHINE")?;
        }
    }
    let Some(hash) = action.code_hash() else { return Ok(None) };
    let staged = staged(at, hash)?;
    require(!upgrades || staged.machine() == CodeMachine::Wasm, "XL-UPGRADE-MACHINE")?;
    Ok(Some(upgrade::digest(&staged)))
}

/// `vote(id, yes) -> proposal's status`: by an administrator, for its organisation, once.
fn vote(at: &mut At<'_, '_>, input: &[u8]) -> Step<Vec<u8>> {
    let (id, yes) = decoded::<(u32, bool)>(input)?;
    at.pay(VOTE_GAS)?;
    let account = at.administrator()?;
    let Some(mut proposal) = at.read::<Proposal>(&proposal_key(id), "proposal")? else {
        return refused("XL-PROPOSAL-UNKNOWN");
    };
    require(proposal.status == ProposalStatus::Open, "XL-PROPOSAL-CLOSED")?;
    require(proposal.valid_until_ms >= at.context.time_ms, "XL-PROPOSAL-EXPIRED")?;
    let organisation = account.organisation;
    require(proposal.votes.iter().all(|ballot| ballot.organisation != organisation), "XL-PROPOSAL-VOTED")?;
    let height = at.context.height;
    let mut votes = proposal.votes.into_vec();
    votes.push(Ballot { organisation: organisation.clone(), by: at.caller(), yes, height });
    let (needed, all) = quorum(at)?;
    let ayes = votes.iter().filter(|ballot| ballot.yes).count();
    let noes = votes.len() - ayes;
    let Some(votes) = List::new(votes) else { return refused("XL-PROPOSAL-VOTED") };
    proposal.votes = votes;
    proposal.status = match (ayes >= needed, all.saturating_sub(noes) < needed) {
        (true, _) => ProposalStatus::Enacted { height },
        (false, true) => ProposalStatus::Rejected { height },
        (false, false) => ProposalStatus::Open,
    };
    at.emit("ProposalVoted", &(id, organisation, yes));
    at.write(proposal_key(id), &proposal);
    match proposal.status {
        ProposalStatus::Open => {}
        ProposalStatus::Rejected { .. } => at.emit("ProposalRejected", &(id,)),
        ProposalStatus::Enacted { .. } => {
            at.emit("ProposalEnacted", &(id,));
            // Refused: the vote does not stand either, so that the proposal stays open for what can still be put right.
            enact(at, id, &proposal)?;
        }
    }
    Ok(encode(&proposal.status.name().to_owned()))
}

/// How many organisations a proposal needs, and how many there are.
fn quorum(at: &At<'_, '_>) -> Step<(usize, usize)> {
    let organisations: Vec<OrganisationId> = at.read(&organisations_key(), "organisations")?.unwrap_or_default();
    let threshold: Threshold =
        at.read(&threshold_key(), "threshold")?.unwrap_or(Threshold { numerator: 1, denominator: 1 });
    Ok((threshold.of(organisations.len()), organisations.len()))
}

fn enact(at: &mut At<'_, '_>, id: u32, proposal: &Proposal) -> Step<()> {
    // What organisations agreed to must be what is there: the same version, the same code with the same interface.
    let staged_now = applicable(at, &proposal.action)?;
    require(staged_now == proposal.staged, "XL-PROPOSAL-STALE")?;
    if let Action::SetContractPolicy { policy } = &proposal.action {
        at.write(policy_key(), policy);
        at.emit("ContractPolicySet", policy);
        return Ok(());
    }
    // The registry reports in its own name what it does for governance.
    let here = std::mem::replace(&mut at.context.contract, xl_primitives::contract::address().0);
    let done = carry_out(at, id, &proposal.action);
    at.context.contract = here;
    done
}

fn carry_out(at: &mut At<'_, '_>, id: u32, action: &Action) -> Step<()> {
    match action {
        Action::SetContractPolicy { .. } => {}
        Action::DeployContract { name, code_hash } => {
            let staged = staged(at, code_hash)?;
            let policy = policy(at)?;
            let audit = super::audit::satisfied(at, &policy, code_hash, &staged.organisation)?;
            let origin = Origin { proposal: Some(id), audit };
            match &staged.form {
                StagedForm::Wasm { layout } => {
                    let code = take_staged(at, code_hash, &staged, layout.clone())?;
                    contracts::create(at, name.clone(), staged.owner, staged.organisation, code, origin)?;
                }
                StagedForm::Evm { events, .. } => {
                    let (creation, interface) = take_staged_bytes(at, code_hash, &staged)?;
                    let kept = staged.code_bytes as usize;
                    let construction =
                        evm::Construction { creation, code_bytes: kept, interface, events: events.clone() };
                    evm::create(at, name.clone(), staged.owner, staged.organisation, construction, origin)?;
                }
            }
        }
        Action::UpgradeContract { name, version, code_hash, migrated } => {
            upgrade::staged_upgrade(at, name, *version, code_hash, migrated, Some(id))?;
        }
        Action::FreezeContract { name, .. } => {
            let (id, record) = existing(at, name)?;
            frozen(at, &id, record)?;
        }
        Action::UnfreezeContract { name, .. } => {
            let (id, record) = existing(at, name)?;
            require(record.status == ContractStatus::Frozen, "XL-CONTRACT-STATUS")?;
            let name = record.name.clone();
            change(at, &id, record, ContractStatus::Active);
            at.emit("ContractUnfrozen", &(id, name, at.caller()));
        }
        Action::DestroyContract { name, .. } => {
            let (id, record) = existing(at, name)?;
            drop_code(at, &id, &record);
            let name = record.name.clone();
            change(at, &id, record, ContractStatus::Destroyed);
            at.emit("ContractDestroyed", &(id, name, at.caller()));
        }
    }
    Ok(())
}

/// Freezes an active contract.
pub fn frozen(at: &mut At<'_, '_>, id: &ContractId, record: ContractRecord) -> Step<()> {
    require(record.status == ContractStatus::Active, "XL-CONTRACT-STATUS")?;
    let name = record.name.clone();
    change(at, id, record, ContractStatus::Frozen);
    at.emit("ContractFrozen", &(*id, name, at.caller()));
    Ok(())
}

fn change(at: &mut At<'_, '_>, id: &ContractId, record: ContractRecord, status: ContractStatus) {
    let changed_height = at.context.height;
    write_record(at, id, &ContractRecord { status, changed_height, ..record });
}
