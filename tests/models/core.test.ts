// What core makes of whole companies, where dbt's own tests do not reach: refusals and exceptions as published, evidence that
// arrives late or in another order, records of several sources. Single rules are dbt unit tests beside their models.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { shared } from '../shared.ts';
import { asOf, copyOf, sourced, temporaryDirectory } from '../workspace.ts';

type Row = Record<string, unknown>;

/** Ingests and transforms a workspace as it stands. */
async function transform(workspace: string): Promise<void> {
  for (const command of ['ingest', 'transform']) {
    const { status, stdout, stderr } = await sourced([command, '--workspace', workspace, '--as-of', asOf(workspace)]);
    if (status !== 0) throw new Error(`${command} ended with ${status}\n${stdout}\n${stderr}`);
  }
}

async function query(workspace: string, sql: string): Promise<Row[]> {
  const warehouse = await openWarehouse(join(workspace, '.sourced', 'warehouse.duckdb'), { readOnly: true });
  try {
    return await warehouse.rows<Row>(sql);
  } finally {
    warehouse.close();
  }
}

const cases = shared('cases');

describe.skipIf(!cases)('an example company of others (skipped where the shared folder is absent)', () => {
  test('45 bad rows are refused for the published reasons; ambiguous links and unknown deals are listed', async () => {
    const company = join(cases!, 'attribution');
    const workspace = copyOf(company);
    await transform(workspace);
    const expected = (name: string) => `read_csv('${join(company, 'expected', name)}', all_varchar = true)`;
    const refused = `
      SELECT stream, record_id, reason FROM core.refused_record
      UNION ALL SELECT stream, record_id, reason FROM raw.quarantine`;
    const published = `SELECT stream, record_id, reason FROM ${expected('audit_quarantine.csv')}`;
    const listed = `
      SELECT DISTINCT stream AS what, record_id AS id, reason FROM core.exception
      WHERE reason IN ('ambiguous', 'unknown_deal') AND stream <> 'account_overlaps'`;
    const exceptions = `SELECT what, id, reason FROM ${expected('exceptions.csv')} WHERE what <> 'fx'`;
    for (const [found, wanted] of [
      [refused, published],
      [listed, exceptions],
    ]) {
      expect(await query(workspace, `(${found}) EXCEPT ALL (${wanted})`)).toEqual([]);
      expect(await query(workspace, `(${wanted}) EXCEPT ALL (${found})`)).toEqual([]);
    }
  });
});

/** Two sources: `crm` and `billing`, each a folder of files. `write` replaces a file; the clock stands at the end of March. */
function twoSources(): { workspace: string; write: (file: string, ...lines: string[]) => void } {
  const workspace = temporaryDirectory();
  for (const folder of ['crm', 'billing']) mkdirSync(join(workspace, folder));
  writeFileSync(join(workspace, 'as_of.txt'), '2025-03-31T12:00:00Z');
  writeFileSync(
    join(workspace, 'sourced.yaml'),
    `company: Two
reporting: {currency: USD, time_zone: UTC}
sources:
  - {name: crm, connector: files, directory: ./crm}
  - {name: billing, connector: files, directory: ./billing}
motions: {referral: {}}
publish: {max_quarantine_share: 1}
`,
  );
  return {
    workspace,
    write: (file, ...lines) => writeFileSync(join(workspace, `${file}.csv`), `${lines.join('\n')}\n`),
  };
}

