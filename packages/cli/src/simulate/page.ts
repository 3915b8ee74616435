import { html, Markup } from '../report/escape.js';
import { STYLE } from '../report/style.js';
import type { SimulateOptions } from './flags.js';
import type { PolicyRun } from './policy-run.js';
import { timeChart } from './time-chart.js';
import { cells, describe, FOOTNOTES, HEADINGS } from './words.js';

/** Only the first column is text here. */
const ONE_LABEL = 'th:nth-child(2), td:nth-child(2) { text-align: right; }\n';

/** What policies came to, as one HTML file that loads nothing. */
export function renderSimulation({ preset, scenario }: SimulateOptions, runs: readonly PolicyRun[]): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>hedgerow simulate: ${preset.name}</title>
<style>${new Markup(STYLE + ONE_LABEL)}</style>
</head>
<body>
<header>
<div class="kicker">hedgerow simulate</div>
<h1>${preset.name}: ${preset.summary}</h1>
<p>hedgerow’s own scheduler on a virtual clock, against simulated servers.</p>
</header>
<section>
<h2>Latency in milliseconds, and its price</h2>
<div class="scroll"><table>
<thead><tr>${HEADINGS.map((heading) => html`<th>${heading}</th>`)}</tr></thead>
<tbody>${runs.map((run) => html`<tr>${cells(run).map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table></div>
<div class="soft notes">${FOOTNOTES.map((note) => html`<div>${note}</div>`)}</div>
</section>
<section>
<h2>Over time</h2>
<p class="soft">Second by second from the start, warm-up included.</p>
<div class="grid">${runs.map(
    (run) => html`<figure class="card"><h3>${run.policy.name}</h3>
<div class="wide">${new Markup(timeChart(run.result.seconds, 'wide'))}</div>
<div class="narrow">${new Markup(timeChart(run.result.seconds, 'narrow'))}</div></figure>`,
  )}</div>
</section>
<section>
<h2>What was simulated</h2>
<p>${describe(scenario)}.</p>
</section>
<footer>Written by <code>hedgerow simulate</code>, Node ${process.versions.node}.</footer>
</body>
</html>
`;
  return page.text;
}
