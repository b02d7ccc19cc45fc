// What is wrong with a page that people must be able to read and use; an empty list when nothing is.
(() => {
  const wrong = [];
  const name = e => e.tagName + (e.id ? "#" + e.id : "") + (e.className && e.className.baseVal === undefined ? "." + e.className : "");
  const visible = e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0 && getComputedStyle(e).visibility !== "hidden"; };
  if (document.documentElement.scrollWidth > innerWidth) wrong.push("the page is " + document.documentElement.scrollWidth + " wide");
  for (const e of document.querySelectorAll("body *")) {
    const box = e.getBoundingClientRect();
    if (visible(e) && box.left >= 0 && box.right > innerWidth + 0.5) wrong.push("too wide: " + name(e));
  }
  const named = e => (e.getAttribute("aria-labelledby") || "").split(/\s+/).map(id => id && document.getElementById(id)?.textContent || "").join(" ").trim();
  const label = e => (e.getAttribute("aria-label") || named(e) || (e.labels && e.labels.length && e.labels[0].textContent) || e.textContent || "").trim();
  for (const e of document.querySelectorAll("button,a[href],input,textarea,select,[role=progressbar],[role=img]"))
    if (visible(e) && !label(e)) wrong.push("no label: " + name(e));
  for (const e of document.querySelectorAll("button,input,textarea"))
    if (visible(e) && e.getBoundingClientRect().height < 24) wrong.push("too small to touch: " + name(e));
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
  for (const id of ids) if (ids.filter(x => x === id).length > 1) wrong.push("two of #" + id);
  for (const e of document.querySelectorAll("[aria-labelledby]"))
    if (e.getAttribute("aria-labelledby").split(/\s+/).some(id => !document.getElementById(id))) wrong.push("no label: " + name(e));
  if (!document.documentElement.lang) wrong.push("no language");
  const levels = [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].filter(visible).map(e => Number(e.tagName[1]));
  levels.forEach((level, i) => { if (i && level > levels[i - 1] + 1) wrong.push("a heading skips from " + levels[i - 1] + " to " + level); });
  for (const e of document.querySelectorAll("th")) if (!e.scope) wrong.push("no scope: " + name(e) + " \"" + e.textContent.trim() + "\"");
  if (!document.querySelector("h1,h2")) wrong.push("no heading");
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = text => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat([1]);
  const background = e => {
    const layers = [];
    for (let at = e; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    const root = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18, 1] : [255, 255, 255, 1];
    return layers.reverse().reduce((below, top) => over(top, below), root);
  };
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
  for (const e of document.querySelectorAll("body *")) {
    const text = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!text || !visible(e) || e.disabled || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(e.tagName)) continue;
    if (["title", "desc"].includes(e.tagName)) continue;
    const style = getComputedStyle(e), ink = e instanceof SVGElement ? style.fill : style.color;
    const back = background(e), front = over(rgba(ink), back);
    const a = light(front), b = light(back), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) wrong.push("contrast " + ratio.toFixed(2) + ": " + name(e) + " \"" + e.textContent.trim().slice(0, 30) + "\"");
  }
  return [...new Set(wrong)].slice(0, 20);
})()
