// Deciding about statements over HTTP: who may, what is bound, what is refused and with which next step, and how a decision is
// shown between two releases. The books are real.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../api/decisions.ts';
import { DecisionAnswer, StatementDetail } from '../../api/schemas.ts';
import { publish, SECOND, secrets, tinyApp, writeRelease } from './fixture.ts';
import { tables } from './tiny-company.ts';
import { entries, liabilities } from './tiny-money.ts';

const line = (line_id: string, position: bigint, amount_minor: bigint) => ({
  ...tables(0n).fct_statement_line![0]!,
  line_id,
  position,
  amount_minor,
});
const lines = [line('SL-1', 1n, 3000n), line('SL-1b', 2n, 2000n), tables(0n).fct_statement_line![1]!];
const digest = digestOf('SL-1 3000\nSL-1b 2000');
const [first, second] = tables(0n).fct_statement!;
const statements = [{ ...first!, month: '2026-02-01', line_count: 2n, digest }, second!];

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeEach(async () => {
  tiny = await tinyApp({ replaced: { fct_statement: statements, fct_statement_line: lines } });
});
afterEach(() => tiny.close());

type Send = { key?: string; secret?: string; headers?: Record<string, string> };

function post(url: string, payload: object, { key = randomUUID(), secret = secrets.finance, headers = {} }: Send = {}) {
  const all = { authorization: `Bearer ${secret}`, ...(key ? { 'idempotency-key': key } : {}), ...headers };
  return tiny.app.inject({ method: 'POST', url, payload, headers: all });
}

const ours = '/v1/commissions/statements/S-1';
const mine = '/v1/me/statements/S-1';
const partner = { secret: secrets.partner };
const detail = async (secret: string = secrets.finance) => StatementDetail.parse((await tiny.get(ours, secret)).json());
const states = async () => (await detail()).items.map(({ state, is_accepted }) => [state, is_accepted]);
/** Somebody else of finance, who took part in the books directly. */
const colleague = (kind: string, of: object = {}) =>
  tiny.decisions.record({
    person: 'Gideon',
    role: 'finance',
    kind: `statement_${kind}`,
    subject_kind: 'statement',
    subject_id: 'S-1',
    reason: 'seen',
    detail: { ...of },
  });

