// Which touches make a deal's journey: windows, names, accounts, contacts, leads and registrations (domain.md §3, fine-print 3 to 8).
// Deal D of account A is created on 2026-03-10T12:00Z and closed on 2026-04-10T12:00Z; the lookback is 30 days.
import { describe, expect, test } from 'vitest';
import { runJourneys } from '../../attribution/journeys.ts';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { attribute, buildJourneys, type Company, configOf, load } from './company.ts';

const config = configOf({ attribution: { lookback_days: 30 } });
const contactsOnly = configOf({ attribution: { lookback_days: 30, scope: 'deal_contacts' } });
const deal = { id: 'D', account: 'A', created_at: '2026-03-10T12:00:00Z', closed_at: '2026-04-10T12:00:00Z' };
const openDeal = { id: 'D', account: 'A', created_at: '2026-03-10T12:00:00Z' };
const company: Company = {
  partners: [{ id: 'P' }],
  accounts: [{ id: 'A' }, { id: 'B' }],
  contacts: [{ id: 'of A', account: 'A' }, { id: 'of B', account: 'B' }, { id: 'of nobody' }],
  deal_contacts: [{ deal: 'D', contact: 'of B' }],
  deals: [deal, { ...deal, id: 'E', account: 'B' }],
};

/** The touch ids of deal D in journey order. */
async function journey(more: Company, settings = config): Promise<string[]> {
  const warehouse = await openWarehouse(':memory:');
  await load(warehouse, { ...company, ...more }, settings, '2026-07-01T12:00:00Z');
  await buildJourneys(warehouse);
  await runJourneys({ warehouse, config: settings, log: () => undefined });
  const rows = await warehouse.rows<{ touch_id: string }>(
    "select touch_id from attribution.touch_credit join journeys.touch using (touch_index) join journeys.deal using (deal_index) where deal_id = 'D' order by touch_index",
  );
  warehouse.close();
  return rows.map(({ touch_id }) => touch_id);
}

const at = '2026-03-20T00:00:00Z';

describe('touchpoints', () => {
  test.each<[string, Company, string[]]>([
    ['of the account', { touchpoints: [{ id: 'T', occurred_at: at, account: 'A' }] }, ['T']],
    ['of another account', { touchpoints: [{ id: 'T', occurred_at: at, account: 'B' }] }, []],
    ['of the contact’s account', { touchpoints: [{ id: 'T', occurred_at: at, contact: 'of A' }] }, ['T']],
    [
      'its account goes before the contact’s',
      { touchpoints: [{ id: 'T', occurred_at: at, account: 'B', contact: 'of A' }] },
      [],
    ],
    ['of a contact without an account', { touchpoints: [{ id: 'T', occurred_at: at, contact: 'of nobody' }] }, []],
    [
      'that names the deal, whatever its account',
      { touchpoints: [{ id: 'T', occurred_at: at, account: 'B', deal: 'D' }] },
      ['T'],
    ],
    ['that names another deal', { touchpoints: [{ id: 'T', occurred_at: at, account: 'A', deal: 'E' }] }, []],
    [
      'exactly lookback × 24 h before creation',
      { touchpoints: [{ id: 'T', occurred_at: '2026-02-08T12:00:00Z', account: 'A' }] },
      ['T'],
    ],
    [
      'a microsecond earlier',
      { touchpoints: [{ id: 'T', occurred_at: '2026-02-08T11:59:59.999999Z', account: 'A' }] },
      [],
    ],
    ['exactly at the close', { touchpoints: [{ id: 'T', occurred_at: '2026-04-10T12:00:00Z', account: 'A' }] }, ['T']],
    [
      'a microsecond later',
      { touchpoints: [{ id: 'T', occurred_at: '2026-04-10T12:00:00.000001Z', account: 'A' }] },
      [],
    ],
    [
      'a close given as a date is its last microsecond',
      {
        deals: [{ ...deal, closed_at: '2026-04-10' }],
        touchpoints: [
          { id: 'T', occurred_at: '2026-04-11T03:59:59.999999Z', account: 'A' },
          { id: 'U', occurred_at: '2026-04-11T04:00:00Z', account: 'A' },
        ],
      },
      ['T'],
    ],
    [
      'a touch given as a date counts from its start',
      {
        touchpoints: [
          { id: 'T', occurred_at: '2026-02-08', account: 'A' },
          { id: 'U', occurred_at: '2026-02-09', account: 'A' },
        ],
      },
      ['U'],
    ],
    [
      'of an open deal up to as_of, and not after it',
      {
        deals: [openDeal],
        touchpoints: [
          { id: 'T', occurred_at: '2026-07-01T12:00:00Z', account: 'A' },
          { id: 'U', occurred_at: '2026-07-01T12:00:00.000001Z', account: 'A' },
        ],
      },
      ['T'],
    ],
    [
      'in the order of time, then id by bytes',
      {
        touchpoints: [
          { id: 'b', occurred_at: at, account: 'A' },
          { id: 'é', occurred_at: at, account: 'A' },
          { id: 'B', occurred_at: at, account: 'A' },
          { id: 'z', occurred_at: '2026-03-19', account: 'A' },
        ],
      },
      ['z', 'B', 'b', 'é'],
    ],
    [
      'of a deal of unknown date',
      { deals: [{ id: 'D', account: 'A' }], touchpoints: [{ id: 'T', occurred_at: at, deal: 'D' }] },
      [],
    ],
    [
      'an unknown account is nobody’s account',
      { deals: [{ ...deal, account: undefined as unknown as string }], touchpoints: [{ id: 'T', occurred_at: at }] },
      [],
    ],
  ])('%s', async (_, more, expected) => {
    expect(await journey(more)).toEqual(expected);
  });
});

