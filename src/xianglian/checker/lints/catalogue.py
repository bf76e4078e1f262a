"""What each lint is about, for people: title, why it matters, what to write instead; in both languages."""

from __future__ import annotations

from typing import NamedTuple


class Lint(NamedTuple):
    """One class of weaknesses. `severity`: high, medium or low."""

    severity: str
    zh: str
    en: str
    why_zh: str
    why_en: str
    do_zh: str
    do_en: str


LINTS: dict[str, Lint] = {
    "XL-LINT-00": Lint(
        "low", "接受说明无效", "An acceptance that accepts nothing",
        "没有理由或没有对应发现的接受会掩盖以后的问题", "without a reason, or without a finding, it hides what comes later",
        "写 # accept XL-LINT-nn: 理由, 或删除", "write # accept XL-LINT-nn: reason, or remove it",
    ),
    "XL-LINT-01": Lint(
        "high", "任何人都能改写受保护的状态", "Anyone may change what only some should",
        "写入前没有核对调用者的权限", "nothing asks who calls before the write",
        'require(ctx.caller == self.owner, NotOwner) 或 ctx.has_role(ctx.caller, "...")',
        'require(ctx.caller == self.owner, NotOwner), or ctx.has_role(ctx.caller, "...")',
    ),
    "XL-LINT-02": Lint(
        "high", "以签名者代替调用者授权", "Rights of the signer instead of the caller",
        "被诱导调用的中间合约可以冒用签名者的权限", "a contract in between acts with the rights of whoever signed",
        "用 ctx.caller", "use ctx.caller",
    ),
    "XL-LINT-03": Lint(
        "high", "用参数证明身份", "An argument says who calls",
        "参数由调用者填写, 可以填任何人的地址", "the caller chooses the argument, so it proves nothing",
        "与 ctx.caller 比较", "compare ctx.caller",
    ),
    "XL-LINT-04": Lint(
        "high", "条件中的 and / or 用错", "Wrong and / or in a check",
        "条件恒真、恒假, 或把没有权限当作权限", "it is always true, never true, or takes the lack of a right for one",
        "逐项写成单独的 require", "write one require for each condition",
    ),
    "XL-LINT-05": Lint(
        "high", "两项可能是同一项", "Two entries that may be one",
        "先读两项再写两项, 两者相同时后写的值来自旧值, 凭空增加", "both are read before either is written: if they are one, the old value wins",
        "先写第一项, 再读第二项 (+=), 或 require(a != b, ...)", "write the first before the second is read (+=), or require(a != b, ...)",
    ),
    "XL-LINT-06": Lint(
        "high", "更新丢失", "A lost update",
        "写回的值读取之后, 同一项又被改过", "what is written was read before the entry changed",
        "写之前再读一次", "read it again before writing",
    ),
    "XL-LINT-07": Lint(
        "high", "覆盖已有记录", "A record may be overwritten",
        "登记时没有检查该键是否已被占用", "nothing asks whether the key is taken",
        "require(key not in self.records, Exists)", "require(key not in self.records, Exists)",
    ),
    "XL-LINT-08": Lint(
        "medium", "没有检查对象是否存在", "Nothing asks whether it exists",
        "可以对不存在的对象写入", "entries arise for things that were never registered",
        "require(key in self.records, Unknown)", "require(key in self.records, Unknown)",
    ),
    "XL-LINT-09": Lint(
        "low", "数量可以是零", "The amount may be zero",
        "零数量的操作产生无意义的事件和记录", "it leaves events and records that mean nothing",
        "require(amount > 0, AmountIsZero)", "require(amount > 0, AmountIsZero)",
    ),
    "XL-LINT-10": Lint(
        "high", "总量没有随余额变化", "The supply does not follow the balances",
        "余额变了, 总量没有变", "balances change and their sum does not",
        "在同一方法中增减总量", "change the supply in the same entry",
    ),
    "XL-LINT-11": Lint(
        "medium", "先除后乘", "Division before multiplication",
        "舍去的余数被放大", "the remainder that was cut off is multiplied",
        "先乘后除: a * c // b", "multiply first: a * c // b",
    ),
    "XL-LINT-12": Lint(
        "medium", "任何人都能填满的列表", "A list that anyone can fill",
        "填满后其他人不能再加入", "once it is full nobody else gets in",
        "按调用者分开存放 (Map), 或限制谁能添加", "keep one entry a caller (Map), or say who may add",
    ),
    "XL-LINT-13": Lint(
        "medium", "由外人决定长度的循环", "A loop whose length strangers choose",
        "每一轮都读写状态, 费用可能超过上限", "each round touches state: the call may not fit into a block",
        "用 min(..., 常数) 分页", "take a page: min(..., CONSTANT)",
    ),
    "XL-LINT-14": Lint(
        "medium", "时间边界重叠或有空隙", "A boundary in time that is shared or skipped",
        "恰好在该时刻, 两个操作都允许或都不允许", "exactly then both calls succeed, or neither does",
        "一边用 <, 另一边用 >=", "use < on one side and >= on the other",
    ),
    "XL-LINT-15": Lint(
        "high", "时间单位混用", "Units of time are mixed",
        "区块高度、秒和毫秒不能互相比较", "heights, seconds and milliseconds do not compare",
        "时间用 ctx.time_ms 和毫秒", "use ctx.time_ms and milliseconds",
    ),
    "XL-LINT-16": Lint(
        "medium", "存了期限却从不检查", "An end that nothing asks for",
        "过期的仍然有效", "what has ended goes on",
        "require(ctx.time_ms < record.until, Expired)", "require(ctx.time_ms < record.until, Expired)",
    ),
    "XL-LINT-17": Lint(
        "high", "签名结果没有使用", "The result of a signature check is not used",
        "任何签名都能通过", "any signature passes",
        "require(sm2_verify(...), BadSignature)", "require(sm2_verify(...), BadSignature)",
    ),
    "XL-LINT-18": Lint(
        "high", "签名可以重放", "A signature that can be used again",
        "签名内容没有绑定本合约, 或没有只用一次的编号", "the message names no contract, or nothing that is used once",
        "签名内容加入 ctx.self_address 和已存的编号, 用后加一", "sign ctx.self_address and a stored number that the call moves on",
    ),
    "XL-LINT-19": Lint(
        "medium", "拼接后哈希有歧义", "A digest of joined parts is ambiguous",
        "('ab', 'c') 与 ('a', 'bc') 的摘要相同", "('ab', 'c') and ('a', 'bc') have one digest",
        "变长部分用 encode(x) 带上长度", "give each part its length: encode(x)",
    ),
    "XL-LINT-20": Lint(
        "high", "个人信息以明文上链", "Personal data as public text",
        "链上内容不能删除, 人人可读", "everyone reads the chain and nothing on it can be removed",
        "用 Ref (加盐摘要) 或 Sealed", "use Ref (a salted digest) or Sealed",
    ),
    "XL-LINT-21": Lint(
        "low", "改变状态却没有事件", "A change without an event",
        "查看者不知道发生了什么", "whoever watches the contract does not see it",
        "emit(...)", "emit(...)",
    ),
    "XL-LINT-22": Lint(
        "medium", "事件里是旧值", "An event with a value that is out of date",
        "读取之后又写过, 事件与状态不符", "it was read before the write, so event and state differ",
        "写后再读, 或把字段命名为 previous_...", "read it after the write, or call the field previous_...",
    ),
    "XL-LINT-23": Lint(
        "medium", "角色名可能写错", "The name of a role may be misspelt",
        "写错的角色没有人拥有", "nobody holds a role that is misspelt",
        "角色名写成常量一致的小写词", "spell the role the same everywhere, in small letters",
    ),
    "XL-LINT-24": Lint(
        "high", "承诺可以被猜出", "A commitment that can be guessed",
        "取值很少的内容可以逐个试出摘要", "of few possible values each can be tried",
        "加入至少 16 字节的随机数: sm3(encode(choice), salt)", "add at least 16 random bytes: sm3(encode(choice), salt)",
    ),
    "XL-LINT-25": Lint(
        "medium", "调用结果没有使用", "The result of a call is not used",
        "检查做了但没有后果", "the check is made and nothing follows",
        "require(self._check(...), ...)", "require(self._check(...), ...)",
    ),
    "XL-LINT-26": Lint(
        "low", "所有权一步移交", "Ownership handed over in one step",
        "写错的地址会永远失去所有权", "one wrong address and nobody owns it",
        "先提名, 由新所有者接受", "name a successor, who then accepts",
    ),
    "XL-LINT-27": Lint(
        "high", "任何人都能成为所有者", "Anyone may become the owner",
        "设定所有者的方法没有权限检查, 或可以重复调用", "the entry that sets it asks for nothing, or can be called again",
        "在 @init 中设定", "set it in @init",
    ),
    "XL-LINT-28": Lint(
        "high", "任何人都能删除", "Anyone may delete",
        "删除前没有核对调用者的权限", "nothing asks who calls before the entry goes",
        "require(ctx.caller == record.owner, NotOwner)", "require(ctx.caller == record.owner, NotOwner)",
    ),
    "XL-LINT-29": Lint(
        "high", "次数有限却不计数", "Uses that are limited but not counted",
        "检查了次数, 但没有加一", "the number is compared and never moves",
        "检查后写回加一", "write it back, one higher",
    ),
    "XL-LINT-30": Lint(
        "high", "暂停状态没有检查", "A switch that not everything asks",
        "暂停后仍可从另一入口操作", "what is stopped goes on through another entry",
        "在每个入口检查", "ask it in every entry",
    ),
    "XL-LINT-31": Lint(
        "low", "没有用到的部分", "A part that nothing uses",
        "可能是忘了的检查或写入", "it may be a check or a write that was forgotten",
        "使用或删除", "use it or remove it",
    ),
    "XL-LINT-32": Lint(
        "medium", "没有选择的条件", "A condition without a choice",
        "结果总是一样", "it always comes out the same",
        "写出真正的条件, 或删除", "write the condition that is meant, or remove it",
    ),
    "XL-LINT-33": Lint(
        "high", "调用会破坏不变式", "A call that breaks an invariant",
        "从所有不变式都成立的某个状态出发, 一次调用后它不再成立", "from a state in which all invariants hold, one call ends where it does not",
        "改正调用; 若该状态不会出现, 声明排除它的不变式", "correct the call; if no call leads to that state, declare what excludes it",
    ),
}  # fmt: skip
