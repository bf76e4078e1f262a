"""A form out of an interface description: draw, check as the chain checks, review with private values masked.

No page writes a field by hand: labels, kinds, bounds and validators come from the contract. Values that the chain never
sees (a citizen number behind a salted digest) are fields too; the list of what goes on the chain says which is which.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from nicegui import ui
from nicegui.elements.mixins.value_element import ValueElement

from xianglian.console.i18n import CHINA, Catalogue, label, pick
from xianglian.console.kit.elements import put
from xianglian.console.look import markup
from xianglian.contract import bech32, spec
from xianglian.contract.abi import Interface
from xianglian.solutions import validators

W = Catalogue(
    "form",
    {
        "required": ("必填", "Required"),
        "number": ("应为整数", "A whole number is wanted"),
        "range": ("应在 {low} 至 {high} 之间", "It lies between {low} and {high}"),
        "address": ("不是有效的账户地址: 应以 xl1 开头", "Not an account address: it begins with xl1"),
        "hex": ("应为十六进制", "Hexadecimal digits are wanted"),
        "bytes": ("应为 {size} 字节, 即 {digits} 位十六进制", "{size} bytes are wanted: {digits} hexadecimal digits"),
        "long": ("过长: 最多 {limit} 字节, 一个汉字占三字节", "Too long: at most {limit} bytes"),
        "time": ("应为 年-月-日 时:分, 例如 2030-12-31 18:00", "YYYY-MM-DD hh:mm is wanted, such as 2030-12-31 18:00"),
        "invalid": ("{title}: {problem}", "{title} {problem}"),
        "items": ("最多 {limit} 项", "At most {limit}"),
        "hint.time": ("北京时间, 年-月-日 时:分", "UTC+8, YYYY-MM-DD hh:mm"),
        "hint.list": ("一行一项", "One a line"),
        "hint.json": ("JSON", "JSON"),
        "hint.address": ("xl1…", "xl1…"),
        "yes": ("是", "Yes"),
        "no": ("否", "No"),
        "none": ("未填", "Empty"),
        "plain": ("明文", "Plain"),
        "digest": ("摘要", "Digest"),
        "root": ("默克尔根", "Merkle root"),
        "off": ("不上链", "Off the chain"),
    },
)  # fmt: skip
INSTEAD = {"plain": "idle", "digest": "violet", "root": "warn", "off": "ok"}
"""How a value gets onto the chain -> colour of its pill."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in."""

    name: str
    title: str
    type: Any
    """In the notation of the interface description."""
    validator: str | None = None
    hint: str | None = None
    on_chain: str = "plain"
    """`plain`, `digest`, `root` or `off`: what the chain gets of it."""
    private: bool = False
    """Masked in the review."""
    options: Mapping[str, str] | None = None
    """Value -> words, where one is chosen."""
    help: str = ""

    @property
    def optional(self) -> bool:
        """Whether it may stay empty."""
        return isinstance(self.type, dict) and "option" in self.type

    @property
    def bare(self) -> Any:
        """The type without its option."""
        return self.type["option"] if self.optional else self.type


def fields_of(
    interface: Interface, method: str, only: Sequence[str] | None = None, options: Mapping[str, Mapping[str, str]] | None = None
) -> list[Field]:  # fmt: skip
    """The arguments of a method as fields, `only` those named, in that order."""
    described = {each["name"]: each for each in interface.method(method).description["args"]}
    enums = {each["name"]: each["members"] for each in interface.document["enums"]}
    found = []
    for name in only if only is not None else described:
        each = described[name]
        bare = (
            each["type"]["option"]
            if isinstance(each["type"], dict) and "option" in each["type"]
            else each["type"]
        )
        chosen = (options or {}).get(name)
        if chosen is None and isinstance(bare, dict) and "enum" in bare:
            chosen = {member["name"]: label(member["label"]) for member in enums[bare["enum"]]}
        found.append(
            Field(
                name,
                label(each["label"]),
                each["type"],
                each.get("validator"),
                each.get("hint"),
                on_chain="digest" if each["privacy"] == "ref" else "plain",
                options=chosen,
            )
        )
    return found


