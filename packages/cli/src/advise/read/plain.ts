import type { ReadOptions } from '../options.js';
import { eachLine } from './lines.js';
import { parseDecimal } from './number.js';
import { chooseUnit, type Described, type Rows } from './rows.js';
import type { Source } from './source.js';

/** One number per line. */
export async function readPlain(source: Source, options: ReadOptions, rows: Rows): Promise<Described> {
  const unit = chooseUnit(options.unit, undefined, '');
  rows.unit = unit.unit;
  await eachLine(
    source.chunks,
    (bytes, start, end, line) => {
      const value = parseDecimal(bytes, start, end);
      if (!rows.take(value)) rows.takeOrRefuse(value, line, bytes.toString('utf8', start, end));
    },
    rows.refuseTooLong,
  );
  return { what: 'plain numbers', ...unit };
}
