// Statements and payouts through the real command line, as a controller works: approve, dispute, resolve, run, export, and then
// what goes wrong: paid twice, a late refund, a missing rate, a partner that ended. Each refusal and each line says what to do next.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { ranCopyOf } from '../made.ts';
import { currentRelease, root, sourced } from '../workspace.ts';

let workspace: string;
const keys: Record<string, string> = {};

beforeAll(async () => {
  workspace = await ranCopyOf(join(root, 'tests', 'cases', 'golden'));
  for (const [person, role, partner] of [
    ['Ana', 'finance'],
    ['Bo', 'finance'],
    ['Lee', 'leadership'],
    ['Pia', 'partner', 's:P1'],
  ]) {
    const args = ['keys', 'create', '--person', person!, '--role', role!, ...(partner ? ['--partner', partner] : [])];
    keys[person!] = JSON.parse((await sourced([...args, '--json', '--workspace', workspace])).stdout).key;
  }
});

const as = (person: string, ...args: string[]) =>
  sourced([...args, '--workspace', workspace], { SOURCED_KEY: keys[person] ?? '' });

async function lines<Row = Record<string, unknown>>(person: string, ...args: string[]): Promise<Row[]> {
  const { stdout, stderr, status } = await as(person, ...args, '--json');
  expect([status, stderr]).toEqual([0, '']);
  return stdout.trim()
    ? stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Row)
    : [];
}

type Listed = { statement_id: string; state: string; next_step: string; payable: { amount: string } };

async function listed(...args: string[]): Promise<Record<string, string>> {
  const rows = await lines<Listed>('', 'statement', 'list', ...args);
  return Object.fromEntries(
    rows.map(({ statement_id, state, next_step, payable }) => [
      statement_id.replace('statement:s:', ''),
      `${state}, ${payable.amount}, ${next_step}`,
    ]),
  );
}

/** A run at the wall clock: decisions are dated by it. */
async function runNow(): Promise<void> {
  const { status, stdout, stderr } = await sourced(['run', '--workspace', workspace]);
  expect([status, stdout + stderr]).toEqual([0, expect.anything()]);
}

