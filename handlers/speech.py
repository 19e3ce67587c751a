"""How facts are said: money, limits, dates and papers in plain Vietnamese."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from handlers.wording import Wording
from knowledge.model import Fee, Paper, Procedure, TimeLimit, Unit
from knowledge.workdays import VIETNAM, clock

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_UNITS = {
    Unit.WORKING_DAY: "ngày làm việc",
    Unit.DAY: "ngày",
    Unit.HOUR: "giờ",
    Unit.MONTH: "tháng",
}


def money(amount: int) -> str:
    """«8.000 đồng»."""
    return f"{amount:,}".replace(",", ".") + " đồng"


def day(on: date) -> str:
    """«thứ Năm 26/11»."""
    return f"{WEEKDAYS[on.weekday()]} {on:%d/%m}"


def moment(at: datetime, now: datetime) -> str:
    """«16 giờ hôm nay», «7 giờ sáng mai», «7 giờ thứ Hai 30/11»."""
    local, today = at.astimezone(VIETNAM), now.astimezone(VIETNAM).date()
    said = clock(local.time())
    if local.date() == today:
        return f"{said} hôm nay"
    if local.date() == today + timedelta(days=1):
        return f"{said} {'sáng' if local.hour < 12 else 'chiều'} mai"
    return f"{said} {day(local.date())}"


def fee(each: Fee, wording: Wording) -> str:
    """One fee with what it is for, its condition and its end."""
    if each.amount is None:
        said = each.text or ""
    else:
        said = wording("fee.free") if each.amount == 0 else money(each.amount)
        said += f" một {each.per}" if each.per else ""
        said += f" ({each.text})" if each.text else ""
    if each.condition:
        said += f" – {each.condition}"
    if each.valid_until:
        said += f" (đến hết {each.valid_until:%d/%m/%Y})"
    return said


def limit(each: TimeLimit) -> str:
    """One time limit with its condition."""
    said = each.text or f"{each.amount} {_UNITS[each.unit]}"
    if each.text and each.amount:
        said = f"{each.amount} {_UNITS[each.unit]} ({each.text})"
    return said + (f" – {each.condition}" if each.condition else "")


def paper(each: Paper, wording: Wording) -> str:
    """One paper: name, counts, form, whether it is only shown, and when it is needed."""
    counts = []
    if each.originals:
        counts.append(f"{each.originals} bản chính")
    if each.copies:
        counts.append(f"{each.copies} bản sao")
    extras = [", ".join(counts)] if counts and not each.shown else []
    if each.form and each.form.lower() not in each.name.lower():
        extras.append(each.form)
    said = each.name.rstrip(" .;,")
    if extras:
        said += f" ({'; '.join(extras)})"
    if each.condition:
        said += f" – {each.condition}"
    return said + (f" – {wording('papers.shown')}" if each.shown else "")


def source(procedure: Procedure, wording: Wording, *, overdue: bool = False) -> str:
    """The last line of every answer: decision, check date, confirmed or not.

    ``overdue`` says that the record should have been looked at again by now.
    """
    found = procedure.source
    return wording(
        "source.overdue" if overdue else "source",
        decision=f"QĐ {found.decision}" if found.decision else wording("source.none"),
        checked=f"{found.checked_on:%d/%m/%Y}",
        confirmed=wording("source.confirmed" if found.confirmed else "source.unconfirmed"),
    )
