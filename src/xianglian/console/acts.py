"""An act of a person: fill in, review with private values masked, sign, see the receipt. Nothing is signed before the
review was confirmed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from markupsafe import Markup

from xianglian.console import kit
from xianglian.console.here import visitor
from xianglian.console.i18n import Catalogue, number
from xianglian.console.kit.form import Field, Form, on_chain, problems_note
from xianglian.console.look import markup
from xianglian.console.wording import worded
from xianglian.errors import XianglianError
from xianglian.types import Receipt

W = Catalogue(
    "acts",
    {
        "fill": ("填写", "Fill in"),
        "review": ("核对", "Review"),
        "done": ("结果", "Result"),
        "chain": ("写上链的内容", "What goes on the chain"),
        "chain.hint": ("由接口描述得出", "From the interface description"),
        "problems": ("有 {count} 处需要改正", "{count} to correct"),
        "next": ("下一步: 核对", "Next: review"),
        "back": ("返回修改", "Back"),
        "sign": ("签名并提交", "Sign and submit"),
        "check": ("请逐项核对。确认后以 {profile} 的密钥签名, 提交后不能撤回。", "Check each line. It is signed with the key of {profile} and cannot be taken back."),
        "ok": ("已办理, 并已最终确认", "Done, and final"),
        "refused": ("没有办成", "It was not done"),
        "refused.text": ("链上状态没有改变。", "Nothing on the chain has changed."),
        "receipt": ("回执: 第 {height} 块, 燃料 {gas}", "Receipt: block {height}, gas {gas}"),
        "see": ("查看交易", "See the transaction"),
        "why": ("为什么", "Why"),
    },
)  # fmt: skip
OnChain = Callable[[], Sequence[tuple[str, str]]]
Prepare = Callable[[], Awaitable[dict[str, Any]]]
Done = Callable[[Receipt], Awaitable[None] | None]


class Act:
    """One call of a contract, driven through its screens.

    `prepare` makes the call's arguments out of the form, `more` draws what the form does not hold (a file to choose),
    `checks` finds problems that no single field has, `done` draws what to do next.
    """

    def __init__(
        self,
        contract: str,
        method: str,
        form: Form,
        *,
        title: str,
        chain: OnChain | None = None,
        prepare: Prepare | None = None,
        more: Callable[[], None] | None = None,
        checks: Callable[[], list[tuple[Field, str]]] | None = None,
        review: Callable[[], Markup] | None = None,
        done: Done | None = None,
    ) -> None:
        self.contract, self.method, self.form, self.title = contract, method, form, title
        self._chain = chain or self._by_privacy
        self._prepare = prepare
        self._more, self._checks, self._review, self._done = more, checks, review, done

    def draw(self) -> None:
        """Places the first screen."""
        self._steps = kit.put(kit.join([]))
        self._area = kit.area()
        self.fill()

    def fill(self) -> None:
        """The form."""
        self._at(0)
        with self._area.anew(), kit.columns():
            with kit.column(8), kit.card(self.title, f"{self.contract}.{self.method}"):
                self.form.draw()
                if self._more is not None:
                    self._more()
            with kit.column(4, aside=True):
                self._problems = kit.put(Markup(""))
                self._chain_card()
                with kit.actions():
                    kit.button(W("next"), self._to_review, icon="next", name="next")

    def _chain_card(self) -> None:
        with kit.card(W("chain"), W("chain.hint")):
            self._listed = kit.put(on_chain(self._chain()))

    def refresh(self) -> None:
        """The list of what goes on the chain, again."""
        self._listed.show(on_chain(self._chain()))

    async def _to_review(self) -> None:
        problems = self.form.check() + (self._checks() if self._checks is not None else [])
        if problems:
            self._problems.show(problems_note(problems, W("problems", count=len(problems))))
            return
        self._at(1)
        with self._area.anew(), kit.columns():
            with kit.column(8), kit.card(self.title, f"{self.contract}.{self.method}"):
                kit.note("info", W("check", profile=visitor().profile))
                kit.put(self._review() if self._review is not None else self.form.review())
            with kit.column(4, aside=True):
                self._chain_card()
                with kit.actions():
                    kit.button(W("back"), self.fill, kind="sec", icon="back", name="back")
                    kit.button(W("sign"), self._sign, icon="authorise", name="sign")

    async def _sign(self) -> None:
        session = visitor()
        try:
            arguments = await self._prepare() if self._prepare is not None else self.form.values()
            receipt = await session.client.call(self.contract, self.method, **arguments)
        except XianglianError as error:
            await self._refused(error)
        else:
            await self._succeeded(receipt)

    async def _succeeded(self, receipt: Receipt) -> None:
        self._at(2)
        with self._area.anew():
            kit.note(
                "ok", W("receipt", height=number(receipt.height), gas=number(receipt.gas_used)), title=W("ok")
            )
            if self._done is not None:
                drawn = self._done(receipt)
                if drawn is not None:
                    await drawn
            with kit.actions():
                kit.anchor(W("see"), f"/console/transactions/{receipt.tx_hash}", icon="transaction")

    async def _refused(self, error: XianglianError) -> None:
        self._at(2)
        text = await worded(error, visitor())
        with self._area.anew():
            kit.note("bad", Markup("{}<br>{}").format(text, W("refused.text")), title=W("refused"))
            with kit.actions():
                kit.button(W("back"), self.fill, kind="sec", icon="back", name="back")
                if tx := error.facts.get("tx_id"):
                    kit.anchor(W("why"), f"/console/transactions/{tx}", icon="help")

    def _by_privacy(self) -> list[tuple[str, str]]:
        return [(field.title, field.on_chain) for field in self.form.fields]

    def _at(self, step: int) -> None:
        self._steps.show(markup.steps([W("fill"), W("review"), W("done")], step))
