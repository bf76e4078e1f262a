//! Any bytes as a transaction, block, receipt, genesis, account or code record: refused, or the one canonical form.
#![no_main]

use xl_primitives::{Block, Genesis, Receipt, SignedTx, TxBody, decode, encode};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    match kind % 5 {
        0 => {
            if let Ok(transaction) = decode::<SignedTx>(bytes, "transaction") {
                assert_eq!(encode(&transaction), bytes);
                let _ = transaction.body.id();
            }
        }
        1 => {
            if let Ok(block) = Block::decode(bytes) {
                assert_eq!(encode(&block), bytes);
                let _ = (block.digest(), block.body_matches());
            }
        }
        2 => {
            if let Ok(receipt) = decode::<Receipt>(bytes, "receipt") {
                assert_eq!(encode(&receipt), bytes);
            }
        }
        3 => {
            if let Ok(genesis) = decode::<Genesis>(bytes, "genesis") {
                assert_eq!(encode(&genesis), bytes);
                let _ = (genesis.validate().is_ok(), genesis.chain_id(), genesis.validators());
            }
        }
        _ => {
            if let Ok(body) = decode::<TxBody>(bytes, "body") {
                assert_eq!(encode(&body), bytes);
                let _ = body.id();
            }
        }
    }
});
