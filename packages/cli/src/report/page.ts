import { html, Markup } from './escape.js';
import { STYLE } from './style.js';

/** What every report begins with. */
export interface PageHead {
  /** The command that wrote it, as `demo`. */
  readonly command: string;
  readonly title: string;
  readonly intro: Markup;
}

/** A report as one HTML file that loads nothing. */
export function renderPage({ command, intro, title }: PageHead, body: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>hedgerow ${command}: ${title.charAt(0).toLowerCase() + title.slice(1)}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<div class="kicker">hedgerow ${command}</div>
<h1>${title}</h1>
${intro}
</header>
${body}
<footer>Written by <code>hedgerow ${command}</code> on ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}.</footer>
</body>
</html>
`.text;
}
