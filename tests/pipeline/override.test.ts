// Overrides through the real command line: two people, an effect with the next run, and the way back; and what `diff` says of it.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { copyOf, currentRelease, root, runWorkspace, sourced } from '../workspace.ts';

let workspace: string;
const keys: Record<string, string> = {};
const releases: string[] = [];

beforeAll(async () => {
  workspace = copyOf(join(root, 'tests', 'cases', 'golden'));
  // The customer that links to nothing gets a domain that two accounts share.
  edit('billing_customers', 'nobody@gmail.com', 'ap@kappa.example');
  appendFileSync(join(workspace, 'sheets', 'billing_customers.csv'), 'C14,,Not Billed Yet,,,US\n');
  appendFileSync(join(workspace, 'sheets', 'accounts.csv'), 'A11,Kappa Twin,kappa.example,US,smb\n');
  for (const [person, role] of [
    ['Dana', 'revops'],
    ['Erin', 'finance'],
    ['Lee', 'leadership'],
  ] as const) {
    const { stdout } = await sourced(['keys', 'create', '--person', person, '--role', role, '--json', ...here()]);
    keys[person] = (JSON.parse(stdout) as { key: string }).key;
  }
  releases.push(await runWorkspace(workspace));
});

const here = () => ['--workspace', workspace];

function edit(sheet: string, from: string, to: string): void {
  const file = join(workspace, 'sheets', `${sheet}.csv`);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}

function decide(person: string, ...args: string[]) {
  return sourced(['override', ...args, ...here(), '--json'], { SOURCED_KEY: keys[person] ?? '' });
}

async function propose(...what: [kind: string, subject: string, object: string]): Promise<string> {
  const { status, stdout, stderr } = await decide('Dana', 'add', ...what, '--reason', 'agreed in writing');
  expect([status, stderr]).toEqual([0, '']);
  return (JSON.parse(stdout) as { override_id: string }).override_id;
}

async function query(sql: string): Promise<unknown> {
  const warehouse = await openWarehouse(':memory:');
  const file = (table: string) => `'${join(currentRelease(workspace), `${table}.parquet`)}'`;
  const rows = await warehouse.rows<object>(sql.replaceAll(/\bfct_\w+\b/g, file));
  warehouse.close();
  return rows;
}

const linked = () => query(`SELECT invoice_id, account_id, deal_id FROM fct_invoice WHERE customer_id = 's:C13'`);
const unlinked = () => query(`SELECT reason, amount_minor FROM fct_unlinked_money WHERE basis = 'paid'`);
const sourcing = () => query('SELECT * FROM fct_deal_sourcing ORDER BY deal_id');
/** What each partner has earned on D3, in the currency of its plan. */
const earned = () =>
  query(`SELECT partner_id, sum(if(debit_account = 'accrued', -amount_minor, amount_minor))::BIGINT AS minor
    FROM fct_commission_entry WHERE deal_id = 's:D3' AND entry_type IN ('accrual', 'clawback', 'true_up')
    GROUP BY partner_id ORDER BY partner_id`);

describe('two people, and the next run', () => {
  let link: string;
  let pay: string;
  let published: unknown;

  test('the maker is not the checker', async () => {
    expect(await linked()).toEqual([{ invoice_id: 's:I13', account_id: null, deal_id: null }]);
    expect(await unlinked()).toEqual([{ reason: 'customer_ambiguous', amount_minor: 15000n }]);
    expect(await earned()).toEqual([{ partner_id: 's:P2', minor: 10000n }]);
    published = await sourcing();
    link = await propose('customer_account', 's:C13', 's:A10');
    pay = await propose('deal_sourcing', 's:D3', 's:P1');
    const { status, stderr } = await decide('Dana', 'approve', link);
    expect(stderr).toMatch(/Dana proposed this override and cannot approve/);
    expect(status).toBe(2);
  });

  test('an approved link moves the unlinked money; a proposed sourcing override moves nothing', async () => {
    expect((await decide('Erin', 'approve', link)).status).toBe(0);
    expect((await decide('Erin', 'approve', link)).stderr).toMatch(/approved already/);
    releases.push(await runWorkspace(workspace));
    expect(await linked()).toEqual([{ invoice_id: 's:I13', account_id: 's:A10', deal_id: 's:D11' }]);
    expect(await unlinked()).toEqual([]);
    expect(await earned()).toEqual([{ partner_id: 's:P2', minor: 10000n }]);
  });

  test('a revoked link gives the money back; approved sourcing moves pay, not what is published', async () => {
    expect((await decide('Erin', 'revoke', link, '--reason', 'the other Kappa')).status).toBe(0);
    expect((await decide('Erin', 'approve', pay, '--reason', 'seen the mail')).status).toBe(0);
    edit('deals', 'lost,true,false,1000.00', 'lost,true,false,1100.00');
    edit('deals', 'won,true,true,800.00', 'won,true,true,850.00');
    releases.push(await runWorkspace(workspace));
    expect(await linked()).toEqual([{ invoice_id: 's:I13', account_id: null, deal_id: null }]);
    expect(await unlinked()).toEqual([{ reason: 'customer_ambiguous', amount_minor: 15000n }]);
    expect(await earned()).toEqual([
      { partner_id: 's:P1', minor: 22000n },
      { partner_id: 's:P2', minor: 0n },
    ]);
    expect(await sourcing()).toEqual(published);
  });

  test('the list says who proposed, who approved, and how each stands', async () => {
    const rows = (await decide('Dana', 'list')).stdout.trim().split('\n');
    expect(rows.map((line) => JSON.parse(line))).toMatchObject([
      { override_id: link, kind: 'customer_account', maker: 'Dana', checker: 'Erin', state: 'revoked' },
      { override_id: pay, kind: 'deal_sourcing', maker: 'Dana', checker: 'Erin', state: 'in_force' },
    ]);
  });
});

