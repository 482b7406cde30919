// Stripe's amounts: whole minor units of its own currencies, some of which differ from ISO 4217.
import { currencies } from '../../../core/currency.ts';
import { amountOfMinor } from '../../vendor-sql.ts';

const wholeUnits = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ');
const thousandths = 'BHD JOD KWD OMR TND'.split(' ');

function stripeExponent(currency: string): number {
  if (wholeUnits.includes(currency)) return 0;
  return thousandths.includes(currency) ? 3 : 2;
}

/** Where Stripe's decimals are not those of ISO 4217: ISK and UGX are whole units that come times 100. */
const stripeExponents: Readonly<Record<string, number>> = Object.fromEntries(
  currencies()
    .filter(({ currency, exponent }) => exponent !== stripeExponent(currency))
    .map(({ currency }) => [currency, stripeExponent(currency)]),
);

/** Whole minor units as decimal text in major units; what is no whole number is refused. */
export function stripeAmount(minor: string, currency: string): string {
  return amountOfMinor(minor, currency, { exponents: stripeExponents });
}
