// Who else claimed a deal, and why each claim lost (domain.md §4, fine-print 10 and 12).
import { describe, expect, test } from 'vitest';
import { attribute, type Company } from './company.ts';
import { accounts, allRules, deal, lead, only, partners, registration, touch } from './sourcing-cases.ts';

describe('conflicts', () => {
  const run = (company: Company, config = allRules) =>
    attribute({ partners, accounts, deals: [deal], ...company }, config);

  test('conflict_count: other partners’ registrations of any status, for the deal or its account, by the close', async () => {
    const other = { ...registration, partner: 'Q' };
    const { sourcing } = await run({
      deals: [deal, { ...deal, id: 'E', created_at: '2026-03-20' }],
      registrations: [
        registration,
        { ...registration, id: 'own', submitted_at: '2026-03-05' },
        { ...other, id: 'pending', status: 'pending' },
        { ...other, id: 'rejected', status: 'rejected' },
        { ...other, id: 'late', submitted_at: '2026-04-10T12:00:00Z', status: 'expired' },
        { ...other, id: 'too late', submitted_at: '2026-04-10T12:00:01Z' },
        { ...other, id: 'named', deal: 'D', account: 'C' },
        { ...other, id: 'names another', deal: 'E' },
        { ...other, id: 'of another account', account: 'C' },
      ],
    });
    expect(sourcing.D).toMatchObject({ partner_id: 'P', conflict_count: 4 });
  });

  test('every loser has its reason', async () => {
    const claim = (id: string, more: object) => ({ ...registration, id, partner: 'Q', ...more });
    const { conflicts } = await run({
      deals: [{ ...deal, source_partner: 'Q' }],
      registrations: [
        registration,
        claim('R tie', {}),
        claim('R later', { submitted_at: '2026-03-02' }),
        claim('R pending', { status: 'pending' }),
        claim('R rejected', { status: 'rejected' }),
        claim('R buyer', { partner: 'BUYER' }),
        claim('R ended', { partner: 'ENDED' }),
        claim('R after', { submitted_at: '2026-03-20' }),
        claim('R decided', { decided_at: '2026-04-20' }),
        claim('R protection', { submitted_at: '2025-11-01' }),
        { ...registration, id: 'R own', submitted_at: '2026-03-03' },
      ],
      leads: [
        { ...lead, id: 'L window', partner: 'Q', submitted_at: '2025-11-01' },
        { ...lead, id: 'L good', partner: 'Q' },
      ],
      touchpoints: [{ ...touch, partner: 'Q', occurred_at: '2025-10-01' }],
    });
    expect(conflicts.D).toEqual([
      'BUYER R buyer: self_referral',
      'ENDED R ended: partner_ended',
      'Q D: earlier_rule',
      'Q L good: earlier_rule',
      'Q L window: outside_window',
      'Q R after: submitted_after_creation',
      'Q R decided: decided_after_close',
      'Q R later: later_evidence',
      'Q R pending: not_approved',
      'Q R protection: protection_ended',
      'Q R rejected: rejected',
      'Q R tie: higher_id',
      'Q T1: earlier_rule',
    ]);
  });

  test('a deal that nobody sourced lists every claim', async () => {
    const deals = [deal, { id: 'OLD', account: 'A', created_at: '2026-02-01' }];
    const { conflicts } = await run({ deals, registrations: [registration] }, only('deal_registration'));
    expect(conflicts.D).toEqual(['P R: not_net_new']);
  });
});

describe('evidence that never sources keeps its credit and influence', () => {
  test('self-referral and ended partners', async () => {
    const { influence, weights } = await attribute(
      {
        partners,
        accounts,
        deals: [deal],
        registrations: [{ ...registration, partner: 'BUYER' }],
        leads: [{ ...lead, partner: 'ENDED' }],
      },
      allRules,
    );
    expect(influence.D).toEqual(['BUYER × 1', 'ENDED × 1']);
    expect(weights.D).toMatchObject({ BUYER: { linear: 500_000_000 }, ENDED: { linear: 500_000_000 } });
  });
});
