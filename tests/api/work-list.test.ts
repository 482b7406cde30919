// What people work through: exceptions by money at stake and by age, claims by money at stake, audits with their query, a
// partner's own pipeline.
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secrets, tinyApp } from './fixture.ts';
import { dealMoney } from './tiny-money.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  tiny = await tinyApp();
});
afterAll(() => tiny.close());

type Item = Record<string, unknown>;
type Asked = Pick<Awaited<ReturnType<typeof tinyApp>>, 'get'>;

async function items(url: string, { get }: Asked = tiny, secret?: string): Promise<Item[]> {
  const answer = await get(url, secret);
  expect([url, answer.statusCode]).toEqual([url, 200]);
  return answer.json().items;
}

const exception = (kind: string, at_stake_minor: bigint | null, since_at: string | null) => ({
  kind,
  stream: 'deals',
  record_id: `crm:${kind}`,
  reason: 'because',
  detail: null,
  amount_minor: at_stake_minor,
  currency: at_stake_minor === null ? null : 'USD',
  next_action: 'mend it',
  at_stake_minor,
  since_at,
});

describe('exceptions', () => {
  let app: Awaited<ReturnType<typeof tinyApp>>;
  beforeAll(async () => {
    app = await tinyApp({
      replaced: {
        fct_exception: [
          exception('small', 5n, '2026-01-01T12:00:00Z'),
          exception('large', 900n, '2026-02-28T12:00:00Z'),
          exception('undated', 70n, null),
          exception('worthless', null, '2025-03-01T12:00:00Z'),
        ],
      },
    });
  });
  afterAll(() => app.close());
  const kinds = async (query: string) => (await items(`/v1/exceptions${query}`, app)).map(({ kind }) => kind);

  test('most at stake first, or the oldest first; what has no date comes last', async () => {
    expect(await kinds('')).toEqual(['large', 'undated', 'small', 'worthless']);
    expect(await kinds('?sort=age')).toEqual(['worthless', 'small', 'large', 'undated']);
  });

  test('a cursor walks in the order that was asked for', async () => {
    const first = (await app.get('/v1/exceptions?sort=age&limit=3')).json();
    const rest = await kinds(`?sort=age&limit=3&cursor=${first.next_cursor}`);
    expect([...first.items.map(({ kind }: Item) => kind), ...rest]).toEqual(['worthless', 'small', 'large', 'undated']);
    expect((await app.get(`/v1/exceptions?limit=3&cursor=${first.next_cursor}`)).statusCode).toBe(400);
  });

  test('several kinds in one question', async () => {
    expect(await kinds('?kind=small,large')).toEqual(['large', 'small']);
    expect(await kinds('?kind=small&reason=other')).toEqual([]);
  });

  test('age is told in days of the company, in JSON and in CSV', async () => {
    expect(await items('/v1/exceptions')).toMatchObject([
      { since_at: '2026-02-20T12:00:00.000000Z', age_days: 9 },
      { since_at: '2026-02-01T04:00:00.000000Z', age_days: 29 }, // 31 January, 11 p.m. in New York
    ]);
    const csv = (await tiny.get('/v1/exceptions?format=csv')).body.split('\n');
    expect(csv[0]).toContain('since_at,age_days');
    expect(csv[1]).toContain('2026-02-20T12:00:00.000000Z,9');
    expect(await items('/v1/quality/gaps')).toMatchObject([{ oldest_days: 9 }]); // 20 February, 10 p.m.
  });
});

test('claims that lost: most at stake first, in the reporting currency; nothing is at stake on a lost deal', async () => {
  const claim = (deal_id: string) => ({
    deal_id,
    partner_id: 'crm:P-3',
    evidence_id: `crm:R-${deal_id}`,
    rule: 'deal_registration',
    reason: 'submitted_later',
  });
  const app = await tinyApp({
    replaced: {
      fct_registration_conflict: ['crm:D-1', 'crm:D-2', 'crm:D-3', 'crm:D-4'].map(claim),
      fct_deal_money: [
        ...dealMoney(0n),
        {
          deal_id: 'crm:D-3',
          basis: 'pipeline',
          month: '2026-02-01',
          currency: 'USD',
          amount_minor: 40000n,
          reporting_amount_minor: 40000n,
        },
      ],
    },
  });
  const claims = await items('/v1/conflicts', app);
  expect(claims.map(({ deal_id, state, at_stake }) => [deal_id, state, (at_stake as Item).amount])).toEqual([
    ['crm:D-1', 'won', '1200.00'],
    ['crm:D-3', 'open', '400.00'],
    ['crm:D-2', 'won', '54.01'], // 50.01 EUR
    ['crm:D-4', 'lost', '0.00'],
  ]);
  await app.close();
});

