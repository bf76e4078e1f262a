//! `system:accounts`: organisations, accounts, roles and keys (decision D4).
//!
//! An organisation's administrators admit its accounts, grant and revoke roles, suspend and resume, and re-key; an
//! account adds and revokes its own keys. Nothing crosses organisations. Each change acts from the next block on.

use super::{At, SystemResult, arguments, refuse};
use crate::error::Fault;
use xl_primitives::{
    AccountId, List, PublicKey,
    account::{
        ADMIN, Account, KeyRecord, Organisation, ROLES_MAX, Role, account_key, count_key, index_key, key_key,
        organisation_key,
    },
    encode,
    id::{OrganisationId, is_name},
};

/// Gas of one change of an account.
const CHANGE_GAS: u64 = 200_000;

pub fn call(at: &mut At<'_, '_>, method: &str, input: &[u8]) -> SystemResult {
    if !at.charge(CHANGE_GAS) {
        refuse!("XL-VM-OUT_OF_GAS");
    }
    match method {
        "admit" => admit(at, input),
        "add_key" | "revoke_key" => change_key(at, method, input),
        "suspend" | "resume" => change_status(at, method, input),
        "grant" | "revoke" => change_role(at, method, input),
        _ => refuse!("XL-VM-UNKNOWN_ENTRY"),
    }
}

fn account(at: &At<'_, '_>, id: &AccountId) -> Result<Option<Account>, Fault> {
    at.read(&account_key(id), "account")
}

/// True when the caller administers `organisation` now.
fn administers(at: &At<'_, '_>, organisation: &str) -> Result<bool, Fault> {
    let caller = account(at, &at.caller())?;
    Ok(caller.is_some_and(|a| &*a.organisation == organisation && a.has_role(ADMIN) && !a.suspended))
}

/// `admit(organisation, key, roles) -> account id`
fn admit(at: &mut At<'_, '_>, input: &[u8]) -> SystemResult {
    let (organisation, key, roles) = arguments!(input, (OrganisationId, PublicKey, List<Role, ROLES_MAX>));
    let Some(mut members) = at.read::<Organisation>(&organisation_key(&organisation), "organisation")? else {
        refuse!("XL-ORGANISATION-UNKNOWN");
    };
    if !administers(at, &organisation)? {
        refuse!("XL-RIGHT-ADMIN");
    }
    if key.validate().is_err() {
        refuse!("XL-KEY-INVALID");
    }
    let distinct = roles.iter().enumerate().all(|(i, role)| is_name(role) && !roles[..i].contains(role));
    if !distinct {
        refuse!("XL-ROLE-INVALID");
    }
    let id = AccountId::derive(&organisation, &key);
    if account(at, &id)?.is_some() {
        refuse!("XL-ACCOUNT-EXISTS");
    }
    if at.run.overlay.get(&key_key(&key))?.is_some() {
        refuse!("XL-KEY-EXISTS");
    }
    at.write(key_key(&key), &id);
    let height = at.context.height;
    let is_admin = roles.iter().any(|role| &**role == ADMIN);
    if is_admin {
        let mut admins = members.admins.into_vec();
        admins.push(id);
        let Some(admins) = List::new(admins) else { refuse!("XL-ROLE-TOO-MANY") };
        members.admins = admins;
        at.write(organisation_key(&organisation), &members);
    }
    let record = Account {
        organisation: organisation.clone(),
        roles: roles.clone(),
        keys: List::new(vec![KeyRecord { key, added_height: height, revoked_height: None }]).unwrap_or_default(),
        suspended: false,
        admitted_height: height,
    };
    at.write(account_key(&id), &record);
    let count: u32 = at.read(&count_key(), "account count")?.unwrap_or(0);
    at.write(index_key(count), &id);
    at.write(count_key(), &(count + 1));
    at.emit("AccountAdmitted", &(id, organisation, key, roles));
    Ok(Ok(encode(&id)))
}

