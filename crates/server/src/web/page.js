"use strict";

// Asks the server once a second how things are, and shows it. What comes from there is text and never markup: it is put into the page
// by textContent and setAttribute alone.

const SLOTS = 7; // identities with a colour of their own; the eighth colour is the others'
const OTHERS = "(others)";
const HEIGHT = 190;
const EDGE = { left: 52, right: 8, top: 8, bottom: 20 };

const at = (id) => document.getElementById(id);
const state = {
  began: null, // of the history: another one is another server's
  samples: [],
  next: 0,
  span: 600,
  shown: [], // identities with a colour, the others last
  slots: new Map(), // their colours, which they keep
  before: new Map(), // sessions' device time, as of the answer before
  cursor: null, // a sample's number that somebody points at
};

// Where this page is, also behind a proxy; without what a browser may have been given to log in with.
const place = (name) => new URL(name, location.origin + location.pathname).href;

async function ask(name) {
  // So asked, the server challenges nobody in a way for which a browser would open a dialogue.
  const headers = { Accept: "application/json" };
  const answer = await fetch(place(name), { headers, cache: "no-store", signal: AbortSignal.timeout(10000) });
  if (!answer.ok) {
    throw Object.assign(new Error((await answer.text()).trim()), { status: answer.status });
  }
  return answer.json();
}

async function look() {
  let again = 1000;
  try {
    const [status] = await Promise.all([ask("status.json"), remember()]);
    show(status);
    tell(status.draining ? "The server is shutting down: its sessions go on, and nobody else is let in." : "");
    document.body.classList.remove("gone");
  } catch (error) {
    document.body.classList.add("gone");
    if (error.status === 401 || error.status === 403) {
      tell("The token that this page was opened with is not good any more: " + error.message + ". Load the page again.");
      return;
    }
    tell(error.status ? "The server says: " + error.message : "The server does not answer. This page goes on when it does.");
    again = 2000;
  }
  setTimeout(look, again);
}

function tell(sentence) {
  write(at("notice"), sentence);
  at("notice").hidden = !sentence;
}

// Fetches the samples that are new; all of them, of a server that is another one.
async function remember() {
  let history = await ask("history.json?since=" + state.next);
  if (history.began !== state.began) {
    if (state.next) {
      history = await ask("history.json?since=0");
    }
    Object.assign(state, { began: history.began, samples: [], next: 0, cursor: null });
  }
  state.span = history.kept * history.every;
  for (const sample of history.samples) {
    sample.by = new Map(sample.identities.map((one) => [one.identity, one]));
    state.samples.push(sample);
    state.next = sample.number + 1;
  }
  state.samples.splice(0, Math.max(0, state.samples.length - history.kept));
}

// --- Words and numbers

function write(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) {
    count /= 1024;
    unit += 1;
  }
  const digits = count < 10 && unit > 0 && count % 1 ? 1 : 0;
  return count.toFixed(digits) + " " + units[unit];
}

function lasting(seconds) {
  const [days, hours, minutes] = [seconds / 86400, (seconds / 3600) % 24, (seconds / 60) % 60].map(Math.floor);
  if (days) return days + " d " + hours + " h";
  if (hours) return hours + " h " + minutes + " min";
  if (minutes) return minutes + " min " + (seconds % 60) + " s";
  return seconds + " s";
}

const percent = (part) => (100 * part).toFixed(part > 0 && part < 0.1 ? 1 : 0) + " %";
const plural = (count, word) => count + " " + word + (count === 1 ? "" : "s");

function element(name, attributes = {}, ...inner) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    node.setAttribute(key, value);
  }
  node.append(...inner);
  return node;
}

// --- What is so now

function show(status) {
  const server = [
    "version " + status.version,
    status.device,
    "up " + lasting(status.uptime_seconds),
    "process " + status.pid,
    status.draining ? "draining" : "",
  ];
  write(at("server"), server.filter(Boolean).join(" · "));
  write(at("sessions-count"), String(status.sessions.length));
  write(at("sessions-most"), " of " + status.max_sessions);
  write(at("waiting-count"), String(status.waiting));
  const last = state.samples.at(-1);
  write(at("busy-now"), last ? percent(last.busy) : "–");
  write(at("memory-now"), last ? bytes(last.memory) : "–");
  gpus(status);
  sessions(status);
  queue(status);
  plots();
}

