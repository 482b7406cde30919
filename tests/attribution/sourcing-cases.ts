// What the tables of sourcing cases share: a company with one deal, a claim of each kind, and a run through models and pass.
// Deal D of account A is created on 2026-03-10T12:00Z and won on 2026-04-10T12:00Z unless a case says otherwise.
import { describe, expect, test } from 'vitest';
import type { Config } from '../../core/config.ts';
import { attribute, type Company, configOf, type DealRecord } from './company.ts';

export const rules = [
  { rule: 'deal_registration', protection_days: 90, grace_days: 2 },
  { rule: 'partner_lead', window_days: 90 },
  { rule: 'crm_field' },
  { rule: 'first_touch' },
];
export const allRules = configOf({ attribution: { sourcing: rules } });

/** One rule alone: leads and registrations are touches too, so that first_touch would find what another rule refuses. */
export const only = (name: string) =>
  configOf({ attribution: { sourcing: rules.filter(({ rule }) => rule === name) } });

export const partners = [
  { id: 'P', domain: 'partner.example' },
  { id: 'Q', domain: 'other.example' },
  { id: 'ENDED', ended_at: '2026-02-01' },
  { id: 'BUYER', domain: 'buyer.example' },
  { id: 'MAIL', domain: 'gmail.com' },
  { id: 'CO', motion: 'co_sell' },
  { id: 'RE', motion: 'reseller' },
];
export const accounts = [{ id: 'A', domain: 'buyer.example' }, { id: 'B', domain: 'gmail.com' }, { id: 'C' }];
export const deal: DealRecord = {
  id: 'D',
  account: 'A',
  created_at: '2026-03-10T12:00:00Z',
  closed_at: '2026-04-10T12:00:00Z',
};

export const registration = { id: 'R', partner: 'P', account: 'A', submitted_at: '2026-03-01T00:00:00Z' };
export const lead = { id: 'L', partner: 'P', account: 'A', submitted_at: '2026-03-01T00:00:00Z' };
export const touch = { id: 'T1', account: 'A', partner: 'P', occurred_at: '2026-03-01' };

export type Case = readonly [sentence: string, company: Company, expected: string];

/** Runs the deal of the case (or deal D) and says `rule partner evidence`, or `none`. */
export async function sourcedBy(company: Company, config: Config = allRules): Promise<string> {
  const outcome = await attribute({ partners, accounts, deals: [deal], ...company }, config);
  const decision = outcome.sourcing.D!;
  return decision.rule ? `${decision.rule} ${decision.partner_id} ${decision.evidence_id}` : 'none';
}

export function table(name: string, cases: readonly Case[], config: Config = allRules): void {
  describe(name, () => {
    test.each(cases)('%s', async (_, company, expected) => {
      expect(await sourcedBy(company, config)).toBe(expected);
    });
  });
}
