// Brings what is new into an open page of the inbox; what is typed stays, also over a reload.
"use strict";

(() => {
  const first = document.querySelector("[data-live]");
  const form = document.querySelector("[data-draft]");
  const trouble = document.querySelector("[data-trouble]");
  const HIDDEN = 30;
  const OFFLINE = "Mất kết nối, trang đang thử lại. Tin mới chưa hiện.";
  const SIGNED_OUT = "Phiên làm việc đã hết. Tải lại trang để đăng nhập; chữ đang gõ còn nguyên.";
  const GONE = "Cuộc trao đổi này không còn: người dân đã xóa dữ liệu của mình.";

  const say = (text) => {
    trouble.hidden = !text;
    if (trouble.textContent !== text) trouble.textContent = text;
  };

  const atEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < 80;

  // Only what differs is touched, so that a screen reader says only what is new.
  const grow = (list, fresh) => {
    const follow = atEnd(list);
    for (const item of fresh.children) {
      const known = document.getElementById(item.id);
      if (!known) list.append(item.cloneNode(true));
      else if (known.innerHTML !== item.innerHTML && !known.dataset.revealed) known.innerHTML = item.innerHTML;
    }
    if (follow) list.scrollTop = list.scrollHeight;
  };

  const replace = (part, fresh) => {
    if (part.innerHTML === fresh.innerHTML) return;
    const href = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    part.innerHTML = fresh.innerHTML;
    part.hidden = fresh.hidden;
    if (href) part.querySelector(`[href="${CSS.escape(href)}"]`)?.focus({ preventScroll: true });
  };

  const merge = (fresh) => {
    for (const part of first.querySelectorAll("[data-part]")) {
      const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
      if (other) replace(part, other);
    }
    const list = first.querySelector("[data-grow]");
    if (list) grow(list, fresh.querySelector("[data-grow]"));
    document.title = fresh.dataset.title;
    const changed = document.querySelector("[data-changed]");
    if (changed) changed.hidden = fresh.dataset.state === first.dataset.state;
  };

  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(look, 1000 * (document.hidden ? HIDDEN : Number(first.dataset.every)));
  };

  const look = async () => {
    try {
      const response = await fetch(first.dataset.live, { redirect: "manual" });
      if (response.type === "opaqueredirect") { say(SIGNED_OUT); return; }
      if (response.status === 404) { say(GONE); return; }
      if (!response.ok) throw new Error(`status ${response.status}`);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      merge(page.querySelector("[data-live]"));
      say("");
    } catch { say(OFFLINE); }
    later();
  };

  const insert = (button, into) => {
    const before = into.value.trimEnd();
    into.value = before ? `${before}\n${button.dataset.insert}` : button.dataset.insert;
    into.focus();
    into.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const listenForm = () => {
    form.addEventListener("click", (event) => {
      const button = event.target.closest("[data-insert]");
      if (!button) return;
      event.preventDefault();
      insert(button, form.elements.reply_text);
    });
    // Ctrl+Enter sends, as in mail programs.
    form.elements.reply_text?.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
  };

  if (!first) return;
  const list = first.querySelector("[data-grow]");
  if (list) list.scrollTop = list.scrollHeight;
  if (form) listenForm();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  later();
})();
