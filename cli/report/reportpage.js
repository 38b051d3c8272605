/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the page of `pam_traffic report --html` can do beyond being read: light or dark, columns
 * that sort, a filter, exact bytes, arrow keys in the charts. Without it, every figure is there all
 * the same. It makes no HTML out of text and asks no one for anything.
 */

"use strict";
(() => {
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const make = (name, text) => {
    const element = document.createElement(name);
    element.textContent = text;
    return element;
  };

  /* light and dark */
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const theme = make("button", "");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const name = () => (theme.textContent = isDark() ? "Light" : "Dark");
  theme.type = "button";
  theme.id = "theme";
  theme.setAttribute("aria-label", "switch between light and dark");
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
  });
  system.addEventListener("change", name);
  name();
  document.querySelector("header").append(theme);

  /* charts: one stop of the tab key each, then arrows; the figures in words below */
  for (const chart of all(".chart")) {
    const points = all(".pt", chart);
    const readout = chart.querySelector(".readout");
    const show = (point) => (readout.textContent = point.dataset.text);
    points.forEach((point, i) => {
      point.setAttribute("tabindex", i ? "-1" : "0");
      point.addEventListener("focus", () => show(point));
      point.addEventListener("pointerenter", () => show(point));
      point.addEventListener("keydown", (event) => {
        const to = {
          ArrowRight: i + 1, ArrowDown: i + 1, ArrowLeft: i - 1, ArrowUp: i - 1,
          Home: 0, End: points.length - 1,
        }[event.key];
        if (to === undefined || !points[to]) return;
        event.preventDefault();
        point.setAttribute("tabindex", "-1");
        points[to].setAttribute("tabindex", "0");
        points[to].focus();
      });
    });
  }

  /* the table: click a column, once more turns it around; what is not known stays last */
  for (const table of all("table.sortable")) {
    const body = table.tBodies[0];
    const heads = all("thead th", table);
    heads.forEach((head, column) => {
      const isText = head.classList.contains("text");
      const button = make("button", head.textContent);
      button.type = "button";
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const was = head.getAttribute("aria-sort");
        const down = was ? was === "ascending" : !isText;
        const of = (row) => row.cells[column].dataset.value;
        const order = (a, b) => {
          const x = of(a), y = of(b);
          if (x === "" || y === "") return (x === "") - (y === "");
          if (isText) return (down ? -1 : 1) * x.localeCompare(y, undefined, { numeric: true });
          return (down ? -1 : 1) * (BigInt(x) < BigInt(y) ? -1 : BigInt(x) > BigInt(y) ? 1 : 0);
        };
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        body.append(...Array.from(body.rows).sort(order));
      });
    });
  }

  /* a filter for each table; exact bytes are the whole page's */
  for (const tools of all(".tools")) {
    const rows = Array.from(tools.parentElement.querySelector("table.sortable").tBodies[0].rows);
    const filter = make("input", "");
    const found = make("span", "");
    filter.type = "search";
    filter.placeholder = "Filter";
    filter.setAttribute("aria-label", "show only rows that contain this text");
    found.setAttribute("role", "status");
    filter.addEventListener("input", () => {
      const wanted = filter.value.toLowerCase();
      let n = 0;
      for (const row of rows) {
        row.hidden = !all(".text", row).some((cell) => cell.dataset.value.toLowerCase().includes(wanted));
        n += !row.hidden;
      }
      found.textContent = wanted ? `${n} of ${rows.length} rows` : "";
    });
    tools.append(filter, found);
  }

  const tools = document.querySelector(".tools");
  if (!tools) return;
  const label = make("label", " exact bytes");
  const exact = make("input", "");
  exact.type = "checkbox";
  exact.id = "exact";
  label.prepend(exact);
  exact.addEventListener("change", () => {
    for (const data of all("data")) {
      data.dataset.short ??= data.textContent;
      data.textContent = exact.checked ? data.value.replace(/\B(?=(\d{3})+$)/g, "\u202f") : data.dataset.short;
    }
  });
  tools.children[0].after(label);
})();
