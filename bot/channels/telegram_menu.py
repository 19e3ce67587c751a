"""The commands of the Telegram menu and what each of them means to the office."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class MenuCommand:
    """``name`` is what is typed after «/»; ``private`` when it makes no sense in a group."""

    name: str
    action: str
    description: str
    private: bool = False
    takes_text: bool = False
    """Words behind the command are the real question."""


MENU = (
    MenuCommand(
        name="thutuc", action="fields", description="Xem thủ tục theo lĩnh vực", takes_text=True
    ),
    MenuCommand(
        name="hoso",
        action="dossier",
        description="Tra cứu tình trạng hồ sơ",
        private=True,
        takes_text=True,
    ),
    MenuCommand(name="canbo", action="human", description="Gặp cán bộ"),
    MenuCommand(name="trogiup", action="help", description="Cách hỏi", takes_text=True),
    MenuCommand(
        name="dulieu", action="my_data", description="Dữ liệu đang giữ về tôi", private=True
    ),
    MenuCommand(
        name="xoadulieu", action="erase_data", description="Xóa dữ liệu của tôi", private=True
    ),
)
"""In the order of the menu. Names are ascii because Telegram allows no other."""

START = "start"
HIDDEN = (MenuCommand(name="help", action="help", description="", takes_text=True),)
"""Understood though not in the menu: Telegram's own convention."""
COMMANDS = {each.name: each for each in (*MENU, *HIDDEN)}