def problem_of(field: Field, text: str) -> str:
    """What is wrong with a field's text; empty if nothing is. The contract's own validators run here."""
    text = text.strip()
    if not text:
        return "" if field.optional or _is_list(field.bare) or field.bare == "bool" else W("required")
    try:
        value_of(field, text)
    except ValueError as error:
        return str(error)
    if field.validator is not None and field.validator in validators.VALIDATORS:
        return validated(field.validator, text)
    if _is_list(field.bare) and field.validator is None:
        return ""
    return ""


def validated(validator: str, text: str) -> str:
    """The problem that a validator of the identifier library finds, in words; empty if none."""
    found = validators.check(validator, text)
    if found is None:
        return ""
    return W("invalid", title=validators.TITLES[validator][0 if W("yes") == "是" else 1], problem=pick(found))


def value_of(field: Field, text: str) -> Any:
    """The JSON-able value of a field's text, as `abi` takes it. Raises `ValueError` in the visitor's words."""
    text = text.strip()
    if field.optional and not text:
        return None
    bare = field.bare
    if bare == "bool":
        return text == "true"
    if isinstance(bare, str) and bare in spec.INTEGERS:
        return _time(text) if field.hint == "time" else _number(spec.INTEGERS[bare], text)
    if bare == "address":
        try:
            if bech32.decode(text)[0] not in ("xl", "xlc"):
                raise ValueError
        except ValueError:
            raise ValueError(W("address")) from None
        return text
    if bare == "hash":
        return _hex(text, 32)
    match bare:
        case {"bytes": int(limit)}:
            return _hex(text, None, limit)
        case {"text": int(limit)}:
            if len(text.encode()) > limit:
                raise ValueError(W("long", limit=limit))
            return text
        case {"list": item, "max": int(limit)}:
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            if len(lines) > limit:
                raise ValueError(W("items", limit=limit))
            inner = Field(field.name, field.title, item, hint=field.hint)
            return [value_of(inner, line) for line in lines]
        case {"fixed": int(size)}:
            return _hex(text, size)
        case {"record": _} | {"tuple": _}:
            import json

            try:
                return json.loads(text)
            except ValueError:
                raise ValueError(W("hint.json")) from None
    return text


def masked(text: str) -> str:
    """A private value as the review shows it: its ends only."""
    if len(text) <= 4:
        return "•" * len(text)
    keep = 3 if len(text) > 8 else 1
    return text[:keep] + "•" * (len(text) - 2 * keep) + text[-keep:]


def shown(field: Field, text: str) -> str:
    """A value as the review shows it."""
    if not text.strip():
        return W("none")
    if field.private:
        return masked(text.strip())
    if field.bare == "bool":
        return W("yes") if text == "true" else W("no")
    if field.options is not None and not _is_list(field.bare):
        return field.options.get(text, text)
    return text


