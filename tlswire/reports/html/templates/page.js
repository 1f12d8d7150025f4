"use strict";
// Behaviour of the report: fields beside bytes, table, copying. Text from the wire is only ever
// set as text; the HTML put in place was rendered and escaped when the report was made.
const $ = (id) => document.getElementById(id);
const make = (tag, name, text) => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
};
const words = JSON.parse($("words").textContent);
const say = (name, blanks = {}) => words[name].replace(/\{(\w+)\}/g, (_, blank) => blanks[blank]);
const plural = new Intl.PluralRules(document.documentElement.lang);
const counted = (name, number) => say(`${name}.${plural.select(number) === "one" ? "one" : "other"}`, { number });
const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const hexed = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

async function unpack(text) {
  if (!("DecompressionStream" in window)) throw new Error(say("old"));
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

// -- fields and bytes ------------------------------------------------------------------------

let shelf = null;
const pane = { list: [], at: 0, rows: [], cells: [], from: null };

async function body(number) {
  shelf ??= unpack($("shelf").textContent);
  const { shapes, bodies } = await shelf;
  const one = bodies[number];
  let bytes;
  if (one.like === undefined) bytes = bytesOf(one.bytes);
  else {
    bytes = bytesOf(bodies[one.like].bytes);
    for (const [at, hex] of one.patches)
      for (let i = 0; i < hex.length; i += 2) bytes[at + i / 2] = parseInt(hex.slice(i, i + 2), 16);
  }
  return { ...one, rows: shapes[one.shape], bytes };
}

async function open(list, at, from, span) {
  Object.assign(pane, { list, at, from: from ?? pane.from });
  const shown = await body(list[at]);
  $("fields-title").textContent = shown.title;
  $("fields-where").textContent = [
    list.length > 1 && say("place", { number: at + 1, total: list.length }),
    shown.offset !== null && say("from", { offset: shown.offset }),
    say("size", { size: shown.bytes.length + (shown.cut ?? 0) }),
    shown.cut && say("cut", { size: shown.cut }),
  ].filter(Boolean).join(", ");
  $("fields-trouble").hidden = !shown.trouble;
  $("fields-trouble").textContent = shown.trouble ? say("trouble", { offset: shown.trouble[1], what: shown.trouble[0] }) : "";
  for (const [id, next] of [["fields-before", at - 1], ["fields-after", at + 1]]) {
    $(id).hidden = list.length < 2;
    $(id).disabled = next < 0 || next >= list.length;
  }
  drawTree(shown);
  drawHex(shown);
  $("fields").hidden = false;
  document.body.classList.add("with-fields");
  if (span && span[1]) mark(span[0], span[1], true);
  else if (shown.trouble) mark(shown.trouble[1], 1, true);
  if (!from) return;
  from.scrollIntoView({ block: "nearest" });
  $("fields-title").focus({ preventScroll: true });
}

function close() {
  $("fields").hidden = true;
  document.body.classList.remove("with-fields");
  pane.from?.focus({ preventScroll: true });
}

function drawTree(shown) {
  const tree = $("tree");
  pane.rows = shown.rows.map(([depth, name, value, start, length], index) => {
    const row = make("div", "field");
    row.id = `f${index}`;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    row.style.setProperty("--depth", depth);
    row.append(make("span", "key", name));
    if (value === null) {
      const held = hexed(shown.bytes.subarray(start, start + Math.min(length, 32)));
      value = held + (length > 32 ? `... ${say("size", { size: length })}` : "");
    }
    if (value) row.append(" ", make("span", "value", value));
    row.place = [start, length];
    return row;
  });
  tree.replaceChildren(...pane.rows);
  if (!pane.rows.length) tree.append(make("p", "dim", say("unread")));
}

function drawHex(shown) {
  const hex = $("hex");
  pane.cells = [];
  const lines = [];
  for (let at = 0; at < shown.bytes.length; at += 16) {
    const line = make("div", "line");
    line.append(make("span", "at", at.toString(16).padStart(4, "0")));
    const part = shown.bytes.subarray(at, at + 16);
    part.forEach((byte, i) => {
      const cell = make("span", "byte", byte.toString(16).padStart(2, "0"));
      cell.at = at + i;
      pane.cells.push(cell);
      line.append(cell);
    });
    if (part.length < 16) {
      const rest = make("span");
      rest.style.cssText = `display:inline-block;width:${(16 - part.length) * 3 + (part.length < 8)}ch`;
      line.append(rest);
    }
    line.append(make("span", "text", Array.from(part, (b) => (b > 31 && b < 127 ? String.fromCharCode(b) : ".")).join("")));
    lines.push(line);
  }
  hex.replaceChildren(...lines);
  if (!lines.length) hex.append(make("p", "dim", say("no_bytes")));
}

function mark(start, length, scroll) {
  pane.cells.forEach((cell, i) => cell.classList.toggle("on", i >= start && i < start + length));
  const row = innermost(start, length);
  select(row, scroll);
  if (scroll) pane.cells[start]?.scrollIntoView({ block: "nearest" });
}

function innermost(start, length = 1) {
  let best = null;
  for (const row of pane.rows) {
    const [from, size] = row.place;
    const inside = size && from <= start && from + size >= start + length;
    if (inside && (!best || size <= best.place[1])) best = row;
  }
  return best;
}

function select(row, scroll) {
  for (const other of pane.rows) other.setAttribute("aria-selected", String(other === row));
  if (row) $("tree").setAttribute("aria-activedescendant", row.id);
  if (row && scroll) row.scrollIntoView({ block: "nearest" });
}

function choose(row, scroll) {
  if (!row) return;
  const [start, length] = row.place;
  pane.cells.forEach((cell, i) => cell.classList.toggle("on", i >= start && i < start + length));
  select(row, scroll);
  if (scroll) pane.cells[start]?.scrollIntoView({ block: "nearest" });
}

function chooseByte(at, scroll) {
  if (at < 0 || at >= pane.cells.length) return;
  const row = innermost(at);
  if (row) choose(row, scroll);
  else mark(at, 1, scroll);
  pane.cells.forEach((cell, i) => cell.classList.toggle("cursor", scroll && i === at));
  pane.cursor = at;
  if (scroll) {
    pane.cells[at].scrollIntoView({ block: "nearest" });
    const field = row ? row.textContent : say("no_field");
    $("fields-told").textContent = say("byte", { offset: at, value: pane.cells[at].textContent, field });
  }
}

function complain(error) {
  $("fields").hidden = false;
  $("fields-title").textContent = say("not_shown");
  $("fields-where").textContent = "";
  $("fields-trouble").hidden = false;
  $("fields-trouble").textContent = error.message;
}

const KEYS = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
$("tree").addEventListener("pointerover", (event) => choose(event.target.closest(".field"), false));
$("tree").addEventListener("click", (event) => choose(event.target.closest(".field"), true));
$("tree").addEventListener("keydown", (event) => {
  const step = KEYS[event.key];
  if (step === undefined || !pane.rows.length) return;
  event.preventDefault();
  const now = pane.rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
  choose(pane.rows[Math.max(0, Math.min(pane.rows.length - 1, now + step))], true);
});
$("hex").addEventListener("pointerover", (event) => {
  if (event.target.classList.contains("byte")) {
    chooseByte(event.target.at, false);
    pane.rows.find((row) => row.getAttribute("aria-selected") === "true")?.scrollIntoView({ block: "nearest" });
  }
});
$("hex").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 16, ArrowUp: -16 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  chooseByte((pane.cursor ?? -step) + step, true);
});
$("fields-close").addEventListener("click", close);
$("fields-before").addEventListener("click", () => open(pane.list, pane.at - 1));
$("fields-after").addEventListener("click", () => open(pane.list, pane.at + 1));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("fields").hidden) close();
});

