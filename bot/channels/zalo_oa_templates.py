"""Template messages (ZBS, formerly ZNS): approved texts sent to somebody who did not just write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.channels import Outgoing
from bot.channels.zalo_oa_events import ANONYMOUS, PHONE, TEMPLATE
from bot.channels.zalo_oa_text import composed, mobile_number, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CALL = "template"
LONGEST = {"name": 30, "code": 30, "status": 30, "date": 20, "address": 200, "url": 200}
"""Characters of a value by what it is; the template says which parameter is what."""
MOST_TRACKING = 48


def template_message(
    template: str,
    data: Mapping[str, str],
    *,
    contact: str | None = None,
    phone: str | None = None,
    tracking: str = "",
    longest: Mapping[str, int] | None = None,
) -> Outgoing:
    """The call that sends a template to a ``contact`` of the chat or to a ``phone`` number.

    ``tracking`` names the message (at most 48 characters): by phone, the same name is delivered
    once only. ``longest`` holds the most characters of each parameter, usually out of
    :data:`LONGEST`; parameters it does not name may have 30, the smallest limit of text. What is
    too long is cut at a word with «…»; a value without words (a code, a web address), which a cut
    would spoil, raises ``ValueError``, as do a wrong number, an empty value, no recipient.
    """
    if (contact is None) == (phone is None):
        raise ValueError("either a contact or a phone number")
    if len(tracking) > MOST_TRACKING:
        raise ValueError(f"tracking has more than {MOST_TRACKING} characters")
    limits = longest or {}
    fitted = {name: _fit(name, value, limits.get(name, 30)) for name, value in data.items()}
    body = {"template_id": template, "template_data": fitted}
    if contact is not None:
        return Outgoing(contact=TEMPLATE + contact, call=CALL, body=body)
    number = mobile_number(phone or "")
    if number is None:
        raise ValueError("not a Vietnamese mobile number")
    if not tracking:
        raise ValueError("a message by phone needs its tracking name")
    return Outgoing(contact=PHONE + number, call=CALL, body={**body, "tracking_id": tracking})


def status_template(template: str) -> Callable[[str, Mapping[str, str]], Outgoing | None]:
    """What makes the call that tells a contact of the chat a dossier's state by a template.

    ``None`` for visitors of the chat on a website, who have no Zalo account there.
    """

    def call(contact: str, data: Mapping[str, str]) -> Outgoing | None:
        if contact.startswith((ANONYMOUS, TEMPLATE, PHONE)):
            return None
        return template_message(template, data, contact=contact)

    return call


def _fit(name: str, value: str, most: int) -> str:
    text = " ".join(composed(value).split())
    if not text:
        raise ValueError(f"{name} is empty")
    if len(text) > most and " " not in text:
        raise ValueError(f"{name} has more than {most} characters")
    return shortened(text, most)
