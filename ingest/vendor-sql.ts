// How vendors write times and money, as SQL over their fields: text in, canonical text out. What cannot be read stays as it
// is, so that the edge refuses it with its value.
import { currencies } from '../core/currency.ts';
import { literal } from '../core/sql.ts';
import { isOneOf } from './sql.ts';

/** Epoch seconds (`1767225600`) as RFC 3339 in UTC. */
export function instantOfSeconds(field: string): string {
  return instantOfEpoch(field, 1_000_000, '%Y-%m-%dT%H:%M:%SZ');
}

/** Epoch milliseconds (`1767225600123`) as RFC 3339 in UTC. */
export function instantOfMilliseconds(field: string): string {
  return instantOfEpoch(field, 1000, '%Y-%m-%dT%H:%M:%S.%gZ');
}

function instantOfEpoch(field: string, microseconds: number, format: string): string {
  const whole = `TRY_CAST(${field} AS BIGINT)`;
  const time = `make_timestamp(${whole} * ${microseconds})`;
  return `CASE WHEN regexp_full_match(${field}, '\\d{1,15}') THEN strftime(${time}, ${literal(format)}) ELSE ${field} END`;
}

/**
 * Whole minor units as decimal text in major units (`123450`, `usd` → `1234.50`). `exponents` are the vendor's own where they
 * differ from ISO 4217: Stripe sends ISK and UGX times 100.
 */
export function amountOfMinor(
  amount: string,
  currency: string,
  { exponents = {} }: { exponents?: Readonly<Record<string, number>> } = {},
): string {
  // Read with an exponent the digits stay what they are; a decimal of more than 18 would be read 200 times slower.
  const decimal = (exponent: number) =>
    exponent === 0
      ? `TRY_CAST(${amount} AS BIGINT)::VARCHAR`
      : `CASE WHEN length(${amount}) <= 14 THEN TRY_CAST(${amount} || 'e-${exponent}' AS DECIMAL(18, ${exponent}))::VARCHAR
         ELSE TRY_CAST(${amount} || 'e-${exponent}' AS DECIMAL(38, ${exponent}))::VARCHAR END`;
  // Where the vendor's exponent is the larger one, its last digits are zeros that ISO 4217 has no place for.
  const trimmed = (codes: readonly string[], text: string) => {
    const own = codes.filter((code) => code in exponents);
    return own.length
      ? `CASE WHEN ${isOneOf(`upper(${currency})`, own)} THEN regexp_replace(${text}, '\\.0+$', '') ELSE ${text} END`
      : text;
  };
  const usual = trimmed(
    Object.keys(exponents).filter((code) => exponents[code] === 2),
    decimal(2),
  );
  const branches = [...unusualExponents(exponents)].map(
    ([exponent, codes]) => `WHEN ${isOneOf(`upper(${currency})`, codes)} THEN ${trimmed(codes, decimal(exponent))}`,
  );
  // A part of a minor unit looks like major units: it must not pass for them.
  return `CASE WHEN regexp_full_match(${amount}, '-?\\d+') THEN coalesce(CASE ${branches.join(' ')} ELSE ${usual} END, ${amount})
    WHEN contains(${amount}, '.') THEN 'no whole number of minor units: ' || ${amount} ELSE ${amount} END`;
}

/** Codes as the canonical streams spell them. */
export function upperCase(field: string): string {
  return `upper(${field})`;
}

/** The sum of the numbers at a path with a wildcard; NULL where one of them is no whole number. */
export function wholeSum(record: string, path: string): string {
  return wholeSumOf(`json_extract_string(${record}, ${literal(path)})`);
}

/** The same of a list of texts. */
export function wholeSumOf(texts: string): string {
  return `CASE WHEN coalesce(len(${texts}), 0) = 0 THEN 0
    WHEN regexp_full_match(array_to_string(${texts}, ','), '-?\\d{1,17}(,-?\\d{1,17})*') THEN list_sum(CAST(${texts} AS BIGINT[])) END`;
}

/** A whole number as text less another; what is none stays, and is refused. */
export function lessWhole(text: string, less: string): string {
  return `CASE WHEN regexp_full_match(${text}, '-?\\d{1,17}') THEN coalesce(CAST(TRY_CAST(${text} AS BIGINT) - (${less}) AS VARCHAR), 'less what is no whole number') ELSE ${text} END`;
}

/** The currencies that do not have two decimals, by how many they have. */
function unusualExponents(own: Readonly<Record<string, number>>): Map<number, string[]> {
  const codesOf = new Map<number, string[]>();
  for (const { currency, exponent } of currencies()) {
    const decimals = own[currency] ?? exponent;
    if (decimals !== 2) codesOf.set(decimals, [...(codesOf.get(decimals) ?? []), currency]);
  }
  return codesOf;
}

/**
 * A vendor's words for a value as ours, whatever their case: `configured` (of sourced.yaml) before `defaults`, each our value with
 * the list of theirs. A word in no list stays as it is.
 */
export function inOurWords(
  theirs: string,
  defaults: Readonly<Record<string, readonly string[]>>,
  configured: Readonly<Record<string, readonly string[]>>,
): string {
  const branches = [...Object.entries(configured), ...Object.entries(defaults)]
    .filter(([, words]) => words.length)
    .map(([ours, words]) => {
      const lower = words.map((word) => word.toLowerCase());
      return `WHEN ${isOneOf(`lower(${theirs})`, lower)} THEN ${literal(ours)}`;
    });
  return branches.length ? `CASE ${branches.join(' ')} ELSE ${theirs} END` : theirs;
}