describe('scope deal_contacts', () => {
  test.each<[string, Company, string[]]>([
    [
      'a touch of the deal’s contact, whatever its account',
      { touchpoints: [{ id: 'T', occurred_at: at, contact: 'of B' }] },
      ['T'],
    ],
    ['a touch of another contact of the account', { touchpoints: [{ id: 'T', occurred_at: at, contact: 'of A' }] }, []],
    ['a touch of the account without a contact', { touchpoints: [{ id: 'T', occurred_at: at, account: 'A' }] }, []],
    ['a touch that names the deal', { touchpoints: [{ id: 'T', occurred_at: at, deal: 'D', contact: 'of A' }] }, ['T']],
    [
      'a contact’s touch that names another deal',
      { touchpoints: [{ id: 'T', occurred_at: at, deal: 'E', contact: 'of B' }] },
      [],
    ],
    [
      'a contact with two roles counts once',
      {
        deal_contacts: [
          { deal: 'D', contact: 'of B' },
          { deal: 'D', contact: 'of B' },
        ],
        touchpoints: [{ id: 'T', occurred_at: at, contact: 'of B' }],
      },
      ['T'],
    ],
    [
      'leads and registrations have no contact: only those that name the deal',
      {
        leads: [
          { id: 'L1', partner: 'P', account: 'A', submitted_at: at },
          { id: 'L2', partner: 'P', deal: 'D', submitted_at: at },
        ],
      },
      ['lead:L2'],
    ],
  ])('%s', async (_, more, expected) => {
    expect(await journey(more, contactsOnly)).toEqual(expected);
  });
});

describe('leads and registrations are touches at their submission', () => {
  test.each<[string, Company, string[]]>([
    ['a partner lead', { leads: [{ id: 'L', partner: 'P', account: 'A', submitted_at: at }] }, ['lead:L']],
    ['a rejected lead', { leads: [{ id: 'L', partner: 'P', account: 'A', submitted_at: at, status: 'rejected' }] }, []],
    ['a lead of nobody', { leads: [{ id: 'L', account: 'A', submitted_at: at }] }, []],
    [
      'an approved registration',
      { registrations: [{ id: 'R', partner: 'P', account: 'A', submitted_at: at }] },
      ['registration:R'],
    ],
    [
      'an expired one that was decided',
      {
        registrations: [
          { id: 'R', partner: 'P', account: 'A', submitted_at: at, status: 'expired', decided_at: '2026-04-01' },
        ],
      },
      ['registration:R'],
    ],
    [
      'an expired one that was not',
      { registrations: [{ id: 'R', partner: 'P', account: 'A', submitted_at: at, status: 'expired' }] },
      [],
    ],
    [
      'a pending one',
      { registrations: [{ id: 'R', partner: 'P', account: 'A', submitted_at: at, status: 'pending' }] },
      [],
    ],
    [
      'one that is decided after as_of',
      { registrations: [{ id: 'R', partner: 'P', account: 'A', submitted_at: at, decided_at: '2026-07-02' }] },
      [],
    ],
    [
      'in the order of their prefixed ids',
      {
        leads: [{ id: 'z', partner: 'P', account: 'A', submitted_at: at }],
        registrations: [{ id: 'a', partner: 'P', account: 'A', submitted_at: at }],
        touchpoints: [{ id: 'm', occurred_at: at, account: 'A' }],
      },
      ['lead:z', 'm', 'registration:a'],
    ],
  ])('%s', async (_, more, expected) => {
    expect(await journey(more)).toEqual(expected);
  });
});

