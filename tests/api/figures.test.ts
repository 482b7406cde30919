// The figures of the tiny company, worked out by hand, through the API: they add up, and every explanation does too.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tinyApp } from './fixture.ts';
import { tables } from './tiny-company.ts';
import { entries, methods } from './tiny-money.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  tiny = await tinyApp();
});
afterAll(() => tiny.close());

type Money = { amount_minor: string; amount: string; currency: string };
const json = async (url: string) => (await tiny.get(url)).json();
const items = async (url: string) => (await json(url)).items;
const sum = (amounts: (Money | null)[]) =>
  amounts.reduce((total, money) => total + BigInt(money?.amount_minor ?? 0), 0n);

describe('revenue', () => {
  test('a month in its own currencies and as one', async () => {
    const native = await items('/v1/revenue/monthly?month=2026-01&basis=paid');
    expect(
      native.map((row: Record<string, Money>) => [row.total!.amount, row.total!.currency, row.reporting_total!.amount]),
    ).toEqual([
      ['50.01', 'EUR', '54.01'],
      ['1007.00', 'USD', '1007.00'],
    ]);
    const [row, ...others] = await items('/v1/revenue/monthly?month=2026-01&basis=paid&currency=reporting');
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      currency: 'USD',
      total: { amount: '1061.01' },
      reporting_total: { amount: '1061.01' },
      sourced: { amount: '1000.00' },
      unlinked: { amount: '7.00' },
    });
  });

  test('a range includes both of its months', async () => {
    const months = async (query: string) => [
      ...new Set((await items(`/v1/revenue/monthly?${query}`)).map(({ month }: { month: string }) => month)),
    ];
    expect(await months('from=2026-01&to=2026-02')).toEqual(['2026-01', '2026-02']);
    expect(await months('from=2026-02')).toEqual(['2026-02']);
    expect(await months('to=2026-01')).toEqual(['2026-01']);
    expect(await months('month=2026-02')).toEqual(['2026-02']);
    expect(await months('month=2027-02')).toEqual([]);
  });

  test('the own windows show what is published, in its own currencies and as one; others are not explained', async () => {
    for (const question of ['basis=paid', 'month=2026-01&currency=reporting', 'currency=EUR']) {
      const windows = await items(`/v1/window-sensitivity?${question}`);
      const own = windows.filter(({ is_configured }: { is_configured: boolean }) => is_configured);
      const published = await items(`/v1/revenue/monthly?${question}`);
      const names = ['month', 'basis', 'currency', 'sourced', 'influenced_distinct', 'partner_involved', 'explain_id'];
      const shared = (row: Record<string, unknown>) => names.map((name) => row[name]);
      expect(own.map(shared)).toEqual(published.map(shared));
      expect(windows.length).toBe(3 * own.length);
      for (const row of windows) expect(row.explain_id === null).toBe(!row.is_configured);
    }
    const [narrow] = await items('/v1/window-sensitivity?month=2026-01&basis=paid&currency=reporting');
    expect(narrow).toMatchObject({
      window_days: 30,
      sourced: { amount: '1000.00' },
      influenced_distinct: { amount: '0.00' },
    });
  });

  test('the partners with most sourced revenue', async () => {
    const top = await items('/v1/revenue/partners?top=1');
    expect([...new Set(top.map(({ partner_id }: { partner_id: string }) => partner_id))]).toEqual(['crm:P-1']);
    expect(sum(top.map(({ sourced }: { sourced: Money }) => sourced))).toBe(75000n);
  });

  test('partners in a month: last complete one by default, largest first', async () => {
    const rows = await items('/v1/partners?basis=paid');
    expect(rows[0]).toMatchObject({
      partner_id: 'crm:P-2',
      sourced: { amount: '0.00' },
      influenced_gross: { amount: '-180.00' },
      owed: { amount: '14.00' },
    });
    expect(rows.find(({ partner_id }: { partner_id: string }) => partner_id === 'crm:P-1')).toMatchObject({
      sourced: { amount: '-250.00' },
      first_sourced_month: '2026-01',
      last_activity_at: '2026-01-05T00:00:00.000000Z',
    });
    const january = await items('/v1/partners?month=2026-01&motion=referral&limit=1');
    expect(january).toMatchObject([
      { partner_id: 'crm:P-1', sourced: { amount: '1000.00' }, owed: { amount: '200.00' } },
    ]);
  });
});

