// The rates that a day's amounts convert with into the plans' currencies: another rate is another digest of the day's rows.
import { rateDay } from '../../money/fx.ts';
import type { WarehousePort } from '../../ports.ts';
import { writeTable } from '../../table-writer.ts';
import type { RateInput } from './money-events.ts';

/** `attribution.commission_rate`: for each currency that is not every plan's, the rates of a day into theirs, as one text. */
export async function writeRates(
  warehouse: WarehousePort,
  { config, as_of_day, fx, versions }: RateInput,
): Promise<void> {
  const currencies = await warehouse.rows<{ currency_index: number; currency: string }>(
    'select currency_index, currency from journeys.billing_currency',
  );
  const plans = [...new Set(versions.map(({ currency }) => currency))];
  const foreign = currencies.filter(({ currency }) => plans.some((plan) => plan !== currency));
  const days = foreign.length
    ? await warehouse.rows<{ day: number }>(`
        select own_day as day from journeys.billing_event
        union select closed_day from journeys.deal where is_won = 1
        union select ${as_of_day}`)
    : [];
  const rates = foreign.flatMap(({ currency_index, currency }) =>
    days.map(({ day }) => {
      const rate_day = rateDay(config.fx.rate_date, { event_day: day, close_day: day, as_of_day });
      const found = plans.map((plan) => fx.find(currency, plan, rate_day)?.rate);
      const texts = found.map((rate) => (rate ? `${rate.numerator}/${rate.denominator}` : 'none'));
      return { currency_index, day, rates: [rate_day, ...texts].join(' ') };
    }),
  );
  const types = { currency_index: 'integer', day: 'integer', rates: 'varchar' };
  await writeTable(warehouse, 'attribution.commission_rate', types, rates);
}
