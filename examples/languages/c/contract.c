/* Points in C: the interface and the state of examples/points. */
#include "xianglian.h"

XL_ENTRY(init) {
    xl_reader in;
    xl_arguments(&in);
    xl_finish(&in);
    xl_address caller = xl_caller();
    xl_store_address(XL_FIELD("issuer"), &caller);
    return 0;
}

XL_ENTRY(issue) {
    xl_reader in;
    xl_arguments(&in);
    xl_address target = xl_take_address(&in);
    xl_u128 amount = xl_take_u128(&in);
    xl_finish(&in);

    xl_address caller = xl_caller(), issuer = xl_load_address(XL_FIELD("issuer"));
    XL_REQUIRE(xl_same(&caller, &issuer), "NotIssuer");
    XL_REQUIRE(amount > 0, "AmountIsZero");
    xl_store_u128(XL_FIELD("issued"), xl_add(xl_load_u128(XL_FIELD("issued")), amount));
    xl_buffer key = XL_ENTRY_OF("balances", &target);
    xl_store_u128(key, xl_add(xl_load_u128(key), amount));

    xl_buffer event;
    event.len = 0;
    xl_put_address(&event, &target);
    xl_put_u128(&event, amount);
    XL_EMIT("Issued", event);
    return 0;
}

XL_ENTRY(transfer) {
    xl_reader in;
    xl_arguments(&in);
    xl_address target = xl_take_address(&in);
    xl_u128 amount = xl_take_u128(&in);
    xl_finish(&in);

    xl_address source = xl_caller();
    xl_buffer from = XL_ENTRY_OF("balances", &source), to = XL_ENTRY_OF("balances", &target);
    xl_u128 held = xl_load_u128(from);
    XL_REQUIRE(amount > 0, "AmountIsZero");
    if (held < amount) {
        xl_buffer detail;
        detail.len = 0;
        xl_put_u128(&detail, held);
        xl_put_u128(&detail, amount);
        XL_FAIL_WITH("InsufficientBalance", detail);
    }
    xl_store_u128(from, held - amount); /* before the credit: a transfer to oneself changes nothing */
    xl_store_u128(to, xl_add(xl_load_u128(to), amount));

    xl_buffer event;
    event.len = 0;
    xl_put_address(&event, &source);
    xl_put_address(&event, &target);
    xl_put_u128(&event, amount);
    XL_EMIT("Transferred", event);
    return 0;
}

XL_ENTRY(balance) {
    xl_reader in;
    xl_arguments(&in);
    xl_address owner = xl_take_address(&in);
    xl_finish(&in);
    xl_return_u128(xl_load_u128(XL_ENTRY_OF("balances", &owner)));
    return 0;
}

XL_ENTRY(supply) {
    xl_reader in;
    xl_arguments(&in);
    xl_finish(&in);
    xl_return_u128(xl_load_u128(XL_FIELD("issued")));
    return 0;
}
