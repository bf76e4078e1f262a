//! What auditors say of code, and whether it satisfies the chain's policy.

use super::{At, Step, contracts::CHANGE_GAS, decoded, governance::policy, refused, require};
use xl_primitives::{
    Hash, List, Text,
    contract::{AuditRecord, AuditReference, Audits, Verdict, audits_key},
    governance::ContractPolicy,
};

/// `audit(code_hash, report_hash, verdict, tool, valid_until_ms)`: by an account with the role that the policy names.
pub fn record(at: &mut At<'_, '_>, input: &[u8]) -> Step<Vec<u8>> {
    type Arguments = (Hash, Hash, Verdict, Text<64>, u64);
    let (code_hash, report_hash, verdict, tool, valid_until_ms) = decoded::<Arguments>(input)?;
    at.pay(CHANGE_GAS)?;
    let account = at.account()?;
    require(account.has_role(&policy(at)?.auditor) && !account.suspended, "XL-RIGHT-AUDITOR")?;
    require(valid_until_ms > at.context.time_ms, "XL-AUDIT-TIME")?;
    let auditor = at.caller();
    let key = audits_key(&code_hash);
    let mut audits = at.read::<Audits>(&key, "audits")?.unwrap_or_default().into_vec();
    audits.retain(|known| known.auditor != auditor);
    audits.push(AuditRecord {
        auditor,
        organisation: account.organisation,
        report_hash,
        verdict,
        tool,
        valid_until_ms,
        height: at.context.height,
    });
    let Some(audits) = List::new(audits) else { return refused("XL-AUDIT-TOO-MANY") };
    at.write(key, &audits as &Audits);
    at.emit("CodeAudited", &(code_hash, auditor, verdict, report_hash, valid_until_ms));
    Ok(Vec::new())
}

/// The audit that lets code of `owner`'s organisation run; none where the policy demands none. One fresh negative word
/// outweighs all positive ones.
pub fn satisfied(
    at: &At<'_, '_>,
    policy: &ContractPolicy,
    code_hash: &Hash,
    owner: &str,
) -> Step<Option<AuditReference>> {
    if !policy.audit_required {
        return Ok(None);
    }
    let audits = at.read::<Audits>(&audits_key(code_hash), "audits")?.unwrap_or_default().into_vec();
    let counts = |audit: &AuditRecord| !policy.audit_independent || &*audit.organisation != owner;
    let counted: Vec<AuditRecord> = audits.into_iter().filter(counts).collect();
    let fresh: Vec<&AuditRecord> = counted.iter().filter(|audit| audit.valid_until_ms >= at.context.time_ms).collect();
    require(!counted.is_empty(), "XL-CONTRACT-AUDIT-MISSING")?;
    require(!fresh.is_empty(), "XL-CONTRACT-AUDIT-EXPIRED")?;
    require(fresh.iter().all(|audit| audit.verdict == Verdict::Positive), "XL-CONTRACT-AUDIT-NEGATIVE")?;
    Ok(fresh.last().map(|audit| AuditReference { auditor: audit.auditor, report_hash: audit.report_hash }))
}
