// The sandbox's HubSpot through HubSpot's own SDK: what its client can read must be what the company holds.
import { Client } from '@hubspot/api-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateCompany } from '../../../sandbox/generate.ts';
import { type Company, readCompany } from '../../../sandbox/servers/company.ts';
import { numericCrmIds } from '../../../sandbox/servers/crm-ids.ts';
import { type HubspotServer, hubspotScopes, hubspotToken, startHubspot } from '../../../sandbox/servers/hubspot.ts';
import { temporaryDirectory } from '../../workspace.ts';

let company: Company;
let server: HubspotServer;
let client: Client;
const clientOf = (url: string, accessToken = hubspotToken) =>
  new Client({ accessToken, basePath: url, numberOfApiCallRetries: 0 });

beforeAll(async () => {
  const directory = temporaryDirectory();
  generateCompany({ directory, size: { accounts: 60, partners: 8 } });
  company = numericCrmIds(readCompany(directory));
  server = await startHubspot({ company });
  client = clientOf(server.url);
});

afterAll(() => server.close());

const live = (stream: 'accounts' | 'contacts' | 'deals') => company.rows(stream).filter((row) => !row.merged_into);
const code = async (work: Promise<unknown>): Promise<number> =>
  work.then(
    () => 200,
    (error) => error.code,
  );

describe("HubSpot's own client", () => {
  test('lists every company; merged ones are named by their survivor', async () => {
    const companies = await client.crm.companies.getAll(100, undefined, ['name', 'domain', 'hs_merged_object_ids']);
    expect(companies.map(({ id, properties }) => [id, properties.name])).toEqual(
      live('accounts')
        .map((row) => [row.account_id, row.name])
        .sort(([left], [right]) => Number(left) - Number(right)),
    );
    const losers = companies.flatMap(({ properties }) => properties.hs_merged_object_ids?.split(';') ?? []);
    const merged = company.rows('accounts').filter((row) => row.merged_into);
    expect(losers.sort()).toEqual(merged.map((row) => row.account_id).sort());
  });

  test('reads a deal with its history, amounts as text and associations', async () => {
    const deal = live('deals').find((row) => row.account_id && row.is_won === 'true')!;
    const found = await client.crm.deals.basicApi.getById(
      deal.deal_id!,
      ['amount', 'deal_currency_code', 'hs_is_closed_won', 'partner_source'],
      ['dealstage'],
      ['companies', 'contacts'],
    );
    expect(found.properties).toMatchObject({
      amount: deal.amount,
      deal_currency_code: deal.currency,
      hs_is_closed_won: 'true',
      partner_source: deal.source_partner_id ?? null,
    });
    const stages = company.rows('deal_stages').filter((row) => row.deal_id === deal.deal_id);
    expect(found.propertiesWithHistory!.dealstage!.map(({ timestamp }) => timestamp.getTime()).reverse()).toEqual(
      stages.map((row) => Date.parse(row.entered_at!)),
    );
    expect(found.associations?.companies?.results[0]?.id).toBeDefined();
  });

  test('reads labels of associations, owners, pipelines, properties and custom objects', async () => {
    const link = company.rows('deal_contacts').find((row) => row.is_primary === 'true')!;
    const { results } = await client.crm.associations.v4.batchApi.getPage('deals', 'contacts', {
      inputs: [{ id: link.deal_id! }],
    });
    const labels = results[0]!.to.find(({ toObjectId }) => String(toObjectId) === link.contact_id)!.associationTypes;
    expect(labels.map(({ label }) => label)).toEqual([null, link.role, 'Primary contact']);
    const owners = await client.crm.owners.ownersApi.getPage();
    const names = owners.results.map(({ firstName, lastName }) => `${firstName} ${lastName}`);
    const used = company.rows('deals').flatMap((row) => row.owner ?? []);
    expect(new Set(used).difference(new Set(names)).size).toBe(0);
    const [pipeline] = (await client.crm.pipelines.pipelinesApi.getAll('deals')).results;
    expect(pipeline!.stages.find(({ label }) => label === 'won')!.metadata).toMatchObject({ isClosed: 'true' });
    const properties = await client.crm.properties.coreApi.getAll('deals');
    expect(properties.results.map(({ name }) => name)).toContain('partner_source');
    const [schema] = (await client.crm.schemas.coreApi.getAll()).results;
    const page = await client.crm.objects.basicApi.getPage(schema!.objectTypeId!, 100, undefined, ['partner_id']);
    expect(page.results.length).toBe(Math.min(100, company.rows('deal_registrations').length));
  });

  test('searches by id and time, and is refused beyond ten thousand results', async () => {
    const contacts = client.crm.contacts.searchApi;
    const last = live('contacts').at(-3)!.contact_id!;
    const filter = { propertyName: 'hs_object_id', operator: 'GT' as never, value: last };
    const found = await contacts.doSearch({
      filterGroups: [{ filters: [filter] }],
      sorts: ['hs_object_id'],
      properties: ['email'],
      limit: 200,
      after: '0',
    });
    expect(found.results.map(({ id }) => id)).toEqual(
      live('contacts')
        .map((row) => row.contact_id!)
        .filter((id) => Number(id) > Number(last)),
    );
    const beyond = contacts.doSearch({ filterGroups: [], sorts: [], properties: [], limit: 200, after: '9900' });
    expect(await code(beyond)).toBe(400);
  });
});

/**
 * What others found HubSpot's objects to have: columns of the seeds of fivetran/dbt_hubspot (integration_tests/seeds, commit
 * be3a903, Apache-2.0) that this project reads, `property_` taken away.
 */
