import { writeFileSync } from 'node:fs';
import { page } from './faults/page.js';

writeFileSync(new URL('../../../docs/fault-matrix.md', import.meta.url), page());
