import { compare, type Comparison, type Run } from '../demo/measure.js';
import { formatCount, formatMs, formatShare } from '../demo/format.js';
import type { DemoOptions } from '../demo/options.js';
import type { DemoResult } from '../demo/result.js';
import { cells, FOOTNOTES, HEADINGS, servers } from '../demo/words.js';
import { attemptText } from '../trace/text.js';
import { traceDuration, type SpanNode, type Trace } from '../trace/tree.js';
import { tail, tailChart, type Tail } from './chart.js';
import type { Markup } from './escape.js';
import { html } from './escape.js';
import { renderPage } from './page.js';
import { plot } from './plot.js';

/** The demo's result as one HTML file that loads nothing. */
export function renderReport({ options, runs, trace, warning }: DemoResult): string {
  const comparisons = compare(runs);
  const intro = html`<p>One request in twenty takes ten times longer here. hedgerow sends a copy of a request that is slow to another server,
takes whichever answer comes first, and cancels the other one.</p>`;
  const body = html`<div class="grid">${comparisons.map(card)}</div>
${warning === undefined ? '' : html`<p class="warning">${warning}</p>`}
<section>
<h2>The tail</h2>
<p class="soft">How many requests took longer than so many milliseconds. Each step down is ten times rarer.</p>
<div class="legend"><span class="plain">without hedging</span><span>with hedging</span></div>
<div class="grid">${comparisons.map(figure)}</div>
</section>
<section>
<h2>Latency in milliseconds, and its price</h2>
${table(runs)}
</section>
${trace ? traceSection(trace) : ''}
<section>
<h2>How it was measured</h2>
${method(options)}
</section>`;
  return renderPage({ command: 'demo', title: 'What hedging did to the slowest requests', intro }, body);
}

function card({ hedged, beforeMs, afterMs }: Comparison): Markup {
  return html`<div class="card">
<h3>${hedged.client}, p99</h3>
<p class="big"><span class="plain">${formatMs(beforeMs)}</span> → <span class="hedged">${formatMs(afterMs)}</span> <span class="unit">ms</span></p>
<div class="soft">for ${formatShare(hedged.extraLoad)} more requests, as the servers count them</div>
</div>`;
}

function figure({ afterMs, beforeMs, hedged, plain }: Comparison): Markup {
  const tails: readonly Tail[] = [
    { points: tail(plain.latencies), color: 'var(--plain)', dash: 'dashed', p99Ms: beforeMs, labelBelow: -13 },
    { points: tail(hedged.latencies), color: 'var(--hedged)', p99Ms: afterMs, labelBelow: 13 },
  ];
  return plot(hedged.client, (size) => tailChart(tails, size));
}

function table(runs: readonly Run[]): Markup {
  return html`<div class="scroll"><table>
<thead><tr>${HEADINGS.map((heading) => html`<th>${heading}</th>`)}</tr></thead>
<tbody>${runs.map(
    (run) => html`<tr class="${run.hedged ? 'hedged' : 'plain'}">${cells(run).map((cell) => html`<td>${cell}</td>`)}</tr>
`,
  )}</tbody>
</table></div>
<div class="soft notes">${FOOTNOTES.map((note) => html`<div>${note}</div>`)}</div>`;
}

function traceSection(trace: Trace): Markup {
  const totalMs = traceDuration(trace);
  return html`<section>
<h2>One hedged call, as OpenTelemetry saw it</h2>
<p class="soft">Every attempt is a span of its own below the caller's span, and carries its own <code>traceparent</code>,
by which the server that saw it is known. Trace <code>${trace.traceId}</code>.</p>
<ul class="trace">${trace.roots.flatMap((root) => spanItems(root, 0, totalMs))}</ul>
</section>`;
}

function spanItems(node: SpanNode, depth: number, totalMs: number): Markup[] {
  const { attempt, children, durationMs, name, startMs } = node;
  const kind = attempt ? (attempt.winner ? 'winner' : 'loser') : 'other';
  const percent = (ms: number) => ((ms / totalMs) * 100).toFixed(2);
  const item = html`<li>
<div class="facts" style="--depth: ${depth}"><span class="name">${name}</span><span class="ms">${formatMs(durationMs)} ms</span><span class="soft">${attempt ? attemptText(attempt, startMs) : 'the caller’s own span'}</span></div>
<div class="track"><i class="${kind}" style="left: ${percent(startMs)}%; width: ${percent(durationMs)}%"></i></div>
</li>`;
  return [item, ...children.flatMap((child) => spanItems(child, depth + 1, totalMs))];
}

function method(options: DemoOptions): Markup {
  const { clients, concurrency, requests, seed, warmup } = options;
  return html`<p>${servers(clients)}, on the loopback interface, in a thread of their own. Latencies are
lognormal, 5 ± 2 ms, and one request in twenty takes ten times longer; the n-th request of a server takes equally long in every run
(seed ${seed}). Each run sent ${formatCount(requests)} requests, ${concurrency} in flight, each when one before it had been answered. ${
    warmup > 0
      ? `${formatCount(warmup)} warm-up requests before each run are left out of all figures; a hedged client learned the latencies from them.`
      : 'There was no warm-up: a hedged client learned the latencies during the run.'
  } Latency is what the client saw, from sending a request to having its whole answer. hedgerow ran with its default options.</p>
<p>Your services differ. Hedging helps where copies of a request meet different servers and slowness is chance; it does not where every
copy is equally slow.</p>`;
}