/// `add_key(account, key)`, `revoke_key(account, key)`: by the account itself or an administrator of its organisation.
fn change_key(at: &mut At<'_, '_>, method: &str, input: &[u8]) -> SystemResult {
    let (id, key) = arguments!(input, (AccountId, PublicKey));
    let Some(mut record) = account(at, &id)? else { refuse!("XL-ACCOUNT-UNKNOWN") };
    let by_admin = administers(at, &record.organisation)?;
    if at.caller() != id && !by_admin {
        refuse!("XL-RIGHT-ADMIN");
    }
    let height = at.context.height;
    let record_is_admin = record.has_role(ADMIN);
    let mut keys = record.keys.into_vec();
    if method == "add_key" {
        if key.validate().is_err() {
            refuse!("XL-KEY-INVALID");
        }
        if at.run.overlay.get(&key_key(&key))?.is_some() {
            refuse!("XL-KEY-EXISTS");
        }
        at.write(key_key(&key), &id);
        keys.push(KeyRecord { key, added_height: height, revoked_height: None });
    } else {
        let active = keys.iter().filter(|known| known.revoked_height.is_none()).count();
        let Some(known) = keys.iter_mut().find(|known| known.key == key && known.revoked_height.is_none()) else {
            refuse!("XL-KEY-UNKNOWN");
        };
        // Whoever has no key left could not even be asked; an administrator may take that responsibility for an account,
        // but not for another administrator: two could shut each other out in one block. Suspending him is enough.
        if active == 1 && (!by_admin || record_is_admin) {
            refuse!("XL-KEY-LAST");
        }
        known.revoked_height = Some(height);
    }
    let Some(keys) = List::new(keys) else { refuse!("XL-KEY-TOO-MANY") };
    record.keys = keys;
    at.write(account_key(&id), &record);
    at.emit(if method == "add_key" { "KeyAdded" } else { "KeyRevoked" }, &(id, key));
    Ok(Ok(Vec::new()))
}

/// `suspend(account)`, `resume(account)`: by an administrator of its organisation; the last active one stays.
fn change_status(at: &mut At<'_, '_>, method: &str, input: &[u8]) -> SystemResult {
    let (id,) = arguments!(input, (AccountId,));
    let Some(mut record) = account(at, &id)? else { refuse!("XL-ACCOUNT-UNKNOWN") };
    if !administers(at, &record.organisation)? {
        refuse!("XL-RIGHT-ADMIN");
    }
    let suspend = method == "suspend";
    if record.suspended == suspend {
        refuse!("XL-ACCOUNT-STATUS");
    }
    if suspend && at.caller() == id {
        refuse!("XL-ACCOUNT-SELF");
    }
    record.suspended = suspend;
    at.write(account_key(&id), &record);
    at.emit(if suspend { "AccountSuspended" } else { "AccountResumed" }, &(id,));
    Ok(Ok(Vec::new()))
}

/// `grant(account, role)`, `revoke(account, role)`: by an administrator of its organisation; nobody takes his own.
fn change_role(at: &mut At<'_, '_>, method: &str, input: &[u8]) -> SystemResult {
    let (id, role) = arguments!(input, (AccountId, Role));
    let Some(mut record) = account(at, &id)? else { refuse!("XL-ACCOUNT-UNKNOWN") };
    if !administers(at, &record.organisation)? {
        refuse!("XL-RIGHT-ADMIN");
    }
    if !is_name(&role) {
        refuse!("XL-ROLE-INVALID");
    }
    let grant = method == "grant";
    if record.has_role(&role) == grant {
        refuse!("XL-ROLE-STATUS");
    }
    if !grant && &*role == ADMIN && at.caller() == id {
        refuse!("XL-ACCOUNT-SELF");
    }
    let mut roles = record.roles.into_vec();
    if grant {
        roles.push(role.clone())
    } else {
        roles.retain(|held| *held != role)
    }
    let Some(roles) = List::new(roles) else { refuse!("XL-ROLE-TOO-MANY") };
    record.roles = roles;
    if &*role == ADMIN {
        let key = organisation_key(&record.organisation);
        let Some(mut members) = at.read::<Organisation>(&key, "organisation")? else {
            refuse!("XL-ORGANISATION-UNKNOWN")
        };
        let mut admins = members.admins.into_vec();
        if grant {
            admins.push(id)
        } else {
            admins.retain(|admin| *admin != id)
        }
        let Some(admins) = List::new(admins) else { refuse!("XL-ROLE-TOO-MANY") };
        members.admins = admins;
        at.write(key, &members);
    }
    at.write(account_key(&id), &record);
    at.emit(if grant { "RoleGranted" } else { "RoleRevoked" }, &(id, role));
    Ok(Ok(Vec::new()))
}
