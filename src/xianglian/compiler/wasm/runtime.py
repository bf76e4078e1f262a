"""Functions of the machine that compiled contracts share; a module carries only those it calls.

Written in a short assembly: `.x` reads local x, `=x` sets it, `~x` sets and keeps it, `#n` and `##n` are i32
and i64 constants, `@g` reads global g, `>g` sets it, `str Name` pushes address and length of a constant,
`i64.load+8` has an offset, `if:L`, `block:L`, `loop:L` name a label, `if->i32` yields a value. A u128 travels
as (low, high); functions return the low half and leave the high one in the global `hi`. A text or byte string
is a pointer to u32 length and bytes, as in borsh; a fixed one a pointer to its bytes.
"""

from __future__ import annotations

import re

from xianglian.compiler.wasm.encode import Import, Instr, WasmFunction

IMPORTS = {
    each.name: each
    for each in (
        Import("get", ("i32", "i32", "i32", "i32"), "i32"),
        Import("put", ("i32", "i32", "i32", "i32"), None),
        Import("del", ("i32", "i32"), None),
        Import("caller", ("i32",), None),
        Import("origin", ("i32",), None),
        Import("self_addr", ("i32",), None),
        Import("height", (), "i64"),
        Import("time", (), "i64"),
        Import("tx_id", ("i32",), None),
        Import("input_len", (), "i32"),
        Import("input", ("i32", "i32"), "i32"),
        Import("ret", ("i32", "i32"), None),
        Import("emit", ("i32", "i32", "i32", "i32"), None),
        Import("abort", ("i32", "i32", "i32", "i32", "i32"), None),
        Import("call", ("i32", "i32", "i32", "i32", "i32", "i64"), "i32"),
        Import("returned_len", (), "i32"),
        Import("returned", ("i32", "i32"), "i32"),
        Import("sm3", ("i32", "i32", "i32"), None),
        Import("has_role", ("i32", "i32", "i32"), "i32"),
        Import("org_of", ("i32", "i32", "i32"), "i32"),
        Import("sm2_verify", ("i32", "i32", "i32", "i32"), "i32"),
    )
}
"""The host interface, version 1."""

GLOBALS = {
    "heap": ("i32", 0),
    "pos": ("i32", 0),
    "end": ("i32", 0),
    "line": ("i32", 0),
    "stored": ("i32", 0),
    "hi": ("i64", 0),
}
"""`heap` is the next free byte (nothing is freed: an instance lives for one call); `pos` and `end` bound what
is being decoded; `stored` tells whether that came from state (1) or from
another contract (2); `line` is the source line of that read.
"""