describe('a decision is recorded at once and shown over the release', () => {
  test('an approval', async () => {
    expect((await detail()).statement).toMatchObject({ state: 'draft', next_step: 'approve', awaits_run: false });
    const answer = await post(`${ours}/approve`, { digest });
    expect(answer.statusCode).toBe(200);
    expect(DecisionAnswer.parse(answer.json())).toMatchObject({
      decision: { person: 'Finn', kind: 'statement_approve', reason: 'approved as shown', is_posted: false },
      statement: { state: 'approved', approved_by: 'Finn', approved_count: 2, awaits_run: true, next_step: 'post' },
      next: expect.stringContaining('next run'),
    });
    expect(tiny.decisions.about('statement', 'S-1')[0]!.detail).toEqual({ line_count: 2, digest });
    expect(await states()).toEqual([
      ['approved', false],
      ['approved', false],
    ]);
    const listed = (await tiny.get('/v1/commissions/statements?state=approved', secrets.revops)).json().items;
    expect(listed).toMatchObject([{ statement_id: 'S-1', approved_by: 'Finn' }]);
    expect((await tiny.get('/v1/commissions/statements?state=draft')).json().items).toHaveLength(1);
  });

  test('a line that its partner disputes, finance resolves, the partner accepts', async () => {
    const disputed = await post(`${mine}/dispute`, { line_ids: ['SL-1b'], reason: 'half of it is missing' }, partner);
    expect(disputed.json()).toMatchObject({
      statement: { state: 'disputed', next_step: 'resolve', disputed_count: 1 },
    });
    expect(await states()).toEqual([
      ['open', false],
      ['disputed', false],
    ]);
    const resolved = await post(`${ours}/resolve`, { line_ids: ['SL-1b'], reason: 'the rest is paid in March' });
    expect(resolved.json().statement).toMatchObject({ state: 'draft', disputed_count: 0 });
    const accepted = await post(`${mine}/accept`, { digest, line_ids: ['SL-1b'] }, partner);
    expect(accepted.json().statement).toMatchObject({ state: 'draft', accepted_count: 1 });
    expect(await states()).toEqual([
      ['open', false],
      ['open', true],
    ]);
    await post(`${mine}/dispute`, { reason: 'on second thoughts' }, partner);
    expect(await states()).toEqual([
      ['disputed', false],
      ['disputed', false],
    ]);
  });

  test('the answer to a question changes with each decision, also from the cache', async () => {
    const before = await tiny.get(ours);
    const again = await tiny.get(ours, secrets.leadership, { 'if-none-match': String(before.headers.etag) });
    expect(again.statusCode).toBe(304);
    await post(`${ours}/approve`, { digest });
    const after = await tiny.get(ours, secrets.leadership, { 'if-none-match': String(before.headers.etag) });
    expect([after.statusCode, after.json().statement.state]).toEqual([200, 'approved']);
  });

  test('the next release that knows of it takes over; one that was made before does not', async () => {
    await post(`${ours}/approve`, { digest });
    const { releasesDirectory } = tiny;
    const posted = [{ ...statements[0]!, state: 'approved', approved_by: 'Finn', approved_count: 2n }, statements[1]!];
    const replaced = { fct_statement: posted, fct_statement_line: lines.map((row) => ({ ...row, state: 'approved' })) };
    await writeRelease({ releasesDirectory, release_id: SECOND, replaced, decision_sequence: 1 });
    publish(releasesDirectory, SECOND);
    expect((await detail()).statement).toMatchObject({ state: 'approved', awaits_run: false });
    expect((await tiny.get('/v1/decisions')).json().items).toMatchObject([{ is_posted: true }]);
    colleague('dispute', { line_ids: ['SL-1'] });
    expect((await detail()).statement).toMatchObject({ state: 'disputed', awaits_run: true, approved_count: 1 });
    expect((await tiny.get('/v1/decisions')).json().items).toMatchObject([{ is_posted: false }, { is_posted: true }]);
  });

  test('lines that came since are not approved by it', async () => {
    await post(`${ours}/approve`, { digest });
    const { releasesDirectory } = tiny;
    const replaced = { fct_statement: statements, fct_statement_line: [...lines, line('SL-1c', 3n, -500n)] };
    await writeRelease({ releasesDirectory, release_id: SECOND, replaced });
    publish(releasesDirectory, SECOND);
    expect((await states()).map(([state]) => state)).toEqual(['approved', 'approved', 'open']);
    expect((await detail()).statement).toMatchObject({ state: 'draft', next_step: 'approve' });
  });
});

