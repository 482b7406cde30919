// The part of SOQL that readers of whole objects use: SELECT fields FROM object WHERE conditions ORDER BY fields LIMIT n, and
// COUNT(). Everything else is refused as malformed, as Salesforce does.

export type SoqlRecord = { readonly Id: string; readonly [field: string]: unknown };

export type Soql = {
  /** Dotted where a parent's field is meant; empty for COUNT(). */
  readonly fields: readonly string[];
  readonly object: string;
  readonly matches: (record: SoqlRecord) => boolean;
  /** Fields that conditions and order name. */
  readonly named: readonly string[];
  readonly order: readonly { readonly field: string; readonly descending: boolean }[];
  readonly limit: number | undefined;
};

export class SoqlError extends Error {}

type Condition = (record: SoqlRecord) => boolean;
type Literal = string | number | boolean | null;

const token = /\s*(?:('(?:[^'\\]|\\.)*')|([<>!]=|[=<>(),])|([\w.:+-]+))/y;

/** Throws SoqlError for what it does not know. */
export function parseSoql(text: string): Soql {
  const tokens = tokensOf(text);
  let place = 0;
  const named: string[] = [];
  const peek = () => (tokens[place] ?? '').toUpperCase();
  const next = () => {
    const found = tokens[place++];
    if (found === undefined) throw new SoqlError('unexpected end of the query');
    return found;
  };
  const take = (word: string) => {
    if (peek() !== word) throw new SoqlError(`expected ${word} near '${tokens[place] ?? 'the end'}'`);
    place++;
  };
  const taken = (word: string) => peek() === word && place++ >= 0;
  const list = (): string[] => {
    const entries = [next()];
    while (taken(',')) entries.push(next());
    return entries;
  };

  const any = (): Condition => {
    const parts = [every()];
    while (taken('OR')) parts.push(every());
    return (record) => parts.some((part) => part(record));
  };
  const every = (): Condition => {
    const parts = [one()];
    while (taken('AND')) parts.push(one());
    return (record) => parts.every((part) => part(record));
  };
  const one = (): Condition => {
    if (taken('(')) {
      const inner = any();
      take(')');
      return inner;
    }
    const field = next();
    named.push(field);
    const operator = next().toUpperCase();
    if (operator === 'IN') {
      take('(');
      const values = list().map(literalOf);
      take(')');
      return (record) => values.some((value) => compare(fieldValue(record, field), value) === 0);
    }
    const value = literalOf(next());
    return (record) => holds(operator, fieldValue(record, field), value);
  };

  take('SELECT');
  const isCount = peek() === 'COUNT';
  const fields = isCount ? [] : list();
  if (isCount) for (const word of ['COUNT', '(', ')']) take(word);
  take('FROM');
  const object = next();
  const matches = taken('WHERE') ? any() : () => true;
  const order: { field: string; descending: boolean }[] = [];
  if (taken('ORDER')) {
    take('BY');
    do {
      const field = next();
      named.push(field);
      const descending = peek() === 'DESC';
      if (descending || peek() === 'ASC') place++;
      order.push({ field, descending });
    } while (taken(','));
  }
  const limit = taken('LIMIT') ? Number(next()) : undefined;
  if (place < tokens.length) throw new SoqlError(`unexpected token: '${tokens[place]}'`);
  return { fields, object, matches, named, order, limit };
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.trimEnd().length) {
    const start = token.lastIndex;
    const match = token.exec(text);
    if (!match) throw new SoqlError(`unexpected token near '${text.slice(start, start + 20)}'`);
    tokens.push(match[1] ?? match[2] ?? match[3]!);
  }
  return tokens;
}

function literalOf(text: string): Literal {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll(/\\(.)/g, '$1');
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (/^null$/i.test(text)) return null;
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return Date.parse(text);
  return /^\d{4}-\d\d-\d\d$/.test(text) ? text : Number(text);
}

/** The value of a field, of a parent's where the name is dotted; an instant as epoch milliseconds. */
export function fieldValue(record: SoqlRecord, field: string): unknown {
  const value = field.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | null)?.[name], record);
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : (value ?? null);
}

function holds(operator: string, value: unknown, literal: Literal): boolean {
  if (operator === '=') return compare(value, literal) === 0;
  if (operator === '!=') return compare(value, literal) !== 0;
  if (value === null) return false;
  const order = compare(value, literal);
  const orders: Readonly<Record<string, boolean>> = {
    '<': order < 0,
    '>': order > 0,
    '<=': order <= 0,
    '>=': order >= 0,
  };
  const answer = orders[operator];
  if (answer === undefined) throw new SoqlError(`unknown operator ${operator}`);
  return answer;
}

export function compare(left: unknown, right: unknown): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return (left as string) < (right as string) ? -1 : 1;
}
