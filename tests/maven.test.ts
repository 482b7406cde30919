// A CRM export of a real shape by column mapping alone (ground truth 14: Maven Analytics, CRM Sales Opportunities).
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openWarehouse } from '../pipeline/warehouse.ts';
import { shared } from './shared.ts';
import { currentRelease, runWorkspace, temporaryDirectory } from './workspace.ts';

const export_ = shared('data', 'maven_crm_sales');

const config = (streams: string) => `company: MavenTech
reporting: {currency: USD, time_zone: UTC}
sources:
  - name: crm
    connector: files
    directory: ./export
    streams:
${streams}`;

const deals = `      deals:
        file: sales_pipeline.csv
        columns: {deal_id: opportunity_id, account_id: account, created_at: engage_date, closed_at: close_date, amount: close_value, stage: deal_stage, owner: sales_agent}
        constants: {currency: USD}
        values: {is_won: {from: deal_stage, true: [Won]}, is_closed: {from: deal_stage, true: [Won, Lost]}}
`;
const accounts = `      accounts: {file: accounts.csv, columns: {account_id: account, name: account, country: office_location}}
`;

const wonByMonth = [1134672, 721932, 1025713, 1338466, 696932, 1050059, 1235264, 731980, 938943, 1131573];

describe.skipIf(!export_)('ground truth 14, Maven CRM export (skipped where the shared folder is absent)', () => {
  test.each([
    ['deals and accounts', deals + accounts],
    ['deals alone: an account that no source delivers is implied', deals],
  ])('%s', async (_, streams) => {
    const workspace = temporaryDirectory();
    mkdirSync(join(workspace, 'export'));
    for (const file of ['sales_pipeline.csv', 'accounts.csv'])
      cpSync(join(export_!, file), join(workspace, 'export', file));
    writeFileSync(join(workspace, 'sourced.yaml'), config(streams));
    writeFileSync(join(workspace, 'as_of.txt'), '2018-01-01T00:00:00Z');
    await runWorkspace(workspace);
    const release = await openWarehouse(':memory:');
    const table = (name: string) => `'${join(currentRelease(workspace), `${name}.parquet`)}'`;
    const [facts] = await release.rows(`
      SELECT count(*) AS deals, count_if(state = 'won') AS won, count_if(state = 'lost') AS lost,
        count_if(stage = 'Engaging') AS engaging, count_if(stage = 'Prospecting') AS prospecting,
        count_if(account_id IS NULL) AS without_account,
        sum(amount_minor) FILTER (state = 'won')::BIGINT AS won_minor
      FROM ${table('dim_deal')}`);
    expect(facts).toEqual({
      deals: 8800n,
      won: 4238n,
      lost: 2473n,
      engaging: 1589n,
      prospecting: 500n,
      without_account: 1425n,
      won_minor: 1_000_553_400n,
    });
    const months = await release.rows<{ total_minor: bigint }>(
      `SELECT total_minor FROM ${table('fct_revenue_monthly')} WHERE basis = 'booked' ORDER BY month`,
    );
    expect(months.map((month) => Number(month.total_minor) / 100)).toEqual(wonByMonth);
    const [quarantine] = await release.rows(`SELECT count(*) AS records FROM ${table('audit_quarantine')}`);
    expect(quarantine).toEqual({ records: 0n });
    release.close();
  });
});
