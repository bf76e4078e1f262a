"""How a vote stands, drawn: a chip for each organisation, and how far the votes reach."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from xianglian.console.i18n import Catalogue
from xianglian.console.look import icons, markup

W = Catalogue(
    "votes",
    {
        "yes": ("同意", "Yes"),
        "no": ("反对", "No"),
        "wait": ("未投", "Not yet"),
        "tally": ("同意 {yes} / 须 {needed}, 反对 {no}", "{yes} of {needed} needed, {no} against"),
    },
)


def chips(members: Sequence[dict[str, Any]], ballots: Iterable[dict[str, Any]]) -> Markup:
    """Every member with its vote, those that have left among them if they voted."""
    cast = {each["organisation"]: "yes" if each["yes"] else "no" for each in ballots}
    names = {each["id"]: each["name"] for each in members}
    drawn = []
    for one in [*names, *(each for each in cast if each not in names)]:
        how = cast.get(one, "wait")
        mark = icons.icon({"yes": "check", "no": "cross", "wait": "history"}[how])
        drawn.append(
            Markup('<li class="ballot {}">{}<div><b>{}</b><span>{} · {}</span></div></li>').format(
                how, mark, names.get(one, one), one, W(how)
            )
        )
    return Markup('<ul class="ballots">{}</ul>').format(markup.join(drawn))


def tally(ballots: Sequence[dict[str, Any]], needed: int, members: int) -> Markup:
    """A cell for each organisation, votes in favour first, votes against last; a mark where it is enough."""
    yes = sum(1 for each in ballots if each["yes"])
    no = len(ballots) - yes
    cells = markup.join(
        Markup('<i class="{}{}"></i>').format(
            "yes" if index < yes else "no" if index >= members - no else "",
            " enough" if index == needed - 1 else "",
        )
        for index in range(members)
    )
    words = W("tally", yes=yes, needed=needed, no=no)
    return Markup('<div class="tally"><div>{}</div><span>{}</span></div>').format(cells, words)
