// Sourcing as tables of cases: every sentence of domain.md §4 and fine-print 8 to 12, run through the real models and pass.
// Deal D of account A is created on 2026-03-10T12:00Z and won on 2026-04-10T12:00Z unless a case says otherwise.
import { describe, expect, test } from 'vitest';
import type { Config } from '../../core/config.ts';
import { attribute, type Company, configOf, type DealRecord } from './company.ts';

const rules = [
  { rule: 'deal_registration', protection_days: 90, grace_days: 2 },
  { rule: 'partner_lead', window_days: 90 },
  { rule: 'crm_field' },
  { rule: 'first_touch' },
];
const allRules = configOf({ attribution: { sourcing: rules } });

/** One rule alone: leads and registrations are touches too, so that first_touch would find what another rule refuses. */
const only = (name: string) => configOf({ attribution: { sourcing: rules.filter(({ rule }) => rule === name) } });

const partners = [
  { id: 'P', domain: 'partner.example' },
  { id: 'Q', domain: 'other.example' },
  { id: 'ENDED', ended_at: '2026-02-01' },
  { id: 'BUYER', domain: 'buyer.example' },
  { id: 'MAIL', domain: 'gmail.com' },
  { id: 'CO', motion: 'co_sell' },
  { id: 'RE', motion: 'reseller' },
];
const accounts = [{ id: 'A', domain: 'buyer.example' }, { id: 'B', domain: 'gmail.com' }, { id: 'C' }];
const deal: DealRecord = {
  id: 'D',
  account: 'A',
  created_at: '2026-03-10T12:00:00Z',
  closed_at: '2026-04-10T12:00:00Z',
};

type Case = readonly [sentence: string, company: Company, expected: string];

/** Runs the deal of the case (or deal D) and says `rule partner evidence`, or `none`. */
async function sourcedBy(company: Company, config: Config = allRules): Promise<string> {
  const outcome = await attribute({ partners, accounts, deals: [deal], ...company }, config);
  const decision = outcome.sourcing.D!;
  return decision.rule ? `${decision.rule} ${decision.partner_id} ${decision.evidence_id}` : 'none';
}

function table(name: string, cases: readonly Case[], config: Config = allRules): void {
  describe(name, () => {
    test.each(cases)('%s', async (_, company, expected) => {
      expect(await sourcedBy(company, config)).toBe(expected);
    });
  });
}

const registration = { id: 'R', partner: 'P', account: 'A', submitted_at: '2026-03-01T00:00:00Z' };
const lead = { id: 'L', partner: 'P', account: 'A', submitted_at: '2026-03-01T00:00:00Z' };

