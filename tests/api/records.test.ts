// From a touch or a claim of a deal to the record of its source: file, number, content, and what else stands on it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secrets, tinyApp } from './fixture.ts';

const RECORDS = [
  ['touchpoints/crm:T-1', 'touchpoints', 'sheets/touchpoints.csv', 17n, '{"touchpoint_id":"T-1","partner_id":"P-1"}'],
  ['touchpoints/crm:T-4', 'touchpoints', 'sheets/touchpoints.csv', 20n, '{"touchpoint_id":"T-4"}'],
  [
    'deal_registrations/crm:R-1',
    'deal_registrations',
    'sheets/deal_registrations.csv',
    2n,
    '{"registration_id":"R-1"}',
  ],
] as const;

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  const touch = (touchpoint_id: string, reason: string | null) => ({
    deal_id: 'crm:D-1',
    touchpoint_id,
    occurred_at: '2025-11-01T00:00:00Z',
    party_kind: 'partner',
    party_id: 'crm:P-1',
    channel: 'partner',
    kind: 'meeting',
    is_counted: reason === null,
    reason,
  });
  tiny = await tinyApp({
    replaced: {
      fct_touchpoint: [touch('crm:T-1', null), touch('crm:T-4', 'after_close'), touch('registration:crm:R-1', null)],
      lineage_record: RECORDS.map(([record_key, stream, file, record, payload]) => ({
        record_key,
        version_hash: 'ab12',
        source: 'crm',
        stream,
        file,
        record,
        payload,
        loaded_at: '2026-03-01T00:00:00Z',
      })),
      lineage_edge: [
        {
          figure_kind: 'deal',
          figure_id: 'crm:D-1',
          target_kind: 'record',
          target_id: 'deal_registrations/crm:R-1',
          role: 'sourcing_evidence',
        },
      ],
    },
  });
});
afterAll(() => tiny.close());

const explain = async (id: string) => (await tiny.get(`/v1/explain/${encodeURIComponent(id)}`)).json();

test('each touch and the winning evidence of a journey lead to a record that can be asked for', async () => {
  const { touches, sourcing } = (await tiny.get('/v1/deals/crm:D-1/journey')).json();
  const keys = [...touches.map((touch: { explain_id: string }) => touch.explain_id), sourcing.evidence_explain_id];
  expect(keys.sort()).toEqual([...RECORDS.map(([key]) => key), 'deal_registrations/crm:R-1'].sort());
  for (const key of keys) expect((await explain(key)).kind).toBe('record');
});

test('a record says where it was read, what it held, and what stands on it', async () => {
  const answer = await explain('deal_registrations/crm:R-1');
  expect(answer.statement).toBe('As its source sent it, read from sheets/deal_registrations.csv, record 2.');
  expect(answer.records).toMatchObject([
    { file: 'sheets/deal_registrations.csv', record: 2, payload: { registration_id: 'R-1' } },
  ]);
  expect(answer.parts.map(({ label }: { label: string }) => label.replace(/^.*: /, ''))).toEqual([
    'a touch that counts',
    'sourcing evidence',
  ]);
  expect((await explain('touchpoints/crm:T-4')).parts[0].label).toMatch(/: no touch, after close$/);
});

test('a partner sees no record', async () => {
  const answer = await tiny.get(`/v1/explain/${encodeURIComponent('touchpoints/crm:T-1')}`, secrets.partner);
  expect(answer.statusCode).toBe(404);
});

test('a deal is found by a part of its name, its account’s name or its id, whatever the case', async () => {
  const ids = async (search: string) => {
    const { items } = (await tiny.get(`/v1/deals?search=${encodeURIComponent(search)}`)).json();
    return items.map(({ deal_id }: { deal_id: string }) => deal_id);
  };
  const [deal] = (await tiny.get('/v1/deals')).json().items;
  expect(await ids('d-1')).toContain('crm:D-1');
  expect(await ids(deal.name.slice(1, -1).toUpperCase())).toContain(deal.deal_id);
  expect(await ids(` ${deal.account_name.slice(0, 3)} `)).toContain(deal.deal_id);
  expect(await ids('%')).toEqual([]);
  expect((await tiny.get('/v1/deals?search=')).statusCode).toBe(400);
});

test('what a person waived is counted beside what is still to be looked at', async () => {
  const refused = (record_id: string, state: string) => ({
    quarantine_id: `Q-${record_id}`,
    source: 'crm',
    stream: 'deals',
    record_id,
    record: 2n,
    reason: 'bad_time',
    field: null,
    detail: null,
    state,
  });
  const app = await tinyApp({
    replaced: { audit_quarantine: [refused('D-1', 'open'), refused('D-2', 'waived'), refused('D-3', 'pending')] },
  });
  expect((await app.get('/v1/quality')).json().quarantine).toMatchObject({
    total: 2,
    waived_count: 1,
    by_reason: [{ record_count: 2, examples: [{ record_id: 'D-1' }, { record_id: 'D-3' }] }],
  });
  await app.close();
});
