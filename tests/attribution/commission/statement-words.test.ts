// Lines of statements in words: what a line says, and that no later record changes it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Company, type Desk, openDesk } from './company.ts';
import { atDesk, company, referral } from './one-deal.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());
const { statement, approve } = atDesk(() => desk);

describe('a line in words of the plan', () => {
  const lines = () =>
    desk.warehouse.rows<{ line: string }>(
      `select amount_minor || ' ' || description as line from ledger.statement_line_named order by position`,
    );
  const two: Company = {
    ...company,
    invoices: {
      'I-1': { deal: 'D-1', issued: '2026-01-05', lines: { 'L-1': 100_000n } },
      'I-2': { deal: 'D-1', issued: '2026-02-05', lines: { 'L-2': 100_000n } },
    },
    events: ['2026-01-10 payment PY-1 I-1 100000', '2026-02-10 payment PY-2 I-2 100000'],
  };
  const tiers = { mode: 'cliff', per: 'fiscal_year', bands: [band('0', '0.10'), band('1500', '0.20')] };
  const tiered = [{ kind: 'percent', tiers }];

  test.each([
    [
      'a cap says what it holds a line to',
      { cap: { per: 'customer', amount: '300.00' } },
      '2026-03-01 refund R-1 I-1 50000 PY-1',
      [
        '20000 20 % of 1,000.00 paid on 2026-01-10, I-1, at most 300.00 per customer',
        '10000 20 % of 1,000.00 paid on 2026-02-10, I-2, at most 300.00 per customer',
        '-10000 20 % of -500.00 refunded on 2026-03-01, I-1, at most 300.00 per customer',
        '10000 Cap of referral after R-1 (20 %), I-2, at most 300.00 per customer',
      ],
    ],
    [
      'a cliff says which invoice it raised',
      { components: tiered },
      '',
      [
        '10000 10 % to 20 % by cliff tier of 1,000.00 paid on 2026-01-10, I-1',
        '20000 10 % to 20 % by cliff tier of 1,000.00 paid on 2026-02-10, I-2',
        '10000 Tier of referral after PY-2 (10 % to 20 % by cliff tier), I-1',
      ],
    ],
    [
      'tiers under a cap',
      { components: tiered, cap: { per: 'fiscal_year', amount: '350.00' } },
      '',
      [
        '10000 10 % to 20 % by cliff tier of 1,000.00 paid on 2026-01-10, I-1, at most 350.00 per fiscal year',
        '20000 10 % to 20 % by cliff tier of 1,000.00 paid on 2026-02-10, I-2, at most 350.00 per fiscal year',
        '-5000 Tier or cap of referral after PY-2 (10 % to 20 % by cliff tier), I-2, at most 350.00 per fiscal year',
        '10000 Tier or cap of referral after PY-2 (10 % to 20 % by cliff tier), I-1, at most 350.00 per fiscal year',
      ],
    ],
  ])('%s', async (_, terms, event, expected) => {
    await desk.run({
      ...two,
      plans: [{ ...referral, ...terms }],
      events: [...two.events, ...(event ? [event] : [])],
    });
    expect((await lines()).map(({ line }) => line).sort()).toEqual([...expected].sort());
  });
});

function band(from: string, rate: string) {
  return { from, rate };
}

