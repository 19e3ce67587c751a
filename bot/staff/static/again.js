// The page comes again by itself while something is being made, but never under somebody's hands.
"use strict";

const after = Number(document.currentScript.dataset.after) * 1000;

const again = () => {
  const held = document.activeElement;
  const used = held && held !== document.body && held.id !== "content";
  if (used || document.hidden) setTimeout(again, 1000);
  else location.reload();
};

setTimeout(again, after);
