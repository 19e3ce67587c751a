// Puts the chat on another site:
//   <script src="https://…/embed.js" data-label="Hỏi thủ tục" data-title="Hỏi thủ tục – UBND phường …"
//           data-position="left" data-color="#0b5563" async></script>
// All attributes but src may be left out. data-color needs white text to be readable on it.
"use strict";

(() => {
  const script = document.currentScript;
  if (!script || !script.src) return;
  const home = new URL("./", script.src);
  const { label = "Hỏi thủ tục", title = "Hỏi thủ tục hành chính", position = "right", color = "" } = script.dataset;
  const side = position === "left" ? "left" : "right";
  const accent = color && CSS.supports("color", color) ? color : "#0b5563";
  // px, not rem: a host page may have set its root font size to anything.
  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; font: 600 18px/1.3 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif; }
    .open, .close { border: 0; cursor: pointer; background: ${accent}; color: #fff; }
    .open { position: fixed; ${side}: 16px; bottom: 16px; z-index: 2147483000; min-height: 56px;
      max-width: calc(100vw - 32px); padding: 12px 22px; border-radius: 28px; border: 2px solid #fff;
      box-shadow: 0 2px 12px rgb(0 0 0 / 30%); }
    .panel { position: fixed; ${side}: 16px; bottom: 16px; z-index: 2147483001; display: flex; flex-direction: column;
      width: min(440px, calc(100vw - 32px)); height: min(720px, calc(100vh - 32px)); overflow: hidden;
      border-radius: 16px; background: #fff; box-shadow: 0 6px 32px rgb(0 0 0 / 35%); }
    .panel[hidden], .open[hidden] { display: none; }
    .bar { display: flex; align-items: center; justify-content: space-between; gap: 12px; padding-left: 16px;
      background: ${accent}; color: #fff; }
    .close { min-width: 48px; min-height: 48px; padding: 8px 16px; }
    iframe { flex: 1; width: 100%; border: 0; }
    :focus-visible { outline: 3px solid #fff; outline-offset: -5px; box-shadow: 0 0 0 3px #000; }
    @media (max-width: 520px) { .panel { inset: 0; width: 100%; height: 100%; border-radius: 0; } }
    @media print { .open, .panel { display: none; } }`;

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    node.className = className;
    node.textContent = text;
    return node;
  };

  // A constructed sheet passes a host's Content-Security-Policy; a style element is for old browsers.
  const dress = (root) => {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(make("style", "", STYLE));
    }
  };

  const build = () => {
    const place = document.createElement("hoi-mot-cua");
    place.lang = "vi";
    const root = place.attachShadow({ mode: "open" });
    dress(root);
    const open = make("button", "open", label);
    open.type = "button";
    open.setAttribute("aria-haspopup", "dialog");
    open.setAttribute("aria-expanded", "false");
    const panel = make("div", "panel", "");
    panel.hidden = true;
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", title);
    const bar = make("div", "bar", "");
    const close = make("button", "close", "Đóng");
    close.type = "button";
    bar.append(make("span", "name", label), close);
    panel.append(bar);
    root.append(open, panel);
    document.body.append(place);
    listen(open, panel, close);
  };

  const listen = (open, panel, close) => {
    let frame = null;
    const turn = (on) => {
      panel.hidden = !on;
      open.hidden = on;
      open.setAttribute("aria-expanded", String(on));
    };
    open.addEventListener("click", () => {
      // Loaded at the first press, so that the host page costs nothing before.
      if (!frame) {
        frame = make("iframe", "", "");
        frame.title = title;
        frame.src = home.href;
        panel.append(frame);
      }
      turn(true);
      frame.focus();
    });
    const shut = () => { turn(false); open.focus(); };
    close.addEventListener("click", shut);
    panel.addEventListener("keydown", (event) => { if (event.key === "Escape") shut(); });
    window.addEventListener("message", (event) => {
      const ours = frame && event.source === frame.contentWindow && event.origin === home.origin;
      if (ours && event.data === "hoi-mot-cua:close") shut();
    });
  };

  if (document.body) build();
  else document.addEventListener("DOMContentLoaded", build);
})();
