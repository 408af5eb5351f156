
"use strict";
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const regions = all("article.region");
  const status = document.getElementById("status");
  const kinds = { all: () => true, look: (kind) => kind === "fails" || kind === "amber", fails: (kind) => kind === "fails" };
  document.documentElement.classList.add("js");

  const press = (buttons, pressed) => buttons.forEach((button) => button.setAttribute("aria-pressed", String(button === pressed)));
  const show = (button) => {
    press(all("[data-filter]"), button);
    regions.forEach((region) => { region.hidden = !kinds[button.dataset.filter](region.dataset.standing); });
    const shown = regions.filter((region) => !region.hidden).length;
    document.querySelector(".none-shown").hidden = shown > 0;
    status.textContent = `${shown} of ${regions.length} regions shown`;
  };
  all("[data-filter]").forEach((button) => button.addEventListener("click", () => show(button)));
  all("[data-joins]").forEach((button) => button.addEventListener("click", () => {
    press(all("[data-joins]"), button);
    all(".joins tbody tr").forEach((row) => { row.hidden = button.dataset.joins === "over" && !row.classList.contains("over"); });
  }));

  const follow = (region, audio) => {
    if (!audio.duration) return;
    const at = `${(100 * audio.currentTime) / audio.duration}%`;
    const head = region.querySelector(".playhead");
    head.setAttribute("x1", at);
    head.setAttribute("x2", at);
    if (!audio.paused) requestAnimationFrame(() => follow(region, audio));
  };
  regions.forEach((region) => {
    const audio = region.querySelector("audio");
    const wave = region.querySelector(".wave");
    if (!audio) return;
    audio.addEventListener("play", () => {
      all("audio").forEach((other) => { if (other !== audio) other.pause(); });
      region.classList.add("playing");
      follow(region, audio);
    });
    audio.addEventListener("seeked", () => follow(region, audio));
    audio.addEventListener("ended", () => region.classList.remove("playing"));
    wave.addEventListener("click", (event) => {
      const box = wave.getBoundingClientRect();
      const seek = () => { audio.currentTime = audio.duration * Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)); };
      if (audio.readyState) seek(); else { audio.addEventListener("loadedmetadata", seek, { once: true }); audio.load(); }
      audio.play();
    });
  });

  let current = -1;
  document.addEventListener("focusin", (event) => {
    const region = event.target.closest("article.region");
    if (region) current = regions.indexOf(region);
  });
  const step = (by) => {
    for (let place = current + by; place >= 0 && place < regions.length; place += by) {
      if (!regions[place].hidden) { current = place; regions[place].focus(); regions[place].scrollIntoView(); return; }
    }
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    p: () => {
      const audio = regions[Math.max(0, current)]?.querySelector("audio");
      if (audio) { if (audio.paused) audio.play(); else audio.pause(); }
    },
    f: () => {
      const only = document.querySelector("[data-filter=fails]");
      show(only.getAttribute("aria-pressed") === "true" ? document.querySelector("[data-filter=all]") : only);
    },
  };
  document.addEventListener("keydown", (event) => {
    const pressed = keys[event.key];
    if (pressed && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); pressed(); }
  });
})();