// -- links, copies, failures put aside ---------------------------------------------------------

async function openCase(number) {
  for (const line of $("fragments").textContent.split(" ")) {
    const [range, packed] = line.split(":");
    const [first, last] = range.split("-").map(Number);
    if (number < first || number > last) continue;
    const html = (await unpack(packed))[number];
    if (!html) continue;
    $("chosen").innerHTML = html;
    $("chosen").scrollIntoView();
    const heading = $("chosen").querySelector("h2");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    return;
  }
}

async function copy(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", "sr");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  const label = button.textContent;
  button.textContent = say("copied");
  button.setAttribute("aria-live", "polite");
  setTimeout(() => (button.textContent = label), 1500);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-bodies], [data-open], [data-copy]");
  if (!link) return;
  const { bodies, mark: span, open: number } = link.dataset;
  if (link.dataset.copy !== undefined) return void copy(link);
  event.preventDefault();
  if (number !== undefined) return void openCase(Number(number)).catch(complain);
  open(bodies.split(" ").map(Number), 0, link, span?.split(" ").map(Number)).catch(complain);
});

// -- the table -----------------------------------------------------------------------------------

const PAGE = 200;
const table = $("connections");
if (table) {
  const rows = Array.from(table.tBodies[0].rows);
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const index = new Map(rows.map((row, i) => [row, i]));
  let order = rows, limit = PAGE;
  const show = () => {
    const wanted = $("find").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const outcome = $("outcome").value;
    let found = 0;
    for (const row of order) {
      const fits = (!outcome || row.classList.contains(outcome)) && wanted.every((word) => texts[index.get(row)].includes(word));
      if (fits) found += 1;
      row.hidden = !fits || found > limit;
    }
    $("more").hidden = found <= limit;
    $("shown").textContent = found === rows.length ? counted("all", found) : say("found", { number: found, total: rows.length });
  };
  const sort = (head) => {
    const column = head.cellIndex, number = head.dataset.kind === "n";
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const keys = new Map(rows.map((row) => [row, number ? Number(row.cells[column].textContent) : row.cells[column].textContent]));
    const compare = number ? (a, b) => a - b : new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
    order = [...rows].sort((a, b) => (down ? -1 : 1) * compare(keys.get(a), keys.get(b)) || index.get(a) - index.get(b));
    table.tBodies[0].replaceChildren(...order);
    show();
  };
  table.tHead.addEventListener("click", (event) => {
    const head = event.target.closest("th");
    if (head) sort(head);
  });
  let soon = 0;
  $("find").addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(() => { limit = PAGE; show(); }, 80);
  });
  $("outcome").addEventListener("change", () => { limit = PAGE; show(); });
  $("more").addEventListener("click", () => { limit += 5 * PAGE; show(); });
  $("find").form.addEventListener("submit", (event) => event.preventDefault());
  show();
}