table(
  'deal_registration',
  [
    ['for the account', { registrations: [registration] }, 'deal_registration P R'],
    [
      'for the deal itself, whatever account it names',
      { registrations: [{ ...registration, deal: 'D', account: 'C' }] },
      'deal_registration P R',
    ],
    [
      'a registration that names another deal is that deal’s alone',
      { registrations: [{ ...registration, deal: 'E' }], deals: [deal, { ...deal, id: 'E' }] },
      'none',
    ],
    ['of another account', { registrations: [{ ...registration, account: 'C' }] }, 'none'],
    ['pending', { registrations: [{ ...registration, status: 'pending' }] }, 'none'],
    ['rejected', { registrations: [{ ...registration, status: 'rejected', decided_at: '2026-03-02' }] }, 'none'],
    ['expired without a decision', { registrations: [{ ...registration, status: 'expired' }] }, 'none'],
    [
      'expired after a decision counts as approved',
      { registrations: [{ ...registration, status: 'expired', decided_at: '2026-03-05T00:00:00Z' }] },
      'deal_registration P R',
    ],
    [
      'submitted exactly at creation + grace',
      { registrations: [{ ...registration, submitted_at: '2026-03-12T12:00:00Z' }] },
      'deal_registration P R',
    ],
    [
      'submitted a microsecond after creation + grace',
      { registrations: [{ ...registration, submitted_at: '2026-03-12T12:00:00.000001Z' }] },
      'none',
    ],
    [
      'a creation date is its whole local day: submitted in its last second + grace',
      {
        deals: [{ ...deal, created_at: '2026-03-10' }],
        registrations: [{ ...registration, submitted_at: '2026-03-13T03:59:59Z' }],
      },
      'deal_registration P R',
    ],
    [
      'a submission date counts from its start',
      { registrations: [{ ...registration, submitted_at: '2026-03-12' }] },
      'deal_registration P R',
    ],
    [
      'decided exactly at the close',
      { registrations: [{ ...registration, decided_at: '2026-04-10T12:00:00Z' }] },
      'deal_registration P R',
    ],
    ['decided after the close', { registrations: [{ ...registration, decided_at: '2026-04-10T12:00:01Z' }] }, 'none'],
    [
      'decided on the date of the close, which is its whole day',
      {
        deals: [{ ...deal, closed_at: '2026-04-10' }],
        registrations: [{ ...registration, decided_at: '2026-04-11T03:00:00Z' }],
      },
      'deal_registration P R',
    ],
    [
      'decided after as_of is still pending',
      {
        deals: [{ id: 'D', account: 'A', created_at: deal.created_at! }],
        registrations: [{ ...registration, decided_at: '2026-07-02' }],
      },
      'none',
    ],
    [
      'submitted after as_of has no effect yet',
      {
        deals: [{ id: 'D', account: 'A', created_at: '2026-07-01T11:00:00Z' }],
        registrations: [{ ...registration, submitted_at: '2026-07-01T13:00:00Z' }],
      },
      'none',
    ],
    [
      'created exactly at the end of protection that the record names',
      { registrations: [{ ...registration, protection_ends_at: '2026-03-10T12:00:00Z' }] },
      'deal_registration P R',
    ],
    [
      'created after the end of protection that the record names, though inside protection_days',
      { registrations: [{ ...registration, protection_ends_at: '2026-03-10T11:59:59Z' }] },
      'none',
    ],
    [
      'a protection end given as a date is its last microsecond',
      { registrations: [{ ...registration, protection_ends_at: '2026-03-10' }] },
      'deal_registration P R',
    ],
    [
      'created exactly protection_days × 24 h after the decision',
      {
        registrations: [{ ...registration, submitted_at: '2025-12-01T00:00:00Z', decided_at: '2025-12-10T12:00:00Z' }],
      },
      'deal_registration P R',
    ],
    [
      'created later than protection_days after the decision',
      {
        registrations: [{ ...registration, submitted_at: '2025-12-01T00:00:00Z', decided_at: '2025-12-10T11:59:59Z' }],
      },
      'none',
    ],
    [
      'without a decision date it was decided at submission',
      { registrations: [{ ...registration, submitted_at: '2025-12-10T11:59:59Z' }] },
      'none',
    ],
    [
      'a decision date protects from its last microsecond',
      { registrations: [{ ...registration, submitted_at: '2025-12-01T00:00:00Z', decided_at: '2025-12-10' }] },
      'deal_registration P R',
    ],
    [
      'not net new: an older deal of the account was open at submission',
      { registrations: [registration], deals: [deal, { id: 'OLD', account: 'A', created_at: '2026-02-01' }] },
      'none',
    ],
    [
      'not net new: the older deal was closed later',
      {
        registrations: [registration],
        deals: [
          deal,
          { id: 'OLD', account: 'A', created_at: '2026-02-01', closed_at: '2026-03-01T00:00:01Z', is_won: false },
        ],
      },
      'none',
    ],
    [
      'net new: the older deal was closed at that very moment',
      {
        registrations: [registration],
        deals: [
          deal,
          { id: 'OLD', account: 'A', created_at: '2026-02-01', closed_at: '2026-03-01T00:00:00Z', is_won: false },
        ],
      },
      'deal_registration P R',
    ],
    [
      'not net new: the older deal was created at the moment of submission',
      { registrations: [registration], deals: [deal, { id: 'OLD', account: 'A', created_at: '2026-03-01T00:00:00Z' }] },
      'none',
    ],
    [
      'net new: the other deal was created after submission',
      { registrations: [registration], deals: [deal, { id: 'OLD', account: 'A', created_at: '2026-03-01T00:00:01Z' }] },
      'deal_registration P R',
    ],
    [
      'net new: the other deal was created after this one (the grace days)',
      {
        registrations: [{ ...registration, submitted_at: '2026-03-12T00:00:00Z' }],
        deals: [deal, { id: 'NEW', account: 'A', created_at: '2026-03-11T00:00:00Z' }],
      },
      'deal_registration P R',
    ],
    [
      'net new: a deal of another account was open',
      { registrations: [registration], deals: [deal, { id: 'OLD', account: 'C', created_at: '2026-02-01' }] },
      'deal_registration P R',
    ],
    [
      'net new looks at the named deal’s account',
      {
        registrations: [{ ...registration, deal: 'D', account: 'C' }],
        deals: [deal, { id: 'OLD', account: 'A', created_at: '2026-02-01' }],
      },
      'none',
    ],
    [
      'the earliest submission wins, not the earliest decision',
      {
        registrations: [
          {
            ...registration,
            id: 'R1',
            partner: 'Q',
            submitted_at: '2026-03-02T00:00:00Z',
            decided_at: '2026-03-02T01:00:00Z',
          },
          { ...registration, id: 'R2', decided_at: '2026-03-09T00:00:00Z' },
        ],
      },
      'deal_registration P R2',
    ],
    [
      'a tie goes to the lower evidence id',
      {
        registrations: [
          { ...registration, id: 'R2', partner: 'Q' },
          { ...registration, id: 'R10' },
        ],
      },
      'deal_registration P R10',
    ],
    [
      'self-referral: skipped, and the next is tried',
      {
        registrations: [
          { ...registration, id: 'R1', partner: 'BUYER', submitted_at: '2026-02-20T00:00:00Z' },
          { ...registration, id: 'R2' },
        ],
      },
      'deal_registration P R2',
    ],
    [
      'a shared free-mail domain is no self-referral',
      { deals: [{ ...deal, account: 'B' }], registrations: [{ ...registration, account: 'B', partner: 'MAIL' }] },
      'deal_registration MAIL R',
    ],
    ['submitted after the partner ended', { registrations: [{ ...registration, partner: 'ENDED' }] }, 'none'],
    [
      'submitted on the partner’s last day',
      { registrations: [{ ...registration, partner: 'ENDED', submitted_at: '2026-02-02T04:00:00Z' }] },
      'deal_registration ENDED R',
    ],
    ['a deal of unknown date', { deals: [{ id: 'D', account: 'A' }], registrations: [registration] }, 'none'],
  ],
  only('deal_registration'),
);

