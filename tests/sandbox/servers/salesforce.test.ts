// The sandbox's Salesforce through Salesforce's own client, and its fields against those that others met in real organizations.
import { Connection } from '@jsforce/jsforce-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateCompany } from '../../../sandbox/generate.ts';
import { createStore, readCompany, type Store } from '../../../sandbox/servers/company.ts';
import { startSalesforce } from '../../../sandbox/servers/salesforce.ts';
import { fieldsOf } from '../../../sandbox/servers/salesforce-fields.ts';
import { salesforceId } from '../../../sandbox/servers/salesforce-ids.ts';
import { temporaryDirectory } from '../../workspace.ts';
import seeds from './salesforce-columns.json' with { type: 'json' };

const { columns } = seeds;
let store: Store;
let server: Awaited<ReturnType<typeof startSalesforce>>;
let connection: Connection;

beforeAll(async () => {
  const directory = temporaryDirectory();
  generateCompany({ directory, size: { accounts: 80, partners: 10 } });
  store = createStore(readCompany(directory));
  const now = () => Date.parse(store.asOf);
  server = await startSalesforce({ store, now, batchSize: 30 });
  const first = new Connection({ instanceUrl: server.url, loginUrl: server.url, version: '66.0' });
  await first.authorize({ grant_type: 'client_credentials', client_id: 'sf-client', client_secret: 'sf-secret' });
  connection = new Connection({ instanceUrl: server.url, accessToken: first.accessToken!, version: '66.0' });
});
afterAll(() => server.close());

const count = (stream: 'accounts' | 'deals') => store.records(stream).length;
const all = { autoFetch: true, maxFetch: 10_000 };

describe('jsforce as the client', () => {
  test('a query is fetched page after page; without deleted and merged records', async () => {
    const merged = store.records('accounts').filter(({ row }) => row.merged_into);
    const { records, totalSize } = await connection.query('SELECT Id, Name FROM Account ORDER BY Id', all);
    expect(records).toHaveLength(count('accounts') - merged.length);
    expect(totalSize).toBe(records.length);
    const ids = records.map(({ Id }) => Id!);
    expect(ids).toEqual([...ids].sort());
  });

  test('queryAll shows them, with the record that a merged one became', async () => {
    const merged = store.records('accounts').find(({ row }) => row.merged_into)!.row;
    const { records } = await connection.query('SELECT Id, IsDeleted, MasterRecordId FROM Account', {
      ...all,
      scanAll: true,
    });
    expect(records).toHaveLength(count('accounts'));
    expect(records.find(({ Id }) => Id === salesforceId('Account', merged.account_id!))).toMatchObject({
      IsDeleted: true,
      MasterRecordId: salesforceId('Account', merged.merged_into!),
    });
  });

  test('conditions on stamp and id go on inside equal stamps', async () => {
    const every = await connection.query('SELECT Id, SystemModstamp FROM User ORDER BY SystemModstamp, Id', all);
    const [first] = every.records;
    const rest = await connection.query(
      `SELECT Id FROM User WHERE (SystemModstamp = ${String(first!.SystemModstamp).replace('+0000', 'Z')} AND Id > '${first!.Id}') ORDER BY SystemModstamp, Id`,
      all,
    );
    expect(rest.records.map(({ Id }) => Id)).toEqual(every.records.slice(1).map(({ Id }) => Id));
    expect(every.records.length).toBeGreaterThan(2);
  });

  test('a bulk query gives the same records', async () => {
    const stream = await connection.bulk2.query('SELECT Id, Name, Owner.Name FROM Opportunity', {
      scanAll: true,
      pollInterval: 20,
    });
    const records = (await stream.toArray()) as { Id: string; 'Owner.Name': string }[];
    expect(records).toHaveLength(count('deals'));
    const owned = store.records('deals').filter(({ row }) => row.owner);
    expect(records.filter((record) => record['Owner.Name'])).toHaveLength(owned.length);
  });

  test('describes objects and tells what is used of the day', async () => {
    const { fields } = await connection.describe('Opportunity');
    expect(fields.find(({ name }) => name === 'OwnerId')).toMatchObject({
      type: 'reference',
      relationshipName: 'Owner',
    });
    expect(connection.limitInfo.apiUsage!.limit).toBe(100_000);
  });

  test.each([
    ['SELECT Nope FROM Account', 'INVALID_FIELD'],
    ['SELECT Id FROM Nope', 'INVALID_TYPE'],
    ['SELECT Id FROM Account WHERE', 'MALFORMED_QUERY'],
  ])('%s is refused as %s', async (query, code) => {
    await expect(connection.query(query)).rejects.toMatchObject({ errorCode: code });
  });

  test('a session that is none is refused', async () => {
    const stranger = new Connection({ instanceUrl: server.url, accessToken: 'nobody', version: '66.0' });
    await expect(stranger.query('SELECT Id FROM Account')).rejects.toMatchObject({ errorCode: 'INVALID_SESSION_ID' });
  });
});

describe('shapes', () => {
  const snake = (name: string) => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
  // Seeds that leave a standard field out, and a field that only organizations with several currencies have.
  const leftOut = ['created_date', 'system_modstamp', 'currency_iso_code'];

  test.each(Object.entries(columns))('standard fields of %s are those that others read', (object, known) => {
    const standard = Object.keys(fieldsOf(object as keyof typeof columns)).filter((name) => !name.endsWith('__c'));
    expect(standard.map(snake).filter((name) => !known.includes(name) && !leftOut.includes(name))).toEqual([]);
    expect(standard.length).toBeGreaterThan(6);
  });

  test.each([
    // From Salesforce's own examples: 15 characters and the 18 that mean the same.
    ['001D000000IRFma', '001D000000IRFmaIAH'],
    ['001D000000Iomaz', '001D000000IomazIAB'],
  ])('the id %s is %s', (short, long) => expect(salesforceId('Account', short)).toBe(long));
});