describe('what is refused, and what to do next', () => {
  const refusal = async (answer: ReturnType<typeof post>) => {
    const { statusCode, body } = await answer;
    const { code, detail: text } = JSON.parse(body) as { code: string; detail: string };
    return [statusCode, code, text];
  };

  test('a digest of other lines', async () => {
    const [status, code, text] = await refusal(post(`${ours}/approve`, { digest: digestOf('SL-1 3000') }));
    expect([status, code]).toEqual([409, 'statement_changed']);
    expect(text).toContain(`2 lines now, with the digest ${digest}; read it again`);
    expect(tiny.decisions.list()).toEqual([]);
  });

  test('an approval by who resolved, a resolution by who approved', async () => {
    colleague('dispute');
    await post(`${ours}/resolve`, { reason: 'agreed with the partner' });
    expect(await refusal(post(`${ours}/approve`, { digest }))).toEqual([
      409,
      'decision_refused',
      'Finn resolved a dispute of this statement and cannot approve it; another person of finance approves.',
    ]);
    colleague('approve', { line_count: 2, digest });
    expect((await detail()).statement.approved_by).toBe('Gideon');
    await post(`${mine}/dispute`, { reason: 'no' }, partner);
    // In the books all the same, it does not count: Gideon approved.
    colleague('resolve');
    expect((await detail()).statement.state).toBe('disputed');
    expect((await post(`${ours}/resolve`, { reason: 'looked again' })).statusCode).toBe(200);
  });

  test('a resolution by who approved', async () => {
    await post(`${ours}/approve`, { digest });
    await post(`${mine}/dispute`, { line_ids: ['SL-1'], reason: 'no' }, partner);
    const [status, , text] = await refusal(post(`${ours}/resolve`, { reason: 'yes' }));
    expect([status, text]).toEqual([
      409,
      'Finn approved this statement and cannot resolve its dispute; another person of finance resolves it.',
    ]);
  });

  test.each([
    ['approve', { digest }, 'dispute', /in dispute; resolve the dispute first/],
    ['approve', { digest }, 'approve', /All 2 lines are approved or in dispute: Gideon approved/],
    ['resolve', { reason: 'x' }, 'none', /Nothing of this is in dispute; see its lines/],
    ['resolve', { reason: 'x', line_ids: ['SL-1'] }, 'dispute', /whole statement is in dispute.*resolve the whole/],
    ['dispute', { reason: 'x' }, 'dispute', /in dispute already; finance resolves it/],
  ])('%s %j after a %s', async (action, body, before, text) => {
    if (before !== 'none') colleague(before, before === 'approve' ? { line_count: 2, digest } : {});
    expect(await refusal(post(`${ours}/${action}`, body))).toEqual([
      409,
      'decision_refused',
      expect.stringMatching(text),
    ]);
  });

  test('a line of another statement, and a line in dispute that would be accepted', async () => {
    expect(await refusal(post(`${mine}/dispute`, { line_ids: ['SL-2'], reason: 'x' }, partner))).toEqual([
      404,
      'not_found',
      'The statement S-1 has no line SL-2; take the ids of its lines as they are shown.',
    ]);
    colleague('dispute', { line_ids: ['SL-1'] });
    expect(await refusal(post(`${mine}/accept`, { digest }, partner))).toEqual([
      409,
      'decision_refused',
      expect.stringContaining('once finance has resolved'),
    ]);
  });

  test('a dispute of what is paid, also where it was approved after its payout and no run came since', async () => {
    const { releasesDirectory } = tiny;
    const paid = [{ ...statements[0]!, paid_minor: 5000n }, statements[1]!];
    const replaced = { fct_statement: paid, fct_statement_line: lines };
    await writeRelease({ releasesDirectory, release_id: SECOND, replaced });
    publish(releasesDirectory, SECOND);
    colleague('approve', { line_count: 2, digest });
    expect((await detail()).statement).toMatchObject({ state: 'paid', awaits_run: true });
    expect((await refusal(post(`${ours}/dispute`, { reason: 'too much' })))[1]).toBe('decision_refused');
    const [status, , text] = await refusal(post(`${mine}/dispute`, { reason: 'too little' }, partner));
    expect([status, text]).toEqual([
      409,
      expect.stringMatching(/paid line is never edited; a correction comes as a line/),
    ]);
  });

  test('by another role, another partner, another site', async () => {
    for (const secret of [secrets.leadership, secrets.revops, secrets.partner])
      expect(await refusal(post(`${ours}/approve`, { digest }, { secret }))).toEqual([
        403,
        'role_not_allowed',
        expect.stringContaining('finance'),
      ]);
    expect((await refusal(post(`${mine}/accept`, { digest }, { secret: secrets.other_partner })))[0]).toBe(404);
    expect((await refusal(post(`${mine}/dispute`, { reason: 'x' })))[1]).toBe('role_not_allowed');
    const evil = { headers: { origin: 'http://evil.test', host: 'sourced.test' } };
    expect((await refusal(post(`${ours}/approve`, { digest }, evil)))[1]).toBe('origin_not_allowed');
    expect((await refusal(post('/v1/commissions/statements/S-404/approve', { digest })))[0]).toBe(404);
    expect(tiny.decisions.list()).toEqual([]);
  });

  test.each([
    [{}, /digest/],
    [{ digest: 'abc' }, /digest is that of the statement as it was read/],
    [{ digest, surprise: 1 }, /surprise/],
    [{ digest, reason: '  ' }, /say why/],
  ])('an approval with %j', async (body, text) => {
    expect(await refusal(post(`${ours}/approve`, body))).toEqual([400, 'body_invalid', expect.stringMatching(text)]);
  });

  test('while a run posts: come again in a moment', async () => {
    const other = new DatabaseSync(join(tiny.releasesDirectory, 'books.sqlite'));
    other.exec('begin immediate');
    const answer = await post(`${ours}/approve`, { digest }, { key: 'again' });
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([503, 'busy', '2']);
    other.exec('commit');
    other.close();
    expect((await post(`${ours}/approve`, { digest }, { key: 'again' })).statusCode).toBe(200);
  });
});

