// Carry-forward, sentence by sentence (domain.md §4, fine-print 11).
import { describe, expect, test } from 'vitest';
import { attribute, configOf, type DealRecord } from './company.ts';
import { accounts, type Case, lead, partners, sourcedBy } from './sourcing-cases.ts';

describe('carry_forward', () => {
  const origin: DealRecord = {
    id: 'O',
    account: 'A',
    created_at: '2025-01-10T12:00:00Z',
    closed_at: '2025-03-31T12:00:00Z',
  };
  const originLead = { id: 'L', partner: 'P', deal: 'O', submitted_at: '2025-01-05T00:00:00Z' };
  const next = (created_at: string): DealRecord => ({ id: 'D', account: 'A', created_at });
  const cases: readonly Case[] = [
    [
      'inherits the partner of the account’s won deal',
      { deals: [origin, next('2025-06-01')], leads: [originLead] },
      'carry_forward P O',
    ],
    ['created on the last day', { deals: [origin, next('2026-03-30')], leads: [originLead] }, 'carry_forward P O'],
    ['the end date is outside', { deals: [origin, next('2026-03-31')], leads: [originLead] }, 'none'],
    [
      'local dates decide: still the 30th in New York',
      { deals: [origin, next('2026-03-31T03:59:00Z')], leads: [originLead] },
      'carry_forward P O',
    ],
    [
      'created at the close',
      { deals: [origin, next('2025-03-31T12:00:00Z')], leads: [originLead] },
      'carry_forward P O',
    ],
    ['created before the close', { deals: [origin, next('2025-03-31T11:59:59Z')], leads: [originLead] }, 'none'],
    [
      'own evidence goes before',
      {
        deals: [origin, next('2025-06-01')],
        leads: [originLead, { ...lead, partner: 'Q', submitted_at: '2025-05-30' }],
      },
      'partner_lead Q L',
    ],
    [
      'a lost deal is no origin',
      { deals: [{ ...origin, is_won: false }, next('2025-06-01')], leads: [originLead] },
      'none',
    ],
    [
      'another account’s deal is none',
      { deals: [{ ...origin, account: 'C' }, next('2025-06-01')], leads: [originLead] },
      'none',
    ],
    [
      'no chaining: an inherited deal is no origin',
      {
        deals: [
          { ...origin, created_at: '2024-01-10', closed_at: '2024-03-31' },
          { id: 'O2', account: 'A', created_at: '2025-01-01', closed_at: '2025-02-01' },
          next('2025-06-01'),
        ],
        leads: [{ ...originLead, submitted_at: '2024-01-05' }],
      },
      'none',
    ],
    [
      'the latest close is the origin',
      {
        deals: [
          origin,
          { id: 'N', account: 'A', created_at: '2025-02-01', closed_at: '2025-04-30' },
          next('2025-06-01'),
        ],
        leads: [originLead, { id: 'L2', partner: 'Q', deal: 'N', submitted_at: '2025-01-20' }],
      },
      'carry_forward Q N',
    ],
    [
      'of two that closed together the lower id',
      {
        deals: [origin, { ...origin, id: 'M' }, next('2025-06-01')],
        leads: [originLead, { id: 'L2', partner: 'Q', deal: 'M', submitted_at: '2025-01-05' }],
      },
      'carry_forward Q M',
    ],
    [
      'created after the partner ended',
      { deals: [origin, next('2026-02-02T05:00:00Z')], leads: [{ ...originLead, partner: 'ENDED' }] },
      'none',
    ],
    [
      'created on the partner’s last day',
      { deals: [origin, next('2026-02-01')], leads: [{ ...originLead, partner: 'ENDED' }] },
      'carry_forward ENDED O',
    ],
  ];
  test.each(cases)('%s', async (_, company, expected) => {
    expect(await sourcedBy(company)).toBe(expected);
  });

  test.each<[number | null, string, string]>([
    [1, '2025-04-29', 'carry_forward P O'],
    [1, '2025-04-30', 'none'], // 31 March + 1 month is 30 April
    [0, '2025-04-01', 'none'],
    [null, '2026-06-01', 'carry_forward P O'],
  ])('carry_months %s, created %s: %s', async (carry_months, created_at, expected) => {
    const config = configOf({ attribution: { carry_months } });
    expect(await sourcedBy({ deals: [origin, next(created_at)], leads: [originLead] }, config)).toBe(expected);
  });

  test('evidence is the origin, at its close', async () => {
    const company = { partners, accounts, deals: [origin, next('2025-06-01')], leads: [originLead] };
    expect((await attribute(company)).sourcing.D).toEqual({
      partner_id: 'P',
      rule: 'carry_forward',
      evidence_id: 'O',
      evidence_at: '2025-03-31T12:00:00Z',
      conflict_count: 0,
    });
  });
});