function gpus(status) {
  const all = at("gpus");
  while (all.children.length > status.gpus.length) {
    all.lastChild.remove();
  }
  status.gpus.forEach((gpu, index) => {
    if (!all.children[index]) {
      all.append(gpuCard());
    }
    // A session's memory is told for all of its devices together: of one on several nobody knows how much is here.
    const here = status.sessions.filter((session) => session.gpus.includes(gpu.index));
    const held = here.reduce((sum, session) => sum + session.used.memory, 0);
    const most = here.some((session) => session.gpus.length > 1 && session.used.memory) ? "at most " : "";
    const card = all.children[index];
    write(card.querySelector("span"), gpu.index + "  " + gpu.name);
    card.title = gpu.uuid;
    write(card.querySelector("small"), plural(gpu.sessions, "session") + (gpu.exclusive ? ", exclusive" : "") +
      (gpu.parked ? ", " + gpu.parked + " parked" : ""));
    for (const [name, value, how] of [["held", held, most], ["promised", gpu.promised, ""]]) {
      const bar = card.querySelector("." + name);
      bar.max = Math.max(gpu.memory, 1);
      bar.value = value;
      write(bar.parentNode.previousElementSibling, how + bytes(value) + " of " + bytes(gpu.memory));
    }
  });
}

function gpuCard() {
  const line = (name) => [
    element("dt", {}, name),
    element("dd"),
    element("dd", {}, element("progress", { class: name, "aria-label": name })),
  ];
  const head = element("h3", {}, element("span"), element("small"));
  return element("div", { class: "gpu" }, head, element("dl", {}, ...line("held"), ...line("promised")));
}

// Fills a table, of whose rows each has a key and cells of text, or of text and what is smaller below it. In whatever direction a name is
// written, <bdi> keeps it to itself.
function fill(table, rows) {
  const body = table.tBodies[0];
  const labels = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const there = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  rows.forEach(({ key, cells }, place) => {
    let row = there.get(key);
    there.delete(key);
    if (!row) {
      row = element("tr", { "data-key": key });
      for (const label of labels) {
        row.append(element("td", { "data-label": label }, element("bdi"), element("small")));
      }
    }
    cells.forEach(([text, small], index) => {
      const cell = row.cells[index];
      cell.className = small === undefined ? "number" : "";
      write(cell.firstChild, text);
      write(cell.lastChild, small || "");
    });
    if (body.rows[place] !== row) {
      body.insertBefore(row, body.rows[place] || null);
    }
  });
  for (const row of there.values()) {
    row.remove();
  }
}

function sessions(status) {
  const now = performance.now();
  const known = new Map();
  const rows = status.sessions.map((session) => {
    const before = state.before.get(session.id);
    const passed = before ? (now - before.when) * 1e6 : session.seconds * 1e9;
    const more = session.used.busy - (before ? before.busy : 0);
    const busy = passed > 0 ? Math.max(0, more / passed) : 0;
    known.set(session.id, { when: now, busy: session.used.busy });
    return {
      key: session.id,
      cells: [
        [session.identity, session.token || ""],
        [session.program, "process " + session.pid + (session.state === "running" ? "" : ", " + session.state)],
        [session.peer, ""],
        [session.gpus.join(", ") || "–"],
        [bytes(session.used.memory)],
        [percent(Math.min(busy, 1))],
        [lasting(session.seconds)],
      ],
    };
  });
  state.before = known;
  fill(at("sessions"), rows);
  at("no-sessions").hidden = rows.length > 0;
}

