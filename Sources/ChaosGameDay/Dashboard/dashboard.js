"use strict";
// The state comes whole with every change; this script draws it and sends what people say.
// Everything that people or systems wrote goes in as text, never as markup.
const at = id => document.getElementById(id);
const token = new URLSearchParams(location.search).get("token") || "";
const address = path => path + "?token=" + encodeURIComponent(token);
let state = null, skew = 0, lastHeard = 0;

function make(name, text, type) {
  const element = document.createElement(name);
  if (text !== undefined && text !== null) element.textContent = text;
  if (type) element.className = type;
  return element;
}
function fill(parent, children) { parent.replaceChildren(...children); }
function show(element, isShown) { element.hidden = !isShown; }
const two = number => String(number).padStart(2, "0");
function span(ms) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(all / 3600);
  return (hours ? hours + ":" : "") + two(Math.floor(all / 60) % 60) + ":" + two(all % 60);
}
function time(ms) {
  const date = new Date(ms);
  return two(date.getHours()) + ":" + two(date.getMinutes()) + ":" + two(date.getSeconds());
}
const now = () => Date.now() + skew;

function drawHead() {
  document.title = state.stageWords + " — " + state.title;
  at("title").textContent = state.title;
  at("date").textContent = state.date || "";
  at("stage").textContent = state.paused ? state.stageWords + " — paused" : state.stageWords;
  at("hint").textContent = state.hint;
  document.body.className = state.stage;
  const banner = state.stopping ? "Stopping: every fault is being reverted."
    : state.paused ? "Paused by " + state.paused.by + (state.paused.why ? ": " + state.paused.why : "") + "." : "";
  show(at("banner"), banner !== "");
  if (at("banner").textContent !== banner) at("banner").textContent = banner;
}
function fact(list, name, values) {
  if (!values.length) return;
  list.push(make("dt", name));
  for (const value of values) {
    const place = make("dd");
    if (/^https?:\/\//.test(value)) {
      const link = make("a", value);
      link.href = value; link.target = "_blank"; link.rel = "noreferrer noopener";
      place.append(link);
    } else place.textContent = value;
    list.push(place);
  }
}
function drawRound() {
  const round = state.round === null ? null : state.rounds[state.round];
  show(at("round"), round !== null);
  show(at("predictions"), round !== null && round.predictions.length > 0);
  if (!round) return;
  at("round-title").textContent = round.title;
  const list = [];
  if (round.sentence) fact(list, "Outcome", [round.sign + " " + round.outcome + ": " + round.sentence]);
  fact(list, "Hypothesis", round.hypothesis ? [round.hypothesis] : []);
  fact(list, round.kind === "manual" ? "To do" : "Experiment", [round.what]);
  fact(list, "Signals", round.signals);
  fact(list, "Runbook", round.runbook ? [round.runbook] : []);
  fill(at("facts"), list);
  fill(at("predictions").querySelector("ul"), round.predictions.map(remark));
}
function remark(one) {
  const item = make("li", one.text, one.kind);
  const kinds = { seen: "saw it", surprise: "was surprised", note: "" };
  const where = one.round === null ? "" : ", round " + (one.round + 1);
  const how = kinds[one.kind] ? " " + kinds[one.kind] : "";
  item.append(make("small", time(one.at) + " " + one.by + how + where));
  return item;
}
function drawChecks() {
  show(at("checks"), state.checks.length > 0 && (state.stage === "checking" || state.stage === "deciding"));
  fill(at("checks").querySelector("ol"), state.checks.map((check, index) => {
    const item = make("li");
    const sign = check.met === null ? (check.answered ? "○" : "…") : check.met ? "✓" : "✗";
    item.append(make("span", sign, "mark " + (check.met === null ? "inconclusive" : check.met ? "held" : "deviated")));
    const words = make("span", check.question || check.name);
    words.append(make("small", (check.question ? check.name : check.text) + (check.by ? " — " + check.by : "")));
    item.append(words);
    if (check.question) {
      const buttons = make("span");
      for (const word of ["yes", "no"]) {
        const button = make("button", word === "yes" ? "Yes" : "No");
        button.type = "button";
        button.setAttribute("aria-label", button.textContent + ": " + check.question);
        button.onclick = () => send(word, String(index + 1));
        buttons.append(button);
      }
      item.append(buttons);
    }
    return item;
  }));
}
function drawFaults() {
  if (!state.faults.length) {
    fill(at("faults"), [make("li", "Nothing is injected.", "none")]);
    return;
  }
  fill(at("faults"), state.faults.map(fault => {
    const item = make("li");
    item.append(make("b", fault.function + " on " + fault.target));
    const until = make("span", "", "until");
    until.dataset.until = fault.reverting ? "" : fault.until || "";
    until.textContent = fault.reverting ? "reverting" : "";
    item.append(until);
    item.append(make("small", fault.hits === null ? "waiting for its effect" : fault.hits + " " + fault.unit));
    return item;
  }));
}
function drawControls() {
  const stage = state.stage, round = state.round === null ? null : state.rounds[state.round];
  const manual = stage === "running" && round.kind === "manual", ended = stage === "closed" || stage === "ending";
  const labels = { deciding: "Go", briefing: "Begin this round", debriefing: state.round + 1 < state.rounds.length ? "On to the next round" : "Close the day" };
  at("go").textContent = state.paused ? "Go on" : labels[stage] || "Go";
  show(at("stop"), stage === "running");
  at("stop").disabled = state.stopping;
  show(at("go"), (state.paused || labels[stage]) && !ended);
  show(at("done"), manual); show(at("failed"), manual);
  show(at("repeat"), stage === "debriefing"); show(at("skip"), stage === "briefing");
  show(at("pause"), !state.paused && !ended);
  show(at("recheck"), stage === "deciding");
  show(at("no-go"), stage === "checking" || stage === "deciding");
  show(at("abort"), !ended);
  show(at("predict"), stage === "briefing");
}
function chart(one, shades) {
  const figure = make("figure"), caption = make("figcaption", one.name);
  const last = one.points[one.points.length - 1];
  caption.append(make("b", one.last, last && last[2] === false ? "unmet" : ""));
  figure.append(caption);
  const space = "http://www.w3.org/2000/svg", svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 300 56");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", one.name + ", now " + one.last);
  const first = one.points[0][0], end = Math.max(last[0], first + 10);
  const x = second => (second - first) / (end - first) * 300;
  let low = Math.min(...one.points.map(p => p[1])), high = Math.max(...one.points.map(p => p[1]));
  if (one.unit === "ratio") { low = 0; high = 1; } else if (one.unit === "ms") low = 0;
  const y = value => high === low ? 28 : 52 - (value - low) / (high - low) * 48;
  for (const [from, to] of shades) {
    const left = Math.max(0, x(from)), right = x(Math.min(last[0], to === null ? last[0] : to));
    if (right <= left) continue;
    const rect = document.createElementNS(space, "rect");
    for (const [key, value] of [["x", left], ["y", 0], ["width", right - left], ["height", 56]]) rect.setAttribute(key, value);
    svg.append(rect);
  }
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", one.points.map((p, i) => (i ? "L" : "M") + x(p[0]).toFixed(1) + " " + y(p[1]).toFixed(1)).join(""));
  svg.append(path);
  figure.append(svg);
  if (one.tolerance) figure.append(make("small", "tolerated " + one.tolerance));
  return figure;
}
function drawCharts() {
  const all = state.live ? [...state.live.load, ...state.live.probes].filter(one => one.points.length) : [];
  show(at("no-charts"), all.length === 0);
  fill(at("charts"), all.map(one => chart(one, state.live.shades)));
}
function drawRounds() {
  fill(at("rounds"), state.rounds.map((round, index) => {
    const item = make("li", null, index === state.round ? "current" : "");
    if (index === state.round) item.setAttribute("aria-current", "step");
    item.append(make("span", String(index + 1), "n"));
    const body = make("div");
    body.append(make("b", round.title));
    for (const one of round.predictions.slice(-3)) body.append(make("div", "Expected (" + one.by + "): " + one.text));
    if (round.outcome) {
      const line = make("div");
      line.append(make("span", round.sign + " " + round.outcome, "mark " + round.tone), " " + round.sentence);
      body.append(line);
    }
    if (round.report && round.attempts) {
      const link = make("a", "report of this run");
      link.href = address("/report/" + (index + 1) + "/" + round.attempts);
      link.target = "_blank";
      body.append(link);
    }
    item.append(body);
    return item;
  }));
  show(at("document"), state.document);
  at("document-link").href = address("/closing");
  show(at("actions"), state.actions.length > 0);
  fill(at("actions").querySelector("ul"), state.actions.map(remark));
}
function drawRemarks() {
  fill(at("remarks"), state.remarks.length ? [...state.remarks].reverse().map(remark) : [make("li", "Nothing yet.", "soft")]);
}
function drawLog() {
  fill(at("log"), [...state.log].reverse().map(line => {
    const item = make("li", null, line.kind);
    item.append(make("time", time(line.at)), make("span", line.text));
    return item;
  }));
}
function drawPeople() {
  at("about").textContent = state.description;
  const list = [];
  for (const role of state.people.roles) fact(list, role.role, [role.person + (role.duty ? ": " + role.duty : "")]);
  for (const system of state.people.systems) fact(list, system.name, [system.owner, system.link].filter(x => x));
  for (const channel of state.people.channels) fact(list, channel.channel, [channel.purpose]);
  fill(at("people"), list);
}
// A part is drawn again only when what it shows has changed: focus, selection and scrolling stay.
const drawn = {};
function part(name, shown, draw) {
  const text = JSON.stringify(shown);
  if (drawn[name] === text) return;
  drawn[name] = text;
  draw();
}
function draw() {
  const { stage, round, rounds } = state;
  drawHead();
  part("round", [round, rounds], drawRound);
  part("checks", [stage, state.checks], drawChecks);
  part("faults", state.faults, drawFaults);
  drawControls();
  part("charts", state.live, drawCharts);
  part("rounds", [round, rounds, state.actions, state.document], drawRounds);
  part("remarks", state.remarks, drawRemarks);
  part("log", state.log, drawLog);
  part("people", [state.description, state.people], drawPeople);
  tick();
}
function tick() {
  if (!state) return;
  if (state.openedAt) at("clock").textContent = span((state.closedAt || now()) - state.openedAt);
  const round = state.round === null ? null : state.rounds[state.round];
  if (round) {
    const used = round.begunAt ? ((round.endedAt || now()) - round.begunAt) / 1000 : 0;
    const share = Math.min(100, used / round.timeBox * 100);
    at("bar").firstElementChild.style.width = share + "%";
    at("bar").setAttribute("aria-valuenow", Math.round(share));
    at("bar").classList.toggle("over", used > round.timeBox);
    at("left").textContent = span(used * 1000) + " of " + span(round.timeBox * 1000);
  }
  for (const place of document.querySelectorAll("[data-until]")) {
    if (place.dataset.until) place.textContent = Math.max(0, Math.ceil((place.dataset.until - now()) / 1000)) + " s left";
  }
  const lost = Date.now() - lastHeard > 5000;
  at("link").textContent = lost ? "connection lost" : state.stage === "closed" ? "over" : "live";
  at("link").classList.toggle("lost", lost);
}
async function send(word, text) {
  const name = at("name").value.trim() || "somebody";
  try { localStorage.setItem("chaos-gameday-name", name); } catch (error) { /* private window */ }
  try {
    const reply = await fetch(address("/command"), {
      method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ word, text: text || "", name }),
    });
    const said = await reply.json();
    at("answer").textContent = said.ok ? "" : said.refusal;
    return said.ok;
  } catch (error) {
    at("answer").textContent = "Nobody answers. Is the GameDay still running?";
    return false;
  }
}
let armed = null;
for (const button of document.querySelectorAll("[data-word]")) {
  button.onclick = () => {
    // What ends the day is asked twice; what makes the system safe never is.
    if (["abort", "no-go"].includes(button.dataset.word) && armed !== button) {
      armed = button;
      const label = button.textContent;
      button.textContent = "Sure? Press again";
      button.classList.add("armed");
      setTimeout(() => { button.textContent = label; button.classList.remove("armed"); armed = null; }, 4000);
      return;
    }
    send(button.dataset.word, ["failed", "abort"].includes(button.dataset.word) ? at("say").value : "");
  };
}
async function say(word) {
  if (!at("name").value.trim()) { at("name").focus(); at("answer").textContent = "Who are you? Write your name first."; return; }
  if (await send(word, at("say").value)) { at("say").value = ""; at("say").focus(); }
}
for (const button of document.querySelectorAll("[data-say]")) {
  if (button.type === "button") button.onclick = () => say(button.dataset.say);
}
at("form").onsubmit = event => { event.preventDefault(); say("note"); };
at("say").onkeydown = event => {
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); say("note"); }
};
try { at("name").value = localStorage.getItem("chaos-gameday-name") || ""; } catch (error) { /* private window */ }
const source = new EventSource(address("/events"));
source.addEventListener("state", event => {
  state = JSON.parse(event.data);
  lastHeard = Date.now();
  skew = state.now - lastHeard;
  draw();
});
setInterval(tick, 250);
