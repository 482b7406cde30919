// ISO 4217 currencies and their exponents, from the kept list of the package currency-codes.
import currencyCodes from 'currency-codes';

const exponents: ReadonlyMap<string, number> = new Map(
  currencyCodes.data.map(({ code, digits }) => [code, digits] as const),
);

/** The number of decimals of a currency (JPY 0, USD 2, KWD 3); undefined for a code that ISO 4217 does not list. */
export function exponentOf(currency: string): number | undefined {
  return exponents.get(currency);
}

/** Every currency with its exponent, by code. */
export function currencies(): { currency: string; exponent: number }[] {
  return [...exponents]
    .map(([currency, exponent]) => ({ currency, exponent }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
}
