// The money step on a small warehouse: real DuckDB in and out.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runMoney } from '../../../attribution/money/money-step.ts';
import { openWarehouse, type Warehouse } from '../../../pipeline/warehouse.ts';

// Two deals: 0 won in EUR with one invoice (two lines, half paid, refunded a quarter), 1 open in CHF without a rate.
// One unlinked USD invoice. Party 0 is a partner, party 1 a channel. Day 20500 is 2026-02-16, day 20520 is 2026-03-08.
const inputs = `
  create schema journeys; create schema attribution;
  create table journeys.deal as select unnest([0, 1]) as deal_index, unnest(['crm:A', 'crm:B']) as deal_id;
  create table journeys.party as select unnest([0, 1]) as party_index;
  create table journeys.billing_currency as
    select unnest([0, 1, 2]) as currency_index, unnest(['CHF', 'EUR', 'USD']) as currency;
  create table journeys.billing_rate as
    select unnest([20500, 20519]) as rate_day, 'EUR' as base_currency, 'USD' as quote_currency, 'ecb' as provider,
      unnest(['1.10', '1.20']) as rate;
  create table journeys.billing_deal as select * from (values
    (0, 1, 20500, 1, 30000::bigint), (1, 0, 20500, 0, 999::bigint)
  ) as row(deal_index, basis, event_day, currency_index, amount_minor);
  create table journeys.billing_invoice as select * from (values
    (0, 0, 1, 20500, 'bill:I1', 'crm:A', 'crm:acc', 'bill:C1', 'EUR'),
    (1, -1, 2, -2147483648, 'bill:I2', null, null, 'bill:C2', 'USD')
  ) as row(invoice_index, deal_index, currency_index, close_day, invoice_id, deal_id, account_id, customer_id, currency);
  create table journeys.billing_line as select * from (values
    (0, 0, 1000::bigint, 200::bigint, 'bill:L1', 'core'), (0, 1, 500::bigint, 100::bigint, 'bill:L2', null),
    (1, 2, 700::bigint, 0::bigint, 'bill:L3', null)
  ) as row(invoice_index, line_index, net_minor, tax_minor, line_id, product);
  create table journeys.billing_event as select *, 'x' as stream, timestamptz '2026-02-16 12:00:00+00' as effective_at,
    date '1970-01-01' + effective_day as effective_date from (values
    (0, 0, 0, 20500, -1, 1800::bigint, 'issue', 'bill:I1'), (0, 2, 1, 20500, 2, 900::bigint, 'payment', 'bill:P1'),
    (0, 3, 2, 20520, 2, 450::bigint, 'refund', 'bill:R1'), (1, 1, 0, 20500, -1, 700::bigint, 'issue', 'bill:I2'),
    (1, 4, 1, 20520, 4, 750::bigint, 'payment', 'bill:P2')
  ) as row(invoice_index, event_index, event_kind, effective_day, payment_event_index, amount_minor, kind, event_id);
  create table attribution.credit as select * from (values
    (0, 0, 666666667), (0, 1, 333333333), (1, -1, 1000000000)) as row(deal_index, party_index, linear);`;

let warehouse: Warehouse;
beforeEach(async () => {
  warehouse = await openWarehouse(':memory:');
  await warehouse.run(inputs);
});
afterEach(() => warehouse.close());

async function run(rate_date: 'payment_date' | 'booking_date' = 'payment_date'): Promise<void> {
  await runMoney({
    warehouse,
    config: {
      attribution: { methods: ['linear'] },
      fx: { rate_date, max_age_days: 7 },
      reporting: { currency: 'USD', time_zone: 'UTC', fiscal_year_start_month: 1 },
    } as unknown as Parameters<typeof runMoney>[0]['config'],
    asOf: 1_775_000_000_000_000n,
    log: () => {},
  });
}

const table = (name: string, columns: string) =>
  warehouse.rows(`select ${columns} from attribution.${name} order by all`);
const month = "strftime(date '1970-01-01' + month_day, '%Y-%m') as month";

test('money of deals and of unlinked invoices, converted once an event', async () => {
  await run();
  expect(
    await table(
      'deal_money',
      `deal_index as d, basis as b, ${month}, amount_minor as n, reporting_amount_minor as r, unconverted_minor as u`,
    ),
  ).toEqual([
    { d: 0, b: 1, month: '2026-02', n: 30000n, r: 33000n, u: 0n },
    { d: 0, b: 2, month: '2026-02', n: 1500n, r: 1650n, u: 0n },
    { d: 0, b: 3, month: '2026-02', n: 750n, r: 825n, u: 0n },
    { d: 0, b: 3, month: '2026-03', n: -375n, r: -450n, u: 0n },
    { d: 1, b: 0, month: '2026-02', n: 999n, r: 0n, u: 999n },
  ]);
  expect(
    await table(
      'unlinked_money',
      `invoice_index as i, basis as b, ${month}, amount_minor as n, reporting_amount_minor as r`,
    ),
  ).toEqual([
    { i: 1, b: 2, month: '2026-02', n: 700n, r: 700n },
    { i: 1, b: 3, month: '2026-03', n: 700n, r: 700n },
  ]);
});

