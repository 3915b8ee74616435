/** The report's style sheet. One column on a phone; light or dark as the reader's system is. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fbfaf7; --card: #ffffff; --ink: #1d2420; --soft: #5b655f; --line: #e2e4de;
  --plain: #c0562b; --hedged: #217a4b; --tint: #eaf4ee;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121614; --card: #1a201d; --ink: #e8ede9; --soft: #9aa69f; --line: #2f3833;
    --plain: #f0925f; --hedged: #5fcb93; --tint: #1d2f26;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 72rem;
  background: var(--page); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.02em; }
.kicker { color: var(--hedged); font-weight: 700; margin-bottom: 0.35rem; }
h2 { margin: 3rem 0 0.5rem; font-size: 1.2rem; }
p { max-width: 44rem; margin: 0.6rem 0; }
.soft, figcaption, footer { color: var(--soft); }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); margin-top: 1.5rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; padding: 1.1rem 1.25rem; }
.card h3 { margin: 0; font-size: 0.95rem; color: var(--soft); font-weight: 600; }
.big { margin: 0.25rem 0; font-size: 1.9rem; font-weight: 700; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.big .plain { color: var(--plain); } .big .hedged { color: var(--hedged); }
.big .unit { font-size: 1rem; font-weight: 500; color: var(--soft); letter-spacing: 0; }
p.warning { max-width: none; margin-top: 1.25rem; padding: 0.75rem 1rem; border-left: 4px solid var(--plain); background: var(--card); }
figure { margin: 0; max-width: 46rem; }
figure svg { display: block; width: 100%; height: auto; margin-top: 0.5rem; font-family: inherit; }
@media (min-width: 30.01rem) { .narrow { display: none; } }
@media (max-width: 30rem) { .wide { display: none; } figure.card { padding: 1rem 0.6rem; } figure.card h3 { padding-left: 0.4rem; } }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin-top: 0.75rem; font-size: 0.95rem; }
.legend span::before { content: ""; display: inline-block; width: 1.75rem; margin-right: 0.5rem; vertical-align: 0.25em; border-top: 3px solid var(--hedged); }
.legend .plain::before { border-top: 3px dashed var(--plain); }
.scroll { overflow-x: auto; margin-top: 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: 0.5rem 0.7rem; text-align: right; border-bottom: 1px solid var(--line); }
th { font-size: 0.85rem; color: var(--soft); font-weight: 600; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
tr.hedged td { background: var(--tint); }
.notes { font-size: 0.88rem; }
.trace { list-style: none; margin: 1rem 0 0; padding: 0; display: grid; gap: 0.9rem; }
.trace .facts { display: flex; flex-wrap: wrap; gap: 0 0.75rem; align-items: baseline; padding-left: calc(var(--depth) * 1.25rem); }
.trace .name { font-weight: 600; } .trace .ms { font-variant-numeric: tabular-nums; }
.track { position: relative; height: 0.7rem; margin-top: 0.3rem; border-radius: 0.35rem; background: var(--line); }
.track i { position: absolute; top: 0; bottom: 0; min-width: 3px; border-radius: 0.35rem; background: var(--soft); }
.track .winner { background: var(--hedged); } .track .loser { background: var(--plain); }
code { font: 0.9em ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
.legend .soft { color: inherit; } .legend .soft::before { border-top: 3px dotted var(--soft); }
table.fit { width: auto; } table.fit th, table.fit td { padding-right: 1.5rem; }
tr.chosen td { background: var(--tint); font-weight: 600; }
td code { white-space: pre; }
.remarks { list-style: none; margin: 1rem 0 0; padding: 0; display: grid; gap: 1rem; }
.remarks li { border-left: 4px solid var(--line); padding-left: 0.9rem; } .remarks p { margin: 0.15rem 0 0; }
.remarks .against, .remarks .careful { border-color: var(--plain); }
footer { margin-top: 3rem; font-size: 0.9rem; }
`;
