use super::*;
use proptest::prelude::*;
use xl_crypto::{SecretKey, Verifier};
use xl_primitives::{Bounded, Call, ContractId, Text, TxBody, encode};

fn tx(sender: u8, salt: u8, gas_limit: u64, valid_until_ms: u64) -> CheckedTx {
    let body = TxBody {
        format: 1,
        chain_id: Hash::ZERO,
        sender: AccountId([sender; 20]),
        call: Call {
            contract: ContractId([1; 20]),
            method: Text::new("m").unwrap(),
            arguments: Bounded::new([]).unwrap(),
        },
        gas_limit,
        valid_until_ms,
        salt: [salt; 16],
    };
    let key = SecretKey::from_slice(&[5; 32]).unwrap();
    CheckedTx::check(encode(&body.sign(&key)), &Hash::ZERO, &Verifier::default()).unwrap()
}

const BUDGET: Budget = Budget { bytes: 1 << 20, count: 100, gas: 1_000_000, organisation_permille: 1000 };

#[test]
fn the_same_transaction_twice_is_one() {
    let mut pool = Pool::new(Limits::default());
    assert_eq!(pool.admit(tx(1, 1, 1, 10), "a"), Ok(true));
    assert_eq!(pool.admit(tx(1, 1, 1, 10), "a"), Ok(false));
    assert_eq!(pool.len(), 1);
}

#[test]
fn a_flooding_organisation_and_account_fill_only_their_share() {
    let limits = Limits { count: 10, organisation_permille: 600, account_count: 4, ..Limits::default() };
    let mut pool = Pool::new(limits);
    for salt in 0..4 {
        pool.admit(tx(1, salt, 1, 10), "a").unwrap();
    }
    assert_eq!(pool.admit(tx(1, 9, 1, 10), "a").unwrap_err().code(), "XL-POOL-ACCOUNT-SHARE");
    for salt in 0..2 {
        pool.admit(tx(2, salt, 1, 10), "a").unwrap();
    }
    assert_eq!(pool.admit(tx(2, 9, 1, 10), "a").unwrap_err().code(), "XL-POOL-ORGANISATION-SHARE");
    for salt in 0..4 {
        pool.admit(tx(3, salt, 1, 10), "b").unwrap();
    }
    assert_eq!(pool.admit(tx(4, 0, 1, 10), "c").unwrap_err().code(), "XL-POOL-FULL");
}

#[test]
fn organisations_take_turns_and_each_keeps_its_order() {
    let mut pool = Pool::new(Limits::default());
    for salt in 0..5 {
        pool.admit(tx(1, salt, 1, 10), "a").unwrap();
    }
    pool.admit(tx(2, 0, 1, 10), "b").unwrap();
    let order: Vec<_> =
        pool.reap(BUDGET, |_| false).iter().map(|tx| (tx.body().sender.0[0], tx.body().salt[0])).collect();
    assert_eq!(order, [(1, 0), (2, 0), (1, 1), (1, 2), (1, 3), (1, 4)]);
}

proptest! {
    #[test]
    fn reaping_keeps_every_bound_and_removal_leaves_no_trace(
        txs in prop::collection::vec((0u8..4, 0u8..30, 1u64..400_000, 1u64..20), 0..60),
        count in 1usize..20, permille in 100usize..=1000, now in 0u64..25,
    ) {
        let mut pool = Pool::new(Limits::default());
        for (sender, salt, gas, until) in txs {
            pool.admit(tx(sender, salt, gas, until), ["a", "b"][usize::from(sender) % 2]).unwrap();
        }
        let budget = Budget { bytes: 4_000, count, gas: 1_000_000, organisation_permille: permille };
        let chosen = pool.reap(budget, |_| false);
        prop_assert!(chosen.len() <= count);
        prop_assert!(chosen.iter().map(|tx| tx.bytes().len()).sum::<usize>() <= 4_000);
        prop_assert!(chosen.iter().map(|tx| tx.body().gas_limit).sum::<u64>() <= 1_000_000);
        let before = pool.len();
        let expired = pool.expire(now);
        prop_assert_eq!(pool.len() + expired, before);
        prop_assert!(pool.reap(BUDGET, |_| false).iter().all(|tx| tx.body().valid_until_ms >= now));
        let rest: Vec<Hash> = pool.entries.keys().copied().collect();
        pool.remove(&rest);
        prop_assert!(pool.is_empty() && pool.bytes() == 0);
        prop_assert!(pool.organisations.is_empty() && pool.accounts.is_empty() && pool.expiry.is_empty());
    }
}
