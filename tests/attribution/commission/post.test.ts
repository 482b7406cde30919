// The commission step with real money, DuckDB and books: what it posts, what it never posts twice, what people's decisions do.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Company, type Desk, openDesk } from './company.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const referral = {
  plan: 'referral',
  starts_on: '2025-01-01',
  currency: 'USD',
  components: [{ kind: 'percent', rate: '0.20' }],
  hold_days: 30,
};

const company: Company = {
  plans: [referral],
  default_plan: 'referral',
  partners: { 'P-1': {}, 'P-2': {} },
  deals: { 'D-1': { closed: '2026-01-01', sourced: 'P-1' } },
  invoices: { 'I-1': { deal: 'D-1', issued: '2026-01-05', lines: { 'L-1': 1000n, 'L-2': -100n } } },
  events: ['2026-01-10 payment PY-1 I-1 900'],
};

/** Entries as `2026-01-10 accrual commission_expense→accrued P-1 L-1 200 USD`. */
function entries(): string[] {
  return [...desk.books.ledger.entries()].map(
    (entry) =>
      `${entry.effective_date} ${entry.entry_type} ${entry.debit_account}→${entry.credit_account} ${entry.partner_id} ${entry.invoice_line_id ?? entry.event_id} ${entry.amount_minor} ${entry.currency}`,
  );
}

async function liability(partner: string, month: string): Promise<Record<string, bigint>> {
  const [row] = await desk.warehouse.rows<Record<string, bigint>>(`
    select closing_minor as closing, accrued_balance_minor as accrued, payable_balance_minor as payable,
      disputed_balance_minor as disputed, recoverable_balance_minor as recoverable
    from ledger.liability where partner_id = '${partner}' and month = '${month}-01' and currency = 'USD'`);
  return row!;
}

async function statement(): Promise<{
  statement_id: string;
  state: string;
  digest: string;
  line_count: number;
  total: bigint;
}> {
  const [row] = await desk.warehouse.rows(
    'select statement_id, state, digest, line_count, total_minor as total from ledger.statement order by month limit 1',
  );
  return row as Awaited<ReturnType<typeof statement>>;
}

function decide(kind: string, changes: Partial<Parameters<Desk['books']['decisions']['record']>[0]> = {}) {
  return desk.books.decisions.record({
    person: 'Dana',
    role: 'finance',
    kind,
    subject_kind: 'statement',
    subject_id: '',
    reason: 'checked',
    ...changes,
  });
}

async function approve(date: string, person = 'Dana'): Promise<void> {
  const { statement_id, digest, line_count } = await statement();
  desk.decideAt(date);
  decide('statement_approve', { person, subject_id: statement_id, detail: { digest, line_count } });
}

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
});

