import { html, type Markup } from '../report/escape.js';
import { renderPage } from '../report/page.js';
import { plot } from '../report/plot.js';
import { formatShare } from '../demo/format.js';
import { p99Of, type Advice } from './advice.js';
import type { AdviceResult } from './result.js';
import { formatMs, msOrDash } from './format.js';
import { loadPlot, orderPlot, SHOWN_CORRELATION, tailPlot } from './plots.js';
import { cells, checkLines, FOOTNOTE, HEADINGS, inputLine, intervalText, KNOWN_HEADINGS, knownCells, rowsOf, verdict } from './words.js';

/** The advice as one HTML file that loads nothing. */
export function renderAdvice({ advice, check, input }: AdviceResult): string {
  const body = html`<div class="grid">${cards(advice)}</div>
${tails(advice)}
<section>
<h2>What hedging would give, in milliseconds</h2>
${predictionTable(advice)}
<div class="soft notes"><div>${FOOTNOTE}</div></div>
</section>
<section>
<h2>What to paste as options</h2>
${optionTable(advice)}
</section>
<section>
<h2>Your latencies</h2>
<p class="soft">Intervals hold for independent samples of one unchanging distribution.</p>
${table(KNOWN_HEADINGS, advice.known.map((known) => row(knownCells(known))), 'fit')}
</section>
${order(advice)}
${check ? html`<section><h2>The prediction against a simulation</h2><p>${checkLines(check).join(' ')}</p></section>` : ''}
<section>
<h2>How far to trust this</h2>
<ul class="remarks">${advice.remarks.map(({ kind, text, title }) => html`<li class="${kind}"><strong>${title}</strong><p>${text}</p></li>`)}</ul>
</section>
${badRows(input)}`;
  const intro = html`<p>${verdict(advice)}</p>
<p class="soft">${inputLine(input)}</p>`;
  return renderPage({ command: 'advise', title: 'What hedging would do to these latencies', intro }, body);
}

function cards({ byDefault, defaultInterval, recommended, unhedged }: Advice): Markup[] {
  if (byDefault === undefined) return [];
  const shown = recommended === undefined || recommended === byDefault ? [byDefault] : [byDefault, recommended];
  return shown.map(
    (prediction) => html`<div class="card">
<h3>p99, ${prediction === byDefault ? 'default options' : prediction.name}</h3>
<p class="big"><span class="plain">${msOrDash(p99Of(unhedged))}</span> → <span class="hedged">${msOrDash(p99Of(prediction))}</span> <span class="unit">ms</span></p>
<div class="soft">for ${formatShare(prediction.extraLoad)} more requests${
      prediction === byDefault && defaultInterval !== undefined ? html`; ${intervalText(defaultInterval)} ms with 95 % confidence` : ''
    }</div>
</div>`,
  );
}

function tails(advice: Advice): Markup {
  const { byDefault, unhedged } = advice;
  if (byDefault === undefined || p99Of(unhedged) === undefined) return html``;
  const ifShared = `if ρ = ${SHOWN_CORRELATION}`;
  return html`<section>
<h2>The tail, and what shortening it costs</h2>
<p class="soft">How many requests take longer than so many milliseconds, each step down being ten times rarer; and p99 by the extra load that is
spent on it. ρ is the probability that a copy shares its primary’s fate.</p>
<div class="grid">
<div>
<div class="legend"><span class="plain">no hedging</span><span>default options</span><span class="soft">the same ${ifShared}</span></div>
${plot('Tail', (size) => tailPlot(advice, size))}
</div>
<div>
<div class="legend"><span>quantile</span><span class="plain">minimise p99</span><span class="soft">quantile ${ifShared}</span></div>
${plot('p99 (ms) by extra load', (size) => loadPlot(advice, size))}
</div>
</div>
</section>`;
}

function order({ order: { neighbourCorrelation, stretches, unevenness } }: Advice): Markup {
  if (stretches.length < 2) return html``;
  const facts = [
    neighbourCorrelation === undefined ? '' : `Correlation of neighbours: ${neighbourCorrelation.toFixed(2)}.`,
    unevenness === undefined
      ? 'Stretches differ by no more than chance.'
      : `The share of slow requests goes from ${formatShare(unevenness.least)} to ${formatShare(unevenness.most)}.`,
  ];
  return html`<section>
<h2>From the beginning of the input to its end</h2>
<p class="soft">${facts.join(' ')}</p>
<div class="legend"><span>p50</span><span class="soft">p90</span><span class="plain">p99</span></div>
${plot('Quantiles of each stretch (ms)', (size) => orderPlot({ stretches, neighbourCorrelation, unevenness }, size))}
</section>`;
}

function predictionTable(advice: Advice): Markup {
  return table(HEADINGS, rowsOf(advice).map((prediction) => row(cells(prediction), prediction === advice.recommended)));
}

function optionTable(advice: Advice): Markup {
  const rows = rowsOf(advice).flatMap((prediction) => {
    if (prediction.options === undefined) return [];
    const after = prediction.hedges.map(({ delayMs }) => formatMs(delayMs)).join(', ');
    return [
      html`<tr class="${prediction === advice.recommended ? 'chosen' : ''}"><td>${formatShare(prediction.extraLoad)}</td><td><code>${prediction.options}</code></td><td>${after} ms now</td></tr>
`,
    ];
  });
  return table(['extra load', 'options', 'hedge after'], rows, 'fit');
}

function table(headings: readonly string[], rows: readonly Markup[], kind: 'full' | 'fit' = 'full'): Markup {
  return html`<div class="scroll"><table class="${kind}">
<thead><tr>${headings.map((heading) => html`<th>${heading}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}

function row(texts: readonly string[], isChosen = false): Markup {
  return html`<tr class="${isChosen ? 'chosen' : ''}">${texts.map((text) => html`<td>${text}</td>`)}</tr>
`;
}

function badRows({ bad }: AdviceResult['input']): Markup {
  if (bad.count === 0) return html``;
  return html`<section>
<h2>Rows that were skipped</h2>
<ul>${bad.lines().map((line) => html`<li>${line}</li>`)}</ul>
</section>`;
}
