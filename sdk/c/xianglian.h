/* Contracts in C: the chain's host functions, and arguments, state and events in Borsh.

   An entry takes its arguments from `xl_arguments`, in the order of the interface description, then `xl_finish`:
   left-over or missing bytes are `BadArguments`. State keys are those of a contract in typed Python: a field's name,
   a map's name, "/" and the key. Lengths are in bytes; nothing here allocates. Meaning and price of each host function:
   spec/10-vm.md, XL-VM-5. */
#ifndef XIANGLIAN_H
#define XIANGLIAN_H

#include <stdbool.h>
#include <stdint.h>

#define XL_HOST(name) __attribute__((import_module("env"), import_name(name))) extern

XL_HOST("get") int32_t xl_host_get(const void *key, uint32_t key_len, void *to, uint32_t cap);
XL_HOST("put") void xl_host_put(const void *key, uint32_t key_len, const void *value, uint32_t value_len);
XL_HOST("del") void xl_host_del(const void *key, uint32_t key_len);
XL_HOST("caller") void xl_host_caller(void *to);
XL_HOST("origin") void xl_host_origin(void *to);
XL_HOST("self_addr") void xl_host_self(void *to);
XL_HOST("tx_id") void xl_host_tx_id(void *to);
XL_HOST("height") int64_t xl_host_height(void);
XL_HOST("time") int64_t xl_host_time(void);
XL_HOST("input_len") uint32_t xl_host_input_len(void);
XL_HOST("input") uint32_t xl_host_input(void *to, uint32_t cap);
XL_HOST("ret") void xl_host_ret(const void *from, uint32_t len);
XL_HOST("emit") void xl_host_emit(const void *name, uint32_t name_len, const void *data, uint32_t data_len);
XL_HOST("abort") void xl_host_abort(const void *code, uint32_t code_len, uint32_t line, const void *detail,
                                    uint32_t detail_len);
XL_HOST("call") int32_t xl_host_call(const void *contract, const void *method, uint32_t method_len, const void *args,
                                     uint32_t args_len, int64_t gas);
XL_HOST("returned_len") uint32_t xl_host_returned_len(void);
XL_HOST("returned") uint32_t xl_host_returned(void *to, uint32_t cap);
XL_HOST("sm3") void xl_host_sm3(const void *from, uint32_t len, void *to);
XL_HOST("sm2_verify") int32_t xl_host_sm2_verify(const void *key, const void *signature, const void *message,
                                                 uint32_t len);
XL_HOST("has_role") int32_t xl_host_has_role(const void *account, const void *role, uint32_t len);
XL_HOST("org_of") int32_t xl_host_org_of(const void *account, void *to, uint32_t cap);

/* An entry or view: XL_ENTRY(supply) { ... return 0; } */
#define XL_ENTRY(name) __attribute__((export_name(#name))) int32_t name(void)

/* Ends the call without effect; the line is the one where it stands. */
#define XL_FAIL(code) xl_fail((code), sizeof(code) - 1, __LINE__, 0, 0)
#define XL_FAIL_WITH(code, detail) xl_fail((code), sizeof(code) - 1, __LINE__, (detail).bytes, (detail).len)
#define XL_REQUIRE(condition, code) \
    do {                            \
        if (!(condition)) XL_FAIL(code); \
    } while (0)

typedef unsigned __int128 xl_u128;
typedef struct {
    uint8_t bytes[20];
} xl_address;

__attribute__((noreturn)) static inline void xl_fail(const char *code, uint32_t code_len, uint32_t line,
                                                     const void *detail, uint32_t detail_len) {
    xl_host_abort(code, code_len, line, detail, detail_len);
    __builtin_trap();
}

static inline bool xl_same(const xl_address *a, const xl_address *b) {
    uint32_t difference = 0;
    for (uint32_t i = 0; i < sizeof a->bytes; i++) difference |= a->bytes[i] ^ b->bytes[i];
    return difference == 0;
}

static inline xl_address xl_caller(void) {
    xl_address found;
    xl_host_caller(found.bytes);
    return found;
}

/* Sum and difference; leaving the range of the type is `Overflow`. */
#define xl_add(a, b) xl_add_at((a), (b), __LINE__)
#define xl_sub(a, b) xl_sub_at((a), (b), __LINE__)
static inline xl_u128 xl_add_at(xl_u128 a, xl_u128 b, uint32_t line) {
    if (a + b < a) xl_fail("Overflow", 8, line, 0, 0);
    return a + b;
}
static inline xl_u128 xl_sub_at(xl_u128 a, xl_u128 b, uint32_t line) {
    if (a < b) xl_fail("Overflow", 8, line, 0, 0);
    return a - b;
}

/* --- bytes to write: events, details of errors, results, keys ------------------------------------------------ */

typedef struct {
    uint8_t bytes[256];
    uint32_t len;
} xl_buffer;

