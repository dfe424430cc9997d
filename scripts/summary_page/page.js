"use strict";
// Adds up what Python added up, for the chosen app, tracker and schema. null is one to four events: in no sum.
const data = JSON.parse(document.getElementById("data").textContent);
const form = document.getElementById("filter"), choices = [...form.querySelectorAll("select")];
const names = ["app", "tracker", "schema"], periods = [1, 7, data.days.length];
const sum = (counts) => {
  const present = counts.filter((each) => each !== 0), seen = present.filter((each) => each !== null);
  return present.length && !seen.length ? null : seen.reduce((a, b) => a + b, 0);
};
const shown = (count) => (count === null ? "< 5 each" : count.toLocaleString("en-US"));
const share = (part, whole) => (part === null || !whole ? "–" : (100 * part / whole).toFixed(2) + " %");
const counts = (rows, kind, from) => rows.filter((row) => !kind || row[3] === kind).flatMap((row) => row[4].slice(from));

function row(values) {
  const line = document.createElement("tr");
  values.forEach((value, at) => {
    const cell = line.appendChild(document.createElement(at ? "td" : "th"));
    if (at === 0) { cell.scope = "row"; cell.appendChild(document.createElement("bdi")).textContent = value; }
    else { cell.textContent = value; if (at < 4) cell.className = "n"; }
  });
  return line;
}

function show() {
  const chosen = choices.map((each) => each.value);
  const rows = data.series.filter((each) => chosen.every((value, at) => !value || each[at] === value));
  document.querySelectorAll("#totals tbody tr").forEach((line, at) => {
    const from = data.days.length - periods[at];
    const good = sum(counts(rows, "good", from)), bad = sum(counts(rows, "bad", from)), both = sum(counts(rows, "", from));
    const length = periods[at], known = 2 * length <= data.days.length
      ? sum(rows.flatMap((each) => each[4].slice(from - length, from))) : null;
    const change = Math.round(100 * ((both || 0) / known - 1));
    const texts = [shown(good), shown(bad), shown(both), share(bad, good === null ? 0 : both), known ? (change < 0 ? "" : "+") + change + " %" : "–"];
    texts.forEach((text, cell) => { line.cells[cell + 1].textContent = text; });
  });
  names.forEach((name, at) => {
    const groups = new Map();
    rows.forEach((each) => groups.set(each[at], [...(groups.get(each[at]) || []), each]));
    const lines = [...groups].map(([value, own]) => {
      const good = sum(counts(own, "good", 0)), bad = sum(counts(own, "bad", 0)), both = sum(counts(own, "", 0));
      const last = Math.max(...own.map((each) => each[4].findLastIndex((count) => count !== 0)));
      return [both || 0, row([value, shown(good), shown(bad), share(bad, good === null ? 0 : both), data.days[last]])];
    });
    lines.sort((a, b) => b[0] - a[0]);
    document.querySelector(`#by-${name} tbody`).replaceChildren(...lines.map((each) => each[1]));
  });
  const days = data.days.map((_, at) => ["good", "bad"].map((kind) => rows.reduce((a, each) => a + (each[3] === kind ? each[4][at] || 0 : 0), 0)));
  const highest = Math.max(1, ...days.map(([good, bad]) => good + bad));
  document.getElementById("days-highest").textContent = highest.toLocaleString("en-US");
  document.querySelectorAll("#days g").forEach((bar, at) => {
    const [good, bad] = days[at].map((count) => 160 * count / highest), [below, above] = bar.querySelectorAll("rect");
    below.setAttribute("y", 160 - good); below.setAttribute("height", good);
    above.setAttribute("y", 160 - good - bad); above.setAttribute("height", bad);
    bar.querySelector("title").textContent = `${data.days[at]}: ${shown(days[at][0])} good, ${shown(days[at][1])} bad`;
  });
  const active = chosen.filter(Boolean).join(", ");
  document.getElementById("filtered").textContent = active ? `Totals, days and tables show only: ${active}` : "";
}

function value(cell) {
  const text = cell.textContent.trim(), number = Number(text.replace(/[,%s\s]/g, ""));
  if (text.startsWith("< 5")) return 1;
  return text === "" || text === "–" ? -1 : Number.isNaN(number) ? text.toLowerCase() : number;
}

document.querySelectorAll("thead th").forEach((head) => {
  const button = document.createElement("button");
  button.textContent = head.textContent;
  head.replaceChildren(button);
  button.addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") !== "descending", body = head.closest("table").tBodies[0];
    head.parentNode.querySelectorAll("th").forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const keyed = [...body.rows].filter((each) => each.cells.length > 1).map((line) => [value(line.cells[head.cellIndex]), line]);
    keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1));
    body.append(...keyed.map(([, line]) => line));
  });
});
form.hidden = false;
form.addEventListener("change", show);
form.addEventListener("reset", () => setTimeout(show));
const find = document.getElementById("find");
find.hidden = false;
find.addEventListener("input", () => {
  const wanted = find.querySelector("input").value.toLowerCase();
  document.querySelectorAll("#errors tbody tr").forEach((line) => { line.hidden = !line.textContent.toLowerCase().includes(wanted); });
});