describe('what was posted keeps its words', () => {
  const two: Company = {
    ...company,
    plans: [{ ...referral, components: [{ kind: 'percent', rate: '0.20', months: 12 }] }],
    deals: {
      'D-1': { closed: '2026-01-01', sourced: 'P-1' },
      'D-2': { closed: '2025-11-01', sourced: 'P-1' },
    },
    invoices: { 'I-1': { deal: 'D-1', issued: '2026-01-05', lines: { 'L-1': 1000n } } },
    events: ['2026-03-04 payment PY-1 I-1 1000'],
  };

  /** Lines in the order of posting: what deal, how much, in which words. */
  async function lines(): Promise<string[]> {
    const rows = await desk.warehouse.rows<{ line: string }>(`
      select concat_ws(' ', line.deal_id, line.amount_minor, line.description) as line
      from ledger.statement_line_named as line
      inner join ledger.entry as entry on line.entry_id = entry.entry_id order by entry.sequence`);
    return rows.map(({ line }) => line);
  }
  const posted = 'D-1 200 20 % of 10.00 paid on 2026-03-04, I-1, month 3 of 12';

  test.each([
    [
      'another amount',
      { events: ['2026-03-04 payment PY-1 I-1 600'] },
      ['D-1 -80 Correction: 20 % of 6.00 paid on 2026-03-04, I-1, month 3 of 12'],
    ],
    [
      'another day',
      { events: ['2026-04-04 payment PY-1 I-1 1000'] },
      [
        'D-1 -200 Correction: 20 % of 10.00 paid on 2026-03-04, I-1, month 3 of 12',
        'D-1 200 Correction: 20 % of 10.00 paid on 2026-04-04, I-1, month 4 of 12',
      ],
    ],
    ['nothing paid', { events: [] }, ['D-1 -200 Correction: 20 % of 10.00 paid on 2026-03-04, I-1, month 3 of 12']],
    ['an earlier close', { deals: { ...two.deals, 'D-1': { closed: '2025-12-01', sourced: 'P-1' } } }, []],
    [
      'another deal of the partner',
      { invoices: { 'I-1': { ...two.invoices['I-1']!, deal: 'D-2' } } },
      [
        'D-2 200 Correction: 20 % of 10.00 paid on 2026-03-04, I-1, month 5 of 12',
        'D-1 -200 Correction: 20 % of 10.00 paid on 2026-03-04, I-1, month 3 of 12',
      ],
    ],
  ] as const)('%s: the correction is a further line in its own words', async (_, revised, corrections) => {
    await desk.run(two);
    expect(await lines()).toEqual([posted]);
    const { digest } = await statement();
    await approve('2026-04-10');
    await desk.run(two);
    await desk.run({ ...two, ...revised });
    expect(await lines()).toEqual([posted, ...corrections]);
    expect(await desk.run({ ...two, ...revised })).toBe(0);
    expect(await lines()).toEqual([posted, ...corrections]);
    const [seen] = await desk.warehouse.rows<{ digest: string }>(
      `select sha256(entry_id || ' ' || amount_minor) as digest
       from ledger.statement_line_named where description not like 'Correction%'`,
    );
    expect(seen!.digest).toBe(digest);
  });

  test('an invoice in another currency says its own amount, and what of the plan’s it was converted into', async () => {
    const euro = { ...two, invoices: { 'I-1': { ...two.invoices['I-1']!, currency: 'EUR' } } };
    await desk.run({ ...euro, rates: ['2026-03-04 EUR USD 1.20'] });
    await desk.run({ ...euro, rates: ['2026-03-04 EUR USD 1.25'] });
    const less = { ...euro, rates: ['2026-03-04 EUR USD 1.30'], events: ['2026-03-04 payment PY-1 I-1 900'] };
    await desk.run(less);
    await desk.run({ ...less, events: [...less.events, '2026-03-06 refund R-1 I-1 450 PY-1'] });
    expect(await lines()).toEqual([
      'D-1 240 20 % of 10.00 EUR (12.00 USD) paid on 2026-03-04, I-1, month 3 of 12',
      'D-1 10 Correction: 20 % of 10.00 EUR (12.50 USD) paid on 2026-03-04, I-1, month 3 of 12',
      'D-1 -16 Correction: 20 % of 9.00 EUR (11.70 USD) paid on 2026-03-04, I-1, month 3 of 12',
      'D-1 -117 20 % of -4.50 EUR refunded on 2026-03-06, I-1',
    ]);
  });

  test('a booked deal says its own amount', async () => {
    const booked: Company = {
      ...two,
      plans: [{ ...referral, trigger: 'booked' }],
      deals: { 'D-1': { closed: '2026-01-01', sourced: 'P-1', amount: 5000n } },
      invoices: {},
      events: [],
    };
    await desk.run(booked);
    await desk.run({ ...booked, deals: { 'D-1': { ...booked.deals['D-1']!, amount: 6000n } } });
    expect(await lines()).toEqual([
      'D-1 1000 20 % of 50.00 won on 2026-01-01, D-1',
      'D-1 200 Correction: 20 % of 60.00 won on 2026-01-01, D-1',
    ]);
  });

  test('what the books know neither amount nor month of is said without them', async () => {
    await desk.run(two);
    await desk.warehouse.run('update ledger.entry set event_amount_minor = null, plan_month = null');
    expect(await lines()).toEqual(['D-1 200 20 % paid on 2026-03-04, I-1']);
  });

  const contested = () =>
    desk.warehouse.rows('select kind, record_id, amount_minor from attribution.commission_exception');

  test('money that moved to another deal locks that one', async () => {
    await desk.run(two);
    const moved = { ...two, invoices: { 'I-1': { ...two.invoices['I-1']!, deal: 'D-2' } } };
    await desk.run(moved);
    const other = { ...two.deals, 'D-2': { closed: '2025-11-01', sourced: 'P-2' } };
    expect(await desk.run({ ...moved, deals: other })).toBe(0);
    expect(await contested()).toEqual([{ kind: 'sourcing_change', record_id: 'D-2', amount_minor: 200n }]);
  });

  test.each([
    [
      'P-2',
      'P-1 is paid, but another partner sourced the deal (P-2)',
      'leave it as it is, or move the pay by an override: sourced override add deal_sourcing D-1 PARTNER',
    ],
    [
      undefined,
      'P-1 is paid, but no partner sourced the deal any more',
      'leave it as it is, or name the partner to pay by an override; a dispute of its lines holds the pay',
    ],
  ])('a paid deal that is %s’s now says what to do', async (sourced, detail, next_action) => {
    await desk.run(company);
    const { sourced: _, ...deal } = company.deals['D-1']!;
    await desk.run({ ...company, deals: { 'D-1': sourced ? { ...deal, sourced } : deal } });
    expect(await desk.warehouse.rows('select detail, next_action from attribution.commission_exception')).toEqual([
      { detail, next_action },
    ]);
  });

  test('a merged deal is the one it lives on in: nothing is posted, its lock holds', async () => {
    await desk.run(two);
    const merged: Company = {
      ...two,
      deals: { 'D-2': { closed: '2025-11-01', sourced: 'P-2' } },
      merged: { 'D-1': 'D-2' },
      invoices: { 'I-1': { ...two.invoices['I-1']!, deal: 'D-2' } },
    };
    expect(await desk.run(merged)).toBe(0);
    expect(await lines()).toEqual([posted]);
    expect(await contested()).toEqual([{ kind: 'sourcing_change', record_id: 'D-2', amount_minor: 200n }]);
    await desk.run({ ...merged, events: [...two.events, '2026-03-10 refund R-1 I-1 500'] });
    expect((await lines()).slice(1)).toEqual(['D-2 -100 20 % of -5.00 refunded on 2026-03-10, I-1']);
  });

  test('a copy that another program made, with other columns, is made anew', async () => {
    await desk.run(two);
    const before = await desk.warehouse.rows('from ledger.entry');
    await desk.warehouse.run('alter table ledger.entry drop column plan_month');
    expect(await desk.run({ ...two, code_digest: 'two' })).toBe(0);
    expect(await desk.warehouse.rows('from ledger.entry')).toEqual(before);
  });
});