describe('Idempotency-Key', () => {
  test('is required', async () => {
    for (const key of ['', 'two words', 'x'.repeat(256)]) {
      const answer = await post(`${ours}/approve`, { digest }, { key });
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'idempotency_key_missing']);
    }
  });

  test('gives the first decision again, also when more has happened since', async () => {
    const request = () => post(`${ours}/approve`, { digest }, { key: 'k-1' });
    const once = (await request()).json();
    await post(`${mine}/dispute`, { reason: 'no' }, partner);
    const { releasesDirectory } = tiny;
    const replaced = { fct_statement: statements, fct_statement_line: [...lines, line('SL-1c', 3n, -500n)] };
    await writeRelease({ releasesDirectory, release_id: SECOND, replaced });
    publish(releasesDirectory, SECOND);
    const twice = await request();
    expect([twice.statusCode, twice.headers['idempotency-replayed']]).toEqual([200, 'true']);
    expect(twice.json().decision).toEqual(once.decision);
    expect(twice.json().statement.state).toBe('disputed');
    expect(tiny.decisions.list()).toHaveLength(2);
  });

  test('is for one decision', async () => {
    await post(`${ours}/dispute`, { reason: 'no' }, { key: 'k-1' });
    const other = await post(`${ours}/resolve`, { reason: 'yes' }, { key: 'k-1' });
    expect([other.statusCode, other.json().code]).toEqual([422, 'idempotency_key_reused']);
    expect((await post(`${ours}/resolve`, { reason: 'yes' }, { key: 'k-2' })).statusCode).toBe(200);
  });

  test('of two requests at once, one writes', async () => {
    const answers = await Promise.all([1, 2].map(() => post(`${ours}/dispute`, { reason: 'no' }, { key: 'same' })));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(tiny.decisions.list()).toHaveLength(1);
    const race = await Promise.all(['a', 'b'].map((key) => post(`${ours}/resolve`, { reason: 'yes' }, { key })));
    expect(race.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
  });
});