describe('what the first entry locks', () => {
  const changed: Company = { ...company, deals: { 'D-1': { closed: '2026-01-01', sourced: 'P-2' } } };

  test('another sourcing partner moves no pay; the work list shows the money at stake', async () => {
    await desk.run(company);
    expect(await desk.run(changed)).toBe(0);
    expect(
      await desk.warehouse.rows('select kind, record_id, amount_minor from attribution.commission_exception'),
    ).toEqual([{ kind: 'sourcing_change', record_id: 'D-1', amount_minor: 180n }]);
    await desk.run({ ...changed, events: [...company.events, '2026-02-10 refund R-1 I-1 450'] });
    expect((await liability('P-1', '2026-12')).closing).toBe(90n);
  });

  test('an approved override does', async () => {
    await desk.run(company);
    const { decision_id } = decide('override_add', {
      subject_kind: 'deal',
      subject_id: 'D-1',
      detail: { kind: 'deal_sourcing', object_id: 'P-2' },
    });
    await desk.run(changed);
    expect((await liability('P-1', '2026-12')).closing).toBe(180n);
    decide('override_approve', { person: 'Erin', subject_kind: 'override', subject_id: decision_id });
    await desk.run(changed);
    expect((await liability('P-1', '2026-12')).closing).toBe(0n);
    expect((await liability('P-2', '2026-12')).closing).toBe(180n);
    expect(await desk.run(changed)).toBe(0);
    const evidence = [...desk.books.ledger.entries()].findLast((entry) => entry.partner_id === 'P-2')!.evidence_ids;
    expect(evidence).toContain(decision_id);
    decide('override_revoke', { subject_kind: 'override', subject_id: decision_id });
    await desk.run(changed);
    expect((await liability('P-1', '2026-12')).closing).toBe(180n);
    expect((await liability('P-2', '2026-12')).closing).toBe(0n);
    expect(await desk.run(changed)).toBe(0);
  });

  test('an override that came before any entry locks nothing once it is revoked', async () => {
    const { decision_id } = decide('override_add', {
      subject_kind: 'deal',
      subject_id: 'D-1',
      detail: { kind: 'deal_sourcing', object_id: 'P-2' },
    });
    decide('override_approve', { person: 'Erin', subject_kind: 'override', subject_id: decision_id });
    await desk.run(company);
    expect((await liability('P-2', '2026-12')).closing).toBe(180n);
    decide('override_revoke', { subject_kind: 'override', subject_id: decision_id });
    await desk.run(company);
    expect((await liability('P-1', '2026-12')).closing).toBe(180n);
    expect((await liability('P-2', '2026-12')).closing).toBe(0n);
    expect(await desk.run(company)).toBe(0);
  });

  test('a plan with entries is not edited, whatever of it, nor taken out: it can only get a further version', async () => {
    const edited = { ...referral, components: [{ kind: 'percent', rate: '0.25' }] };
    const tiers = { mode: 'marginal', per: 'month', bands: [{ from: '0', rate: '0.20' }] };
    const edits: Readonly<Record<string, object>> = {
      rate: edited,
      months: { components: [{ kind: 'percent', rate: '0.20', months: 12 }] },
      tiers: { components: [{ kind: 'percent', tiers }] },
      'a further component': {
        components: [...referral.components, { kind: 'flat', amount: '5.00', once_per: 'deal' }],
      },
      'the treatment of its cost': { components: [{ kind: 'percent', rate: '0.20', contract_cost: 'initial' }] },
      trigger: { trigger: 'invoiced' },
      'what it earns on': { earns_on: { influenced: { share: '0.50' } } },
      products: { products: ['core'] },
      cap: { cap: { per: 'month', amount: '10.00' } },
      'hold days': { hold_days: 31 },
      'clawback days': { clawback_days: 30 },
      'the lock of the rate': { rate_locked_at: 'payment' },
      currency: { currency: 'EUR' },
      start: { starts_on: '2025-01-02' },
    };
    await desk.run(company);
    const taken: string[] = [];
    for (const [what, edit] of Object.entries(edits))
      await desk.run({ ...company, plans: [{ ...referral, ...edit }] }).then(
        () => taken.push(what),
        (error) => expect(error).toMatchObject({ exit_status: 2 }),
      );
    expect(taken).toEqual([]);
    await expect(desk.run({ ...company, plans: [{ ...edited, plan: 'other' }] })).rejects.toThrow(/taken out/);
    expect(entries()).toHaveLength(2);
    expect(await desk.run({ ...company, plans: [referral, { ...edited, starts_on: '2026-06-01' }] })).toBe(0);
  });

  test('an amendment that a second person approved does, and posts the difference; other terms do not', async () => {
    await desk.run(company);
    const edited: Company = { ...company, plans: [{ ...referral, components: [{ kind: 'percent', rate: '0.25' }] }] };
    const refusal = await desk.run(edited).catch((error: Error) => error.message);
    const [, subject_id, object_id] = /add plan_amendment (\S+) (terms-[0-9a-f]{16})/.exec(String(refusal))!;
    expect(subject_id).toBe('referral@2025-01-01');
    const { decision_id } = decide('override_add', {
      subject_kind: 'plan_version',
      subject_id: subject_id!,
      detail: { kind: 'plan_amendment', object_id },
    });
    await expect(desk.run(edited)).rejects.toThrow(/was edited/);
    decide('override_approve', { subject_kind: 'override', subject_id: decision_id });
    await expect(desk.run(edited)).rejects.toThrow(/was edited/);
    decide('override_approve', { person: 'Erin', subject_kind: 'override', subject_id: decision_id });
    expect(await desk.run(edited)).toBe(2);
    expect((await liability('P-1', '2026-12')).closing).toBe(225n);
    // What was posted keeps the words of its terms; what the amendment changed has those of the new ones.
    const words = await desk.warehouse.rows<{ words: string }>(
      `select invoice_line_id || ' ' || amount_minor || ' ' || description as words
       from ledger.statement_line_named order by position`,
    );
    expect(words.map(({ words }) => words)).toEqual([
      'L-1 200 20 % of 10.00 paid on 2026-01-10, I-1',
      'L-2 -20 20 % of -1.00 paid on 2026-01-10, I-1',
      'L-1 50 Correction: 25 % of 10.00 paid on 2026-01-10, I-1',
      'L-2 -5 Correction: 25 % of -1.00 paid on 2026-01-10, I-1',
    ]);
    expect(await desk.run(edited)).toBe(0);
    const other = { ...referral, components: [{ kind: 'percent', rate: '0.30' }] };
    await expect(desk.run({ ...company, plans: [other] })).rejects.toThrow(/was edited/);
    await expect(desk.run(company)).rejects.toThrow(`sourced override revoke ${decision_id}`);
    decide('override_revoke', { subject_kind: 'override', subject_id: decision_id });
    await expect(desk.run(edited)).rejects.toThrow(/was edited/);
    expect(await desk.run(company)).toBe(2);
    expect((await liability('P-1', '2026-12')).closing).toBe(180n);
  });

  test('a gap between agreements earns nothing, with the reason; the last day of one still counts', async () => {
    const dated = (closed: string): Company => ({
      ...company,
      default_plan: undefined,
      agreements: ['AG-1 P-1 referral 2025-01-01 2026-01-01', 'AG-2 P-1 referral 2026-02-01'],
      deals: { 'D-1': { closed, sourced: 'P-1' } },
    });
    expect(await desk.run(dated('2026-01-02'))).toBe(0);
    expect(await desk.warehouse.rows('select partner_id, reason from attribution.commission_zero_reason')).toEqual([
      { partner_id: 'P-1', reason: 'no_agreement' },
    ]);
    expect(await desk.run(dated('2026-01-01'))).toBe(2);
  });

  test('a revised rate leaves what was posted alone: the difference is on the line of its month end', async () => {
    const euro: Company = {
      ...company,
      as_of: '2026-02-28',
      plans: [{ ...referral, currency: 'EUR' }],
      invoices: { 'I-1': { deal: 'D-1', currency: 'EUR', issued: '2026-01-05', lines: { 'L-1': 1000n } } },
      events: ['2026-01-10 payment PY-1 I-1 1000'],
      rates: ['2026-01-10 EUR USD 1.22', '2026-01-31 EUR USD 1.22', '2026-02-28 EUR USD 1.22'],
    };
    const months = () =>
      desk.warehouse.rows(`
        select strftime(month, '%Y-%m') as month, closing_minor as native, reporting_accrued_minor as accrued, fx_minor as fx,
          reporting_closing_minor as closing
        from ledger.liability order by month`);
    await desk.run(euro);
    expect(await months()).toEqual([
      { month: '2026-01', native: 200n, accrued: 244n, fx: 0n, closing: 244n },
      { month: '2026-02', native: 200n, accrued: 0n, fx: 0n, closing: 244n },
    ]);
    const revised = euro.rates!.map((rate) => rate.replace('2026-02-28 EUR USD 1.22', '2026-02-28 EUR USD 1.30'));
    expect(await desk.run({ ...euro, rates: ['2026-01-10 EUR USD 1.50', ...revised.slice(1)] })).toBe(0);
    expect(await months()).toEqual([
      { month: '2026-01', native: 200n, accrued: 244n, fx: 0n, closing: 244n },
      { month: '2026-02', native: 200n, accrued: 0n, fx: 16n, closing: 260n },
    ]);
  });

  test('overlapping agreements stop the run', async () => {
    const agreements = ['AG-1 P-1 referral 2025-01-01', 'AG-2 P-1 referral 2026-01-01'];
    await expect(desk.run({ ...company, agreements })).rejects.toMatchObject({
      message: expect.stringContaining('AG-1 and AG-2'),
      hint: expect.stringContaining('is_deleted'),
    });
  });
});

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

