// The form of a record: buttons work in place, and what is typed is kept every few seconds.
// Without this file every button sends the form and the server draws it anew.
"use strict";

const EVERY = 3000;
let form = document.getElementById("record");
let kept = "";
let busy = false;
let leaving = false;

const typed = () => {
  const data = new FormData(form);
  data.delete("csrf");
  data.delete("_saves");
  return new URLSearchParams(data).toString();
};

const say = (text) => {
  document.getElementById("kept").textContent = text;
};

const post = (url, button) => {
  const data = new FormData(form);
  if (button) data.set("do", button.value);
  return fetch(url, { method: "POST", body: new URLSearchParams(data), redirect: "manual" });
};

const keep = async () => {
  const now = typed();
  if (busy || leaving || now === kept) return;
  busy = true;
  try {
    const answer = await post(form.dataset.keep);
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
      const told = await answer.json();
      if (answer.status === 200) {
        kept = now;
        form.elements["_saves"].value = told.saves;
      }
      say(told.said);
    } else {
      say("Chưa giữ được phần đang sửa: phiên đã hết. Anh/chị bấm «Lưu nháp» để đăng nhập lại, không mất gì.");
    }
  } catch {
    say("Mất mạng, chưa giữ được phần đang sửa. Có mạng lại em tự giữ.");
  } finally {
    busy = false;
  }
};

// Sends the button the way a browser without this script does.
const plainly = (button) => {
  form.requestSubmit(button);
  leaving = true;
};

const inPlace = async (button) => {
  if (busy) {
    setTimeout(inPlace, 50, button);
    return;
  }
  busy = true;
  form.inert = true;
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await post(form.action, button);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const drawn = page.getElementById("record");
    if (answer.status !== 200 || !drawn) throw new Error("another page");
    const opened = [...form.querySelectorAll("details[open] fieldset")].map((each) => each.id);
    const top = document.documentElement.scrollTop;
    const target = drawn.querySelector("[autofocus]");
    target?.removeAttribute("autofocus");
    form.replaceWith(drawn);
    form = drawn;
    for (const id of opened) document.getElementById(id)?.closest("details")?.setAttribute("open", "");
    document.documentElement.scrollTop = top;
    kept = typed();
    target?.focus({ preventScroll: true });
    target?.scrollIntoView({ block: "nearest" });
    busy = false;
  } catch {
    busy = false;
    form.inert = false;
    plainly(button);
  }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=do]");
  if (!button || button.form !== form || leaving) return;
  if (!/^(?:add|remove|up|down):/.test(button.value)) return;
  event.preventDefault();
  inPlace(button);
});

document.addEventListener("submit", (event) => {
  if (event.target !== form) return;
  if (busy) {
    // What is being kept just now comes first, or the server would take it for another window.
    event.preventDefault();
    setTimeout(() => form.requestSubmit(event.submitter), 50);
    return;
  }
  leaving = true;
});

// Enter in a line is no wish to send the whole form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.isComposing && event.target.matches("#record input")) {
    event.preventDefault();
  }
});

// Back from the next page: the browser shows the form as it was left.
window.addEventListener("pageshow", () => {
  leaving = false;
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") keep();
});

kept = typed();
setInterval(keep, EVERY);