test('records of two sources link, merges move what points at them, and late evidence releases what waited for it', async () => {
  const { workspace, write } = twoSources();
  write('crm/partners', 'partner_id,name,motion', 'P,Partner,referral');
  write(
    'crm/accounts',
    'account_id,name,domain,country,merged_into',
    'A,Ember Labs,www.Ember.com,US,',
    'B,Ember Médía GmbH,,DE,A',
    'C,Other,other.com,US,',
  );
  write('crm/contacts', 'contact_id,account_id', 'K,B');
  const dealHeader = 'deal_id,account_id,created_at,is_closed,is_won,closed_at,amount,source_partner_id';
  const won = 'D,A,2025-01-01T00:00:00Z,true,true,2025-02-01,10.00';
  write('crm/deals', dealHeader, `${won},`, 'E,C,2025-01-02,true,true,2025-02-01,5.00,P');
  write(
    'crm/touchpoints',
    'touchpoint_id,occurred_at,account_id,contact_id,deal_id,channel,kind',
    'T1,2025-01-05,,K,,sales,call',
    'T2,2025-01-06,,,LATE,sales,call',
    'T3,2025-01-07,C,,D,sales,call',
  );
  write(
    'billing/billing_customers',
    'customer_id,account_id,name,email,country',
    'by-id,C,x,,',
    'by-mail,,x,ap@EMBER.com,',
    'by-merged-name,,EMBER  MÉDÍA - gmbh,,DE',
    'by-nothing,,Ember Labs,me@gmail.com,FR',
  );
  write(
    'billing/invoices',
    'invoice_id,customer_id,deal_id,issued_at,status,currency',
    'I1,by-merged-name,,2025-02-01,paid,USD',
    'I2,by-id,D,2025-02-02,paid,USD',
    'I3,by-nothing,,2025-02-02,paid,USD',
  );
  await transform(workspace);
  const links = 'SELECT customer_id, account_id, method FROM core.customer_account_link ORDER BY customer_id';
  expect(await query(workspace, links)).toEqual([
    { customer_id: 'billing:by-id', account_id: 'crm:C', method: 'explicit' },
    { customer_id: 'billing:by-mail', account_id: 'crm:A', method: 'domain' },
    { customer_id: 'billing:by-merged-name', account_id: 'crm:A', method: 'name_and_country' },
    { customer_id: 'billing:by-nothing', account_id: null, method: null },
  ]);
  const invoices = 'SELECT invoice_id, deal_id, method, reason FROM core.invoice_deal_link ORDER BY invoice_id';
  expect(await query(workspace, invoices)).toEqual([
    { invoice_id: 'billing:I1', deal_id: 'crm:D', method: 'account', reason: null },
    { invoice_id: 'billing:I2', deal_id: 'crm:D', method: 'invoice', reason: null },
    { invoice_id: 'billing:I3', deal_id: null, method: null, reason: 'customer_no_candidate' },
  ]);
  const touches = 'SELECT touchpoint_id, account_id, deal_id FROM core.touchpoints ORDER BY touchpoint_id';
  expect(await query(workspace, touches)).toEqual([
    { touchpoint_id: 'crm:T1', account_id: 'crm:A', deal_id: null },
    { touchpoint_id: 'crm:T3', account_id: 'crm:A', deal_id: 'crm:D' },
  ]);
  const refused = 'SELECT stream, record_id, reason, record::DOUBLE AS record FROM core.refused_record';
  expect(await query(workspace, refused)).toEqual([
    { stream: 'touchpoints', record_id: 'T2', reason: 'unknown_deal', record: 3 },
  ]);
  const observed = `SELECT deal_id, source_partner_id, source_partner_observed_at AS observed_at FROM core.deals
    WHERE source_partner_id IS NOT NULL ORDER BY deal_id`;
  expect(await query(workspace, observed)).toEqual([
    { deal_id: 'crm:E', source_partner_id: 'crm:P', observed_at: '2025-01-02T00:00:00Z' },
  ]);

  write(
    'crm/deals',
    dealHeader,
    `${won},P`,
    'E,C,2025-01-02,true,true,2025-02-01,5.00,P',
    'LATE,C,2025-01-01,false,false,,,',
  );
  await transform(workspace);
  expect(await query(workspace, refused)).toEqual([]);
  expect(await query(workspace, touches)).toContainEqual({
    touchpoint_id: 'crm:T2',
    account_id: 'crm:C',
    deal_id: 'crm:LATE',
  });
  // The deal's first known version had no partner: the value counts from the load that brought it.
  const loads = `SELECT deal_id, source_partner_observed_at = (SELECT max(completed_at) FROM raw.load WHERE stream = 'deals' AND NOT is_unchanged) AS is_of_load
    FROM core.deals WHERE source_partner_id IS NOT NULL ORDER BY deal_id`;
  expect(await query(workspace, loads)).toEqual([
    { deal_id: 'crm:D', is_of_load: true },
    { deal_id: 'crm:E', is_of_load: false },
  ]);
});