function queue(status) {
  const rows = status.queue.map((one) => ({
    key: one.position + " " + one.peer + " " + one.pid,
    cells: [
      [String(one.position)],
      [one.identity, ""],
      [one.program, "process " + one.pid],
      [one.peer, ""],
      [lasting(one.seconds)],
    ],
  }));
  fill(at("queue"), rows);
  at("queue-section").hidden = !rows.length;
}

// --- What has been

// Those with most use keep a colour; all others have one together.
function rank() {
  const sums = new Map();
  for (const sample of state.samples) {
    for (const one of sample.identities) {
      const sum = sums.get(one.identity) || { busy: 0, memory: 0 };
      sum.busy += one.busy;
      sum.memory += one.memory;
      sums.set(one.identity, sum);
    }
  }
  sums.delete(OTHERS);
  const names = [...sums.keys()];
  names.sort((a, b) => sums.get(b).busy - sums.get(a).busy || sums.get(b).memory - sums.get(a).memory || (a < b ? -1 : 1));
  const own = names.slice(0, SLOTS);
  for (const name of state.slots.keys()) {
    if (!own.includes(name)) {
      state.slots.delete(name);
    }
  }
  const taken = new Set(state.slots.values());
  const free = [...Array(SLOTS).keys()].filter((slot) => !taken.has(slot));
  for (const name of own) {
    if (!state.slots.has(name)) {
      state.slots.set(name, free.shift());
    }
  }
  own.sort((a, b) => state.slots.get(a) - state.slots.get(b));
  const has = names.length > SLOTS || state.samples.some((sample) => sample.by.has(OTHERS));
  state.shown = own.map((name) => ({ name, slot: state.slots.get(name) }));
  if (has) {
    state.shown.push({ name: OTHERS, slot: SLOTS });
  }
}

// What each of those shown has of something in a sample; the others have what is left.
function parts(sample, what) {
  let left = sample[what];
  const values = state.shown.map(({ name, slot }) => {
    const value = slot < SLOTS ? (sample.by.get(name) || { [what]: 0 })[what] : 0;
    left -= value;
    return value;
  });
  if (state.shown.length && state.shown.at(-1).slot === SLOTS) {
    values[values.length - 1] = Math.max(0, left);
  }
  return values;
}

// Where lines across a plot are, from 0 to as much as the most or a bit more: five or fewer, with one of these units between them, or one
// that is so many times as large.
function steps(most, units, times) {
  let unit = units[0];
  for (let index = 1; unit * 4 < most; index += 1) {
    unit = units[index % units.length] * times ** Math.floor(index / units.length);
  }
  const count = Math.max(1, Math.ceil(most / unit));
  return [...Array(count + 1).keys()].map((step) => step * unit);
}

const PLOTS = [
  { id: "plot-busy", stack: "busy", say: percent, steps: (most) => steps(Math.max(most, 1), [0.25], 2) },
  { id: "plot-memory", stack: "memory", say: bytes, steps: (most) => steps(most, [2 ** 20], 2) },
  { id: "plot-sessions", lines: ["sessions", "waiting"], say: String, steps: (most) => steps(most, [1, 2, 5], 10) },
];

function plots() {
  rank();
  const legend = state.shown.map(({ name, slot }) => element("li", {}, element("b", { class: "s" + slot }), element("bdi", {}, name)));
  at("legend").replaceChildren(...legend);
  PLOTS.forEach(draw);
}

function svg(name, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    node.setAttribute(key, value);
  }
  if (text !== undefined) {
    node.textContent = text;
  }
  return node;
}

