// How vendors write times and money, as SQL over their fields: text in, canonical text out. What cannot be read stays as it
// is, so that the edge refuses it with its value.
import { currencies } from '../core/currency.ts';
import { literal } from './sql.ts';

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
  const exponent = exponentOf(`upper(${currency})`, exponents);
  const digits = `lpad(ltrim(${amount}, '-'), greatest(length(ltrim(${amount}, '-')), ${exponent} + 1)::INTEGER, '0')`;
  const sign = `CASE WHEN ${amount} LIKE '-%' THEN '-' ELSE '' END`;
  const fraction = `CASE WHEN ${exponent} = 0 THEN '' ELSE '.' || right(${digits}, ${exponent}) END`;
  const whole = `left(${digits}, length(${digits}) - ${exponent})`;
  const text = `${sign} || regexp_replace(${whole}, '^0+(\\d)', '\\1') || ${fraction}`;
  // Where the vendor's exponent is the larger one, its last digits are zeros that ISO 4217 has no place for.
  const own = Object.keys(exponents).map(literal).join(', ');
  const trimmed = own
    ? `CASE WHEN upper(${currency}) IN (${own}) THEN regexp_replace(${text}, '\\.0+$', '') ELSE ${text} END`
    : text;
  // A part of a minor unit looks like major units: it must not pass for them.
  return `CASE WHEN regexp_full_match(${amount}, '-?\\d+') THEN ${trimmed}
    WHEN contains(${amount}, '.') THEN 'no whole number of minor units: ' || ${amount} ELSE ${amount} END`;
}

/** Codes as the canonical streams spell them. */
export function upperCase(field: string): string {
  return `upper(${field})`;
}

/** Decimals of a currency: two but for the few that are listed, which a lookup in a map of all of them would cost far more. */
function exponentOf(currency: string, own: Readonly<Record<string, number>>): string {
  const codesOf = new Map<number, string[]>();
  for (const { currency: code, exponent } of currencies()) {
    const decimals = own[code] ?? exponent;
    if (decimals !== 2) codesOf.set(decimals, [...(codesOf.get(decimals) ?? []), literal(code)]);
  }
  const branches = [...codesOf].map(
    ([decimals, codes]) => `WHEN ${currency} IN (${codes.join(', ')}) THEN ${decimals}`,
  );
  return `CASE ${branches.join(' ')} ELSE 2 END`;
}