test('deals of a gap: what is at stake first, no lost ones', async () => {
  const deal = (deal_id: string, state: string, account_id: string | null, created_at: string | null) => ({
    ...{ deal_id, state, account_id, created_at, name: deal_id, kind: 'new', stage: state },
    ...{ closed_at: null, currency: 'USD', amount_minor: 1n },
  });
  const sourcing = (deal_id: string, conflict_count: bigint) => ({
    ...{ deal_id, conflict_count, partner_id: null, rule: null, evidence_id: null, evidence_at: null },
  });
  const money = (deal_id: string, basis: string, amount_minor: bigint) => ({
    ...{ deal_id, basis, month: '2026-01-01', currency: 'USD', amount_minor, reporting_amount_minor: amount_minor },
  });
  const created = '2026-01-01T12:00:00Z';
  const app = await tinyApp({
    replaced: {
      dim_deal: [
        deal('small', 'won', 'crm:A-1', created),
        deal('large', 'open', 'crm:A-1', created),
        deal('lost', 'lost', null, null),
        deal('homeless', 'open', null, created),
        deal('undated', 'open', 'crm:A-1', null),
      ],
      fct_deal_sourcing: [sourcing('small', 1n), sourcing('large', 2n), sourcing('lost', 1n), sourcing('undated', 0n)],
      fct_attribution_weight: ['undated', 'lost'].map((deal_id) => ({
        ...{ deal_id, party_kind: 'unattributed', party_id: '', linear: 1_000_000_000n, last_touch: 1_000_000_000n },
      })),
      fct_deal_money: [money('small', 'booked', 20n), money('small', 'paid', 900n), money('large', 'pipeline', 70n)],
    },
  });
  const of = async (gap: string) =>
    (await items(`/v1/deals?gap=${gap}`, app)).map(({ deal_id, revenue }) => [deal_id, (revenue as Item).amount_minor]);
  expect(await of('contested_deal')).toEqual([
    ['large', '70'],
    ['small', '20'],
  ]);
  expect(await of('deal_without_touches')).toEqual([['undated', '0']]);
  expect(await of('deal_without_account')).toEqual([['homeless', '0']]);
  expect(await of('undated_deal')).toEqual([['undated', '0']]);
  await app.close();
});

test('reconciliation by check, unlinked money by reason', async () => {
  expect(await items('/v1/quality/reconciliation?check=other,paid_equals_credit')).toHaveLength(1);
  expect(await items('/v1/quality/reconciliation?check=other')).toEqual([]);
  const [{ reason, basis } = {}] = await items('/v1/revenue/unlinked');
  expect(await items(`/v1/revenue/unlinked?basis=${basis}&reason=${reason}`)).not.toEqual([]);
  expect(await items('/v1/revenue/unlinked?reason=other')).toEqual([]);
});

test('an audit gives its query by name; the page of all audits does without', async () => {
  expect(await items('/v1/quality/audits?name=credit_conserved')).toMatchObject([
    { name: 'credit_conserved', query: "select 'credit_conserved' as name" },
  ]);
  expect(await items('/v1/quality/audits?name=other')).toEqual([]);
  expect((await tiny.get('/v1/quality')).body).not.toContain('select');
});

