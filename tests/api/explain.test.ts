// Explanations: every figure leads down to records, and what must add up does.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publish, SECOND, secrets, tinyApp, writeRelease } from './fixture.ts';
import { entries } from './tiny-money.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  tiny = await tinyApp();
});
afterAll(() => tiny.close());

const items = async (url: string) => (await tiny.get(url)).json().items;

type Node = {
  title: string;
  statement: string;
  parts_match: boolean | null;
  parts: { explain_id: string | null }[];
  rules: object[];
};

test('each leads down to records, and what must add up does', async () => {
  const roots = [
    'revenue/2026-01/paid',
    'liability/2026-02',
    'S-1',
    'party/partner/crm:P-2/2026-01/paid/linear',
    'party/unattributed//2026-01/paid/linear',
    'crm:P-1/2026-01',
  ];
  const seen = new Set<string>();
  const queue = [...roots];
  for (let id = queue.shift(); id !== undefined && seen.size < 100; id = queue.shift()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const answer = await tiny.get(`/v1/explain/${id}`);
    expect([id, answer.statusCode]).toEqual([id, 200]);
    const { parts, parts_match, statement }: Node = answer.json();
    expect([id, parts_match]).not.toEqual([id, false]);
    expect(statement).toMatch(/\.$/);
    queue.push(...parts.map(({ explain_id }) => explain_id).filter((next) => next !== null));
  }
  expect([...seen].sort()).toEqual(
    expect.arrayContaining([
      'E-1',
      'E-5',
      'SL-1',
      'bill:INV-1',
      'crm:D-1',
      'crm:D-2',
      'crm:P-1/2026-01',
      'liability/crm:P-1/2026-01/USD',
    ]),
  );
});

test('every explain_id of a list can be asked, with its slashes or encoded', async () => {
  for (const url of [
    '/v1/revenue/monthly',
    '/v1/revenue/partners',
    '/v1/partners',
    '/v1/attribution?group_by=month,party',
    '/v1/deals',
    '/v1/conflicts',
    '/v1/commissions/liability?from=2026-01',
  ])
    for (const { explain_id } of await items(url)) {
      const [plain, encoded] = await Promise.all([
        tiny.get(`/v1/explain/${explain_id}`),
        tiny.get(`/v1/explain/${encodeURIComponent(explain_id)}`),
      ]);
      expect([explain_id, plain!.statusCode]).toEqual([explain_id, 200]);
      expect(encoded!.body).toBe(plain!.body);
    }
});

test('an entry names its deal, invoice and statement as people do', async () => {
  const { parts, rules } = (await tiny.get('/v1/explain/E-1')).json();
  expect(parts.map(({ label }: { label: string }) => label)).toEqual([
    'Its invoice INV-1',
    'Its deal Harbour',
    'Its statement of 2026-02',
  ]);
  expect(rules.at(-1).text).toBe('Component 1 of plan referral-2026, percent.');
});

test('an id that names two things is told apart by its kind', async () => {
  const both = await tinyApp({
    replaced: {
      fct_statement: [
        {
          statement_id: 'crm:D-1',
          partner_id: 'crm:P-1',
          month: '2026-02-01',
          currency: 'USD',
          state: 'draft',
          total_minor: 0n,
        },
      ],
    },
  });
  const deal = (await both.get('/v1/explain/crm:D-1')).json();
  expect(deal.kind).toBe('deal');
  expect(deal.facts).toContainEqual({ label: 'The same id names also', value: 'kind=statement' });
  expect((await both.get('/v1/explain/crm:D-1?kind=statement')).json().kind).toBe('statement');
  await both.close();
});

test('an entry says why its partner earns where today’s evidence does not', async () => {
  const app = await tinyApp();
  const added = { kind: 'override_add', subject_kind: 'deal', subject_id: 'crm:D-1' };
  const { decision_id } = app.decisions.record({
    ...{ ...added, person: 'Dana', role: 'revops', reason: 'they brought the buyer' },
    detail: { kind: 'deal_sourcing', object_id: 'crm:P-2' },
  });
  const entry = (entry_id: string, changes: object) => ({ ...entries[0]!, role: 'sourced', entry_id, ...changes });
  const fct_commission_entry = [
    entry('E-own', {}),
    entry('E-locked', { partner_id: 'crm:P-2' }),
    entry('E-override', { partner_id: 'crm:P-2', evidence_ids: JSON.stringify(['bill:PY-1', decision_id]) }),
    entry('E-pool', { partner_id: 'crm:P-2', role: 'influenced', pool_size: 3n }),
  ];
  const edge = { figure_kind: 'deal', figure_id: 'crm:D-1', target_kind: 'record', target_id: 'deals/crm:D-1' };
  const lineage_edge = [{ ...edge, role: 'sourcing_evidence' }];
  const { releasesDirectory } = app;
  await writeRelease({ releasesDirectory, release_id: SECOND, replaced: { fct_commission_entry, lineage_edge } });
  publish(releasesDirectory, SECOND);

  const asked = async (id: string, secret?: string) => {
    const { rules, records } = (await app.get(`/v1/explain/${id}`, secret)).json();
    return {
      rules: rules.slice(2).map(({ text }: { text: string }) => text),
      evidence: records.filter(({ role }: { role: string }) => role === 'sourcing_evidence').length,
    };
  };
  expect(await asked('E-own')).toEqual({ rules: [], evidence: 1 });
  const locked = 'Locked by the first entry on the deal: only an approved override moves pay.';
  expect(await asked('E-locked')).toEqual({ rules: [locked], evidence: 0 });
  const part = 'An equal part of the pool of those who influenced the deal: one of 3.';
  expect(await asked('E-pool')).toEqual({ rules: [part], evidence: 0 });
  const decided = 'An approved override says who sourced the deal.';
  const why = `${decided} Dana proposed it: they brought the buyer.`;
  expect(await asked('E-override')).toEqual({ rules: [why], evidence: 0 });
  expect(await asked('E-override', secrets.other_partner)).toEqual({ rules: [decided], evidence: 0 });
  await app.close();
});