describe('what happens next says who cannot do it', () => {
  const next = async (secret?: string, url = ours) => {
    const { next_step, next_not_by, next_action } = (await tiny.get(url, secret)).json().statement;
    return [next_step, next_not_by, next_action];
  };

  test('who resolved does not approve: of two resolvers neither, a third person', async () => {
    colleague('dispute', { line_ids: ['SL-1'] });
    expect(await next()).toEqual(['resolve', null, 'finance resolves the dispute']);
    await post(`${ours}/resolve`, { reason: 'agreed' });
    expect(await next()).toEqual([
      'approve',
      'Finn',
      'another person of finance approves it; Finn resolved its dispute',
    ]);
    colleague('dispute', { line_ids: ['SL-1b'] });
    colleague('resolve');
    const words = 'a third person of finance approves it; Finn and Gideon resolved its disputes';
    expect(await next()).toEqual(['approve', 'Finn; Gideon', words]);
    const listed = (await tiny.get('/v1/commissions/statements?next_step=approve')).json().items;
    expect(listed[0]).toMatchObject({ statement_id: 'S-1', next_action: words });
    expect(await next(secrets.partner, mine)).toEqual([
      'approve',
      null,
      'accept it or dispute a line; then it is approved',
    ]);
  });

  test('lines that came after an approval', async () => {
    colleague('approve', { line_count: 1, digest: digestOf('SL-1 3000') });
    expect((await detail()).statement).toMatchObject({
      state: 'draft',
      state_detail: '1 of 2 lines approved by Gideon',
      approved_count: 1,
    });
    expect((await detail(secrets.partner)).statement.state_detail).toBe('1 of 2 lines approved');
    expect(await next()).toEqual(['approve', null, 'finance approves what is not approved yet']);
  });

  test('an approval beside a dispute', async () => {
    await post(`${mine}/dispute`, { line_ids: ['SL-1b'], reason: 'half of it is missing' }, partner);
    const approved = (await post(`${ours}/approve`, { digest })).json();
    expect(approved.next).toMatch(/but for what is in dispute; somebody of finance who has not approved it resolves/);
  });

  test('a resolution of a statement that somebody else approved', async () => {
    await post(`${mine}/dispute`, { line_ids: ['SL-1b'], reason: 'half of it is missing' }, partner);
    colleague('approve', { line_count: 2, digest });
    const resolved = (await post(`${ours}/resolve`, { reason: 'explained' })).json();
    expect(resolved.next).toBe('The next run takes it out of dispute; all its lines are approved.');
  });

  test('who approved does not resolve', async () => {
    await post(`${ours}/approve`, { digest });
    await post(`${mine}/dispute`, { line_ids: ['SL-1'], reason: 'no' }, partner);
    expect(await next()).toEqual([
      'resolve',
      'Finn',
      'another person of finance resolves the dispute; Finn approved it',
    ]);
  });
});

test.each([
  ['payout', 0n, 'settled by payouts that do not name it'],
  ['clawback', 0n, 'settled against what was taken back'],
  ['payout clawback', 0n, 'settled by payouts that do not name it and against what was taken back'],
  ['payout clawback', 5000n, 'settled'],
])(
  'an approved statement of which nothing is payable after a %s, paid itself with %s',
  async (types, paid_minor, words) => {
    await tiny.close();
    const payable_balance_minor = 0n;
    const moved = ['accrual', ...types.split(' ')];
    tiny = await tinyApp({
      replaced: {
        fct_statement: [{ ...statements[0]!, state: 'approved', paid_minor, approved_count: 2n }],
        fct_statement_line: lines.slice(0, 2).map((row) => ({ ...row, state: 'approved' })),
        fct_commission_entry: entries.filter(({ entry_type }) => moved.includes(entry_type)),
        fct_commission_liability: liabilities().map((row) => ({ ...row, payable_balance_minor })),
      },
    });
    expect((await detail()).statement).toMatchObject({ next_step: 'none', next_action: words });
  },
);