describe('attribution', () => {
  test.each(['month,party', 'party', 'partner', 'party_kind', 'motion', 'month', 'month,partner'])(
    'grouped by %s it adds up to the same total',
    async (group_by) => {
      for (const method of methods) {
        const rows = await items(`/v1/attribution?method=${method}&group_by=${group_by}`);
        expect([
          method,
          sum(rows.map(({ reporting_amount }: { reporting_amount: Money }) => reporting_amount)),
        ]).toEqual([method, 87401n]);
      }
    },
  );

  test('credit + unattributed + unlinked = total, per month and currency', async () => {
    const revenue = await items('/v1/revenue/monthly?basis=paid');
    const credit = await items('/v1/attribution?group_by=month,party');
    for (const { month, currency, total, unlinked } of revenue)
      for (const method of methods) {
        const parts = credit.filter(
          (row: Record<string, string>) => row.month === month && row.currency === currency && row.method === method,
        );
        expect(sum(parts.map(({ amount }: { amount: Money }) => amount)) + BigInt(unlinked.amount_minor)).toBe(
          BigInt(total.amount_minor),
        );
      }
  });

  test('by partner, channels and the unattributed are one row each', async () => {
    const rows = await items('/v1/attribution?method=linear&group_by=partner&month=2026-01&currency=reporting');
    expect(
      rows.map((row: Record<string, unknown>) => [row.party_kind, row.party_id, (row.amount as Money).amount]),
    ).toEqual([
      ['partner', 'crm:P-1', '333.34'],
      ['partner', 'crm:P-2', '333.33'],
      ['channel', null, '333.33'],
      ['unattributed', null, '54.01'],
    ]);
  });
});

