//! Points in Rust: the interface and the state of `examples/points`.
#![no_std]

use xianglian_contract::{Address, Arguments, Buffer, caller, emit, entries, fail, load, output, require, store};

entries! {
    init => {
        Arguments::read(line!()).finish();
        store(&field("issuer"), &caller());
    }

    issue => {
        let mut arguments = Arguments::read(line!());
        let (target, amount): (Address, u128) = (arguments.take(), arguments.u128());
        arguments.finish();
        let Some(issuer) = load(&field("issuer")) else { fail!("NotFound") };
        require!(caller() == issuer, "NotIssuer");
        require!(amount > 0, "AmountIsZero");
        credit(&field("issued"), amount);
        credit(&balance_of(&target), amount);
        emit("Issued", &Buffer::new().bytes(&target).u128(amount));
    }

    transfer => {
        let mut arguments = Arguments::read(line!());
        let (target, amount): (Address, u128) = (arguments.take(), arguments.u128());
        arguments.finish();
        let source = caller();
        let from = balance_of(&source);
        let held = number(&from);
        require!(amount > 0, "AmountIsZero");
        let Some(left) = held.checked_sub(amount) else {
            fail!("InsufficientBalance", Buffer::new().u128(held).u128(amount))
        };
        store(&from, &left.to_le_bytes()); // before the credit: a transfer to oneself changes nothing
        credit(&balance_of(&target), amount);
        emit("Transferred", &Buffer::new().bytes(&source).bytes(&target).u128(amount));
    }

    balance => {
        let mut arguments = Arguments::read(line!());
        let owner: Address = arguments.take();
        arguments.finish();
        output(&number(&balance_of(&owner)).to_le_bytes());
    }

    supply => {
        Arguments::read(line!()).finish();
        output(&number(&field("issued")).to_le_bytes());
    }
}

fn field(name: &str) -> Buffer {
    Buffer::new().bytes(name.as_bytes())
}

fn balance_of(owner: &Address) -> Buffer {
    field("balances/").bytes(owner)
}

fn number(key: &Buffer) -> u128 {
    load(key).map_or(0, u128::from_le_bytes)
}

fn credit(key: &Buffer, amount: u128) {
    let Some(sum) = number(key).checked_add(amount) else { fail!("Overflow") };
    store(key, &sum.to_le_bytes());
}
