// Makes the console live and quick. Every page works without it.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const stored = (name, value) => {
    try { return value === undefined ? localStorage.getItem(name) : localStorage.setItem(name, value); } catch { return null; }
  };

  // Times: how long ago, kept up; and the zone of the absolute ones.
  const STEPS = [[60, 1, "s"], [3600, 60, "min"], [172800, 3600, "h"], [Infinity, 86400, "d"]];
  const apart = (seconds) => {
    const [, unit, name] = STEPS.find(([end]) => seconds < end);
    return `${Math.floor(seconds / unit)} ${name}`;
  };
  const pad = (number) => String(number).padStart(2, "0");
  const absolute = (date, local) => {
    const d = local ? date : new Date(date.getTime() + date.getTimezoneOffset() * 60000);
    return `${d.getFullYear()}-${pad(d.getMonth() + 1)}-${pad(d.getDate())} ${pad(d.getHours())}:${pad(d.getMinutes())}:${pad(d.getSeconds())}` +
      (local ? "" : " UTC");
  };
  const isLocal = () => stored("zone") === "local";
  const showTimes = (root = document) => {
    const now = Date.now();
    for (const time of $$("time[datetime]", root)) {
      const date = new Date(time.dateTime);
      const text = absolute(date, isLocal());
      time.title = text;
      if (time.dataset.form === "absolute") { time.textContent = text; continue; }
      const seconds = (now - date) / 1000;
      time.textContent = seconds >= 0 ? `${apart(seconds)} ago` : `in ${apart(-seconds)}`;
    }
  };

  // Live: the stream says that something may have changed, and the page's content is read again.
  const isLive = () => stored("live") !== "off";
  const isBusy = () => {
    const active = document.activeElement;
    const selection = String(getSelection());
    return selection !== "" || $("dialog[open]") || (active && active.matches("#content input, #content select, #content textarea"));
  };
  const streams = new Set();
  const follow = () => streams.forEach((stream) => (isLive() && !document.hidden ? stream.open() : stream.close()));
  const connect = (url) => {
    const target = new EventTarget();
    let source = null;
    target.open = () => {
      if (source) return;
      source = new EventSource(url);
      source.addEventListener("tick", (event) => target.dispatchEvent(new MessageEvent("tick", { data: event.data })));
    };
    target.close = () => { source?.close(); source = null; };
    streams.add(target);
    follow();
    return target;
  };
  if (window.htmx) {
    htmx.createEventSource = connect;
    document.addEventListener("htmx:beforeRequest", (event) => { if (!isLive() || isBusy()) event.preventDefault(); });
    document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.xhr.status !== 200) location.reload(); });
    document.addEventListener("htmx:afterSwap", () => { showTimes(); showRow(); });
  }
  document.addEventListener("visibilitychange", follow);

  // Buttons that need this script are hidden without it.
  const showTools = () => {
    for (const button of $$("[data-needs-script]")) button.hidden = false;
    const zone = $("[data-do=zone]"), live = $("[data-do=live]");
    if (zone) zone.textContent = isLocal() ? "Local" : "UTC";
    if (live) {
      live.textContent = isLive() ? "● Live" : "○ Paused";
      live.setAttribute("aria-pressed", String(isLive()));
    }
  };
  const say = (text) => { const status = $("#status"); if (status) status.textContent = text; };
  const actions = {
    zone: () => { stored("zone", isLocal() ? "utc" : "local"); showTools(); showTimes(); },
    live: () => { stored("live", isLive() ? "off" : "on"); showTools(); follow(); say(isLive() ? "Live" : "Paused"); },
    keys: () => $("#keys")?.showModal(),
    "keys-switch": () => { stored("keys", stored("keys") === "off" ? "on" : "off"); showKeys(); },
    close: (button) => button.closest("dialog").close(),
    copy: async (button) => {
      const text = button.dataset.text ?? $(`#${button.dataset.from}`).textContent;
      try { await navigator.clipboard.writeText(text); say("Copied"); button.textContent = "Copied"; } catch { say("Copying is not allowed here"); }
      setTimeout(() => { button.textContent = button.dataset.label ?? "Copy"; }, 1500);
    },
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) actions[button.dataset.do]?.(button);
  });

  // Keys, which can be switched off.
  const showKeys = () => {
    const button = $("[data-do=keys-switch]");
    if (button) button.textContent = stored("keys") === "off" ? "Switch keys on" : "Switch keys off";
  };
  let row = -1, isGo = false;
  const rows = () => $$("#content [data-row]");
  const showRow = () => rows().forEach((one, at) => one.classList.toggle("on", at === row));
  const move = (by) => {
    const all = rows();
    if (!all.length) return;
    row = Math.max(0, Math.min(all.length - 1, row + by));
    showRow();
    $("a", all[row])?.focus();
    all[row].scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || stored("keys") === "off") return;
    if (event.target.matches("input, select, textarea")) { if (event.key === "Escape") event.target.blur(); return; }
    if (isGo) {
      isGo = false;
      const link = $(`[data-go="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    switch (event.key) {
      case "/": event.preventDefault(); $("#search")?.focus(); break;
      case "?": actions.keys(); break;
      case "j": move(1); break;
      case "k": move(-1); break;
      case "g": isGo = true; setTimeout(() => { isGo = false; }, 1500); break;
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    showTools(); showTimes(); showKeys();
    setInterval(() => { if (!document.hidden) showTimes(); }, 10000);
  });
})();
