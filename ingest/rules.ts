// What one record must satisfy at the edge (contract §5, fine-print 2 and 4), as one SQL expression per stream made from
// core/streams.ts. References, merges and everything that needs a second record or the business clock is checked by dbt.
import { currencies } from '../core/currency.ts';
import { identifier, literal } from '../core/sql.ts';
import { type Column, type StreamName, streams } from '../core/streams.ts';
import { isOneOf } from './sql.ts';

/** Published reason codes of the edge. `missing_<column>` and `bad_<column>` (a value that its list does not have) name the column. */
const reasons: Readonly<Record<string, string>> = {
  not_utf8: 'the row is not UTF-8 text',
  ragged_row: 'the row has more or fewer fields than the header',
  bad_quotes: 'a quoted field goes on after its closing quote',
  row_too_long: 'the row is longer than 2 MB',
  bad_json: 'the line is not a JSON object',
  not_text: 'a list or an object where the source used to send a text',
  nul_character: 'a text holds the character U+0000',
  id_with_blank: 'an id starts or ends with a blank',
  bad_time: 'neither an RFC 3339 instant with an offset nor a date',
  time_without_zone: 'a time of day without an offset',
  bad_boolean: 'neither true nor false',
  unknown_currency: 'not a currency of ISO 4217',
  bad_amount: 'not decimal text such as 1234.50',
  negative_amount: 'negative where only invoice lines may be',
  amount_too_long: 'more than 18 digits',
  too_many_decimals: 'more decimals than the currency has',
  bad_rate: 'not a positive decimal number',
  won_but_not_closed: 'is_won without is_closed',
  closed_without_date: 'closed without closed_at',
  altered_upstream: 'Airbyte emptied or cut this value on its way',
  conflicting_duplicate: 'the same key with different bodies and no source time to order them',
};

/** What a reason of the edge means for a record of `stream`; undefined for a reason of the models. */
export function reasonInWords(reason: string, stream: StreamName): string | undefined {
  if (reasons[reason]) return reasons[reason];
  const [, fault, name] = /^(missing|bad)_(.+)$/.exec(reason) ?? [];
  if (fault === 'missing') return `${name} is required`;
  const values = streams[stream].columns.find((column) => column.name === name)?.values;
  return values && `${name} is one of ${values.join(', ')}`;
}

const date = String.raw`\d{4}-\d\d-\d\d`;
const clock = String.raw`([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?`;
const patterns = {
  date,
  instant: `${date}([T ]${clock}(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d))?`,
  local_time: `${date}[T ]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d+)?)?`,
  amount: String.raw`-?(0|[1-9]\d*)(\.\d+)?`,
  rate: String.raw`(0|[1-9]\d*)(\.\d+)?`,
} as const;

/** Those of most records first: the list is searched from its beginning. */
const codes = [...new Set(['USD', 'EUR', 'GBP', ...currencies().map(({ currency }) => currency)])];
const unusual = currencies().filter(({ exponent }) => exponent !== 2);
/** Decimals of the record's currency. */
const exponent = `coalesce(MAP {${unusual.map((known) => `'${known.currency}': ${known.exponent}`).join(', ')}}[currency], 2)`;

/** `reason` is a code, or two codes and the condition under which the first one names the fault better. */
type Rule = {
  readonly reason: string | { readonly code: string; readonly when: string; readonly otherwise: string };
  readonly field: string;
  readonly when: string;
};

export type RefusalOptions = {
  /** The columns that the source has. */
  readonly present: ReadonlySet<string>;
  readonly can_hold_nul: boolean;
  /** A reason that the reader gives, or SQL NULL. */
  readonly before?: string | undefined;
  /** Records that must be good in their key alone. */
  readonly is_tombstone?: string | undefined;
};

/** SQL over the canonical columns at hand: `reason:field` of the first rule that does not hold, NULL for a good record. */
export function refusal(stream: StreamName, { before, is_tombstone, ...checked }: RefusalOptions): string {
  const rules = [...columnRules(stream, checked), ...rowRules(stream, checked.present)];
  const { true: ofKey = [], false: others = [] } = Object.groupBy(rules, ({ field }) =>
    String(streams[stream].key.includes(field)),
  );
  const branches = is_tombstone
    ? [...ofKey.map(branch), `WHEN ${is_tombstone} THEN NULL`, ...others.map(branch)]
    : rules.map(branch);
  const first = branches.length ? `CASE ${branches.join('\n')} END` : 'NULL::VARCHAR';
  return before ? `coalesce(${before}, ${first})` : first;
}

function columnRules(
  stream: StreamName,
  { present, can_hold_nul }: Pick<RefusalOptions, 'present' | 'can_hold_nul'>,
): Rule[] {
  const columns = streams[stream].columns.filter(({ name }) => present.has(name));
  return [
    ...(can_hold_nul ? columns.map(nulRule) : []),
    ...columns.filter(({ required }) => required).map(missingRule),
    ...columns.filter((column) => isOwnId(stream, column)).map(blankRule),
    ...columns.filter(({ type }) => type === 'currency').map(currencyRule),
    ...columns.flatMap((column) => typeRules(column, present)),
  ];
}