describe('part of it is approved, and more came since', () => {
  beforeEach(async () => {
    await tiny.close();
    const [approved, open] = lines;
    tiny = await tinyApp({
      replaced: {
        fct_statement: [{ ...statements[0]!, approved_by: 'Gideon', approved_count: 1n }],
        fct_statement_line: [{ ...approved!, state: 'approved' }, open!],
        fct_commission_liability: liabilities().map((row) => ({ ...row, payable_balance_minor: 3000n })),
      },
    });
    colleague('approve', { line_count: 1, digest: digestOf('SL-1 3000') });
  });

  const steps = async () =>
    (await tiny.get('/v1/commissions/statements')).json().steps.map((step: Record<string, never>) => {
      const { next_step, statement_count, payable } = step as Record<string, { amount: string }>;
      return [next_step, statement_count, payable!.amount];
    });

  test('it waits for two steps, and is counted and listed for both', async () => {
    const words = 'finance approves what is not approved yet; finance pays what is approved: sourced export payouts';
    expect((await detail()).statement).toMatchObject({
      next_step: 'approve',
      next_also: 'pay',
      next_action: `${words} --month 2026-02`,
      payable: { amount: '30.00' },
    });
    expect(await steps()).toEqual([
      ['approve', 1, '30.00'],
      ['pay', 1, '30.00'],
    ]);
    for (const step of ['approve', 'pay'])
      expect((await tiny.get(`/v1/commissions/statements?next_step=${step}`)).json().items).toHaveLength(1);
    expect((await detail(secrets.partner)).statement.next_action).toBe(
      'accept it or dispute a line; then it is approved; what is approved of it is paid with the next payout',
    );
  });

  test('disputed since the release, nothing of it is payable', async () => {
    await post(`${mine}/dispute`, { line_ids: ['SL-1b'], reason: 'half of it is missing' }, partner);
    expect((await detail()).statement).toMatchObject({
      next_step: 'resolve',
      next_also: null,
      state_detail: '1 of 2 lines approved by Gideon, 1 of 2 lines disputed',
      payable: { amount: '0.00' },
    });
    expect(await steps()).toEqual([['resolve', 1, '0.00']]);
  });
});

test('a partner is told what happens next in words for a partner, on its list and on its statement', async () => {
  const told = async () => {
    const words = (await detail(secrets.partner)).statement.next_action;
    const [listed] = (await tiny.get('/v1/me/statements', secrets.partner)).json().items;
    expect(listed.next_action).toBe(words);
    return words;
  };
  expect(await told()).toBe('accept it or dispute a line; then it is approved');
  await post(`${mine}/accept`, { digest }, partner);
  expect(await told()).toBe('you accepted it; it waits for its approval');
  expect((await detail(secrets.partner)).statement.state_detail).toBe('accepted by you');
  await post(`${ours}/approve`, { digest });
  expect(await told()).toBe('recorded; the figures follow with the next update');
  await post(`${mine}/dispute`, { reason: 'no' }, partner);
  expect(await told()).toBe('what is disputed of it is looked into');
});

test('the audit trail: who, when, what, why; a partner is not told who in the company', async () => {
  await post(`${mine}/dispute`, { line_ids: ['SL-1'], reason: '=half of it' }, partner);
  await post(`${ours}/resolve`, { reason: 'explained' });
  const trail = (await tiny.get(`${ours}/decisions`)).json().items;
  expect(trail).toMatchObject([
    { person: 'Finn', role: 'finance', kind: 'statement_resolve', reason: 'explained', line_ids: null },
    { person: 'Pia', role: 'partner', kind: 'statement_dispute', reason: '=half of it', line_ids: 'SL-1' },
  ]);
  expect(trail[0].decided_at > trail[1].decided_at).toBe(true);
  const own = (await tiny.get(`${mine}/decisions`, secrets.partner)).json().items;
  expect(own.map(({ person }: { person: string }) => person)).toEqual(['finance', 'Pia']);
  expect((await tiny.get(`${mine}/decisions`, secrets.other_partner)).statusCode).toBe(404);
  const byFinn = (await tiny.get('/v1/decisions?person=Finn', secrets.leadership)).json().items;
  expect(byFinn).toMatchObject([
    { kind: 'statement_resolve', subject_id: 'S-1', subject_name: '=Alpha, "the" Partners, 2026-02, USD' },
  ]);
  const csv = (await tiny.get('/v1/decisions', secrets.finance, { accept: 'text/csv' })).body;
  expect(csv).toContain(",'=half of it,");
});
