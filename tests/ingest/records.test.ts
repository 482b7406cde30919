// What a single record may be (bad-inputs: CRM, billing, files): one row of the table, one record, its reason.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { csv, Landing } from './landing.ts';

let landing: Landing;
beforeEach(async () => {
  landing = await Landing.open();
});
afterEach(() => landing.close());

const dealHeader = 'deal_id,account_id,created_at,closed_at,is_closed,is_won,amount,currency';
const good = 'D-1,A-1,2025-03-01T10:00:00Z,2025-04-01,true,true,10.00,USD';

describe('a deal', () => {
  const refusals: [string, string, string][] = [
    ['no id', ',A-1,,,false,false,,', 'missing_deal_id'],
    ['an id with a trailing blank', 'D-2 ,A-1,,,false,false,,', 'id_with_blank'],
    ['an id with a leading no-break space', '\u00a0D-2,A-1,,,false,false,,', 'id_with_blank'],
    ['a close date 0000-00-00', 'D-2,A-1,,0000-00-00,true,true,1.00,USD', 'bad_time'],
    ['a day that does not exist', 'D-2,A-1,2025-02-30,,false,false,,', 'bad_time'],
    ['an American date', 'D-2,A-1,03/01/2025,,false,false,,', 'bad_time'],
    ['an hour 25', 'D-2,A-1,2025-03-01T25:00:00Z,,false,false,,', 'bad_time'],
    ['an offset of 25 hours', 'D-2,A-1,2025-03-01T10:00:00+25:00,,false,false,,', 'bad_time'],
    ['a time without a zone', 'D-2,A-1,2025-03-09T02:30:00,,false,false,,', 'time_without_zone'],
    ['a boolean yes', 'D-2,A-1,,,yes,false,,', 'bad_boolean'],
    ['a negative amount', 'D-2,A-1,,,false,false,-5.00,USD', 'negative_amount'],
    ['a thousands separator', 'D-2,A-1,,,false,false,"1,234.56",USD', 'bad_amount'],
    ['an exponent', 'D-2,A-1,,,false,false,1e3,USD', 'bad_amount'],
    ['a leading zero', 'D-2,A-1,,,false,false,01.00,USD', 'bad_amount'],
    ['a plus sign', 'D-2,A-1,,,false,false,+1.00,USD', 'bad_amount'],
    ['NaN', 'D-2,A-1,,,false,false,NaN,USD', 'bad_amount'],
    ['Infinity', 'D-2,A-1,,,false,false,Infinity,USD', 'bad_amount'],
    ['a blank before the amount', 'D-2,A-1,,,false,false, 1.00,USD', 'bad_amount'],
    ['dollars with three decimals', 'D-2,A-1,,,false,false,12.345,USD', 'too_many_decimals'],
    [
      'dollars with a third decimal zero (trailing zeros count)',
      'D-2,A-1,,,false,false,12.340,USD',
      'too_many_decimals',
    ],
    ['yen with decimals', 'D-2,A-1,,,false,false,100.5,JPY', 'too_many_decimals'],
    ['19 digits', 'D-2,A-1,,,false,false,12345678901234567.89,USD', 'amount_too_long'],
    ['a currency that does not exist', 'D-2,A-1,,,false,false,1.00,XXZ', 'unknown_currency'],
    ['won but not closed', 'D-2,A-1,,,false,true,1.00,USD', 'won_but_not_closed'],
    ['closed without a date', 'D-2,A-1,,,true,false,1.00,USD', 'closed_without_date'],
    ['U+0000', 'D-2,A\u0000-1,,,false,false,,', 'nul_character'],
  ];
  test.each(refusals)('%s is refused', async (_, row, reason) => {
    const load = await landing.loadOne('deals.csv', csv(dealHeader, good, row));
    expect(load).toMatchObject({ fetched: 2, accepted: 1, repeats: 0, quarantined: 1 });
    expect(await landing.refused()).toMatchObject([{ record: 3, reason, state: 'open' }]);
    expect((await landing.versions('deals')).map(({ record_key }) => record_key)).toEqual(['D-1']);
  });

  const accepted: [string, string][] = [
    ['no amount, no currency', 'D-2,A-1,2025-03-01,2025-04-01,true,true,,'],
    ['Kuwaiti dinars with three decimals', 'D-2,A-1,,,false,false,1.234,KWD'],
    ['18 digits', 'D-2,A-1,,,false,false,1234567890123456.78,USD'],
    ['zero', 'D-2,A-1,,,false,false,0,JPY'],
    ['an expected close far away on an open deal', 'D-2,A-1,,2099-12-31,false,false,,'],
    ['microseconds and an offset', 'D-2,A-1,2025-03-01T10:00:00.123456+05:30,,false,false,,'],
    ['a text of 50,000 characters, emoji and right-to-left letters', `D-2,${'🚀שלום'.repeat(8000)},,,false,false,,`],
    ['an id with a blank inside', 'D 2,A-1,,,false,false,,'],
  ];
  test.each(accepted)('%s is accepted as it is written', async (_, row) => {
    const load = await landing.loadOne('deals.csv', csv(dealHeader, row));
    expect(load).toMatchObject({ fetched: 1, accepted: 1, quarantined: 0 });
    const [version] = await landing.versions('deals');
    const { payload } = version!;
    const written = dealHeader.split(',').map((name) => payload[name] ?? '');
    expect(written.join(',')).toBe(row);
  });

  test('ids that differ by case are two records', async () => {
    const rows = ['D-a,A-1,,,false,false,,', 'D-A,A-1,,,false,false,,'];
    expect(await landing.loadOne('deals.csv', csv(dealHeader, ...rows))).toMatchObject({ accepted: 2 });
  });
});