test('a partner’s own open deals by stage and currency, with those that no month has', async () => {
  const open = (deal_id: string, stage: string, currency: string, amount_minor: bigint, created_at: string | null) => ({
    ...{ deal_id, stage, currency, amount_minor, created_at },
    ...{ account_id: 'crm:A-1', name: deal_id, kind: 'new', state: 'open', closed_at: null },
  });
  const sourcedBy = (deal_id: string, partner_id: string) => ({
    ...{ deal_id, partner_id, rule: 'crm_field', evidence_id: deal_id, evidence_at: null, conflict_count: 0n },
  });
  const app = await tinyApp({
    replaced: {
      dim_deal: [
        open('crm:D-1', 'Proposal', 'USD', 300n, '2026-02-01T04:00:00Z'),
        open('crm:D-2', 'Proposal', 'USD', 40n, '2026-02-28T12:00:00Z'),
        open('crm:D-3', 'Proposal', 'EUR', 100n, '2026-02-28T12:00:00Z'),
        open('crm:D-4', 'Discovery', 'USD', 5n, null),
        open('crm:D-5', 'Discovery', 'USD', 7n, '2026-02-28T12:00:00Z'),
        { ...open('crm:D-6', 'Closed Won', 'USD', 9n, '2026-02-28T12:00:00Z'), state: 'won' },
      ],
      fct_deal_sourcing: [
        ...['crm:D-1', 'crm:D-2', 'crm:D-3', 'crm:D-4', 'crm:D-6'].map((deal_id) => sourcedBy(deal_id, 'crm:P-1')),
        sourcedBy('crm:D-5', 'crm:P-2'),
      ],
      fct_deal_influence: [],
      fct_deal_money: [
        { deal_id: 'crm:D-1', currency: 'USD', amount_minor: 300n, reporting_amount_minor: 300n },
        { deal_id: 'crm:D-2', currency: 'USD', amount_minor: 40n, reporting_amount_minor: 40n },
        { deal_id: 'crm:D-3', currency: 'EUR', amount_minor: 100n, reporting_amount_minor: 108n },
      ].map((row) => ({ ...row, basis: 'pipeline', month: '2026-02-01' })),
    },
  });
  const stage = (name: string, deal_count: number, currency: string, amount_minor: string, reporting: string) => ({
    ...{ stage: name, role: 'sourced', deal_count, currency },
    ...{ amount: { amount_minor }, reporting_amount: { amount_minor: reporting } },
  });
  expect(await items('/v1/me/pipeline', app, secrets.partner)).toMatchObject([
    { ...stage('Discovery', 1, 'USD', '5', '0'), oldest_days: null },
    { ...stage('Proposal', 1, 'EUR', '100', '108'), oldest_days: 1 },
    { ...stage('Proposal', 2, 'USD', '340', '340'), oldest_days: 29 },
  ]);
  expect(await items('/v1/me/pipeline?role=influenced', app, secrets.partner)).toEqual([]);
  await app.close();
});

describe('the touches of a journey as rows', () => {
  const url = '/v1/deals/crm:D-1/journey';

  test('CSV and Arrow show the figures of JSON, with a column for each method', async () => {
    const { touches } = (await tiny.get(url)).json();
    const csv = await tiny.get(url, undefined, { accept: 'text/csv' });
    const [header, ...rows] = csv.body.trim().split('\n');
    const names = header!.split(',');
    const column = (row: string, name: string) => row.split(',').at(names.indexOf(name) - names.length); // a name has a comma
    const arrow = tableFromIPC(
      (await tiny.get(url, undefined, { accept: 'application/vnd.apache.arrow.stream' })).rawPayload,
    );
    expect([rows.length, arrow.numRows]).toEqual([touches.length, touches.length]);
    for (const [index, touch] of touches.entries()) {
      const [row, weight] = [rows[index]!, touch.weights?.last_touch ?? null];
      expect([row.split(',')[0], column(row, 'weight_last_touch')]).toEqual([
        touch.touchpoint_id,
        weight === null ? '' : String(weight),
      ]);
      const value = arrow.getChild('weight_last_touch')!.get(index);
      expect(value === null ? null : Number(value)).toBe(weight);
    }
  });

  test('they are paged as JSON is, and a deal that is not there is not there', async () => {
    const first = await tiny.get(`${url}?format=csv&limit=3`);
    expect(first.body.trim().split('\n')).toHaveLength(4);
    const rest = await tiny.get(`${url}?format=csv&limit=3&cursor=${first.headers['x-next-cursor']}`);
    expect(rest.body.trim().split('\n')).toHaveLength(2);
    expect(first.headers['content-disposition']).toContain('.csv');
    expect((await tiny.get('/v1/deals/crm:D-404/journey?format=csv')).statusCode).toBe(404);
  });
});
