// The other rules, the order of rules, and motions, sentence by sentence (domain.md §4, fine-print 10 and 12).
import { configOf } from './company.ts';
import { allRules, deal, lead, only, registration, table, touch } from './sourcing-cases.ts';

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