function draw(plot) {
  const figure = at(plot.id);
  if (!plot.picture) {
    plot.picture = svg("svg", { role: "img", "aria-label": figure.textContent.trim() });
    plot.tip = element("div", { class: "tip", hidden: "" });
    figure.append(plot.picture, plot.tip);
    plot.picture.addEventListener("pointermove", (event) => point(plot, event));
    plot.picture.addEventListener("pointerleave", () => point(plot, null));
  }
  const width = Math.max(plot.picture.clientWidth, 200);
  const { samples, span } = state;
  const end = samples.length ? samples.at(-1).time : 0;
  const rows = samples.map((sample) => (plot.stack ? parts(sample, plot.stack) : plot.lines.map((name) => sample[name])));
  const sum = (row) => row.reduce((a, b) => a + b, 0);
  const tops = rows.map((row) => (plot.stack ? sum(row) : Math.max(...row)));
  const grid = plot.steps(tops.reduce((a, b) => Math.max(a, b), 0));
  const top = grid.at(-1);
  const x = (time) => EDGE.left + (width - EDGE.left - EDGE.right) * (1 - (end - time) / 1000 / span);
  const y = (value) => HEIGHT - EDGE.bottom - (HEIGHT - EDGE.top - EDGE.bottom) * (value / top);
  plot.x = x;
  const nodes = [];
  for (const value of grid) {
    nodes.push(svg("line", { class: "grid", x1: EDGE.left, x2: width - EDGE.right, y1: y(value), y2: y(value) }));
    nodes.push(svg("text", { x: EDGE.left - 6, y: y(value) + 4, "text-anchor": "end" }, plot.say(value)));
  }
  for (let minutes = 0; minutes <= span / 60; minutes += width < 340 ? 5 : 2) {
    const where = { x: x(end - minutes * 60000), y: HEIGHT - 5, "text-anchor": minutes ? "middle" : "end" };
    nodes.push(svg("text", where, minutes ? "−" + minutes + " min" : "now"));
  }
  const spot = (index, value) => x(samples[index].time).toFixed(1) + " " + y(value).toFixed(1);
  if (plot.stack) {
    const below = rows.map(() => 0);
    state.shown.forEach(({ name, slot }, which) => {
      const under = rows.map((row, index) => spot(index, below[index]));
      rows.forEach((row, index) => (below[index] += row[which]));
      const over = rows.map((row, index) => spot(index, below[index]));
      const path = "M" + over.concat(under.reverse()).join("L") + "Z";
      nodes.push(svg("path", { class: "area s" + slot, "data-identity": name, d: path }));
    });
  } else if (samples.length) {
    plot.lines.forEach((name, which) => {
      const path = "M" + rows.map((row, index) => spot(index, row[which])).join("L");
      nodes.push(svg("path", { class: name, d: path }));
    });
  }
  mark(plot, nodes, rows, width);
  plot.picture.replaceChildren(...nodes);
}

// The sample that somebody points at, with its values.
function mark(plot, nodes, rows, width) {
  const index = state.samples.findIndex((sample) => sample.number === state.cursor);
  plot.tip.hidden = index < 0;
  if (index < 0) {
    return;
  }
  const sample = state.samples[index];
  const where = plot.x(sample.time);
  nodes.push(svg("line", { class: "cursor", x1: where, x2: where, y1: EDGE.top, y2: HEIGHT - EDGE.bottom }));
  const line = (colour, name, value) =>
    element("div", {}, element("b", { class: colour }), element("bdi", {}, name), plot.say(value));
  const values = rows[index];
  const lines = plot.stack
    ? state.shown.map(({ name, slot }, which) => [line("s" + slot, name, values[which]), values[which]])
    : plot.lines.map((name, which) => [line("line-" + name, name, values[which]), 1]);
  const time = element("small", {}, new Date(sample.time).toLocaleTimeString());
  plot.tip.replaceChildren(time, ...lines.filter(([, value]) => value > 0).map(([node]) => node));
  const left = where > width / 2;
  plot.tip.style.left = left ? "auto" : where + 18 + "px";
  plot.tip.style.right = left ? width - where + 18 + "px" : "auto";
}

function point(plot, event) {
  let nearest = null;
  if (event && state.samples.length) {
    const where = event.clientX - plot.picture.getBoundingClientRect().left;
    const far = (sample) => Math.abs(plot.x(sample.time) - where);
    nearest = state.samples.reduce((best, sample) => (far(sample) < far(best) ? sample : best)).number;
  }
  if (nearest !== state.cursor) {
    state.cursor = nearest;
    PLOTS.forEach(draw);
  }
}

addEventListener("resize", () => PLOTS.forEach(draw));
look();