describe('other streams', () => {
  const refusals: [string, string, string, string][] = [
    ['deal_registrations', 'registration_id,partner_id,submitted_at,status', 'R-1,P-1,2025-03-01,ok', 'bad_status'],
    ['partners', 'partner_id,name,motion', 'P-1,Larch,franchise', 'bad_motion'],
    ['touchpoints', 'touchpoint_id,occurred_at,channel,kind', 'T-1,2025-03-01,,call', 'missing_channel'],
    ['fx_rates', 'rate_date,base_currency,quote_currency,rate', '2025-03-03,EUR,USD,0', 'bad_rate'],
    ['fx_rates', 'rate_date,base_currency,quote_currency,rate', '2025-03-03,EUR,USD,-1.1', 'bad_rate'],
    ['fx_rates', 'rate_date,base_currency,quote_currency,rate', '2025-03-03T00:00:00Z,EUR,USD,1.1', 'bad_time'],
    ['payments', 'payment_id,paid_at,amount,currency,status', 'PY-1,2025-03-03,-1.00,USD,succeeded', 'negative_amount'],
    ['payments', 'payment_id,paid_at,amount,currency,status', 'PY-1,2025-03-03,1.00,USD,pending?', 'bad_status'],
  ];
  test.each(refusals)('%s %s %s is refused as %s', async (stream, header, row, reason) => {
    expect(await landing.loadOne(`${stream}.csv`, csv(header, row))).toMatchObject({ accepted: 0, quarantined: 1 });
    expect(await landing.refused()).toMatchObject([{ record: 2, reason }]);
  });

  test('an invoice line may be negative, and has no currency to count decimals by', async () => {
    const load = await landing.loadOne('invoice_lines.csv', csv('line_id,invoice_id,amount', 'L-1,I-1,-12.345'));
    expect(load).toMatchObject({ accepted: 1, quarantined: 0 });
  });

  test('a payment that is not applied yet has a blank invoice in its key', async () => {
    const header = 'payment_id,invoice_id,paid_at,amount,currency,status';
    await landing.loadOne(
      'payments.csv',
      csv(header, 'PY|1,,2025-03-03,1.00,USD,succeeded', 'PY,1,2025-03-03,1.00,USD,succeeded'),
    );
    expect((await landing.versions('payments')).map(({ record_key }) => record_key)).toEqual(['PY\\|1|', 'PY|1']);
  });
});
