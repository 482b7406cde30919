// Stripe's amounts: whole minor units of its own currencies, some of which differ from ISO 4217.
import { currencies } from '../../../core/currency.ts';
import { literal } from '../../sql.ts';
import { amountOfMinor } from '../../vendor-sql.ts';

const wholeUnits = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ');
const thousandths = 'BHD JOD KWD OMR TND'.split(' ');

function stripeExponent(currency: string): number {
  if (wholeUnits.includes(currency)) return 0;
  return thousandths.includes(currency) ? 3 : 2;
}

/** Where Stripe's decimals are not those of ISO 4217: ISK and UGX are whole units that come times 100. */
export const stripeExponents: Readonly<Record<string, number>> = Object.fromEntries(
  currencies()
    .filter(({ currency, exponent }) => exponent !== stripeExponent(currency))
    .map(({ currency }) => [currency, stripeExponent(currency)]),
);

/** Whole minor units as decimal text in major units; what is no whole number is refused. */
export function stripeAmount(minor: string, currency: string): string {
  return amountOfMinor(minor, currency, { exponents: stripeExponents });
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