test('parties: a touch with a partner is the partner’s; without one its channel’s', async () => {
  const touchpoints = [
    { id: 'T1', occurred_at: at, account: 'A', channel: 'event', partner: 'P' },
    { id: 'T2', occurred_at: at, account: 'A', channel: 'event' },
    { id: 'T3', occurred_at: at, account: 'A', channel: 'partner' },
  ];
  const { weights, influence } = await attribute({ ...company, touchpoints }, config);
  expect(Object.keys(weights.D!).sort()).toEqual(['P', 'event', 'partner']);
  expect(influence.D).toEqual(['P × 1']);
});

test('a deal without touches is unattributed under every method', async () => {
  const { weights } = await attribute(company, config);
  expect(weights.D).toEqual({ unattributed: { linear: 1_000_000_000, last_touch: 1_000_000_000 } });
});

test('touches after the close are counted', async () => {
  const warehouse = await openWarehouse(':memory:');
  const touchpoints = ['2026-04-10T12:00:00Z', '2026-04-10T12:00:01Z', '2026-06-01', '2026-07-02'].map(
    (occurred_at, index) => ({
      id: `T${index}`,
      occurred_at,
      account: 'A',
    }),
  );
  await load(warehouse, { ...company, touchpoints }, config, '2026-07-01T12:00:00Z');
  await buildJourneys(warehouse);
  expect(await warehouse.rows('select deal_id, touch_count from journeys.touch_after_close')).toEqual([
    { deal_id: 'D', touch_count: 2 },
  ]);
  warehouse.close();
});

test('a deal created after as_of does not exist yet', async () => {
  const { sourcing } = await attribute(
    { ...company, deals: [deal, { id: 'F', account: 'A', created_at: '2026-07-02' }] },
    config,
  );
  expect(Object.keys(sourcing)).toEqual(['D']);
});

test('custom weights know touches by kind; leads and registrations are kinds of their own', async () => {
  const settings = configOf({
    attribution: { methods: ['custom'], custom: { weights: { lead: 3, meeting: 1 } } },
  });
  const { weights } = await attribute(
    {
      ...company,
      leads: [{ id: 'L', partner: 'P', account: 'A', submitted_at: at }],
      touchpoints: [
        { id: 'T1', occurred_at: at, account: 'A', channel: 'sales' },
        { id: 'T2', occurred_at: at, account: 'A', channel: 'event', kind: 'badge_scan' },
      ],
    },
    settings,
  );
  expect(weights.D).toEqual({ P: { custom: 750_000_000 }, event: { custom: 0 }, sales: { custom: 250_000_000 } });
});

test('a custom method without weight for any touch leaves the deal unattributed under that method alone', async () => {
  const settings = configOf({ attribution: { methods: ['linear', 'custom'], custom: { weights: { other: 1 } } } });
  const { weights } = await attribute(
    { ...company, touchpoints: [{ id: 'T1', occurred_at: at, account: 'A', channel: 'sales' }] },
    settings,
  );
  expect(weights.D).toEqual({
    sales: { linear: 1_000_000_000, custom: 0 },
    unattributed: { linear: 0, custom: 1_000_000_000 },
  });
});

test('a path transform comes before every method and leaves influence alone', async () => {
  const touchpoints = ['P', 'P', 'P', undefined].map((partner, index) => ({
    id: `T${index}`,
    occurred_at: `2026-03-1${index}`,
    account: 'A',
    ...(partner ? { partner } : {}),
  }));
  const settings = configOf({ attribution: { methods: ['linear'], path_transform: 'exposure' } });
  const { weights, influence } = await attribute({ ...company, touchpoints }, settings);
  expect(weights.D).toEqual({ P: { linear: 500_000_000 }, sales: { linear: 500_000_000 } });
  expect(influence.D).toEqual(['P × 3']);
});