const seen = {
  companies: ['name', 'createdate', 'industry', 'country'],
  contacts: ['email', 'firstname', 'lastname', 'createdate', 'hs_merged_object_ids', 'first_conversion_date'],
  deals: ['dealname', 'amount', 'closedate', 'createdate'],
} as const;

describe("the shapes that Fivetran's package reads", () => {
  test.each(Object.entries(seen))('%s have the properties of its seeds', async (type, properties) => {
    const defined = (await client.crm.properties.coreApi.getAll(type)).results.map(({ name }) => name);
    expect(defined).toEqual(expect.arrayContaining([...properties]));
    const page = await client.crm.objects.basicApi.getPage(type, 1, undefined, [...properties]);
    expect(Object.keys(page.results[0]!.properties)).toEqual(expect.arrayContaining([...properties]));
  });

  test('deal_stage, deal_pipeline_stage and owner have what its seeds have', async () => {
    const [deal] = (await client.crm.deals.basicApi.getPage(1, undefined, [], ['dealstage'])).results;
    // deal_stage_data.csv: date_entered, source, value
    expect(deal!.propertiesWithHistory!.dealstage![0]).toMatchObject({
      timestamp: expect.any(Date),
      sourceType: expect.any(String),
      value: expect.any(String),
    });
    const [pipeline] = (await client.crm.pipelines.pipelinesApi.getAll('deals')).results;
    // deal_pipeline_stage_data.csv: stage_id, label, display_order, probability, closed_won, is_closed
    expect(pipeline!.stages[0]).toMatchObject({
      id: expect.any(String),
      label: expect.any(String),
      displayOrder: expect.any(Number),
      metadata: { probability: expect.any(String), isClosed: expect.any(String) },
    });
    // owner_data.csv: owner_id, email, first_name, last_name, type, active_user_id
    expect((await client.crm.owners.ownersApi.getPage()).results[0]).toMatchObject({
      id: expect.any(String),
      email: expect.any(String),
      firstName: expect.any(String),
      lastName: expect.any(String),
      type: 'PERSON',
      userId: expect.any(Number),
    });
  });
});

describe('what HubSpot does not say aloud', () => {
  test('an archived record leaves lists and search, and is listed as archived', async () => {
    const own = await startHubspot({ company });
    const { basicApi } = clientOf(own.url).crm.contacts;
    const id = live('contacts')[0]!.contact_id!;
    own.apply({ kind: 'delete', stream: 'contacts', key: id });
    const ids = async (archived: boolean) =>
      (await basicApi.getPage(100, undefined, [], [], [], archived)).results.map((contact) => contact.id);
    expect(await ids(false)).not.toContain(id);
    expect(await ids(true)).toEqual([id]);
    await own.close();
  });

  test('the old id of a merged record gives the survivor, and its own time of change moves', async () => {
    const own = await startHubspot({ company });
    const { basicApi } = clientOf(own.url).crm.companies;
    const [winner, loser] = live('accounts').map((row) => row.account_id!);
    const before = (await basicApi.getById(winner!)).updatedAt;
    own.apply({ kind: 'merge', stream: 'accounts', key: loser!, into: winner! });
    const found = await basicApi.getById(loser!, ['hs_merged_object_ids']);
    expect(found.id).toBe(winner);
    expect(found.properties.hs_merged_object_ids).toBe(loser);
    expect(found.updatedAt.getTime()).toBeGreaterThan(before.getTime());
    await own.close();
  });

  test('a wrong token is 401, a scope that is not granted 403, a flood 429', async () => {
    const scopes = hubspotScopes.filter((scope) => scope !== 'crm.objects.deals.read');
    const own = await startHubspot({ company, scopes, limits: { tenSeconds: 5, searchSecond: 5 } });
    expect(await code(clientOf(own.url, 'wrong').crm.companies.basicApi.getPage())).toBe(401);
    const { crm } = clientOf(own.url);
    expect(await code(crm.deals.basicApi.getPage())).toBe(403);
    const flood = [];
    for (let request = 0; request < 6; request++) flood.push(await code(crm.companies.basicApi.getPage()));
    expect(flood).toEqual([200, 200, 200, 200, 200, 429]);
    await own.close();
  });

  test('search_lag hides what has just changed; a bulk edit gives everything one time', async () => {
    let now = Date.parse(company.asOf);
    const own = await startHubspot({ company, traps: new Set(['search_lag']), now: () => now });
    const id = live('accounts')[0]!.account_id!;
    own.edits.setProperties('companies', id, { name: 'Renamed' }, now);
    const search = () =>
      clientOf(own.url).crm.companies.searchApi.doSearch({
        filterGroups: [
          { filters: [{ propertyName: 'hs_lastmodifieddate', operator: 'GTE' as never, value: String(now - 1) }] },
        ],
        sorts: [],
        properties: [],
        limit: 200,
        after: '0',
      });
    expect((await search()).total).toBe(0);
    now += 1;
    own.bulkEdit();
    now += 61_000;
    const filter = { propertyName: 'hs_lastmodifieddate', operator: 'EQ' as never, value: String(now - 61_000) };
    const all = await clientOf(own.url).crm.companies.searchApi.doSearch({
      filterGroups: [{ filters: [filter] }],
      sorts: [],
      properties: [],
      limit: 200,
      after: '0',
    });
    expect(all.total).toBe(live('accounts').length);
    await own.close();
  });
});