describe('a deal', () => {
  test('its credit is its money split by its weights', async () => {
    const { weights, money, credits } = await json('/v1/deals/crm:D-1');
    expect(weights.map(({ party_id, weights }: { party_id: string; weights: object }) => [party_id, weights])).toEqual([
      ['crm:P-1', { linear: 333333334, last_touch: 0 }],
      ['crm:P-2', { linear: 333333333, last_touch: 1000000000 }],
      ['sales', { linear: 333333333, last_touch: 0 }],
    ]);
    for (const method of methods)
      for (const basis of ['booked', 'paid']) {
        const mine = (row: Record<string, unknown>) => row.basis === basis && (row.method ?? method) === method;
        const amounts = (rows: { amount: Money }[]) =>
          sum(rows.filter((row) => mine(row as never)).map(({ amount }) => amount));
        expect([method, basis, amounts(credits)]).toEqual([method, basis, amounts(money)]);
      }
  });

  test('what of the work list is about it, and the commission of a deal that was merged into it', async () => {
    const first = tables(0n);
    const next_action = 'leave it as it is, or move the pay by an override: sourced override add deal_sourcing';
    const contested = {
      ...first.fct_exception![0]!,
      kind: 'sourcing_change',
      stream: 'deals',
      record_id: 'crm:D-1',
      reason: 'sourcing_change',
      detail: 'crm:P-1 is paid, but no partner sourced the deal any more',
      next_action,
    };
    const other = await tinyApp({
      replaced: {
        fct_exception: [...first.fct_exception!, contested],
        lineage_edge: [
          ...first.lineage_edge!,
          {
            figure_kind: 'deal',
            figure_id: 'crm:D-1',
            target_kind: 'record',
            target_id: 'deals/crm:D-0',
            role: 'merged_deal',
          },
        ],
        fct_commission_entry: [...entries, { ...entries[0]!, entry_id: 'E-merged', deal_id: 'crm:D-0' }],
      },
    });
    const { exceptions, commission } = (await other.get('/v1/deals/crm:D-1')).json();
    await other.close();
    expect(exceptions).toEqual([
      {
        reason: 'sourcing_change',
        detail: contested.detail,
        next_action,
        amount: { amount_minor: '120', amount: '1.20', currency: 'EUR' },
      },
    ]);
    const alone = await json('/v1/deals/crm:D-1');
    expect(alone.exceptions).toEqual([]);
    expect(sum(commission.map(({ amount }: { amount: Money }) => amount))).toBe(
      sum(alone.commission.map(({ amount }: { amount: Money }) => amount)) + entries[0]!.amount_minor,
    );
  });

  test('its conflicts, influence and commission', async () => {
    expect(await json('/v1/deals/crm:D-1')).toMatchObject({
      deal: {
        sourcing_partner_id: 'crm:P-1',
        sourcing_rule: 'deal_registration',
        conflict_count: 1,
        influence_count: 1,
        paid: { amount: '750.00' },
      },
      influence: [{ partner_id: 'crm:P-2', touchpoint_count: 1 }],
      conflicts: [{ partner_id: 'crm:P-3', winner_partner_id: 'crm:P-1', reason: 'submitted_later' }],
      commission: [{ partner_id: 'crm:P-1', amount: { amount: '150.00' } }],
    });
  });

  test('its journey says why a touch does not count', async () => {
    const { window_starts_at, touches, sourcing } = await json('/v1/deals/crm:D-1/journey');
    expect(window_starts_at).toBe('2025-05-07T15:04:05.123456Z');
    expect(sourcing).toMatchObject({ partner_id: 'crm:P-1', evidence_id: 'crm:R-1' });
    expect(touches.at(-1)).toMatchObject({ is_counted: false, reason: 'after_close', party_name: 'Gamma' });
  });

  test('deals of a partner by role, month and basis', async () => {
    const ids = async (query: string) =>
      (await items(`/v1/deals?${query}`)).map(({ deal_id }: { deal_id: string }) => deal_id);
    expect(await ids('')).toEqual(['crm:D-1', 'crm:D-5', 'crm:D-2', 'crm:D-3', 'crm:D-4']);
    expect(await ids('partner_id=crm:P-2')).toEqual(['crm:D-1', 'crm:D-5']);
    expect(await ids('partner_id=crm:P-2&role=sourced')).toEqual([]);
    expect(await ids('partner_id=crm:P-1&role=sourced')).toEqual(['crm:D-1']);
    expect(await ids('month=2026-02&basis=paid')).toEqual(['crm:D-5', 'crm:D-1']);
    expect(await ids('state=open')).toEqual(['crm:D-3']);
    expect(await ids('account_id=crm:A-3')).toEqual(['crm:D-5', 'crm:D-4']);
  });
});