test('two exports of Salesforce, with ids of 15 and of 18 characters: two records are told, and people make them one', async () => {
  const { workspace, write } = twoSources();
  const header = 'deal_id,account_id,created_at,is_closed,is_won,closed_at,amount,merged_into';
  const deal = (id: string, account: string, amount: string, into = '') =>
    `${id},${account},2025-01-01T00:00:00Z,true,true,2025-02-01,${amount},${into}`;
  write('billing/fx_rates', 'rate_date,base_currency,quote_currency,rate,provider', '2025-01-01,EUR,USD,1.1,bank');
  write('crm/accounts', 'account_id,name', '0012w000000AbCd,Ember', '0012w000000AbCdAAK,Ember Labs');
  write(
    'crm/deals',
    header,
    deal('0062w000000AbCd', '0012w000000AbCd', '10.00'),
    deal('0062w000000AbCdAAK', '0012w000000AbCdAAK', '12.00'),
  );
  await transform(workspace);
  const told = `SELECT stream, record_id, detail, amount_minor FROM core.exception WHERE reason = 'same_salesforce_id' ORDER BY 1`;
  const detail = (short: string) => `${short} with its check characters: both may be one record`;
  expect(await query(workspace, told)).toEqual([
    {
      stream: 'accounts',
      record_id: 'crm:0012w000000AbCdAAK',
      detail: detail('crm:0012w000000AbCd'),
      amount_minor: null,
    },
    {
      stream: 'deals',
      record_id: 'crm:0062w000000AbCdAAK',
      detail: detail('crm:0062w000000AbCd'),
      amount_minor: 1200n,
    },
  ]);

  write('crm/accounts', 'account_id,name,merged_into', '0012w000000AbCd,Ember,0012w000000AbCdAAK');
  write('crm/deals', header, deal('0062w000000AbCd', '0012w000000AbCd', '10.00', '0062w000000AbCdAAK'));
  await transform(workspace);
  expect(await query(workspace, told)).toEqual([]);
  expect(await query(workspace, 'SELECT deal_id, account_id, amount_minor FROM core.deals')).toEqual([
    { deal_id: 'crm:0062w000000AbCdAAK', account_id: 'crm:0012w000000AbCdAAK', amount_minor: 1200n },
  ]);
});

test('a file may send a part: one bad record of it stops nothing, a stream of which nothing is left does', {
  timeout: 180_000,
}, async () => {
  const workspace = temporaryDirectory();
  mkdirSync(join(workspace, 'crm'));
  writeFileSync(join(workspace, 'as_of.txt'), '2025-03-31T12:00:00Z');
  writeFileSync(
    join(workspace, 'sourced.yaml'),
    `company: Parts
reporting: {currency: USD, time_zone: UTC}
sources: [{name: crm, connector: files, directory: ./crm}]
motions: {referral: {}}
publish: {max_quarantine_share: 0.2}
`,
  );
  const sent = async (rows: readonly string[]) => {
    writeFileSync(join(workspace, 'crm', 'accounts.csv'), `account_id,name\n${rows.join('\n')}\n`);
    await transform(workspace);
    return query(workspace, `SELECT is_passed, detail FROM audits.audit_quarantine_share`);
  };
  const rows = (from: number, count: number, name: string) =>
    Array.from({ length: count }, (_, row) => `A-${from + row},${name}`);
  const look = 'see `sourced quarantine list`';
  expect(await sent(rows(1, 20, 'Good'))).toEqual([{ is_passed: true, detail: `0 of 20 records refused; ${look}` }]);
  expect(await sent(rows(21, 1, ''))).toEqual([{ is_passed: true, detail: `1 of 21 records refused; ${look}` }]);
  expect(await sent(rows(22, 6, ''))).toEqual([
    { is_passed: false, detail: `7 of 27 records refused; nothing is left of accounts; ${look}` },
  ]);
});
