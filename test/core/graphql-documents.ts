import fc from 'fast-check';

/** Documents of GraphQL, written as oddly as the grammar allows: what is ignored, strings that look like operations, keywords as names. */

const NAMES = ['items', 'Item', '_x1', 'query', 'mutation', 'subscription', 'fragment', 'on', 'input', 'null_', 'True'] as const;
const name = fc.constantFrom(...NAMES);
/** Between tokens. */
const gap = fc.constantFrom(' ', ' ', '\n', '\t', ' , ', '\r\n', ' # mutation M { x }\n', '\n#"""\r', '#{\n', ' \uFEFF', ',,');
const text = fc.constantFrom('"a"', '""', '"mutation { pay }"', '"\\"} mutation M {"', '"\\\\"', '"é€🎉 \\u00e9"', '"# no comment"', '"{ ( ["');
const block = fc.constantFrom('"""mutation M { pay }"""', '""""""', '"""a \\""" } mutation { x } \\""" b"""', '"""\n  "quoted" ""\n  # {\n"""', '"""\\\\"""', '"""🎉 \\"""', '"""').filter(ends);

function ends(written: string): boolean {
  return written.length >= 6 && written.endsWith('"""') && !written.endsWith('\\"""');
}

const { value, selections } = fc.letrec<{ value: string; object: string; list: string; selection: string; selections: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.constantFrom('1', '-2.5e+3', 'true', 'null', 'ENUM', '$v', 'mutation'), text, block, tie('list'), tie('object')),
  list: fc.tuple(fc.array(tie('value'), { maxLength: 3 }), gap).map(([values, between]) => `[${values.join(between)}]`),
  object: fc.array(fc.tuple(name, gap, tie('value')), { maxLength: 2 }).map((fields) => `{${fields.map(([field, between, given]) => `${field}:${between}${given}`).join(' ')}}`),
  selection: fc.oneof(
    { maxDepth: 4 },
    name,
    fc.tuple(name, name).map(([alias, field]) => `${alias}: ${field}`),
    fc.constantFrom('...F1', '... F2', '__typename'),
    fc.tuple(name, gap, tie('value'), tie('selections')).map(([field, between, given, inner]) => `${field}${between}(a: ${given})${between}@include(if: $v)${inner}`),
    fc.tuple(name, tie('selections')).map(([field, inner]) => `${field} ${inner}`),
    fc.tuple(gap, tie('selections')).map(([between, inner]) => `...${between}on Item @skip(if: true) ${inner}`),
    tie('selections').map((inner) => `...${inner}`),
  ),
  selections: fc.tuple(gap, fc.array(tie('selection'), { minLength: 1, maxLength: 3 })).map(([between, inner]) => `{${between}${inner.join(between)}${between}}`),
}));

const constant = value.filter((given) => !given.includes('$'));
const variables = fc.option(fc.tuple(gap, constant).map(([between, given]) => `($v: Boolean!${between}$w: [In!]! = ${given} @d(a: "}"))`), { nil: '' });
const header = fc.tuple(variables, gap, fc.constantFrom('', '@d', '@live(a: {x: "{"})')).map(([given, between, directives]) => `${given}${between}${directives}`);
const type = fc.constantFrom('query', 'query', 'mutation', 'subscription');
/** `@` stands for the name, so that each is there once. */
const definition = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(type, gap, header, selections).map(([kind, between, rest, body]) => `${kind}${between}@ ${rest}${body}`) },
  { weight: 1, arbitrary: fc.tuple(gap, header, selections).map(([between, rest, body]) => `fragment${between}${rest.startsWith('(') ? 'F' : 'F1'} on Item ${rest.startsWith('(') ? '' : rest}${body}`) },
);
const alone = fc.oneof(
  selections,
  fc.tuple(type, header, selections).map(([kind, rest, body]) => `${kind} ${rest}${body}`),
);
const several = fc
  .tuple(fc.array(definition, { minLength: 1, maxLength: 4 }), gap)
  .map(([definitions, between]) => definitions.map((written, index) => written.replace('@', OPERATION_NAMES[index] ?? '')).join(between));

/** What the operations of a document may be called, one after the other. */
export const OPERATION_NAMES: readonly string[] = ['Items', 'query', 'mutation', 'Pay'];

/** A document, most of them as the grammar has it. */
export const documents: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: several },
  { weight: 3, arbitrary: alone },
  { weight: 1, arbitrary: fc.tuple(several, fc.nat(), fc.constantFrom('', '"', '{', '}', '\\', '"""', '#', 'é', '(')).map(([whole, at, put]) => whole.slice(0, at % whole.length) + put + whole.slice((at % whole.length) + 1)) },
);
