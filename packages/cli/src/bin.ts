#!/usr/bin/env node
import { constants } from 'node:os';
import { main } from './main.js';

// Whoever was reading has seen enough, as in `hedgerow demo | head`: that is no failure to speak of.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(128 + constants.signals.SIGPIPE);
  });
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
