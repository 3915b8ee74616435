import { html, Markup } from './escape.js';
import type { Size } from './svg.js';

/** A plot with its title, drawn for a desk and for a phone; the page shows one of them. */
export function plot(title: string, draw: (size: Size) => string): Markup {
  return html`<figure class="card">
<h3>${title}</h3>
<div class="wide">${new Markup(draw('wide'))}</div>
<div class="narrow">${new Markup(draw('narrow'))}</div>
</figure>`;
}