describe('deciding', () => {
  test('every statement of a month that is over waits for an approval', async () => {
    expect(await listed('--partner', 's:P1')).toEqual({
      'P1:2026-06:USD': 'draft, 0.00, approve',
      'P1:2026-04:USD': 'draft, 0.00, approve',
      'P1:2026-03:USD': 'draft, 0.00, approve',
      'P1:2026-02:USD': 'draft, 0.00, approve',
    });
    const { stdout } = await as('', 'statement', 'show', 's:P1/2026-02');
    expect(stdout).toMatch(/^Ada Partners, 2026-02: 500\.00 USD, draft; finance approves it\n/);
    expect(stdout).toMatch(
      /100\.00 {2}open, held until 2026-03-03\n +20 % of 500\.00 paid on 2026-02-01, I1, month 1 of 12/,
    );
  });

  test.each([
    ['without a key', 'Nobody', ['approve', 's:P1/2026-02'], /set SOURCED_KEY to your key/],
    [
      'by leadership',
      'Lee',
      ['approve', 's:P1/2026-02'],
      /role leadership does not decide this\n {2}→ it takes the role finance/,
    ],
    [
      'of nothing',
      'Ana',
      ['approve', 's:P9/2026-02'],
      /no statement of s:P9 for 2026-02\n {2}→ see those of the month/,
    ],
    [
      'of other lines',
      'Ana',
      ['approve', 's:P1/2026-02', '--digest', 'f'.repeat(64)],
      /it has 3 lines now[\s\S]*→ read it again/,
    ],
    ['of another partner', 'Pia', ['accept', 's:P2/2026-03'], /no statement of s:P2/],
    ['of nothing in dispute', 'Ana', ['resolve', 's:P1/2026-02', '--reason', 'x'], /Nothing of this is in dispute/],
    [
      'of an unknown line',
      'Pia',
      ['dispute', 's:P1/2026-02', '--reason', 'x', '--line', 'entry-0'],
      /has no line entry-0/,
    ],
  ])('a decision %s is refused with 2 and what to do', async (_, person, what, message) => {
    const { status, stderr } = await as(person, 'statement', ...what);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });

  test('approve, dispute, accept: recorded at once, shown at once', async () => {
    const approved = await lines<{ decision: object }>('Ana', 'statement', 'approve', 's:P1/2026-02', 's:P1/2026-03');
    expect(approved).toMatchObject([
      { decision: { person: 'Ana' }, statement: { state: 'approved', awaits_run: true } },
      {},
    ]);
    const [show] = await lines<{ items: { line_id: string }[] }>('', 'statement', 'show', 's:P1/2026-06');
    const line = show!.items[0]!.line_id;
    await lines('Pia', 'statement', 'dispute', 's:P1/2026-06', '--line', line, '--reason', 'the deal was bigger');
    await lines('Pia', 'statement', 'accept', 's:P1/2026-02');
    await lines('Ana', 'statement', 'approve', 's:P1/2026-04', 's:P2/2026-03/EUR');
    expect(await listed()).toMatchObject({
      'P1:2026-06:USD': 'disputed, 0.00, resolve',
      'P1:2026-03:USD': 'approved, 0.00, post',
    });
  });

  test('of several, what can be is decided; the refused are named', async () => {
    const { status, stdout, stderr } = await as('Ana', 'statement', 'approve', 's:P1/2026-02', 's:P2/2026-05');
    expect(stdout).toMatch(
      /P2:2026-05:EUR: approve recorded for Ana; one line, 50\.00 EUR, approved by Ana\. The next run posts it/,
    );
    expect(stderr).toMatch(
      /s:P1\/2026-02: .*all 3 lines are approved.*Ana approved[\s\S]*1 of 2 statements were refused/i,
    );
    expect(status).toBe(2);
  });

  test('nothing is paid out before a run has posted it', async () => {
    const { status, stdout, stderr } = await as('Bo', 'export', 'payouts', '--month', '2026-02');
    expect([status, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(
      /nothing new to pay out for 2026-02\n {2}not exported: .*P1:2026-02:USD: the next run posts/,
    );
  });
});

describe('paying', () => {
  test('the run posts; each payable is exported once, netted by what was paid before', async () => {
    await runNow();
    expect(await listed()).toEqual({
      'P1:2026-06:USD': 'disputed, 0.00, resolve',
      'P2:2026-05:EUR': 'approved, 50.00, pay',
      'P1:2026-04:USD': 'approved, 0.00, set_off',
      'P1:2026-03:USD': 'approved, 100.00, pay',
      'P2:2026-03:EUR': 'approved, 100.00, pay',
      // 500.00 less 300.00 that was paid in April and 20.00 that was clawed back
      'P1:2026-02:USD': 'approved, 180.00, pay',
    });
    const once = await as('Bo', 'export', 'payouts', '--month', '2026-02');
    expect(once.stdout).toBe(
      'statement_id,partner_id,partner_name,currency,amount,amount_minor\nstatement:s:P1:2026-02:USD,s:P1,Ada Partners,USD,180.00,18000\n',
    );
    const twice = await as('Ana', 'export', 'payouts', '--month', '2026-02');
    expect(twice.stdout).toBe('');
    expect(twice.stderr).toMatch(
      /nothing new[\s\S]*exported already: .*P1:2026-02:USD 180\.00 USD on \S+ by Bo[\s\S]*--again/,
    );
    expect((await as('Ana', 'export', 'payouts', '--month', '2026-02', '--again')).stdout).toBe(once.stdout);
    const march = await lines('Ana', 'export', 'payouts', '--month', '2026-03');
    expect(march).toMatchObject([
      { status: 'exported', partner_id: 's:P1', amount: '100.00', currency: 'USD' },
      { status: 'exported', partner_id: 's:P2', amount: '100.00', currency: 'EUR' },
    ]);
    expect(await listed('--month', '2026-02')).toEqual({ 'P1:2026-02:USD': 'approved, 0.00, paying' });
    expect((await as('Lee', 'export', 'payouts', '--month', '2026-02')).stderr).toMatch(/it takes the role finance/);
    expect((await as('Ana', 'export', 'payouts', '--month', 'March')).stderr).toMatch(/a month is written YYYY-MM/);
  });

  test('a payout that the bank refused is taken back, with who and why, and exported again', async () => {
    const reopen = (person: string, ...args: string[]) => as(person, 'export', 'reopen', 's:P1/2026-02', ...args);
    const why = ['--reason', 'refused by the bank'];
    expect((await reopen('Ana')).stderr).toMatch(/required option '--reason/);
    expect((await reopen('Lee', ...why)).stderr).toMatch(/it takes the role finance/);
    expect((await as('Ana', 'export', 'reopen', 's:P1/2026-04', ...why)).stderr).toMatch(
      /nothing of statement:s:P1:2026-04:USD was exported/,
    );
    const { stdout, status } = await reopen('Ana', ...why);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^statement:s:P1:2026-02:USD: the payout of 180\.00 USD, exported \S+ by Bo, is taken back; payable now: 180\.00 USD; finance pays it/,
      ),
    ]);
    const twice = await reopen('Bo', ...why);
    expect([twice.status, twice.stderr]).toEqual([
      2,
      expect.stringMatching(/was taken back already, \S+ by Ana\n {2}→ sourced export payouts --month 2026-02/),
    ]);
    expect((await as('Bo', 'export', 'payouts', '--month', '2026-02', '--again')).stdout).toBe('');
    const again = await as('Bo', 'export', 'payouts', '--month', '2026-02');
    expect(again.stdout).toMatch(/\nstatement:s:P1:2026-02:USD,s:P1,Ada Partners,USD,180\.00,18000\n$/);
    expect(again.stderr).toMatch(
      /exported before: .*P1:2026-02:USD 180\.00 USD on \S+ by Bo, taken back \S+ by Ana: refused by the bank/,
    );
    const { stdout: shown } = await as('', 'statement', 'show', 's:P1/2026-02');
    expect(shown).toMatch(/if it was refused: sourced export reopen statement:s:P1:2026-02:USD\n/);
    expect(shown).toMatch(
      /Bo: payout export: monthly payout\n.*Ana: payout reopen: refused by the bank\n.*Bo: payout export: monthly payout\n/,
    );
  });

  test('who approved does not resolve, who resolved does not approve', async () => {
    expect((await as('Ana', 'statement', 'resolve', 's:P1/2026-06', '--reason', 'checked')).status).toBe(0);
    const { status, stderr } = await as('Ana', 'statement', 'approve', 's:P1/2026-06');
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/Ana resolved a dispute[\s\S]*→ another person of finance approves/),
    ]);
    expect((await as('Bo', 'statement', 'approve', 's:P1/2026-06')).status).toBe(0);
  });

  test('a late refund, a payment that turns out to be less, a partner paid twice, a missing rate, a partner that ended', async () => {
    const words = async () => {
      const [show] = await lines<{ items: { description: string; amount: { amount: string } }[] }>(
        '',
        ...['statement', 'show', 's:P2/2026-03'],
      );
      return show!.items.map(({ description, amount }) => `${amount.amount} ${description}`);
    };
    const before = await words();
    expect(before).toEqual(['100.00 10 % of 1,000.00 paid on 2026-03-10, I3']);
    const today = new Date().toISOString().slice(0, 10);
    const add = (sheet: string, ...rows: string[]) =>
      appendFileSync(join(workspace, 'sheets', `${sheet}.csv`), `\n${rows.join('\n')}`);
    add('payment_adjustments', 'ADJ9,refund,PY2,,2026-09-10,500.00,0.00,USD');
    const feb = `statement:s:P1:2026-02:USD,${today},180.00,USD`;
    add('payouts', `PO2,P1,${feb}`, `PO3,P1,${feb}`, `PO4,P2,statement-of-march,${today},100.00,EUR`);
    add('invoices', 'I20,C1,D1,2026-08-25,2026-09-24,paid,GBP');
    add('invoice_lines', 'IL20,I20,core,1000.00,0.00,');
    add('payments', 'PY20,I20,2026-09-01,1000.00,GBP,succeeded');
    add('leads', 'L9,P2,A3,,2026-06-20,converted,2026-06-21');
    add('deals', 'D20,A3,Gamma late,2026-07-10T12:00:00Z,2026-09-01T12:00:00Z,won,true,true,900.00,USD,,new');
    const partners = join(workspace, 'sheets', 'partners.csv');
    const [head, ...rows] = readFileSync(partners, 'utf8').trimEnd().split('\n');
    const ended = rows.map((row) => `${row},${row.startsWith('P2') ? '2026-06-30' : ''}`);
    writeFileSync(partners, [`${head},ended_at`, ...ended].join('\n'));
    const payments = join(workspace, 'sheets', 'payments.csv');
    const lessPaid = readFileSync(payments, 'utf8').replace('PY3,I3,2026-03-10,1190.00', 'PY3,I3,2026-03-10,595.00');
    writeFileSync(payments, lessPaid);
    await runNow();
    // The paid line keeps its words, the difference has its own.
    expect(await words()).toEqual([...before, '-50.00 Correction: 10 % of 500.00 paid on 2026-03-10, I3']);
    expect(await listed('--partner', 's:P1')).toEqual({
      // 20 % of the refunded 500.00: on its own statement, and taken back before anybody approves it
      'P1:2026-09:USD': 'draft, 0.00, approve',
      'P1:2026-06:USD': 'approved, 0.00, none',
      'P1:2026-04:USD': 'approved, 0.00, set_off',
      'P1:2026-03:USD': 'approved, 0.00, none',
      'P1:2026-02:USD': 'approved, 0.00, none',
    });
    const { stdout: february } = await as('', 'statement', 'show', 's:P1/2026-02');
    expect((await as('Ana', 'export', 'reopen', 's:P1/2026-02', '--reason', 'refused')).stderr).toMatch(
      /what was exported of statement:s:P1:2026-02:USD is paid/,
    );
    expect(february).toMatch(
      /approved by Ana, accepted by the partner; settled by payouts that do not name it and against what was taken back\n/,
    );
    const release = await openWarehouse(':memory:');
    const file = (table: string) => `'${join(currentRelease(workspace), `${table}.parquet`)}'`;
    const work = await release.rows(`SELECT record_id, detail, next_action FROM ${file('fct_exception')}
      WHERE record_id IN ('s:PO3', 's:PO4', 's:PY20') AND kind IN ('payout_excess', 'payout_unmatched', 'commission_rate_missing')
      ORDER BY kind, record_id`);
    expect(work).toEqual([
      {
        record_id: 's:PY20',
        detail: expect.stringContaining('GBP to USD'),
        next_action: expect.stringContaining('deliver the rate'),
      },
      {
        record_id: 's:PO3',
        detail: expect.stringContaining('paid twice: s:PO2'),
        next_action: expect.stringContaining('ask for it back'),
      },
      {
        record_id: 's:PO4',
        detail: expect.stringContaining('does not exist'),
        next_action: expect.stringContaining('correct the statement'),
      },
    ]);
    const zero = await release.rows(`SELECT reason FROM ${file('fct_commission_zero')} WHERE deal_id = 's:D20'`);
    expect(zero).toEqual([{ reason: 'partner_ended' }]);
    const [owed] =
      await release.rows(`SELECT payable_balance_minor::INT AS payable, recoverable_balance_minor::INT AS recoverable
      FROM ${file('fct_commission_liability')} WHERE partner_id = 's:P1' ORDER BY month DESC LIMIT 1`);
    // earned 600.00 − 20.00 + 100.00 − 100.00, paid 300.00 + 180.00 + 180.00
    expect(owed).toEqual({ payable: 0, recoverable: 8000 });
    release.close();
    expect((await as('', 'verify')).status).toBe(0);
  });
});
