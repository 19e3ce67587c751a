// Asks for the replay again until it is done, and shows it in its place on the page.
// Without this file «Xem kết quả» leads to a page that comes again by itself.
"use strict";

const look = async () => {
  const section = document.getElementById("replay");
  if (section?.getAttribute("aria-busy") !== "true") return;
  try {
    const answer = await fetch(section.dataset.refresh);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const drawn = page.getElementById("replay");
    if (!drawn) return;
    if (drawn.getAttribute("aria-busy") !== "true") section.replaceWith(drawn);
  } catch {
    // No network: the next look tries again.
  }
  setTimeout(look, 2000);
};

setTimeout(look, 1000);