table(
  'partner_lead',
  [
    ['for the account', { leads: [lead] }, 'partner_lead P L'],
    ['for the deal', { leads: [{ ...lead, account: 'C', deal: 'D' }] }, 'partner_lead P L'],
    ['that names another deal', { leads: [{ ...lead, deal: 'E' }], deals: [deal, { ...deal, id: 'E' }] }, 'none'],
    ['without a partner', { leads: [{ id: 'L', account: 'A', submitted_at: '2026-03-01' }] }, 'none'],
    ['rejected', { leads: [{ ...lead, status: 'rejected' }] }, 'none'],
    ['of any other status', { leads: [{ ...lead, status: 'working' }] }, 'partner_lead P L'],
    [
      'exactly window_days × 24 h before',
      { leads: [{ ...lead, submitted_at: '2025-12-10T12:00:00Z' }] },
      'partner_lead P L',
    ],
    ['a microsecond earlier', { leads: [{ ...lead, submitted_at: '2025-12-10T11:59:59.999999Z' }] }, 'none'],
    ['exactly at creation', { leads: [{ ...lead, submitted_at: '2026-03-10T12:00:00Z' }] }, 'partner_lead P L'],
    ['after creation: a lead has no grace', { leads: [{ ...lead, submitted_at: '2026-03-10T12:00:01Z' }] }, 'none'],
    [
      'the earliest submission wins',
      {
        leads: [
          { ...lead, id: 'L1', partner: 'Q', submitted_at: '2026-03-02' },
          { ...lead, id: 'L2' },
        ],
      },
      'partner_lead P L2',
    ],
    [
      'a tie goes to the lower id',
      {
        leads: [
          { ...lead, id: 'L2', partner: 'Q' },
          { ...lead, id: 'L1' },
        ],
      },
      'partner_lead P L1',
    ],
    [
      'self-referral and ended partners are skipped',
      {
        leads: [
          { ...lead, id: 'L1', partner: 'BUYER', submitted_at: '2026-02-20' },
          { ...lead, id: 'L2', partner: 'ENDED', submitted_at: '2026-02-21' },
          { ...lead, id: 'L3', partner: 'Q' },
        ],
      },
      'partner_lead Q L3',
    ],
  ],
  only('partner_lead'),
);

table(
  'crm_field',
  [
    ['observed at creation', { deals: [{ ...deal, source_partner: 'P' }] }, 'crm_field P D'],
    [
      'observed exactly at the close',
      { deals: [{ ...deal, source_partner: 'P', observed_at: '2026-04-10T12:00:00Z' }] },
      'crm_field P D',
    ],
    [
      'observed after the close',
      { deals: [{ ...deal, source_partner: 'P', observed_at: '2026-04-10T12:00:01Z' }] },
      'none',
    ],
    ['observed after the partner ended', { deals: [{ ...deal, source_partner: 'ENDED' }] }, 'none'],
    ['self-referral', { deals: [{ ...deal, source_partner: 'BUYER' }] }, 'none'],
    ['undated', { deals: [{ id: 'D', account: 'A', source_partner: 'P' }] }, 'none'],
    [
      'observed after as_of has no effect yet',
      {
        deals: [
          { id: 'D', account: 'A', created_at: deal.created_at!, source_partner: 'P', observed_at: '2026-07-02' },
        ],
      },
      'none',
    ],
  ],
  only('crm_field'),
);