class Form:
    """Fields on the page, their texts and problems."""

    def __init__(self, fields: Sequence[Field], *, start: Mapping[str, str] | None = None) -> None:
        self.fields = list(fields)
        self.texts: dict[str, str] = {field.name: (start or {}).get(field.name, "") for field in fields}
        self._inputs: dict[str, ValueElement[Any]] = {}
        self._changed: Callable[[str], None] | None = None

    def on_change(self, tell: Callable[[str], None]) -> None:
        """`tell` gets the name of each field that was changed."""
        self._changed = tell

    def draw(self) -> None:
        """Places the fields, two in a row."""
        with ui.element("div").classes("form"):
            for field in self.fields:
                wide = _is_list(field.bare) or (
                    isinstance(field.bare, dict) and field.bare.get("text", 0) >= 96
                )
                with ui.element("div").classes("f full" if wide else "f"):
                    put(_label(field))
                    self._draw(field)

    def check(self) -> list[tuple[Field, str]]:
        """Checks every field, shows the problems beside them, and returns them."""
        return [(field, found) for field in self.fields if (found := self._show(field))]

    def values(self) -> dict[str, Any]:
        """JSON-able values by name. Raises `ValueError`; call `check` first."""
        return {field.name: value_of(field, self.texts[field.name]) for field in self.fields}

    def review(self) -> Markup:
        """What was filled in, private values masked."""
        rows = [
            (field.title, Markup("{}").format(shown(field, self.texts[field.name]))) for field in self.fields
        ]
        return markup.facts(rows)

    def set(self, name: str, text: str) -> None:
        """Fills in a field."""
        self.texts[name] = text
        element = self._inputs.get(name)
        if element is not None:
            element.value = text

    def _draw(self, field: Field) -> None:
        text, bare = self.texts[field.name], field.bare
        element: ValueElement[Any]
        if bare == "bool":
            element = ui.checkbox(value=text == "true")
            self.texts[field.name] = "true" if text == "true" else "false"
        elif field.options is not None and _is_list(bare):
            chosen = [line for line in text.splitlines() if line in field.options]
            element = ui.select(dict(field.options), value=chosen, multiple=True).props(
                "outlined dense use-chips"
            )
        elif field.options is not None:
            start = text if text in field.options else None
            element = ui.select(dict(field.options), value=start, clearable=field.optional).props(
                "outlined dense"
            )
        elif _is_list(bare) or (isinstance(bare, dict) and bare.keys() & {"record", "tuple"}):
            element = ui.textarea(value=text).props("outlined dense autogrow")
        else:
            element = ui.input(value=text).props("outlined dense")
        element.mark(field.name)
        element.props["aria-label"] = field.title
        if not isinstance(element, ui.checkbox):
            element.props["hint"] = field.help or _hint(field)
        self._inputs[field.name] = element

        def changed(event: Any) -> None:
            value = event.value
            if isinstance(value, bool):
                self.texts[field.name] = "true" if value else "false"
            elif isinstance(value, list):
                self.texts[field.name] = "\n".join(str(each) for each in value)
            else:
                self.texts[field.name] = "" if value is None else str(value)
            if getattr(element, "error", None):
                self._show(field)
            if self._changed is not None:
                self._changed(field.name)

        element.on_value_change(changed)

    def _show(self, field: Field) -> str:
        found = problem_of(field, self.texts[field.name])
        element = self._inputs.get(field.name)
        if element is not None and hasattr(element, "error"):
            element.error = found or None
        return found


def problems_note(problems: Sequence[tuple[Field, str]], title: str) -> Markup:
    """The problems of a form in one place."""
    rows = markup.join(Markup("<li><b>{}</b>{}</li>").format(field.title, text) for field, text in problems)
    return markup.note("bad", Markup("<ul>{}</ul>").format(rows), title=title)


def on_chain(rows: Sequence[tuple[str, str]]) -> Markup:
    """The list of what goes on the chain: (title, `plain` | `digest` | `root` | `off`)."""
    return markup.facts([(title, markup.pill(INSTEAD[how], W(how))) for title, how in rows])


def _label(field: Field) -> Markup:
    needed = (
        ""
        if field.optional or field.bare == "bool" or _is_list(field.bare)
        else Markup('<span class="req">*</span>')
    )
    reference = field.validator if field.validator in validators.TITLES else None
    source = {"uscc": "GB 32100", "gb11643": "GB 11643", "licence_id": "GB/T 36904", "licence_type": "GB/T 36903",
              "mod37_36": "ISO 7064"}.get(reference or "", "")  # fmt: skip
    return Markup('<div class="lb"><span>{}</span>{}<span class="ref">{}</span></div>').format(
        field.title, needed, source
    )


def _hint(field: Field) -> str:
    if field.hint == "time":
        return W("hint.time")
    if _is_list(field.bare):
        return W("hint.list") if field.options is None else ""
    if field.bare == "address" and field.options is None:
        return W("hint.address")
    return ""


def _is_list(bare: Any) -> bool:
    return isinstance(bare, dict) and "list" in bare


def _number(shape: spec.IntType, text: str) -> int:
    try:
        value = int(text.replace(",", ""), 10)
    except ValueError:
        raise ValueError(W("number")) from None
    if not shape.low <= value <= shape.high:
        raise ValueError(W("range", low=shape.low, high=shape.high))
    return value


def _time(text: str) -> int:
    for shape in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            when = datetime.datetime.strptime(text.replace("T", " "), shape).replace(tzinfo=CHINA)
        except ValueError:
            continue
        if when.timestamp() < 0:
            break
        return int(when.timestamp() * 1000)
    raise ValueError(W("time"))


def _hex(text: str, size: int | None, limit: int | None = None) -> str:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        raise ValueError(W("hex")) from None
    if size is not None and len(data) != size:
        raise ValueError(W("bytes", size=size, digits=2 * size))
    if limit is not None and len(data) > limit:
        raise ValueError(W("long", limit=limit))
    return data.hex()