SOURCE = """
func fail (p i32) (n i32) (line i32)
  .p .n .line #0 #0 call env.abort unreachable
func overflow (line i32)
  str Overflow .line call fail
func division_by_zero (line i32)
  str DivisionByZero .line call fail
func index_out_of_range (line i32)
  str IndexOutOfRange .line call fail
func too_long (line i32)
  str TooLong .line call fail
func bad
  @stored if str BadState @line call fail end
  str BadArguments @line call fail
func bad_outside
  @stored #2 i32.eq if str BadResult @line call fail end
  @stored if str BadState @line call fail end
  str BadArguments @line call fail

func ensure (top i32)
  .top memory.size #16 i32.shl i32.gt_u
  if
    .top memory.size #16 i32.shl i32.sub #65535 i32.add #16 i32.shr_u memory.grow
    #-1 i32.eq if unreachable end
  end
func alloc (n i32) -> i32
  local p i32
  @heap ~p .n #7 i32.add #-8 i32.and i32.add >heap
  @heap call ensure .p
func reserve (n i32) -> i32
  @heap .n i32.add call ensure @heap

func u64_add (a i64) (b i64) (line i32) -> i64
  local r i64
  .a .b i64.add ~r .a i64.lt_u if .line call overflow end .r
func u64_sub (a i64) (b i64) (line i32) -> i64
  .a .b i64.lt_u if .line call overflow end .a .b i64.sub
func u64_mul (a i64) (b i64) (line i32) -> i64
  local r i64
  .a i64.eqz if ##0 return end
  .a .b i64.mul ~r .a i64.div_u .b i64.ne if .line call overflow end .r
func u64_div (a i64) (b i64) (line i32) -> i64
  .b i64.eqz if .line call division_by_zero end .a .b i64.div_u
func u64_rem (a i64) (b i64) (line i32) -> i64
  .b i64.eqz if .line call division_by_zero end .a .b i64.rem_u
func i64_add (a i64) (b i64) (line i32) -> i64
  local r i64
  .a .b i64.add ~r .a i64.xor .r .b i64.xor i64.and ##0 i64.lt_s if .line call overflow end .r
func i64_sub (a i64) (b i64) (line i32) -> i64
  local r i64
  .a .b i64.sub ~r .a i64.xor .a .b i64.xor i64.and ##0 i64.lt_s if .line call overflow end .r
func i64_mul (a i64) (b i64) (line i32) -> i64
  local r i64
  .a i64.eqz if ##0 return end
  .a ##-1 i64.eq .b ##-9223372036854775808 i64.eq i32.and if .line call overflow end
  .a .b i64.mul ~r .a i64.div_s .b i64.ne if .line call overflow end .r
func i64_div (a i64) (b i64) (line i32) -> i64
  .b i64.eqz if .line call division_by_zero end
  .b ##-1 i64.eq if ##0 .a .line call i64_sub return end
  .a .b i64.div_s
  .a .b i64.rem_s i64.eqz i32.eqz .a .b i64.xor ##0 i64.lt_s i32.and i64.extend_i32_u i64.sub
func i64_rem (a i64) (b i64) (line i32) -> i64
  local r i64
  .b i64.eqz if .line call division_by_zero end
  .a .b i64.rem_s ~r i64.eqz if ##0 return end
  .r .b i64.xor ##0 i64.lt_s if->i64 .r .b i64.add else .r end
func range (v i64) (most i64) (line i32) -> i64
  .v .most i64.gt_u if .line call overflow end .v
func natural (v i64) (line i32) -> i64
  .v ##0 i64.lt_s if .line call overflow end .v
func narrow (lo i64) (hi i64) (most i64) (line i32) -> i64
  .hi i64.eqz i32.eqz .lo .most i64.gt_u i32.or if .line call overflow end .lo
func shl (a i64) (b i64) (bits i64) (line i32) -> i64
  local r i64
  .b .bits i64.ge_u if .line call overflow end
  .a .b i64.shl ~r .b i64.shr_u .a i64.ne if .line call overflow end
  .bits ##64 i64.lt_u if .r .bits i64.shr_u i64.eqz i32.eqz if .line call overflow end end
  .r
func shr (a i64) (b i64) (bits i64) (line i32) -> i64
  .b .bits i64.ge_u if .line call overflow end .a .b i64.shr_u

func u128_add (al i64) (ah i64) (bl i64) (bh i64) (line i32) -> i64
  local lo i64
  local c i64
  local t i64
  local h i64
  .al .bl i64.add ~lo .al i64.lt_u i64.extend_i32_u =c
  .ah .bh i64.add ~t .c i64.add ~h .c i64.lt_u .t .ah i64.lt_u i32.or if .line call overflow end
  .h >hi .lo
func u128_sub (al i64) (ah i64) (bl i64) (bh i64) (line i32) -> i64
  local b i32
  .al .bl i64.lt_u =b
  .ah .bh i64.lt_u .ah .bh i64.eq .b i32.and i32.or if .line call overflow end
  .ah .bh i64.sub .b i64.extend_i32_u i64.sub >hi
  .al .bl i64.sub
func mul_wide (a i64) (b i64) -> i64
  local a0 i64
  local a1 i64
  local b0 i64
  local b1 i64
  local p i64
  local q i64
  local m i64
  .a ##4294967295 i64.and =a0 .a ##32 i64.shr_u =a1
  .b ##4294967295 i64.and =b0 .b ##32 i64.shr_u =b1
  .a0 .b1 i64.mul =p .a1 .b0 i64.mul =q
  .a0 .b0 i64.mul ##32 i64.shr_u .p ##4294967295 i64.and i64.add .q ##4294967295 i64.and i64.add =m
  .a1 .b1 i64.mul .p ##32 i64.shr_u i64.add .q ##32 i64.shr_u i64.add .m ##32 i64.shr_u i64.add >hi
  .a .b i64.mul
func u128_mul (al i64) (ah i64) (bl i64) (bh i64) (line i32) -> i64
  local cross i64
  local lo i64
  .ah i64.eqz if .al .bh .line call u64_mul =cross
  else
    .bh i64.eqz i32.eqz if .line call overflow end
    .ah .bl .line call u64_mul =cross
  end
  .al .bl call mul_wide =lo
  @hi .cross .line call u64_add >hi .lo
func u128_div (al i64) (ah i64) (bl i64) (bh i64) (line i32) -> i64
  local rl i64
  local rh i64
  .al .ah .bl .bh #0 .line call u128_divide
func u128_rem (al i64) (ah i64) (bl i64) (bh i64) (line i32) -> i64
  .al .ah .bl .bh #1 .line call u128_divide
func u128_divide (al i64) (ah i64) (bl i64) (bh i64) (rest i32) (line i32) -> i64
  local ql i64
  local qh i64
  local rl i64
  local rh i64
  local carry i64
  local n i32
  .bl .bh i64.or i64.eqz if .line call division_by_zero end
  .ah .bh i64.or i64.eqz if
    ##0 >hi
    .rest if .al .bl i64.rem_u return end
    .al .bl i64.div_u return
  end
  #128 =n
  loop:next
    .rh ##63 i64.shr_u =carry
    .rh ##1 i64.shl .rl ##63 i64.shr_u i64.or =rh
    .rl ##1 i64.shl .ah ##63 i64.shr_u i64.or =rl
    .ah ##1 i64.shl .al ##63 i64.shr_u i64.or =ah
    .al ##1 i64.shl =al
    .qh ##1 i64.shl .ql ##63 i64.shr_u i64.or =qh
    .ql ##1 i64.shl =ql
    .carry i64.eqz i32.eqz .rl .rh .bl .bh call u128_cmp #0 i32.ge_s i32.or if
      .rh .bh i64.sub .rl .bl i64.lt_u i64.extend_i32_u i64.sub =rh
      .rl .bl i64.sub =rl
      .ql ##1 i64.or =ql
    end
    .n #1 i32.sub ~n br_if next
  end
  .rest if .rh >hi .rl return end
  .qh >hi .ql
func u128_cmp (al i64) (ah i64) (bl i64) (bh i64) -> i32
  .ah .bh i64.eq if .al .bl i64.gt_u .al .bl i64.lt_u i32.sub return end
  .ah .bh i64.gt_u .ah .bh i64.lt_u i32.sub
func u128_mixed (lo i64) (hi i64) (n i64) -> i32
  .n ##0 i64.lt_s if #1 return end
  .lo .hi .n ##0 call u128_cmp
func u128_mixed_back (n i64) (lo i64) (hi i64) -> i32
  #0 .lo .hi .n call u128_mixed i32.sub
func mixed_cmp (a i64) (n i64) -> i32
  .n ##0 i64.lt_s if #1 return end
  .a .n i64.gt_u .a .n i64.lt_u i32.sub
func mixed_cmp_back (n i64) (a i64) -> i32
  #0 .a .n call mixed_cmp i32.sub

func within_127 (lo i64) (hi i64) (line i32) -> i64
  .hi ##0 i64.lt_s if .line call overflow end .hi >hi .lo
func i128_of (n i64) -> i64
  .n ##63 i64.shr_s >hi .n
func i128_narrow (lo i64) (hi i64) (line i32) -> i64
  .hi .lo ##63 i64.shr_s i64.ne if .line call overflow end .lo
func i128_add (al i64) (ah i64) (bl i64) (bh i64) (line i32) -> i64
  local lo i64
  local h i64
  .al .bl i64.add ~lo .al i64.lt_u i64.extend_i32_u .ah i64.add .bh i64.add ~h >hi
  .h .ah i64.xor .h .bh i64.xor i64.and ##0 i64.lt_s if .line call overflow end .lo
func i128_sub (al i64) (ah i64) (bl i64) (bh i64) (line i32) -> i64
  local h i64
  .ah .bh i64.sub .al .bl i64.lt_u i64.extend_i32_u i64.sub ~h >hi
  .ah .bh i64.xor .ah .h i64.xor i64.and ##0 i64.lt_s if .line call overflow end .al .bl i64.sub
func i128_negative (lo i64) (hi i64) -> i64
  ##0 .hi i64.sub .lo i64.eqz i32.eqz i64.extend_i32_u i64.sub >hi ##0 .lo i64.sub
func i128_size (lo i64) (hi i64) -> i64
  .hi ##0 i64.lt_s if .lo .hi call i128_negative return end
  .hi >hi .lo
func i128_signed (lo i64) (hi i64) (minus i32) (line i32) -> i64
  .minus if
    .hi ##-9223372036854775808 i64.gt_u if .line call overflow end
    .hi ##-9223372036854775808 i64.eq .lo i64.eqz i32.eqz i32.and if .line call overflow end
    .lo .hi call i128_negative return
  end
  .lo .hi .line call within_127
func i128_mul (al i64) (ah i64) (bl i64) (bh i64) (line i32) -> i64
  local minus i32
  .ah .bh i64.xor ##0 i64.lt_s =minus
  .al .ah call i128_size =al @hi =ah .bl .bh call i128_size =bl @hi =bh
  .al .ah .bl .bh .line call u128_mul @hi .minus .line call i128_signed
func i128_div (al i64) (ah i64) (bl i64) (bh i64) (line i32) -> i64
  local minus i32
  local ql i64
  local qh i64
  .ah .bh i64.xor ##0 i64.lt_s =minus
  .al .ah call i128_size =al @hi =ah .bl .bh call i128_size =bl @hi =bh
  .al .ah .bl .bh #0 .line call u128_divide =ql @hi =qh
  .minus if
    .al .ah .bl .bh #1 .line call u128_divide @hi i64.or i64.eqz i32.eqz if
      .ql .qh ##1 ##0 .line call u128_add =ql @hi =qh
    end
  end
  .ql .qh .minus .line call i128_signed
func i128_rem (al i64) (ah i64) (bl i64) (bh i64) (line i32) -> i64
  local minus i32
  local below i32
  local rl i64
  local rh i64
  .bh ##0 i64.lt_s =below .ah .bh i64.xor ##0 i64.lt_s =minus
  .al .ah call i128_size =al @hi =ah .bl .bh call i128_size =bl @hi =bh
  .al .ah .bl .bh #1 .line call u128_divide =rl @hi =rh
  .minus .rl .rh i64.or i64.eqz i32.eqz i32.and if
    .bl .bh .rl .rh .line call u128_sub =rl @hi =rh
  end
  .rl .rh .below .line call i128_signed
func i128_cmp (al i64) (ah i64) (bl i64) (bh i64) -> i32
  .ah .bh i64.eq if .al .bl i64.gt_u .al .bl i64.lt_u i32.sub return end
  .ah .bh i64.gt_s .ah .bh i64.lt_s i32.sub
func i128_mixed (lo i64) (hi i64) (n i64) -> i32
  .lo .hi .n .n ##63 i64.shr_s call i128_cmp
func i128_mixed_back (n i64) (lo i64) (hi i64) -> i32
  #0 .lo .hi .n call i128_mixed i32.sub

func u256_of (lo i64) (hi i64) -> i32
  local p i32
  #32 call alloc ~p .lo i64.store .p .hi i64.store+8 .p ##0 i64.store+16 .p ##0 i64.store+24 .p
func u256_low (p i32) (line i32) -> i64
  .p i64.load+16 .p i64.load+24 i64.or i64.eqz i32.eqz if .line call overflow end
  .p i64.load+8 >hi .p i64.load
func u256_cmp (p i32) (q i32) -> i32
  local o i32
  local a i64
  local b i64
  #32 =o
  loop:next
    .o #8 i32.sub ~o .p i32.add i64.load ~a .o .q i32.add i64.load ~b i64.ne if
      .a .b i64.gt_u .a .b i64.lt_u i32.sub return
    end
    .o br_if next
  end
  #0
func u256_mixed (p i32) (n i64) -> i32
  .n ##0 i64.lt_s if #1 return end
  .p i64.load+8 .p i64.load+16 i64.or .p i64.load+24 i64.or i64.eqz i32.eqz if #1 return end
  .p i64.load .n call mixed_cmp
func u256_mixed_back (n i64) (p i32) -> i32
  #0 .p .n call u256_mixed i32.sub
func u256_add (p i32) (q i32) (line i32) -> i32
  local r i32
  local o i32
  local a i64
  local s i64
  local c i64
  local d i64
  #32 call alloc =r
  loop:next
    .p .o i32.add i64.load ~a .q .o i32.add i64.load i64.add ~s .a i64.lt_u i64.extend_i32_u =d
    .r .o i32.add .s .c i64.add ~a i64.store
    .a .s i64.lt_u i64.extend_i32_u .d i64.or =c
    .o #8 i32.add ~o #32 i32.lt_u br_if next
  end
  .c i64.eqz i32.eqz if .line call overflow end .r
func u256_sub (p i32) (q i32) (line i32) -> i32
  local r i32
  local o i32
  local a i64
  local s i64
  local c i64
  local d i64
  #32 call alloc =r
  loop:next
    .p .o i32.add i64.load ~a .q .o i32.add i64.load ~d i64.sub =s
    .a .d i64.lt_u i64.extend_i32_u =d
    .r .o i32.add .s .c i64.sub i64.store
    .s .c i64.lt_u i64.extend_i32_u .d i64.or =c
    .o #8 i32.add ~o #32 i32.lt_u br_if next
  end
  .c i64.eqz i32.eqz if .line call overflow end .r
func u256_mul (p i32) (q i32) (line i32) -> i32
  local r i32
  local i i32
  local j i32
  local a i64
  local t i64
  #64 call alloc ~r #0 #64 memory.fill
  loop:row
    .p .i i32.add i64.load32_u ~a i64.eqz i32.eqz if
      ##0 =t #0 =j
      loop:cell
        .t ##32 i64.shr_u .a .q .j i32.add i64.load32_u i64.mul i64.add
        .r .i i32.add .j i32.add i64.load32_u i64.add =t
        .r .i i32.add .j i32.add .t i64.store32
        .j #4 i32.add ~j #32 i32.lt_u br_if cell
      end
      .r .i i32.add .t ##32 i64.shr_u i64.store32+32
    end
    .i #4 i32.add ~i #32 i32.lt_u br_if row
  end
  .r i64.load+32 .r i64.load+40 i64.or .r i64.load+48 i64.or .r i64.load+56 i64.or i64.eqz i32.eqz
  if .line call overflow end .r
func u256_div (p i32) (q i32) (line i32) -> i32
  .p .q #0 .line call u256_divide
func u256_rem (p i32) (q i32) (line i32) -> i32
  .p .q #1 .line call u256_divide
func u256_divide (p i32) (q i32) (rest i32) (line i32) -> i32
  local a0 i64
  local a1 i64
  local a2 i64
  local a3 i64
  local b0 i64
  local b1 i64
  local b2 i64
  local b3 i64
  local r0 i64
  local r1 i64
  local r2 i64
  local r3 i64
  local d0 i64
  local d1 i64
  local d2 i64
  local w i64
  local s i64
  local top i64
  local n i32
  .p i64.load =a0 .p i64.load+8 =a1 .p i64.load+16 =a2 .p i64.load+24 =a3
  .q i64.load =b0 .q i64.load+8 =b1 .q i64.load+16 =b2 .q i64.load+24 =b3
  .b0 .b1 i64.or .b2 i64.or .b3 i64.or i64.eqz if .line call division_by_zero end
  .a2 .a3 i64.or .b2 i64.or .b3 i64.or i64.eqz if
    .a0 .a1 .b0 .b1 .rest .line call u128_divide @hi call u256_of return
  end
  #256 =n
  loop:words
    .a3 i64.eqz if
      .a2 =a3 .a1 =a2 .a0 =a1 ##0 =a0 .n #64 i32.sub ~n #64 i32.gt_u br_if words
    end
  end
  loop:next
    .r3 ##63 i64.shr_u =top
    .r3 ##1 i64.shl .r2 ##63 i64.shr_u i64.or =r3
    .r2 ##1 i64.shl .r1 ##63 i64.shr_u i64.or =r2
    .r1 ##1 i64.shl .r0 ##63 i64.shr_u i64.or =r1
    .r0 ##1 i64.shl .a3 ##63 i64.shr_u i64.or =r0
    .a3 ##1 i64.shl .a2 ##63 i64.shr_u i64.or =a3
    .a2 ##1 i64.shl .a1 ##63 i64.shr_u i64.or =a2
    .a1 ##1 i64.shl .a0 ##63 i64.shr_u i64.or =a1
    .a0 ##1 i64.shl =a0
    .r0 .b0 i64.sub =d0 .r0 .b0 i64.lt_u i64.extend_i32_u =w
    .r1 .b1 i64.sub ~s .w i64.sub =d1 .r1 .b1 i64.lt_u .s .w i64.lt_u i32.or i64.extend_i32_u =w
    .r2 .b2 i64.sub ~s .w i64.sub =d2 .r2 .b2 i64.lt_u .s .w i64.lt_u i32.or i64.extend_i32_u =w
    .r3 .b3 i64.sub =s .r3 .b3 i64.lt_u .s .w i64.lt_u i32.or i32.eqz .top i64.eqz i32.eqz i32.or if
      .d0 =r0 .d1 =r1 .d2 =r2 .s .w i64.sub =r3 .a0 ##1 i64.or =a0
    end
    .n #1 i32.sub ~n br_if next
  end
  .rest if .r0 =a0 .r1 =a1 .r2 =a2 .r3 =a3 end
  #32 call alloc ~n .a0 i64.store .n .a1 i64.store+8 .n .a2 i64.store+16 .n .a3 i64.store+24 .n

func mem_eq (p i32) (q i32) (n i32) -> i32
  loop:words
    .n #8 i32.ge_u if
      .p i64.load .q i64.load i64.ne if #0 return end
      .p #8 i32.add =p .q #8 i32.add =q .n #8 i32.sub =n
      br words
    end
  end
  loop:bytes
    .n i32.eqz if #1 return end
    .p i32.load8_u .q i32.load8_u i32.ne if #0 return end
    .p #1 i32.add =p .q #1 i32.add =q .n #1 i32.sub =n
    br bytes
  end
  unreachable
func mem_cmp (p i32) (n i32) (q i32) (m i32) -> i32
  local d i32
  loop:next
    .n i32.eqz .m i32.eqz i32.or if .n #0 i32.ne .m #0 i32.ne i32.sub return end
    .p i32.load8_u .q i32.load8_u i32.sub ~d if .d #0 i32.gt_s .d #0 i32.lt_s i32.sub return end
    .p #1 i32.add =p .q #1 i32.add =q .n #1 i32.sub =n .m #1 i32.sub =m
    br next
  end
  unreachable
func var_eq (p i32) (q i32) -> i32
  .p i32.load .q i32.load i32.ne if #0 return end
  .p #4 i32.add .q #4 i32.add .p i32.load call mem_eq
func var_cmp (p i32) (q i32) -> i32
  .p #4 i32.add .p i32.load .q #4 i32.add .q i32.load call mem_cmp

func take (n i32) -> i32
  local p i32
  .n @end @pos i32.sub i32.gt_u if call bad end
  @pos ~p .n i32.add >pos .p
func take_var (limit i32) -> i32
  local p i32
  #4 call take ~p i32.load .limit i32.gt_u if call bad end
  .p i32.load call take drop .p
func take_count (limit i32) -> i32
  local n i32
  #4 call take i32.load ~n .limit i32.gt_u if call bad end .n
func take_flag -> i32
  #1 call take i64.load8_u call flag
func flag (v i64) -> i32
  .v ##1 i64.gt_u if call bad end .v i32.wrap_i64
func finish
  @pos @end i32.ne if call bad end
func take_text (limit i32) -> i32
  local p i32
  .limit call take_var ~p call utf8 .p
func utf8 (p i32)
  local i i32
  local e i32
  local c i32
  local n i32
  local low i32
  local high i32
  .p #4 i32.add ~i .p i32.load i32.add =e
  loop:next
    .i .e i32.ge_u if return end
    .i i32.load8_u ~c #128 i32.lt_u if .i #1 i32.add =i br next end
    .c #194 i32.lt_u .c #244 i32.gt_u i32.or if call bad end
    .c #224 i32.ge_u .c #240 i32.ge_u i32.add #1 i32.add =n
    .e .i i32.sub .n i32.le_u if call bad end
    #128 =low #191 =high
    .c #224 i32.eq if #160 =low end
    .c #237 i32.eq if #159 =high end
    .c #240 i32.eq if #144 =low end
    .c #244 i32.eq if #143 =high end
    loop:tail
      .i #1 i32.add ~i i32.load8_u ~c .low i32.lt_u .c .high i32.gt_u i32.or if call bad end
      #128 =low #191 =high
      .n #1 i32.sub ~n br_if tail
    end
    .i #1 i32.add =i
    br next
  end

func begin_arguments (most i32) (line i32)
  local n i32
  local p i32
  .line >line
  call env.input_len ~n .most i32.gt_u if call bad end
  .n call alloc ~p .n call env.input drop
  .p >pos .p .n i32.add >end
func not_found (line i32)
  str NotFound .line call fail
func fetch (kp i32) (kl i32) (most i32) (required i32) (line i32) -> i32
  local n i32
  .line >line #1 >stored
  .kp .kl .most call reserve .most call env.get ~n #-1 i32.eq if
    .required if .line call not_found end
    #0 return
  end
  .n .most i32.gt_u if call bad end
  .n call alloc >pos @pos .n i32.add >end
  #1
func load_small (kp i32) (kl i32) (size i32) (required i32) (line i32) -> i64
  local p i32
  local n i32
  .line >line #1 >stored
  #8 call reserve ~p ##0 i64.store
  .kp .kl .p .size call env.get ~n #-1 i32.eq if
    .required if .line call not_found end
    ##0 return
  end
  .n .size i32.ne if call bad end
  .p i64.load
func load_u128 (kp i32) (kl i32) (required i32) (line i32) -> i64
  local p i32
  local n i32
  .line >line #1 >stored ##0 >hi
  .kp .kl #16 call reserve ~p #16 call env.get ~n #-1 i32.eq if
    .required if .line call not_found end
    ##0 return
  end
  .n #16 i32.ne if call bad end
  .p i64.load+8 >hi .p i64.load
func has (kp i32) (kl i32) -> i32
  .kp .kl @heap #0 call env.get #-1 i32.ne

func copy (out i32) (p i32) (n i32) -> i32
  .out .p .n memory.copy .out .n i32.add
func copy_var (out i32) (p i32) -> i32
  .out .p .p i32.load #4 i32.add call copy
func hash_var (out i32) (p i32) -> i32
  .p #4 i32.add .p i32.load .out call env.sm3 .out #32 i32.add
func empty_list -> i32
  local p i32
  #8 call alloc ~p ##0 i64.store .p

func bound (p i32) (limit i32) (line i32) -> i32
  .p i32.load .limit i32.gt_u if .line call too_long end .p
func fix (p i32) (size i32) (line i32) -> i32
  .p i32.load .size i32.ne if .line call index_out_of_range end .p #4 i32.add
func loosen (p i32) (size i32) -> i32
  local q i32
  .size #4 i32.add call alloc ~q .size i32.store
  .q #4 i32.add .p .size memory.copy .q
func index (count i32) (i i64) (line i32) -> i32
  .i ##0 i64.lt_s if .i .count i64.extend_i32_u i64.add =i end
  .i .count i64.extend_i32_u i64.ge_u if .line call index_out_of_range end
  .i i32.wrap_i64
func byte_at (p i32) (i i64) (line i32) -> i64
  .p .p i32.load .i .line call index i32.add i64.load8_u+4
func table_at (p i32) (count i32) (i i64) (line i32) -> i64
  .p .count .i .line call index #3 i32.shl i32.add i64.load
func clamp (i i64) (n i32) -> i32
  .i ##0 i64.lt_s if .i .n i64.extend_i32_u i64.add ~i ##0 i64.lt_s if #0 return end end
  .i .n i64.extend_i32_u i64.gt_s if .n return end
  .i i32.wrap_i64
func slice (p i32) (from i64) (to i64) -> i32
  local a i32
  local n i32
  local q i32
  .from .p i32.load call clamp =a
  .to .p i32.load call clamp .a i32.sub ~n #0 i32.lt_s if #0 =n end
  .n #4 i32.add call alloc ~q .n i32.store
  .q #4 i32.add .p #4 i32.add .a i32.add .n memory.copy .q
func list_slice (p i32) (from i64) (to i64) (stride i32) -> i32
  local a i32
  local n i32
  local q i32
  .from .p i32.load call clamp =a
  .to .p i32.load call clamp .a i32.sub ~n #0 i32.lt_s if #0 =n end
  .n .stride i32.mul #8 i32.add call alloc ~q .n i32.store
  .q #8 i32.add .p #8 i32.add .a .stride i32.mul i32.add .n .stride i32.mul memory.copy .q
func find (p i32) (byte i64) -> i64
  local i i32
  local n i32
  .p i32.load =n
  loop:next
    .i .n i32.ge_u if ##-1 return end
    .p .i i32.add i64.load8_u+4 .byte i64.eq if .i i64.extend_i32_u return end
    .i #1 i32.add =i
    br next
  end
  unreachable
func join (p i32) (q i32) -> i32
  local n i32
  local r i32
  .p i32.load .q i32.load i32.add ~n #4 i32.add call alloc ~r .n i32.store
  .r #4 i32.add .p #4 i32.add .p i32.load call copy .q #4 i32.add .q i32.load memory.copy
  .r
func list_join (p i32) (q i32) (stride i32) (limit i32) (line i32) -> i32
  local n i32
  local r i32
  .p i32.load .q i32.load i32.add ~n .limit i32.gt_u if .line call too_long end
  .n .stride i32.mul #8 i32.add call alloc ~r .n i32.store
  .r #8 i32.add .p #8 i32.add .p i32.load .stride i32.mul call copy
  .q #8 i32.add .q i32.load .stride i32.mul memory.copy
  .r
func decimal (n i64) (minus i32) -> i32
  local p i32
  local e i32
  #32 call alloc #32 i32.add ~e =p
  .n .minus .p .e call digits
func digits (n i64) (minus i32) (p i32) (e i32) -> i32
  loop:next
    .p #1 i32.sub ~p .n ##10 i64.rem_u i32.wrap_i64 #48 i32.add i32.store8
    .n ##10 i64.div_u ~n i64.eqz i32.eqz br_if next
  end
  .minus if .p #1 i32.sub ~p #45 i32.store8 end
  .p #4 i32.sub .e .p i32.sub i32.store
  .p #4 i32.sub
func u64_text (n i64) -> i32
  .n #0 call decimal
func i64_text (n i64) -> i32
  .n ##0 i64.lt_s if ##0 .n i64.sub #1 call decimal return end
  .n #0 call decimal
func u128_text (lo i64) (hi i64) -> i32
  local e i32
  #48 call alloc #48 i32.add =e
  .lo .hi #0 .e .e call digits_wide
func i128_text (lo i64) (hi i64) -> i32
  local e i32
  #48 call alloc #48 i32.add =e
  .lo .hi call i128_size @hi .hi ##0 i64.lt_s .e .e call digits_wide
func u256_text (p i32) -> i32
  local c i32
  local e i32
  #32 call alloc ~c .p #32 memory.copy
  #96 call alloc #96 i32.add ~e =p
  loop:chunk
    .c i64.load+8 .c i64.load+16 i64.or .c i64.load+24 i64.or i64.eqz i32.eqz if
      .c call u256_next_digits #9 .p call padded =p
      br chunk
    end
  end
  .c i64.load #0 .p .e call digits
func u256_next_digits (p i32) -> i64
  local o i32
  local t i64
  #32 =o
  loop:next
    .t ##32 i64.shl .p .o #4 i32.sub ~o i32.add i64.load32_u i64.or =t
    .p .o i32.add .t ##1000000000 i64.div_u i64.store32
    .t ##1000000000 i64.rem_u =t
    .o br_if next
  end
  .t
func digits_wide (lo i64) (hi i64) (minus i32) (p i32) (e i32) -> i32
  local r i64
  loop:chunk
    .hi i64.eqz i32.eqz if
      .lo .hi ##1000000000000000000 ##0 #0 call u128_rem =r
      .lo .hi ##1000000000000000000 ##0 #0 call u128_div =lo @hi =hi
      .r #18 .p call padded =p
      br chunk
    end
  end
  .lo .minus .p .e call digits
func padded (r i64) (n i32) (p i32) -> i32
  loop:next
    .p #1 i32.sub ~p .r ##10 i64.rem_u i32.wrap_i64 #48 i32.add i32.store8
    .r ##10 i64.div_u =r
    .n #1 i32.sub ~n br_if next
  end
  .p
func hex_var (p i32) -> i32
  .p #4 i32.add .p i32.load call hex
func hex (p i32) (n i32) -> i32
  local r i32
  local q i32
  .n #1 i32.shl #4 i32.add call alloc ~r .n #1 i32.shl i32.store
  .r #4 i32.add =q
  loop:next
    .n i32.eqz if .r return end
    .q .p i32.load8_u #4 i32.shr_u call hex_digit i32.store8
    .q .p i32.load8_u #15 i32.and call hex_digit i32.store8+1
    .p #1 i32.add =p .q #2 i32.add =q .n #1 i32.sub =n
    br next
  end
  unreachable
func hex_digit (v i32) -> i32
  .v #48 i32.add .v #9 i32.gt_u #39 i32.mul i32.add
func new_list (room i64) (stride i32) -> i32
  local p i32
  .room i32.wrap_i64 .stride i32.mul #8 i32.add call alloc ~p ##0 i64.store .p
func caller -> i32
  local p i32
  #20 call alloc ~p call env.caller .p
func origin -> i32
  local p i32
  #20 call alloc ~p call env.origin .p
func begin_result (most i32) (line i32)
  local n i32
  local p i32
  .line >line #2 >stored
  call env.returned_len ~n .most i32.gt_u if call bad end
  .n call alloc ~p .n call env.returned drop
  .p >pos .p .n i32.add >end
func failure_code -> i32
  local n i32
  local p i32
  call env.returned_len ~n call alloc ~p .n call env.returned drop .p
func call_failed (line i32)
  local p i32
  call failure_code =p
  str CallFailed .line .p .p i32.load #4 i32.add call env.abort unreachable
func self_address -> i32
  local p i32
  #20 call alloc ~p call env.self_addr .p
func tx_id -> i32
  local p i32
  #32 call alloc ~p call env.tx_id .p
func organisation_of (account i32) -> i32
  local p i32
  local n i32
  .account #68 call alloc ~p #4 i32.add #64 call env.org_of ~n #-1 i32.eq if #0 return end
  .n #64 i32.gt_u if unreachable end
  .p .n i32.store .p
func sm2_check (key i32) (signature i32) (message i32) -> i32
  .key i32.load #33 i32.ne .signature i32.load #64 i32.ne i32.or if #0 return end
  .key #4 i32.add .signature #4 i32.add .message #4 i32.add .message i32.load call env.sm2_verify
"""