function branch(rule: Rule): string {
  return `WHEN ${rule.when} THEN ${outcome(rule)}`;
}

function outcome({ reason, field }: Rule): string {
  if (typeof reason === 'string') return literal(`${reason}:${field}`);
  const { code, when, otherwise } = reason;
  return `CASE WHEN ${when} THEN ${literal(`${code}:${field}`)} ELSE ${literal(`${otherwise}:${field}`)} END`;
}

function isOwnId(stream: StreamName, { name, type }: Column): boolean {
  return type === 'id' && streams[stream].key.includes(name);
}

function nulRule({ name }: Column): Rule {
  return { reason: 'nul_character', field: name, when: `contains(${identifier(name)}, chr(0))` };
}

function missingRule({ name }: Column): Rule {
  return { reason: `missing_${name}`, field: name, when: `${identifier(name)} IS NULL` };
}

/**
 * Blanks of any script, not only the ASCII ones: an id is never trimmed into another. The regular expression is only
 * asked where an end is outside the printable ASCII range, which spares it for nearly all ids.
 */
function blankRule({ name }: Column): Rule {
  const id = identifier(name);
  const blank = String.raw`[\s\pZ]`;
  const unusual = ['[1]', '[-1]'].map((end) => `${id}${end} <= ' ' OR ${id}${end} > '~'`).join(' OR ');
  return {
    reason: 'id_with_blank',
    field: name,
    when: `(${unusual}) AND regexp_matches(${id}, ${literal(`^${blank}|${blank}$`)})`,
  };
}

function currencyRule({ name }: Column): Rule {
  return { reason: 'unknown_currency', field: name, when: `NOT ${isOneOf(identifier(name), codes)}` };
}

function typeRules(column: Column, present: ReadonlySet<string>): Rule[] {
  const { name: field, type } = column;
  const value = identifier(field);
  const rule = (reason: Rule['reason'], when: string): Rule => ({ reason, field, when });
  switch (type) {
    case 'instant':
      return [
        rule(
          { code: 'time_without_zone', when: matches(value, 'local_time'), otherwise: 'bad_time' },
          isNotTime(value, 'TIMESTAMPTZ', 'instant'),
        ),
      ];
    case 'date':
      return [rule('bad_time', isNotTime(value, 'DATE', 'date'))];
    case 'boolean':
      return [rule('bad_boolean', `${value} NOT IN ('true', 'false')`)];
    case 'enum':
      return [rule(`bad_${field}`, `NOT ${isOneOf(value, column.values!)}`)];
    case 'rate':
      return [rule('bad_rate', `NOT ${matches(value, 'rate')} OR NOT regexp_matches(${value}, '[1-9]')`)];
    case 'amount':
      return amountRules(column, present);
    default:
      return [];
  }
}

function amountRules({ name: field, signed }: Column, present: ReadonlySet<string>): Rule[] {
  const value = identifier(field);
  const digits = `length(replace(replace(${value}, '-', ''), '.', ''))`;
  const decimals = `CASE WHEN contains(${value}, '.') THEN length(${value}) - instr(${value}, '.') ELSE 0 END`;
  return [
    { reason: 'bad_amount', field, when: `NOT ${matches(value, 'amount')}` },
    ...(signed ? [] : [{ reason: 'negative_amount', field, when: `starts_with(${value}, '-')` }]),
    { reason: 'amount_too_long', field, when: `length(${value}) > 18 AND ${digits} > 18` },
    // A row without its own currency is checked where its currency is known: in dbt's core.
    ...(present.has('currency')
      ? [{ reason: 'too_many_decimals', field, when: `currency IS NOT NULL AND ${decimals} > ${exponent}` }]
      : []),
  ];
}

/** Rules over several columns of one record (fine-print 4). */
function rowRules(stream: StreamName, present: ReadonlySet<string>): Rule[] {
  if (stream !== 'deals' || !present.has('is_won')) return [];
  const closed_at = present.has('closed_at') ? 'closed_at' : 'NULL';
  return [
    { reason: 'won_but_not_closed', field: 'is_closed', when: `is_won = 'true' AND is_closed = 'false'` },
    { reason: 'closed_without_date', field: 'closed_at', when: `is_closed = 'true' AND ${closed_at} IS NULL` },
  ];
}

function isNotTime(value: string, type: 'DATE' | 'TIMESTAMPTZ', pattern: 'date' | 'instant'): string {
  return `${value} IS NOT NULL AND (TRY_CAST(${value} AS ${type}) IS NULL OR ${value} < '0001' OR NOT ${matches(value, pattern)})`;
}

function matches(value: string, pattern: keyof typeof patterns): string {
  return `regexp_full_match(${value}, ${literal(patterns[pattern])})`;
}
