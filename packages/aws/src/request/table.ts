import { textOfBody } from './body.js';

/** Of a body no more is looked at. The SDK writes members in the order in which its user has them: most name the table first. */
const MOST_LENGTH = 4_096;
/** An ARN of a table may be long; its beginning tells enough. */
const MOST_NAME_LENGTH = 255;

const MEMBERS = ['"TableName":"', '"RequestItems":{"'];

/**
 * The table that a request for DynamoDB names, the first of several. Read off the JSON by its quotes, without parsing it: those of a value are escaped, and
 * names of tables hold none.
 */
export function tableOf(body: unknown): string | undefined {
  const json = textOfBody(body, MOST_LENGTH);
  if (json === undefined) return undefined;
  for (const member of MEMBERS) {
    const start = json.indexOf(member) + member.length;
    const end = json.indexOf('"', start);
    if (start >= member.length && end > start && end - start <= MOST_NAME_LENGTH) return json.slice(start, end);
  }
  return undefined;
}