test('a customer may be linked before its first invoice', async () => {
  expect(await propose('customer_account', 's:C14', 's:A10')).toMatch(/^decision-/);
});

describe('diff', () => {
  const diff = async (before: string, after: string) =>
    JSON.parse((await sourced(['diff', before, after, ...here(), '--json'])).stdout);

  test('a link: what was unlinked is now of the deal, and why', async () => {
    const { causes, records, totals, deals, links, ledger } = await diff(
      releases[0]!.slice(0, 8),
      releases[1]!.slice(0, 8),
    );
    expect([causes, records, ledger.added]).toEqual([[], [], 0]);
    expect(totals).toContainEqual(
      expect.objectContaining({
        month: '2026-06',
        basis: 'paid',
        figure: 'unlinked',
        before: { amount_minor: '15000', amount: '150.00', currency: 'USD' },
        after: { amount_minor: '0', amount: '0.00', currency: 'USD' },
      }),
    );
    expect(links.items).toEqual([
      { invoice_id: 's:I13', customer_id: 's:C13', before: 'customer_ambiguous', after: 's:D11' },
    ]);
    expect(deals.items).toMatchObject([
      { deal_id: 's:D11', changes: ['money'], causes: [{ kind: 'link', text: expect.stringContaining('s:I13') }] },
    ]);
  });

  test('an override and a changed record: each deal names its own cause', async () => {
    const { deals, ledger, records } = await diff(releases[1]!, 'current');
    const causesOf = (id: string) => deals.items.find(({ deal_id }: { deal_id: string }) => deal_id === id)?.causes;
    expect(causesOf('s:D3')).toMatchObject([{ kind: 'decision' }]);
    expect(causesOf('s:D7')).toMatchObject([
      {
        kind: 'record',
        record_key: 'deals/s:D7',
        change: 'changed',
        fields: [{ field: 'amount', before: '800.00', after: '850.00' }],
      },
    ]);
    // D5 is lost: its amount is money on no basis.
    expect(causesOf('s:D5')).toBeUndefined();
    expect(records).toEqual([{ stream: 'deals', added: 0, changed: 2, removed: 0 }]);
    expect(ledger).toMatchObject({ added: 2, removed: 0 });
  });

  test('for people: sentences with both figures', async () => {
    const { status, stdout } = await sourced(['diff', releases[1]!, releases[2]!, ...here()]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/deal deals\/s:D7 changed: amount 800\.00 → 850\.00/);
    expect(stdout).toMatch(/booked +2026-03 +USD +total +\S+ +→ +\S+/);
  });

  test('an unknown release: 2, with those that are known', async () => {
    const { status, stderr } = await sourced(['diff', 'feed', releases[0]!, ...here()]);
    expect(status).toBe(2);
    for (const release of releases) expect(stderr).toContain(release);
    expect((await sourced(['diff', 'last-week', releases[0]!, ...here()])).status).toBe(2);
  });
});

test.each([
  ['without a key', 'Nobody', ['customer_account', 's:C13', 's:A10'], /needs to know who takes it/],
  ['by a role that does not decide', 'Lee', ['customer_account', 's:C13', 's:A10'], /role leadership does not decide/],
  ['of another kind', 'Dana', ['deal_amount', 's:D1', '5'], /no kind of override deal_amount/],
  ['of an unknown customer', 'Dana', ['customer_account', 's:C99', 's:A10'], /no billing customer s:C99/],
  ['to an unknown partner', 'Dana', ['deal_sourcing', 's:D1', 's:P99'], /no partner s:P99/],
])('an override %s is refused with 2', async (_, person, what, message) => {
  const { status, stderr } = await decide(person, 'add', ...what, '--reason', 'x');
  expect(stderr).toMatch(message);
  expect(status).toBe(2);
});
