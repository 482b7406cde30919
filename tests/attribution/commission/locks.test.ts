// What the first posted entry of a deal locks, whatever is known later.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Company, type Desk, openDesk } from './company.ts';
import { atDesk, company, referral } from './one-deal.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());
const { entries, liability, decide } = atDesk(() => desk);

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
