// The commission step with real money, DuckDB and books: what it posts, and what it never posts twice.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Company, type Desk, openDesk } from './company.ts';
import { atDesk, company, referral } from './one-deal.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());
const { entries, liability } = atDesk(() => desk);

describe('posting', () => {
  test('a payment becomes one entry a line, a second run posts nothing', async () => {
    expect(await desk.run(company)).toBe(2);
    expect(entries()).toEqual([
      '2026-01-10 accrual commission_expense→accrued P-1 L-1 200 USD',
      '2026-01-10 accrual accrued→commission_expense P-1 L-2 20 USD',
    ]);
    expect(await desk.run(company)).toBe(0);
    expect(desk.books.verify()).toMatchObject({ is_intact: true, entries: 2n });
  });

  test('a payment over several invoices that comes later, of which the first earns nobody anything, is its own cause', async () => {
    const later = '2026-01-12 payment PY-2';
    const spread: Company = {
      ...company,
      deals: { ...company.deals, 'D-2': { closed: '2026-01-01' } },
      invoices: {
        'I-0': { deal: 'D-2', issued: '2026-01-05', lines: { 'L-0': 500n } },
        ...company.invoices,
        'I-2': { deal: 'D-1', issued: '2026-01-05', lines: { 'L-3': 300n } },
      },
    };
    await desk.run(spread);
    expect(await desk.run({ ...spread, events: [...company.events, `${later} I-0 500`, `${later} I-2 300`] })).toBe(1);
    expect([...desk.books.ledger.entries()].at(-1)).toMatchObject({
      invoice_line_id: 'L-3',
      event_id: 'PY-2',
      amount_minor: 60n,
    });
  });

  const overTwoDeals = (tiers: object): Company => ({
    ...company,
    plans: [{ ...referral, components: [{ kind: 'percent', tiers: { per: 'quarter', ...tiers } }] }],
    deals: { ...company.deals, 'D-2': { closed: '2026-01-02', sourced: 'P-1' } },
    invoices: {
      'I-1': { deal: 'D-1', issued: '2026-01-05', lines: { 'L-2': 10_000n } },
      'I-2': { deal: 'D-2', issued: '2026-01-05', lines: { 'L-1': 10_000n } },
    },
    events: ['2026-01-10 payment PY-1 I-1 10000', '2026-01-10 payment PY-1 I-2 10000'],
  });
  const bands = [
    { from: '0', rate: '0.10' },
    { from: '150.00', rate: '0.20' },
  ];

  test('a payment over several invoices is one event: its tier is read after the whole of it, its lines go by id', async () => {
    await desk.run(overTwoDeals({ mode: 'cliff', bands }));
    expect(entries().toSorted()).toEqual([
      '2026-01-10 accrual commission_expense→accrued P-1 L-1 2000 USD',
      '2026-01-10 accrual commission_expense→accrued P-1 L-2 2000 USD',
    ]);
    const other = await openDesk();
    await other.run(overTwoDeals({ mode: 'marginal', bands }));
    const earned = [...other.books.ledger.entries()].map((entry) => `${entry.invoice_line_id} ${entry.amount_minor}`);
    expect(earned.toSorted()).toEqual(['L-1 1000', 'L-2 1500']);
    other.close();
  });

  test('a payment before the closes acts with each deal on its own', async () => {
    const early = overTwoDeals({ mode: 'cliff', bands });
    await desk.run({ ...early, events: early.events.map((row) => row.replace('01-10', '01-01')) });
    expect(entries().toSorted()).toEqual([
      '2026-01-01 accrual commission_expense→accrued P-1 L-2 1000 USD',
      '2026-01-02 accrual commission_expense→accrued P-1 L-1 2000 USD',
      '2026-01-02 true_up commission_expense→accrued P-1 L-2 1000 USD',
    ]);
  });

  test('a payment before deals that close at one time is one event there', async () => {
    const early = overTwoDeals({ mode: 'cliff', bands });
    const deals = { ...early.deals, 'D-2': { closed: '2026-01-01', sourced: 'P-1' } };
    await desk.run({ ...early, deals, events: early.events.map((row) => row.replace('2026-01-10', '2025-12-20')) });
    expect(entries().toSorted()).toEqual([
      '2026-01-01 accrual commission_expense→accrued P-1 L-1 2000 USD',
      '2026-01-01 accrual commission_expense→accrued P-1 L-2 2000 USD',
    ]);
  });

  test('a credit note dated before its invoice lowers the issue, not nothing', async () => {
    const invoiced: Company = {
      ...company,
      plans: [{ ...referral, trigger: 'invoiced', clawback_days: 30 }],
      events: ['2026-01-03 credit_note CN-1 I-1 450'],
    };
    await desk.run(invoiced);
    expect(entries().toSorted()).toEqual([
      '2026-01-05 accrual accrued→commission_expense P-1 L-2 20 USD',
      '2026-01-05 accrual commission_expense→accrued P-1 L-1 200 USD',
      '2026-01-05 clawback accrued→commission_expense P-1 L-1 100 USD',
      '2026-01-05 clawback commission_expense→accrued P-1 L-2 10 USD',
    ]);
  });

  test('a booked deal raised by two closes of one day has a cause for each, and a second run posts nothing', async () => {
    const bands = [
      { from: '0', rate: '0.10' },
      { from: '10.00', rate: '0.20' },
      { from: '20.00', rate: '0.30' },
    ];
    const booked: Company = {
      ...company,
      plans: [
        {
          ...referral,
          trigger: 'booked',
          components: [{ kind: 'percent', tiers: { mode: 'cliff', per: 'lifetime', bands } }],
        },
      ],
      deals: {
        'D-1': { closed: '2026-01-01', sourced: 'P-1', amount: 900n },
        'D-2': { closed: '2026-01-02', sourced: 'P-1', amount: 600n },
        'D-3': { closed: '2026-01-02', sourced: 'P-1', amount: 600n },
      },
      invoices: {},
      events: [],
    };
    await desk.run(booked);
    expect(
      [...desk.books.ledger.entries()]
        .map(
          ({ entry_type, deal_id, event_id, amount_minor }) =>
            `${entry_type} ${deal_id} by ${event_id} ${amount_minor}`,
        )
        .toSorted(),
    ).toEqual([
      'accrual D-1 by D-1 90',
      'accrual D-2 by D-2 120',
      'accrual D-3 by D-3 180',
      'true_up D-1 by D-2 90',
      'true_up D-1 by D-3 90',
      'true_up D-2 by D-3 60',
    ]);
    expect(await desk.run(booked)).toBe(0);
  });

  test('ids with quotes, backslashes and control characters are hashed as verify reads them', async () => {
    const odd = 'PY-"1\\\u0001\u001f';
    await desk.run({ ...company, events: [`2026-01-10 payment ${odd} I-1 900`] });
    expect([...desk.books.ledger.entries()][0]).toMatchObject({
      event_id: odd,
      evidence_ids: ['D-1', 'I-1', odd, 'R-D-1'],
    });
    expect(desk.books.verify()).toMatchObject({ is_intact: true, entries: 2n });
  });

  test('entries name their plan version, hold, evidence and cause', async () => {
    await desk.run(company);
    expect([...desk.books.ledger.entries()][0]).toMatchObject({
      plan: 'referral',
      plan_version: '2025-01-01',
      component: '1:percent',
      role: 'sourced',
      deal_id: 'D-1',
      invoice_id: 'I-1',
      event_kind: 'payment',
      event_id: 'PY-1',
      cause_sequence: 1,
      held_until: '2026-02-09',
      posted_month: '2026-01',
      origin_month: '2026-01',
      reporting_amount_minor: 200n,
    });
    expect([...desk.books.ledger.entries()][0]!.evidence_ids.toSorted()).toEqual(['D-1', 'I-1', 'PY-1', 'R-D-1']);
  });

  test('the copy in the warehouse is what the books hold, made either way', async () => {
    await desk.run({ ...company, payouts: ['2026-03-01 PO-1 P-1 500 USD'] });
    const all = 'select * from ledger.entry order by sequence';
    const posted = await desk.warehouse.rows(all);
    await desk.warehouse.run('drop schema ledger cascade');
    expect(await desk.run({ ...company, payouts: ['2026-03-01 PO-1 P-1 500 USD'] })).toBe(0);
    expect(await desk.warehouse.rows(all)).toEqual(posted);
    expect(posted).toHaveLength(3);
  });

  test('a copy of other books is thrown away', async () => {
    await desk.run(company);
    await desk.warehouse.run("update ledger.entry set amount_minor = 1; update ledger.copied set hash = 'other'");
    expect(await desk.run(company)).toBe(0);
    expect(await liability('P-1', '2026-12')).toMatchObject({ closing: 180n });
  });

  test('a payment that vanished is reversed, and posted once more when it is back', async () => {
    await desk.run(company);
    await desk.run({ ...company, events: [] });
    expect(await liability('P-1', '2026-12')).toMatchObject({ closing: 0n });
    await desk.run(company);
    expect(await liability('P-1', '2026-12')).toMatchObject({ closing: 180n });
    expect(new Set([...desk.books.ledger.entries()].map(({ entry_id }) => entry_id)).size).toBe(6);
  });

  test('won, then lost: what was accrued is taken back', async () => {
    await desk.run(company);
    await desk.run({ ...company, deals: { 'D-1': { ...company.deals['D-1']!, won: false } } });
    expect(await liability('P-1', '2026-12')).toMatchObject({ closing: 0n });
  });

  test('a late, earlier-dated payment moves the tier of a later one by the difference', async () => {
    const tiered = {
      ...referral,
      components: [
        {
          kind: 'percent',
          tiers: {
            mode: 'marginal',
            per: 'lifetime',
            bands: [
              { from: '0', rate: '0.10' },
              { from: '10.00', rate: '0.20' },
            ],
          },
        },
      ],
    };
    const both: Company = {
      ...company,
      plans: [tiered],
      invoices: {
        'I-1': { deal: 'D-1', issued: '2026-01-05', lines: { 'L-1': 1000n } },
        'I-2': { deal: 'D-1', issued: '2026-01-06', lines: { 'L-2': 500n } },
      },
      events: ['2026-01-10 payment PY-1 I-1 1000', '2026-02-10 payment PY-2 I-2 500'],
    };
    await desk.run({ ...both, events: [both.events[1]!] });
    expect(entries()).toEqual(['2026-02-10 accrual commission_expense→accrued P-1 L-2 50 USD']);
    await desk.run(both);
    expect(entries().slice(1)).toEqual([
      '2026-01-10 accrual commission_expense→accrued P-1 L-1 100 USD',
      '2026-02-10 accrual commission_expense→accrued P-1 L-2 50 USD',
    ]);
    expect(
      await desk.warehouse.rows(
        `select invoice_line_id as line, description like 'Correction: %' as is_correction, amount_minor as amount
         from ledger.statement_line_named order by month, position`,
      ),
    ).toEqual([
      { line: 'L-1', is_correction: false, amount: 100n },
      { line: 'L-2', is_correction: false, amount: 50n },
      { line: 'L-2', is_correction: true, amount: 50n },
    ]);
  });

  test('a rate that was missing: nothing accrues, the work list says so, and the next run with the rate posts it', async () => {
    const euro: Company = {
      ...company,
      invoices: { 'I-1': { ...company.invoices['I-1']!, currency: 'EUR' } },
    };
    expect(await desk.run(euro)).toBe(0);
    expect(
      await desk.warehouse.rows('select kind, record_id, amount_minor, currency from attribution.commission_exception'),
    ).toEqual([{ kind: 'commission_rate_missing', record_id: 'PY-1', amount_minor: 900n, currency: 'EUR' }]);
    await desk.run({ ...euro, rates: ['2026-01-09 EUR USD 1.20'] });
    expect(await liability('P-1', '2026-12')).toMatchObject({ closing: 216n });
    expect(await desk.warehouse.rows('select kind from attribution.commission_exception')).toEqual([]);
  });

  test('a partner of a won deal that earns nothing has its reason', async () => {
    await desk.run({
      ...company,
      partners: { 'P-1': { ended: '2025-12-31' }, 'P-2': { motion: 'reseller' }, 'P-3': {} },
      deals: { 'D-1': { ...company.deals['D-1']!, influenced: ['P-2', 'P-3'], reseller: 'P-3' } },
    });
    expect(entries()).toEqual([]);
    expect(
      await desk.warehouse.rows('select partner_id, reason from attribution.commission_zero_reason order by 1'),
    ).toEqual([
      { partner_id: 'P-1', reason: 'partner_ended' },
      { partner_id: 'P-2', reason: 'reseller_margin' },
      { partner_id: 'P-3', reason: 'reseller_margin' },
    ]);
  });

  test('expected commission on an open invoice stands beside the ledger', async () => {
    await desk.run({
      ...company,
      invoices: { 'I-1': { ...company.invoices['I-1']!, status: 'open' } },
      events: ['2026-01-10 payment PY-1 I-1 300'],
    });
    expect(
      await desk.warehouse.rows('select partner_id, invoice_id, amount_minor from attribution.contingent'),
    ).toEqual([{ partner_id: 'P-1', invoice_id: 'I-1', amount_minor: 120n }]);
    expect(await liability('P-1', '2026-12')).toMatchObject({ closing: 60n });
  });

  test('nothing is expected of an invoice that is paid, however its lines and what was credited are split', async () => {
    await desk.run({
      ...company,
      invoices: { 'I-1': { ...company.invoices['I-1']!, status: 'open', lines: { 'L-1': 5n, 'L-2': 19n } } },
      events: ['2026-01-10 payment PY-1 I-1 24', '2026-01-12 credit_note CN-1 I-1 12'],
    });
    expect(await desk.warehouse.rows('select * from attribution.contingent')).toEqual([]);
  });
});