describe('statements, holds and payouts', () => {
  test('a statement is a draft until finance approves it; then its lines are due when their hold ends', async () => {
    await desk.run(company);
    expect(await statement()).toMatchObject({
      statement_id: 'statement:P-1:2026-01:USD',
      state: 'draft',
      total: 180n,
      line_count: 2,
    });
    await approve('2026-02-03');
    await desk.run({ ...company, as_of: '2026-02-08' });
    expect(await statement()).toMatchObject({ state: 'approved' });
    expect(await liability('P-1', '2026-02')).toMatchObject({ accrued: 180n, payable: 0n });
    await desk.run({ ...company, as_of: '2026-02-09' });
    expect(await liability('P-1', '2026-02')).toMatchObject({ accrued: 0n, payable: 180n, closing: 180n });
    expect(entries().at(-1)).toBe('2026-02-09 release accrued→payable P-1 I-1 180 USD');
  });

  test('an approval binds what it saw: a line posted later waits for its own', async () => {
    await desk.run(company);
    await approve('2026-02-03');
    const more: Company = { ...company, events: [...company.events, '2026-01-20 refund R-1 I-1 450 PY-1'] };
    await desk.run(more);
    expect(await statement()).toMatchObject({ state: 'draft', line_count: 4, total: 90n });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 0n, payable: 90n });
  });

  test('an approval of another digest releases nothing', async () => {
    await desk.run(company);
    const { statement_id } = await statement();
    desk.decideAt('2026-02-03');
    decide('statement_approve', { subject_id: statement_id, detail: { digest: 'seen elsewhere', line_count: 2 } });
    await desk.run(company);
    expect(await statement()).toMatchObject({ state: 'draft' });
    expect(await liability('P-1', '2026-12')).toMatchObject({ payable: 0n });
  });

  test('a payout settles what is payable; the statement it names is paid', async () => {
    await desk.run(company);
    await approve('2026-02-03');
    const payouts = ['2026-03-01 PO-1 P-1 180 USD statement:P-1:2026-01:USD'];
    await desk.run({ ...company, payouts });
    expect(await statement()).toMatchObject({ state: 'paid' });
    expect(await liability('P-1', '2026-12')).toMatchObject({ closing: 0n, payable: 0n, recoverable: 0n });
    expect(entries().at(-1)).toBe('2026-03-01 payout payable→cash P-1 PO-1 180 USD');
  });

  test('a statement that is paid twice is on the work list, with the payout that paid it first', async () => {
    await desk.run(company);
    await approve('2026-02-03');
    const payouts = ['2026-03-01 PO-1 P-1 180 USD statement:P-1:2026-01:USD'];
    await desk.run({ ...company, payouts: [...payouts, '2026-03-02 PO-2 P-1 180 USD statement:P-1:2026-01:USD'] });
    const found = await desk.warehouse.rows(
      'select record_id, amount_minor, detail, next_action from attribution.commission_exception',
    );
    expect(found).toEqual([
      {
        record_id: 'PO-2',
        amount_minor: 180n,
        detail: 'paid twice: PO-1 paid the same amount for the same statement; the excess is recoverable from P-1',
        next_action: expect.stringMatching(/ask for it back, or let it net the next commission/),
      },
    ]);
  });

  test('what was paid too much is on the work list until it is set off', async () => {
    const early = '2026-01-20 PO-0 P-1 100 USD';
    const found = () =>
      desk.warehouse.rows('select record_id, amount_minor, detail from attribution.commission_exception');
    await desk.run({ ...company, payouts: [early] });
    expect(await found()).toMatchObject([{ record_id: 'PO-0', amount_minor: 100n }]);
    await approve('2026-02-03');
    await desk.run({ ...company, payouts: [early] });
    expect(await found()).toEqual([]);
  });

  test('a statement that is paid twice out of what else is payable is on the work list until the next payout', async () => {
    const more: Company = { ...company, events: [...company.events, '2026-02-10 payment PY-2 I-2 900'] };
    const two: Company = {
      ...more,
      invoices: { ...more.invoices, 'I-2': { deal: 'D-1', issued: '2026-02-05', lines: { 'L-3': 900n } } },
    };
    await desk.run(two);
    desk.decideAt('2026-03-20');
    const statements = await desk.warehouse.rows<Record<string, string>>('select * from ledger.statement');
    for (const { statement_id, digest, line_count } of statements)
      decide('statement_approve', { subject_id: statement_id!, detail: { digest, line_count } });
    const paid = (day: string, id: string) => `2026-04-${day} ${id} P-1 150 USD statement:P-1:2026-01:USD`;
    const found = () =>
      desk.warehouse.rows('select record_id, amount_minor, detail from attribution.commission_exception');
    await desk.run({ ...two, payouts: [paid('01', 'PO-1'), paid('02', 'PO-2')] });
    expect(await liability('P-1', '2026-12')).toMatchObject({ payable: 60n, recoverable: 0n });
    const detail =
      'paid above the total of its statement, which PO-1 had paid: the rest came out of what else was payable to P-1';
    expect(await found()).toEqual([{ record_id: 'PO-2', amount_minor: 120n, detail }]);
    await desk.run({ ...two, payouts: [paid('01', 'PO-1'), paid('02', 'PO-2'), '2026-04-20 PO-3 P-1 60 USD'] });
    expect(await found()).toEqual([]);
  });

  test('a payout of a statement that does not exist is on the work list', async () => {
    await desk.run({ ...company, payouts: ['2026-03-01 PO-1 P-1 180 USD statement:P-1:2020-01:USD'] });
    const found = await desk.warehouse.rows(
      'select kind, record_id from attribution.commission_exception order by kind',
    );
    expect(found).toEqual([
      { kind: 'payout_excess', record_id: 'PO-1' },
      { kind: 'payout_unmatched', record_id: 'PO-1' },
    ]);
  });

  test.each([
    ['P-2 200 USD', 'other_partner', 'which is not of P-2, to whom it was paid: it settles what is due to P-2'],
    ['P-1 200 EUR', 'other_currency', 'which is in USD: it settles what is due in EUR'],
  ])('a payout (%s) that names a statement of P-1 in USD pays nothing of it: %s', async (paid, reason, words) => {
    await desk.run({ ...company, payouts: [`2026-03-01 PO-1 ${paid} statement:P-1:2026-01:USD`] });
    expect(await desk.warehouse.rows('select paid_minor, state from ledger.statement')).toEqual([
      { paid_minor: 0n, state: 'draft' },
    ]);
    const found = await desk.warehouse.rows(
      `select reason, detail from attribution.commission_exception where kind = 'payout_unmatched'`,
    );
    expect(found).toEqual([{ reason, detail: `names the statement statement:P-1:2026-01:USD, ${words}` }]);
  });

  test('a payout to somebody else that names a paid statement is no second payment of it', async () => {
    const payouts = [
      '2026-03-01 PO-1 P-1 180 USD statement:P-1:2026-01:USD',
      '2026-03-02 PO-2 P-2 180 USD statement:P-1:2026-01:USD',
    ];
    await desk.run(company);
    await approve('2026-02-03');
    await desk.run({ ...company, payouts });
    const found = await desk.warehouse.rows(
      'select kind, record_id, detail from attribution.commission_exception order by kind',
    );
    expect(found).toEqual([
      {
        kind: 'payout_excess',
        record_id: 'PO-2',
        detail: 'paid above what was payable: the excess is recoverable from P-2',
      },
      { kind: 'payout_unmatched', record_id: 'PO-2', detail: expect.stringContaining('which is not of P-2') },
    ]);
  });

  test('a payout above payable is recoverable and nets the next release (fine-print 29)', async () => {
    const payouts = ['2026-01-20 PO-1 P-1 100 USD'];
    await desk.run({ ...company, payouts });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 180n, recoverable: 100n, closing: 80n });
    await approve('2026-02-03');
    await desk.run({ ...company, payouts });
    expect(await liability('P-1', '2026-12')).toMatchObject({
      accrued: 0n,
      payable: 80n,
      recoverable: 0n,
      closing: 80n,
    });
  });

  test('refund before and after the payout give one lifetime total', async () => {
    const events = [...company.events, '2026-04-01 refund R-1 I-1 900 PY-1'];
    await desk.run(company);
    await approve('2026-02-03');
    await desk.run({ ...company, payouts: ['2026-03-01 PO-1 P-1 180 USD'], events });
    expect(await liability('P-1', '2026-12')).toMatchObject({
      accrued: 0n,
      payable: 0n,
      recoverable: 180n,
      closing: -180n,
    });
  });

  test('a partner disputes a line: it is held out of the release until it is resolved', async () => {
    await desk.run(company);
    const { statement_id } = await statement();
    const line = [...desk.books.ledger.entries()][0]!.entry_id;
    desk.decideAt('2026-02-01');
    decide('statement_dispute', {
      person: 'Pat',
      role: 'partner',
      subject_id: statement_id,
      detail: { line_ids: [line] },
    });
    await approve('2026-02-03');
    await desk.run(company);
    expect(await statement()).toMatchObject({ state: 'disputed' });
    expect(await liability('P-1', '2026-12')).toMatchObject({
      disputed: 180n,
      payable: 0n,
      recoverable: 0n,
      closing: 180n,
    });
    desk.decideAt('2026-03-01');
    decide('statement_resolve', { person: 'Erin', subject_id: statement_id });
    await desk.run(company);
    expect(await statement()).toMatchObject({ state: 'approved' });
    expect(await liability('P-1', '2026-12')).toMatchObject({ disputed: 0n, payable: 180n, closing: 180n });
  });

  test("a payer's dispute holds the commission on its payment until it ends", async () => {
    const events = [...company.events, '2026-01-15 dispute_opened A-1 I-1 900 PY-1'];
    await desk.run({ ...company, events });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 0n, disputed: 180n, closing: 180n });
    await desk.run({ ...company, events: [...events, '2026-03-15 dispute_lost A-2 I-1 900 PY-1'] });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 0n, disputed: 0n, closing: 0n });
  });

  test("a payer's dispute of a tenth of a payment holds a tenth of its commission; the rest stays payable", async () => {
    await desk.run(company);
    await approve('2026-02-03');
    const events = [...company.events, '2026-02-10 dispute_opened A-1 I-1 90 PY-1'];
    await desk.run({ ...company, events });
    expect(await liability('P-1', '2026-12')).toMatchObject({
      accrued: 0n,
      payable: 162n,
      disputed: 18n,
      closing: 180n,
    });
    await desk.run({ ...company, events: [...events, '2026-03-15 dispute_won A-2 I-1 90 PY-1'] });
    expect(await liability('P-1', '2026-12')).toMatchObject({
      accrued: 0n,
      payable: 180n,
      disputed: 0n,
      closing: 180n,
    });
  });

  test("a payer's disputes of one payment and day hold together", async () => {
    const opened = [90n, 180n].map((amount, index) => `2026-02-10 dispute_opened A-${index} I-1 ${amount} PY-1`);
    await desk.run({ ...company, events: [...company.events, ...opened] });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 126n, disputed: 54n });
  });

  test('a disputed line that was taken back holds nothing of other lines', async () => {
    const payments = ['2026-01-10 payment PY-1 I-1 450', '2026-01-11 payment PY-2 I-1 450'];
    await desk.run({ ...company, events: payments });
    const [line] = [...desk.books.ledger.entries()].filter(({ event_id }) => event_id === 'PY-1');
    const { statement_id } = await statement();
    decide('statement_dispute', { subject_id: statement_id, detail: { line_ids: [line!.entry_id] } });
    await desk.run({ ...company, events: payments });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 80n, disputed: 100n });
    await desk.run({ ...company, events: payments.slice(1) });
    expect(await liability('P-1', '2026-12')).toMatchObject({ accrued: 90n, disputed: 0n });
  });

  test("the partner's dispute of a line and the payer's of its payment hold it once", async () => {
    await desk.run(company);
    const { statement_id } = await statement();
    const line = [...desk.books.ledger.entries()].find(({ invoice_line_id }) => invoice_line_id === 'L-2')!.entry_id;
    await approve('2026-02-03');
    desk.decideAt('2026-02-05');
    decide('statement_dispute', {
      person: 'Pat',
      role: 'partner',
      subject_id: statement_id,
      detail: { line_ids: [line] },
    });
    const events = [...company.events, '2026-02-10 dispute_opened A-1 I-1 90 PY-1'];
    await desk.run({ ...company, events });
    // The line of −20 is held whole, and of the 200 beside it a tenth.
    expect(await liability('P-1', '2026-12')).toMatchObject({
      accrued: 0n,
      payable: 180n,
      disputed: 0n,
      closing: 180n,
    });
  });
});
