// What changed between two releases: every kind of difference is named with its cause, and nothing else is.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FIRST, publish, SECOND, tinyApp, writeRelease } from './fixture.ts';
import { tables } from './tiny-company.ts';
import { dealMoney, entries, weights } from './tiny-money.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
const MERGED = 'cccccccccccccccc';

beforeAll(async () => {
  tiny = await tinyApp();
  const { releasesDirectory } = tiny;
  // D-1 is paid more because a payment came and another record changed; the weights of D-5 move with nothing behind it.
  const first = tables(0n);
  const [deal, ...records] = first.lineage_record!;
  const moved = weights.flatMap((row) =>
    row.deal_id === 'crm:D-5'
      ? [
          { ...row, linear: 600000000n },
          { ...row, party_kind: 'channel', party_id: 'sales', linear: 400000000n, last_touch: 0n },
        ]
      : [row],
  );
  const payment = { ...records[0]!, record_key: 'payments/bill:PY-9|INV-1', version_hash: 'ef56' };
  const partner = {
    ...records[0]!,
    record_key: 'partners/crm:P-1',
    stream: 'partners',
    version_hash: 'p1',
    payload: '{"status":"active"}',
  };
  const edges = [
    ...first.lineage_edge!,
    { figure_kind: 'invoice', figure_id: 'bill:INV-1', target_kind: 'deal', target_id: 'crm:D-1', role: 'linked' },
    {
      figure_kind: 'invoice',
      figure_id: 'bill:INV-1',
      target_kind: 'record',
      target_id: 'payments/bill:PY-9|INV-1',
      role: 'payment',
    },
  ];
  const changed = { ...deal!, version_hash: 'ab99', payload: '{"deal_id":"D-1","owner":"bo@example.com"}' };
  const second = {
    lineage_record: [changed, ...records, payment, partner],
    lineage_edge: edges,
    fct_attribution_weight: moved,
    fct_commission_entry: [
      ...entries,
      {
        ...entries[0]!,
        entry_id: 'E-new',
        deal_id: 'crm:D-2',
        evidence_ids: '["crm:D-2", "decision-0123456789abcdef0123"]',
      },
    ],
  };
  await writeRelease({ releasesDirectory, release_id: SECOND, shift_minor: 5000n, replaced: second });
  edit(SECOND, { created_at: '2026-03-02T12:30:00Z', previous_release_id: FIRST });
  // D-4 became D-3; the partner that sourced D-1 ended; the clock moved on.
  const merge = {
    figure_kind: 'deal',
    figure_id: 'crm:D-3',
    target_kind: 'record',
    target_id: 'deals/crm:D-4',
    role: 'merged_deal',
  };
  await writeRelease({
    releasesDirectory,
    release_id: MERGED,
    shift_minor: 5000n,
    replaced: {
      ...second,
      lineage_record: [changed, ...records, payment, { ...partner, version_hash: 'p2', payload: '{"status":"ended"}' }],
      fct_deal_sourcing: first.fct_deal_sourcing!.map((row) =>
        row.deal_id === 'crm:D-1'
          ? { ...row, partner_id: null, rule: null, evidence_id: null, evidence_at: null }
          : row,
      ),
      dim_deal: first.dim_deal!.filter(({ deal_id }) => deal_id !== 'crm:D-4'),
      fct_deal_money: [
        ...dealMoney(5000n),
        {
          ...dealMoney(0n)[0]!,
          deal_id: 'crm:D-5',
          month: '2026-02-01',
          amount_minor: 100n,
          reporting_amount_minor: 100n,
        },
      ],
      lineage_edge: [...edges, merge],
    },
  });
  edit(MERGED, { created_at: '2026-03-03T12:30:00Z', as_of: '2026-03-03T12:00:00Z', previous_release_id: SECOND });
  publish(releasesDirectory, MERGED);
});
afterAll(() => tiny.close());

