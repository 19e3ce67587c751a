// The web chat in the browser. Everything from the server is shown as text, never as HTML.
"use strict";

(() => {
  const ADDRESS = "api/chat/messages";
  const STORE = { talk: "hmc.talk", draft: "hmc.draft", token: "hmc.token", last: "hmc.last", size: "hmc.size" };
  const KEPT = 80;
  const PATIENCE = 30000;
  const SOON = 3000;
  const LATER = 20000;
  const SIZES = 6;
  const USUAL_SIZE = 1;
  const OFFLINE = "Mất mạng, tin chưa gửi được. Anh/chị kiểm tra mạng rồi bấm Gửi lại.";
  const BUSY = "Hệ thống đang bận, tin chưa được trả lời. Anh/chị bấm Gửi lại.";
  const PICTURE = "[Ảnh giấy hẹn]";
  const VOICE = "[Ghi âm – không được gửi đi]";
  const NO_PICTURE = "Máy này không mở được ảnh ấy. Anh/chị chụp lại, hoặc gõ mã hồ sơ giúp em.";
  const LARGEST_PICTURE = 1.5 * 1024 * 1024;
  // The longest side in pixels, tried until the picture is small enough to send.
  const SIDES = [2000, 1600, 1200, 800];
  // No look-behind: Safari before 16.4 would refuse the whole script. A citizen's number of twelve
  // digits or a dossier code is no telephone.
  const LINK = /(https?:\/\/[^\s<>«»"]+[^\s<>«»".,;:!?)\]])|(^|[^\w.-])((?:1[89]00(?:[ .]?\d){4,6}|0\d(?:[ .]?\d){8,9}))(?![\w.-]*\d)/g;

  const byId = (id) => document.getElementById(id);
  const [log, waiting, composer, question, send, sure] = [
    "log", "waiting", "composer", "question", "send", "sure",
  ].map(byId);
  const framed = window.self !== window.top;
  let entries = [];
  let pending = false;
  // Pictures are never put into storage; after a reload an unsent one must be chosen again.
  const pictures = new Map();

  // Storage may be switched off, or refused inside a foreign frame; then this page remembers alone.
  const spare = new Map();
  const keep = (name, value, store = "sessionStorage") => {
    spare.set(name, value);
    try { window[store].setItem(name, value); } catch { /* remembered in spare */ }
  };
  const recall = (name, store = "sessionStorage") => {
    try { return window[store].getItem(name) ?? spare.get(name) ?? ""; } catch { return spare.get(name) ?? ""; }
  };

  const make = (tag, className = "", ...children) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...children);
    return node;
  };

  const withLinks = (text) => {
    const parts = [];
    let end = 0;
    for (const [, web, before = "", phone] of text.matchAll(LINK)) {
      const shown = web || phone;
      const start = text.indexOf(before + shown, end) + before.length;
      const link = make("a", "", shown);
      link.href = web || `tel:${phone.replace(/\D/g, "")}`;
      if (web) outward(link);
      parts.push(text.slice(end, start), link);
      end = start + shown.length;
    }
    return [...parts, text.slice(end)];
  };

  const outward = (link) => {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return link;
  };

  // One reply

  const tick = (line, done) => {
    const item = make("li", done ? "done" : "");
    const sign = make("span", "tick", done ? "☑" : "☐");
    sign.setAttribute("aria-hidden", "true");
    const said = make("span", "", make("span", "unseen", done ? "Đã có: " : "Chưa có: "), ...withLinks(line));
    item.append(sign, said);
    return item;
  };

  const sectionNode = ({ heading, shape, lines, ticked }) => {
    const node = make("div", `section ${shape}`);
    if (shape === "warning") node.append(make("span", "unseen", "Lưu ý: "));
    if (heading) node.append(make("h2", "", heading));
    if (shape === "numbered" || shape === "bullets") {
      const items = lines.map((line) => make("li", "", ...withLinks(line)));
      node.append(make(shape === "numbered" ? "ol" : "ul", "", ...items));
    } else if (shape === "checklist") {
      node.append(make("ul", "ticks", ...lines.map((line, place) => tick(line, ticked.includes(place)))));
    } else {
      node.append(...lines.map((line) => make("p", "line", ...withLinks(line))));
    }
    return node;
  };

  const buttonNode = ({ label, action, url, number, aside }) => {
    if (!action) {
      const link = make("a", "choice", label);
      link.href = url;
      return url.startsWith("http") ? outward(link) : link;
    }
    const button = make("button", aside ? "choice aside" : "choice");
    button.type = "button";
    if (number) button.append(make("span", "number", String(number)));
    button.append(make("span", "", label));
    button.addEventListener("click", () => say({ action }, label, true));
    return button;
  };

  // A talk kept by an older page knows no files.
  const filesNode = (files) => {
    const links = files.map(({ title, url }) => {
      const link = make("a", "choice", make("span", "", `Tải về: ${title}`));
      link.href = url;
      link.download = "";
      return link;
    });
    return make("div", "buttons files", ...links);
  };

  const replyNode = ({ lead, sections, buttons, files = [], source }) => {
    const node = make("article", "bubble reply", make("span", "unseen", "Trợ lý trả lời: "));
    node.tabIndex = -1;
    if (lead) node.append(make("p", "lead", ...withLinks(lead)));
    node.append(...sections.map(sectionNode));
    if (files.length) node.append(filesNode(files));
    if (buttons.length) node.append(make("div", "buttons", ...buttons.map(buttonNode)));
    if (source) node.append(make("p", "source", `Nguồn: ${source}`));
    return node;
  };

  // The conversation

  const remember = () => {
    entries = entries.slice(-KEPT);
    keep(STORE.talk, JSON.stringify(entries));
  };

  const questionNode = (shown) =>
    make("article", "bubble mine", make("span", "unseen", "Anh/chị hỏi: "), make("p", "line", shown));

  const draw = (entry) => {
    // Said without being asked just now: a late answer, an officer, a notice.
    if (!entry.sent) {
      log.append(...entry.replies.map(replyNode));
      return log.lastElementChild;
    }
    const mine = questionNode(entry.shown);
    log.append(mine);
    if (entry.replies) log.append(...entry.replies.map(replyNode));
    else drawLost(entry, mine, BUSY);
    return mine;
  };

  const drawLost = (entry, mine, reason) => {
    const again = make("button", "choice strong", "Gửi lại");
    again.type = "button";
    const note = make("article", "bubble reply lost-note", make("p", "trouble", reason), make("div", "buttons", again));
    mine.classList.add("lost");
    mine.after(note);
    again.addEventListener("click", () => {
      if (pending) return;
      note.remove();
      mine.remove();
      entries = entries.filter((each) => each !== entry);
      say(entry.sent, entry.shown, true, entry.id);
    });
    return note;
  };

  const busy = (on) => {
    pending = on;
    send.setAttribute("aria-disabled", String(on));
    const dots = make("span", "dots", make("i"), make("i"), make("i"));
    dots.setAttribute("aria-hidden", "true");
    waiting.replaceChildren(...(on ? ["Em đang tìm câu trả lời", dots] : []));
  };

  // A short answer is shown with its question; of a long one the beginning must be seen.
  const reveal = (mine, first) => {
    const covered = getComputedStyle(composer).position === "sticky" ? composer.offsetHeight : 0;
    const needed = log.getBoundingClientRect().bottom - mine.getBoundingClientRect().top + 16;
    if (needed <= window.innerHeight - covered) window.scrollTo(0, document.documentElement.scrollHeight);
    else (first ?? mine).scrollIntoView({ block: "start" });
  };

  // The same id when it is sent again: a question whose answer got lost is not asked twice.
  const newId = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");

  const say = async (sent, shown, pressed, id = newId()) => {
    if (pending) return;
    const entry = { sent, shown, id };
    entries.push(entry);
    remember();
    const mine = questionNode(shown);
    log.append(mine);
    busy(true);
    reveal(mine);
    let fresh;
    try {
      entry.replies = await ask({ ...sent, id, picture: pictures.get(id) });
      pictures.delete(id);
      fresh = entry.replies.map(replyNode);
    } catch (failure) {
      const offline = failure instanceof TypeError || !navigator.onLine;
      fresh = [drawLost(entry, mine, offline ? OFFLINE : BUSY)];
    }
    busy(false);
    remember();
    log.append(...fresh);
    reveal(mine, fresh[0]);
    // A pressed button leads on to the answer's buttons; on a phone the keyboard must give way.
    if (pressed && fresh.length) (fresh[0].querySelector("button.strong") ?? fresh[0]).focus({ preventScroll: true });
    else if (window.matchMedia("(pointer: coarse)").matches) question.blur();
  };

  const headers = () => (framed ? { "X-Chat-Token": recall(STORE.token) } : {});

  const ask = async (sent) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const response = await fetch(ADDRESS, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers() },
        body: JSON.stringify({ ...sent, after: Number(recall(STORE.last)) }),
        signal: stop.signal,
      });
      const answer = await response.json().catch(() => ({}));
      if (answer.token) keep(STORE.token, answer.token);
      if (answer.again) throw new Error("not kept");
      if (answer.last) keep(STORE.last, String(answer.last));
      if (answer.pending) listen(SOON);
      if (Array.isArray(answer.replies)) return answer.replies;
      if (answer.error) return [{ lead: answer.error, sections: [], buttons: [], source: "" }];
      throw new Error(`status ${response.status}`);
    } finally {
      clearTimeout(timer);
    }
  };

  // Asks for what came later; a page nobody looks at does not ask.
  let listener = 0;
  const listen = (wait) => {
    clearTimeout(listener);
    listener = setTimeout(collect, wait);
  };

  const collect = async () => {
    if (document.hidden || pending || !entries.length) { listen(LATER); return; }
    let expected = false;
    try {
      const after = recall(STORE.last) || "0";
      const response = await fetch(`${ADDRESS}?after=${after}`, { headers: headers() });
      const answer = await response.json();
      expected = answer.pending;
      // Asked something meanwhile: the answer to that brings it along.
      if (!pending && answer.replies.length) show(answer);
    } catch { /* asked again later */ }
    listen(expected ? SOON : LATER);
  };

  const show = ({ replies, last }) => {
    keep(STORE.last, String(last));
    entries.push({ replies });
    remember();
    const fresh = replies.map(replyNode);
    log.append(...fresh);
    reveal(fresh[0], fresh[0]);
  };

  const restore = () => {
    try { entries = JSON.parse(recall(STORE.talk) || "[]"); } catch { entries = []; }
    if (!entries.length) return;
    // Read aloud once already: a reload should not say it all again.
    log.setAttribute("aria-live", "off");
    const last = entries.map(draw).pop();
    setTimeout(() => log.setAttribute("aria-live", "polite"), 500);
    reveal(last, last.nextElementSibling);
  };

  const forget = () => {
    fetch(ADDRESS, { method: "DELETE", headers: headers() }).catch(() => {});
    entries = [];
    [STORE.talk, STORE.draft, STORE.token, STORE.last].forEach((name) => keep(name, ""));
    while (log.lastElementChild && log.lastElementChild.id !== "greeting") log.lastElementChild.remove();
    question.value = "";
    grow();
    waiting.replaceChildren("Đã xoá cuộc trò chuyện.");
    window.scrollTo(0, 0);
    question.focus({ preventScroll: true });
  };

  // The composer

  const grow = () => {
    question.style.height = "auto";
    question.style.height = `${question.scrollHeight + 3}px`;
  };

  const submit = () => {
    const text = question.value.trim();
    if (!text) { question.focus(); return; }
    if (pending) return;
    question.value = "";
    keep(STORE.draft, "");
    grow();
    say({ text }, text, false);
  };

  const take = (files) => {
    const of = (kind) => [...files].find((file) => file.type.startsWith(`${kind}/`));
    const image = of("image");
    if (image) sendPicture(image);
    else if (of("audio")) say({ attachment: "voice" }, VOICE, false);
  };

  const sendPicture = async (file) => {
    if (pending) return;
    busy(true);
    const picture = await shrunk(file).catch(() => "");
    busy(false);
    if (!picture) { waiting.replaceChildren(NO_PICTURE); return; }
    const id = newId();
    pictures.set(id, picture);
    say({ attachment: "photo" }, PICTURE, false, id);
  };

  // Smaller and as JPEG: a receipt stays readable, the place where it was taken is left out.
  const shrunk = async (file) => {
    const image = await createImageBitmap(file);
    try {
      for (const side of SIDES) {
        const by = Math.min(1, side / Math.max(image.width, image.height));
        const canvas = make("canvas");
        canvas.width = Math.max(1, Math.round(image.width * by));
        canvas.height = Math.max(1, Math.round(image.height * by));
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.85); });
        if (blob && blob.size <= LARGEST_PICTURE) return base64(blob);
      }
      return "";
    } finally {
      image.close();
    }
  };

  const base64 = (blob) => new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = failed;
    reader.readAsDataURL(blob);
  });

  const resize = (by) => {
    const now = Number(recall(STORE.size, "localStorage") || USUAL_SIZE);
    const size = Math.min(SIZES - 1, Math.max(0, now + by));
    document.documentElement.dataset.size = String(size);
    keep(STORE.size, String(size), "localStorage");
    byId("smaller").disabled = size === 0;
    byId("larger").disabled = size === SIZES - 1;
    grow();
  };

  const listenComposer = () => {
    composer.addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    document.querySelectorAll("button[name=suggestion]").forEach((button) => {
      button.type = "button";
      button.addEventListener("click", () => say({ text: button.value }, button.value, true));
    });
    question.addEventListener("keydown", (event) => {
      // While Telex or VNI composes a word, Enter belongs to the input method.
      const composing = event.isComposing || event.keyCode === 229;
      if (event.key !== "Enter" || event.shiftKey || composing) return;
      event.preventDefault();
      submit();
    });
    question.addEventListener("input", () => { keep(STORE.draft, question.value); grow(); });
    question.addEventListener("paste", (event) => {
      if (!event.clipboardData.files.length) return;
      event.preventDefault();
      take(event.clipboardData.files);
    });
    [["snap", "camera"], ["pick", "album"]].forEach(([button, input]) => {
      byId(button).addEventListener("click", () => byId(input).click());
      byId(input).addEventListener("change", (event) => {
        take(event.target.files);
        event.target.value = "";
      });
    });
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files); });
  };

  const listenTools = () => {
    byId("smaller").addEventListener("click", () => resize(-1));
    byId("larger").addEventListener("click", () => resize(1));
    byId("forget").addEventListener("click", () => {
      if (pending) return;
      if (sure.showModal) sure.showModal();
      else if (window.confirm(byId("sure-title").textContent)) forget();
    });
    sure.addEventListener("close", () => { if (sure.returnValue === "yes") forget(); sure.returnValue = ""; });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !framed || sure.open) return;
      window.parent.postMessage("hoi-mot-cua:close", "*");
    });
  };

  document.documentElement.classList.toggle("framed", framed);
  byId("tools").hidden = false;
  byId("pictures").hidden = false;
  listenComposer();
  listenTools();
  resize(0);
  question.value = recall(STORE.draft);
  grow();
  restore();
  listen(SOON);
})();