test('each line moves by its share, and the named view says whose it is', async () => {
  await run();
  const rows = await table(
    'line_movement_named',
    'basis, event_id, line_id, amount_minor as net, tax_minor as tax, reporting_amount_minor as reporting',
  );
  expect(rows.filter(({ basis }: Record<string, unknown>) => basis === 'paid')).toEqual([
    { basis: 'paid', event_id: 'bill:P1', line_id: 'bill:L1', net: 500n, tax: 100n, reporting: 550n },
    { basis: 'paid', event_id: 'bill:P1', line_id: 'bill:L2', net: 250n, tax: 50n, reporting: 275n },
    { basis: 'paid', event_id: 'bill:P2', line_id: 'bill:L3', net: 700n, tax: 0n, reporting: 700n },
    { basis: 'paid', event_id: 'bill:R1', line_id: 'bill:L1', net: -250n, tax: -50n, reporting: -300n },
    { basis: 'paid', event_id: 'bill:R1', line_id: 'bill:L2', net: -125n, tax: -25n, reporting: -150n },
  ]);
});

test('credit is the split of each deal’s month, and what no party earned stays unattributed', async () => {
  await run();
  expect(
    await table(
      'attribution_monthly',
      `${month}, basis as b, party_index as p, amount_minor as n, reporting_amount_minor as r`,
    ),
  ).toEqual([
    { month: '2026-02', b: 0, p: -1, n: 999n, r: 0n },
    { month: '2026-02', b: 1, p: 0, n: 20000n, r: 22000n },
    { month: '2026-02', b: 1, p: 1, n: 10000n, r: 11000n },
    { month: '2026-02', b: 2, p: 0, n: 1000n, r: 1100n },
    { month: '2026-02', b: 2, p: 1, n: 500n, r: 550n },
    { month: '2026-02', b: 3, p: 0, n: 500n, r: 550n },
    { month: '2026-02', b: 3, p: 1, n: 250n, r: 275n },
    { month: '2026-03', b: 3, p: 0, n: -250n, r: -300n },
    { month: '2026-03', b: 3, p: 1, n: -125n, r: -150n },
  ]);
});

test('gaps and over-payments are listed, and each rate that was used', async () => {
  await run();
  expect(await table('fx_gap', 'deal_index, event_index, amount_minor')).toEqual([
    { deal_index: 1, event_index: -1, amount_minor: 999n },
  ]);
  expect(await table('money_exception', '*')).toEqual([{ invoice_index: 1, amount_minor: 50n }]);
  expect(
    await table('fx_conversion', 'from_currency, cast(rate_date as varchar) as date, provider, route, rate_numerator'),
  ).toEqual([
    { from_currency: 'EUR', date: '2026-02-16', provider: 'ecb', route: 'direct', rate_numerator: '110' },
    { from_currency: 'EUR', date: '2026-03-07', provider: 'ecb', route: 'direct', rate_numerator: '120' },
    { from_currency: 'USD', date: null, provider: '', route: 'same', rate_numerator: '1' },
  ]);
});

test('an amount that is too large in the reporting currency stands unconverted', async () => {
  const amount = 9_000_000_000_000_000_000n;
  await warehouse.run(`update journeys.billing_deal set amount_minor = ${amount} where amount_minor = 30000`);
  await run();
  expect(await table('fx_gap', 'deal_index, amount_minor')).toContainEqual({ deal_index: 0, amount_minor: amount });
  expect(
    await table('deal_money', 'amount_minor as n, reporting_amount_minor as r, unconverted_minor as u'),
  ).toContainEqual({ n: amount, r: 0n, u: amount });
});

test('under booking_date a later refund takes the rate of the close', async () => {
  await run('booking_date');
  const rows = await warehouse.rows(
    'select reporting_amount_minor as r from attribution.deal_money where amount_minor < 0',
  );
  expect(rows).toEqual([{ r: -412n }]);
});

test('running again gives the same tables', async () => {
  await run();
  const before = await table('line_movement', '*');
  await run();
  expect(await table('line_movement', '*')).toEqual(before);
});

test('an event of an invoice that is not there stops the run', async () => {
  await warehouse.run(
    'insert into journeys.billing_event select * replace (9 as invoice_index) from journeys.billing_event limit 1',
  );
  await expect(run()).rejects.toThrow(/belong to nothing/);
});