describe('liability', () => {
  const movements = ['opening', 'accrued', 'clawed_back', 'true_up', 'prior_period', 'written_off', 'paid', 'closing'];
  const balances = ['accrued_balance', 'payable_balance', 'disputed_balance', 'recoverable_balance'];
  const amounts = (row: Record<string, Money>) =>
    Object.fromEntries([...movements, ...balances].map((name) => [name, row[name]!.amount]));

  test('as of the last day of a month it is the published month', async () => {
    for (const [month, day] of [
      ['2026-01', '2026-01-31'],
      ['2026-02', '2026-02-28'],
    ]) {
      const published = await items(`/v1/commissions/liability?month=${month}`);
      const rebuilt = await items(`/v1/commissions/liability?as_of=${day}`);
      expect(rebuilt.map(amounts)).toEqual(published.map(amounts));
    }
  });

  test('as of a day within the month', async () => {
    const [row, ...others] = await items('/v1/commissions/liability?as_of=2026-02-10');
    expect(others).toEqual([]);
    expect(amounts(row)).toMatchObject({
      opening: '200.00',
      paid: '100.00',
      clawed_back: '0.00',
      closing: '100.00',
      payable_balance: '100.00',
      accrued_balance: '0.00',
    });
    expect(row.contingent).toBeNull();
  });

  test('totals are over all partners and all pages', async () => {
    const { totals, reporting_totals, items } = await json('/v1/commissions/liability?month=2026-02&limit=1');
    expect(items.length).toBe(1);
    expect(totals).toMatchObject([{ currency: 'USD', closing: { amount: '64.00' }, contingent: { amount: '0.40' } }]);
    expect(reporting_totals).toMatchObject([
      { month: '2026-02', opening: { amount: '200.00' }, closing: { amount: '64.00' } },
    ]);
  });

  test('entries without a rate of their day are told apart', async () => {
    const waiting = entries.map((one) => (one.entry_id === 'E-5' ? { ...one, reporting_amount_minor: null } : one));
    const other = await tinyApp({ replaced: { fct_commission_entry: waiting } });
    const unconverted = async (period: string) =>
      (await other.get(`/v1/commissions/liability?${period}`)).json().unconverted;
    const one = { month: '2026-02', amount: { amount: '14.00', currency: 'USD' }, entry_count: 1 };
    expect(await unconverted('month=2026-02')).toMatchObject([one]);
    expect(await unconverted('as_of=2026-02-11')).toMatchObject([one]);
    for (const period of ['month=2026-01', 'as_of=2026-02-10', 'month=2026-02&partner_id=crm:P-1'])
      expect(await unconverted(period)).toEqual([]);
    await other.close();
  });
});

test('quality: counts by reason with examples', async () => {
  expect(await json('/v1/quality')).toMatchObject({
    audits: [
      { name: 'few_refused', status: 'fail' },
      { name: 'credit_conserved', status: 'pass' },
    ],
    quarantine: {
      total: 1,
      by_reason: [
        { stream: 'deals', reason: 'negative_amount', record_count: 1, examples: [{ record_id: '-1+1', record: 7 }] },
      ],
    },
    exceptions: [{ kind: 'unlinked_money', at_stake: { amount: '7.00' } }],
  });
});

test('release: what filters offer', async () => {
  expect(await json('/v1/release')).toMatchObject({
    months: ['2026-01', '2026-02'],
    last_complete_month: '2026-02',
    bases: ['booked', 'paid'],
    methods: ['linear', 'last_touch'],
    motions: ['referral', 'co_sell'],
    currencies: ['EUR', 'USD'],
    freshness: { oldest_source: 'crm', age_hours: 12 },
  });
});

describe('the programme', () => {
  test('every lead is in one band of time, answered or waiting', async () => {
    const bands = await items('/v1/leads/distribution');
    expect(
      bands
        .filter((band: Record<string, number>) => band.responded_count || band.waiting_count)
        .map((band: Record<string, number>) => Object.values(band)),
    ).toEqual([
      [60, 240, 1, 0],
      [1440, 4320, 0, 1],
    ]);
    const ends = bands.map(({ to_minutes }: { to_minutes: number | null }) => to_minutes);
    expect(bands.map(({ from_minutes }: { from_minutes: number }) => from_minutes)).toEqual([0, ...ends.slice(0, -1)]);
    expect(ends.at(-1)).toBeNull();
  });

  test('bands of one partner', async () => {
    const bands = await items('/v1/leads/distribution?partner_id=crm:P-2');
    const count = (name: string) =>
      bands.reduce((total: number, band: Record<string, number>) => total + band[name]!, 0);
    expect([count('responded_count'), count('waiting_count')]).toEqual([0, 1]);
  });
});