function edit(release_id: string, changes: object): void {
  const file = join(tiny.releasesDirectory, release_id, 'manifest.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...changes }));
}

const diff = async (after: string, query = '') => (await tiny.get(`/v1/releases/${after}/diff${query}`)).json();

test('the history, the newest first', async () => {
  const { releases, total } = (await tiny.get('/v1/releases')).json();
  expect(total).toBe(3);
  expect(releases.map(({ release_id }: { release_id: string }) => release_id)).toEqual([MERGED, SECOND, FIRST]);
  expect(releases.map(({ is_current }: { is_current: boolean }) => is_current)).toEqual([true, false, false]);
});

test('a deal names the records behind it that changed, with the fields; a payment that is new; an override', async () => {
  const { before, after, causes, records, deals, ledger } = await diff('bbbb');
  expect([before.release_id, after.release_id, causes]).toEqual([FIRST, SECOND, []]);
  expect(records).toEqual([
    { stream: 'deals', added: 0, changed: 1, removed: 0 },
    { stream: 'partners', added: 1, changed: 0, removed: 0 },
    { stream: 'payments', added: 1, changed: 0, removed: 0 },
  ]);
  expect(deals.by_change).toEqual({ added: 0, removed: 0, sourcing: 0, money: 1, weights: 1, commission: 1 });
  expect(deals.items.map(({ deal_id }: { deal_id: string }) => deal_id)).toEqual(['crm:D-1', 'crm:D-2', 'crm:D-5']);
  const [harbour, quay, last] = deals.items;
  expect(harbour.money).toMatchObject([{ basis: 'paid', difference: { amount: '50.00', currency: 'USD' } }]);
  expect(harbour.sourcing.before).toEqual(harbour.sourcing.after);
  expect(harbour.causes).toMatchObject([
    {
      record_key: 'deals/crm:D-1',
      change: 'changed',
      fields: [{ field: 'owner', before: 'ana@example.com', after: 'bo@example.com' }],
    },
    { record_key: 'payments/bill:PY-9|INV-1', change: 'added', fields: [] },
  ]);
  expect(quay).toMatchObject({ changes: ['commission'], causes: [{ kind: 'decision' }] });
  expect(last.weights).toEqual([
    { party_kind: 'channel', party_id: 'sales', method: 'linear', before: 0, after: 400000000 },
    { party_kind: 'partner', party_id: 'crm:P-2', method: 'linear', before: 1000000000, after: 600000000 },
  ]);
  expect(last.causes).toMatchObject([{ kind: 'indirect', text: expect.stringContaining('deals, partners, payments') }]);
  expect(ledger).toMatchObject({ added: 1, removed: 0, items: [{ entry_id: 'E-new' }] });
});

test('totals: month, basis and figure, with both amounts', async () => {
  const { totals } = await diff(SECOND, `?from=${FIRST}`);
  expect(totals).toContainEqual({
    month: '2026-01',
    basis: 'paid',
    currency: 'USD',
    figure: 'total',
    before: { amount_minor: '100700', amount: '1007.00', currency: 'USD' },
    after: { amount_minor: '105700', amount: '1057.00', currency: 'USD' },
    difference: { amount_minor: '5000', amount: '50.00', currency: 'USD' },
  });
});

test('a merge is named on both sides; what has no record behind it goes by what changed for all', async () => {
  const { causes, deals } = await diff('current');
  expect(causes).toMatchObject([{ kind: 'clock' }]);
  const byId = Object.fromEntries(deals.items.map((deal: { deal_id: string }) => [deal.deal_id, deal]));
  expect(byId['crm:D-4']).toMatchObject({
    changes: ['removed'],
    causes: [{ kind: 'merge', text: 'crm:D-4 was merged into crm:D-3' }],
  });
  expect(byId['crm:D-5'].causes).toMatchObject([{ kind: 'clock' }]);
  expect(byId['crm:D-1']).toMatchObject({
    changes: ['sourcing'],
    causes: [
      {
        text: 'partner partners/crm:P-1 changed',
        fields: [{ field: 'status', before: 'active', after: 'ended' }],
      },
    ],
  });
});

test('in reverse the differences are the same with their sign turned, and entries are missing', async () => {
  const [forward, back] = [await diff(SECOND, `?from=${FIRST}`), await diff(FIRST, `?from=${SECOND}`)];
  expect(back.ledger).toMatchObject({ added: 0, removed: 1 });
  expect(back.totals.length).toBe(forward.totals.length);
  for (const [index, { before, after }] of back.totals.entries())
    expect([after, before]).toEqual([forward.totals[index].before, forward.totals[index].after]);
});

test('a release against itself: nothing', async () => {
  const answer = await diff('current', '?from=current');
  for (const part of ['causes', 'records', 'totals', 'tables']) expect(answer[part], part).toEqual([]);
  for (const part of ['deals', 'links']) expect(answer[part].total, part).toBe(0);
});

test('an unknown beginning, and one that several share, name the releases that are known', async () => {
  const unknown = await tiny.get('/v1/releases/feed/diff');
  expect([unknown.statusCode, unknown.json().code]).toEqual([404, 'not_found']);
  for (const id of [FIRST, SECOND, MERGED]) expect(unknown.json().detail).toContain(id);
  expect((await tiny.get(`/v1/releases/${FIRST}/diff`)).json().detail).toMatch(/Nothing was published before/);
  expect((await tiny.get('/v1/releases/..%2Fx/diff')).statusCode).toBe(400);
});

test('the limit bounds what is told, not what is counted', async () => {
  const { deals } = await diff(SECOND, '?limit=1');
  expect([deals.total, deals.items.length]).toEqual([3, 1]);
});
