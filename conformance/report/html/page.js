"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const form = $("filters"), cases = [...document.querySelectorAll("details.case")], chapters = [...document.querySelectorAll("details.chapter")];
  const fields = { q: $("q"), verdict: $("verdict"), level: $("level"), chapter: $("chapter") };
  const wasOpen = new Map(chapters.map((c) => [c, c.open]));
  const texts = new Map();
  const text = (c) => { // what a search looks in: made once a case, when first needed
    if (!texts.has(c)) texts.set(c, (c.id + " " + c.textContent).toLowerCase());
    return texts.get(c);
  };
  const isBad = (v) => v !== "pass" && v !== "skipped";
  const fits = (c, f) => {
    const { v, l, m } = c.dataset;
    if (f.verdict === "bad" ? !isBad(v) : f.verdict === "known" || f.verdict === "stale" || f.verdict === "flaky" ? m !== f.verdict : f.verdict && v !== f.verdict) return false;
    if (f.level && l !== f.level) return false;
    if (f.chapter && c.parentElement.dataset.n !== f.chapter) return false;
    return f.q.toLowerCase().split(/\s+/).every((word) => !word || text(c).includes(word));
  };
  const apply = () => {
    const f = Object.fromEntries(Object.entries(fields).map(([k, e]) => [k, e.value.trim()]));
    const active = Object.values(f).some(Boolean);
    let shown = 0;
    const counts = new Map();
    for (const c of cases) {
      const ok = fits(c, f);
      c.hidden = !ok;
      if (ok) { shown++; counts.set(c.parentElement, (counts.get(c.parentElement) || 0) + 1); }
    }
    for (const c of chapters) {
      c.hidden = !counts.has(c);
      c.open = active ? counts.has(c) : wasOpen.get(c);
    }
    $("count").textContent = shown + " of " + cases.length + " cases";
    $("none").hidden = shown > 0;
    return new URLSearchParams(Object.entries(f).filter(([, v]) => v)).toString();
  };
  const fromHash = () => {
    const hash = location.hash.slice(1);
    let name = hash;
    try { name = decodeURIComponent(hash); } catch { /* a hash that is no URI encoding is taken as it is */ }
    const target = document.getElementById(name);
    if (target && target.matches("details")) { // a link to one case: show it, whatever is filtered
      for (const e of Object.values(fields)) e.value = "";
      apply();
      for (let e = target; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
      target.scrollIntoView();
      return;
    }
    if (hash && !hash.includes("=")) return;
    const want = new URLSearchParams(hash);
    for (const [k, e] of Object.entries(fields)) e.value = want.get(k) || "";
    apply();
    if (hash) form.scrollIntoView();
  };
  let wait = 0;
  const changed = () => {
    clearTimeout(wait);
    wait = setTimeout(() => history.replaceState(null, "", "#" + apply()), 120);
  };
  form.addEventListener("input", changed);
  form.addEventListener("submit", (e) => e.preventDefault());
  form.addEventListener("reset", () => setTimeout(changed));
  document.addEventListener("keydown", (e) => {
    if (e.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { e.preventDefault(); fields.q.focus(); }
  });
  window.addEventListener("hashchange", fromHash);
  form.hidden = false;
  apply();
  fromHash();
  document.documentElement.dataset.ready = "yes";
})();