static inline void xl_put_bytes(xl_buffer *to, const void *from, uint32_t len) {
    if (len > sizeof to->bytes - to->len) XL_FAIL("TooLong");
    __builtin_memcpy(to->bytes + to->len, from, len);
    to->len += len;
}
static inline void xl_put_u128(xl_buffer *to, xl_u128 value) { xl_put_bytes(to, &value, sizeof value); }
static inline void xl_put_u64(xl_buffer *to, uint64_t value) { xl_put_bytes(to, &value, sizeof value); }
static inline void xl_put_u32(xl_buffer *to, uint32_t value) { xl_put_bytes(to, &value, sizeof value); }
static inline void xl_put_address(xl_buffer *to, const xl_address *value) { xl_put_bytes(to, value->bytes, 20); }
/* Text and bytes: their length before them. */
static inline void xl_put_text(xl_buffer *to, const void *from, uint32_t len) {
    xl_put_u32(to, len);
    xl_put_bytes(to, from, len);
}

#define XL_EMIT(name, data) xl_host_emit((name), sizeof(name) - 1, (data).bytes, (data).len)
static inline void xl_return_u128(xl_u128 value) { xl_host_ret(&value, sizeof value); }

/* --- arguments ----------------------------------------------------------------------------------------------- */

typedef struct {
    uint8_t bytes[1024];
    uint32_t len, at, line;
} xl_reader;

#define xl_arguments(reader) xl_arguments_at((reader), __LINE__)
static inline void xl_arguments_at(xl_reader *in, uint32_t line) {
    in->at = 0;
    in->line = line;
    in->len = xl_host_input_len();
    if (in->len > sizeof in->bytes) xl_fail("BadArguments", 12, line, 0, 0);
    xl_host_input(in->bytes, sizeof in->bytes);
}
static inline const uint8_t *xl_take(xl_reader *in, uint32_t len) {
    if (len > in->len - in->at) xl_fail("BadArguments", 12, in->line, 0, 0);
    in->at += len;
    return in->bytes + in->at - len;
}
static inline xl_u128 xl_take_u128(xl_reader *in) {
    xl_u128 value;
    __builtin_memcpy(&value, xl_take(in, sizeof value), sizeof value);
    return value;
}
static inline uint64_t xl_take_u64(xl_reader *in) {
    uint64_t value;
    __builtin_memcpy(&value, xl_take(in, sizeof value), sizeof value);
    return value;
}
static inline uint32_t xl_take_u32(xl_reader *in) {
    uint32_t value;
    __builtin_memcpy(&value, xl_take(in, sizeof value), sizeof value);
    return value;
}
static inline xl_address xl_take_address(xl_reader *in) {
    xl_address value;
    __builtin_memcpy(value.bytes, xl_take(in, sizeof value.bytes), sizeof value.bytes);
    return value;
}
/* Text and bytes up to `most`: where they stand; the length goes to `len`. */
static inline const uint8_t *xl_take_text(xl_reader *in, uint32_t most, uint32_t *len) {
    *len = xl_take_u32(in);
    if (*len > most) xl_fail("BadArguments", 12, in->line, 0, 0);
    return xl_take(in, *len);
}
static inline void xl_finish(const xl_reader *in) {
    if (in->at != in->len) xl_fail("BadArguments", 12, in->line, 0, 0);
}

/* --- state --------------------------------------------------------------------------------------------------- */

/* The key of a field, and of an account's entry in a map: XL_FIELD("issued"), XL_ENTRY_OF("balances", &owner). */
#define XL_FIELD(name) xl_key((name), sizeof(name) - 1, 0)
#define XL_ENTRY_OF(name, address) xl_key((name "/"), sizeof(name), (address))
static inline xl_buffer xl_key(const char *name, uint32_t len, const xl_address *address) {
    xl_buffer key;
    key.len = 0;
    xl_put_bytes(&key, name, len);
    if (address) xl_put_address(&key, address);
    return key;
}

/* A number, 0 where nothing was written; an address, `NotFound` there. Other lengths are `BadState`. */
#define xl_load_u128(key) xl_load_u128_at((key), __LINE__)
#define xl_load_address(key) xl_load_address_at((key), __LINE__)
static inline xl_u128 xl_load_u128_at(xl_buffer key, uint32_t line) {
    xl_u128 value = 0;
    int32_t len = xl_host_get(key.bytes, key.len, &value, sizeof value);
    if (len != -1 && len != sizeof value) xl_fail("BadState", 8, line, 0, 0);
    return value;
}
static inline xl_address xl_load_address_at(xl_buffer key, uint32_t line) {
    xl_address value;
    int32_t len = xl_host_get(key.bytes, key.len, value.bytes, sizeof value.bytes);
    if (len == -1) xl_fail("NotFound", 8, line, 0, 0);
    if (len != sizeof value.bytes) xl_fail("BadState", 8, line, 0, 0);
    return value;
}
static inline void xl_store_u128(xl_buffer key, xl_u128 value) { xl_host_put(key.bytes, key.len, &value, sizeof value); }
static inline void xl_store_address(xl_buffer key, const xl_address *value) {
    xl_host_put(key.bytes, key.len, value->bytes, sizeof value->bytes);
}

#endif