const touch = { id: 'T1', account: 'A', partner: 'P', occurred_at: '2026-03-01' };
table(
  'first_touch',
  [
    ['the journey’s first touch is a partner’s', { touchpoints: [touch] }, 'first_touch P T1'],
    [
      'the first touch is a channel’s',
      { touchpoints: [touch, { id: 'T0', account: 'A', channel: 'event', occurred_at: '2026-02-01' }] },
      'none',
    ],
    [
      'a touch with a partner is the partner’s, whatever its channel',
      { touchpoints: [{ ...touch, channel: 'event' }] },
      'first_touch P T1',
    ],
    [
      'ties of time go to the lower touch id',
      { touchpoints: [{ ...touch, id: 'T2', partner: 'Q' }, touch] },
      'first_touch P T1',
    ],
    [
      'a touch before the lookback window is not in the journey',
      { touchpoints: [touch, { ...touch, id: 'T0', partner: 'Q', occurred_at: '2025-09-11T11:59:59Z' }] },
      'first_touch P T1',
    ],
    [
      'a touch at the very edge of the window is',
      { touchpoints: [touch, { ...touch, id: 'T0', partner: 'Q', occurred_at: '2025-09-11T12:00:00Z' }] },
      'first_touch Q T0',
    ],
    [
      'an ended partner’s first touch sources nothing',
      { touchpoints: [{ ...touch, partner: 'ENDED', occurred_at: '2026-02-20' }, touch] },
      'none',
    ],
    ['self-referral', { touchpoints: [{ ...touch, partner: 'BUYER' }] }, 'none'],
  ],
  only('first_touch'),
);

table('rule before partner', [
  [
    'a later registration goes before an earlier lead',
    { registrations: [{ ...registration, partner: 'Q', submitted_at: '2026-03-09' }], leads: [lead] },
    'deal_registration Q R',
  ],
  [
    'a rule whose only evidence is unfit is passed over',
    { registrations: [{ ...registration, partner: 'Q', status: 'pending' }], leads: [lead] },
    'partner_lead P L',
  ],
  [
    'a lead goes before the CRM field',
    { leads: [lead], deals: [{ ...deal, source_partner: 'Q' }] },
    'partner_lead P L',
  ],
  [
    'the CRM field goes before the first touch',
    { deals: [{ ...deal, source_partner: 'Q' }], touchpoints: [touch] },
    'crm_field Q D',
  ],
]);

table(
  'the company’s own order',
  [
    [
      'first_touch may come before partner_lead',
      { leads: [lead], touchpoints: [{ ...touch, partner: 'Q', occurred_at: '2026-02-01' }] },
      'first_touch Q T1',
    ],
  ],
  configOf({ attribution: { sourcing: [{ rule: 'first_touch' }, { rule: 'partner_lead' }] } }),
);

table(
  'a rule that the company does not list',
  [['finds nothing', { registrations: [registration] }, 'none']],
  configOf({ attribution: { sourcing: [{ rule: 'crm_field' }] } }),
);

table(
  'the motion of the claiming partner switches rules and sets windows',
  [
    [
      'off for co_sell: it is a first touch still',
      { registrations: [{ ...registration, partner: 'CO' }] },
      'first_touch CO registration:R',
    ],
    [
      'off for one partner, the other one wins',
      { registrations: [{ ...registration, id: 'R0', partner: 'CO', submitted_at: '2026-02-20' }, registration] },
      'deal_registration P R',
    ],
    [
      'a window of its own',
      { leads: [{ ...lead, partner: 'CO', submitted_at: '2026-01-09T12:00:00Z' }] },
      'partner_lead CO L',
    ],
    [
      'beyond its own window',
      { leads: [{ ...lead, partner: 'CO', submitted_at: '2026-01-09T11:59:59Z' }] },
      'first_touch CO lead:L',
    ],
    [
      'the company’s window for others',
      { leads: [{ ...lead, submitted_at: '2026-01-09T11:59:59Z' }] },
      'partner_lead P L',
    ],
    [
      'protection of its own, the company’s grace',
      {
        registrations: [
          { ...registration, partner: 'RE', submitted_at: '2025-09-20T00:00:00Z', decided_at: '2025-09-20T00:00:00Z' },
        ],
      },
      'deal_registration RE R',
    ],
    ['first_touch off for the first toucher: none', { touchpoints: [{ ...touch, partner: 'RE' }] }, 'none'],
    ['an empty override changes nothing', { touchpoints: [{ ...touch, partner: 'CO' }] }, 'first_touch CO T1'],
  ],
  configOf({
    attribution: allRules.attribution,
    motions: {
      co_sell: { sourcing: { deal_registration: 'off', partner_lead: { window_days: 60 }, first_touch: {} } },
      reseller: { sourcing: { deal_registration: { protection_days: 180 }, first_touch: 'off' } },
    },
  }),
);

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