_SHORT = {".": "local.get", "=": "local.set", "~": "local.tee", "@": "global.get", ">": "global.set"}
_HEAD = re.compile(r"func (\w+)((?: \(\w+ i(?:32|64)\))*)(?: -> (i32|i64))?$")


def assemble(source: str) -> dict[str, WasmFunction]:
    """Functions by name. `("str", text)` stays for the linker."""
    functions: dict[str, WasmFunction] = {}
    current: WasmFunction | None = None
    for line in source.splitlines():
        if head := _HEAD.match(line):
            parameters = [(name, kind) for name, kind in re.findall(r"\((\w+) (i\d\d)\)", head[2])]
            current = functions[head[1]] = WasmFunction(head[1], parameters, head[3])
        elif line.strip() and current is not None:
            words = line.split()
            if words[0] == "local":
                current.locals[words[1]] = words[2]
            else:
                current.code += _instructions(words)
        elif line.strip():
            raise ValueError(f"runtime: {line}")
    return functions


def _instructions(words: list[str]) -> list[Instr]:
    out: list[Instr] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word[0] in _SHORT:
            out.append((_SHORT[word[0]], word[1:]))
        elif word.startswith("##"):
            out.append(("i64.const", int(word[2:])))
        elif word.startswith("#"):
            out.append(("i32.const", int(word[1:])))
        elif word in ("call", "br", "br_if", "str"):
            out.append((word, words[at]))
            at += 1
        elif word.split(":")[0].split("->")[0] in ("if", "block", "loop"):
            op, _, result = word.partition("->")
            op, _, label = op.partition(":")
            out.append((op, label, result))
        else:
            op, _, offset = word.partition("+")
            out.append((op, int(offset)) if offset else (op,))
    return out


RUNTIME = assemble(SOURCE)
