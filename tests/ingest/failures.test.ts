// What a reading says when a system does not let it in, or not everywhere: each cause once, with source, objects, the line that
// mends it and what is missing until then; never the system's own JSON.
import { afterEach, expect, test } from 'vitest';
import { type SourceError, SourceErrors } from '../../core/errors.ts';
import { connectorSchemas } from '../../ingest/registry.ts';
import { wordsOf } from '../../ingest/request-error.ts';
import { describeError } from '../../pipeline/exit.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { createStore, readCompany } from '../../sandbox/servers/company.ts';
import { numericCrmIds } from '../../sandbox/servers/crm-ids.ts';
import { hubspotScopes, startHubspot } from '../../sandbox/servers/hubspot.ts';
import { startPartnerStack } from '../../sandbox/servers/partnerstack.ts';
import { startStripe } from '../../sandbox/servers/stripe.ts';
import { temporaryDirectory } from '../workspace.ts';
import { VendorLanding } from './vendor-landing.ts';

const now = Date.parse('2026-11-02T06:00:00Z');
const directory = temporaryDirectory();
generateCompany({ directory, size: { accounts: 30, partners: 8 } });
const company = numericCrmIds(readCompany(directory));

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function hubspotSource(options: { scopes?: readonly string[]; access_token?: string } = {}) {
  const server = await startHubspot({ company, token: 'right-token', now: () => now, ...options });
  open.push(server);
  return {
    server,
    source: sourceOf('crm', 'hubspot', { base_url: server.url, access_token: 'right-token', ...options }),
  };
}

async function stripeSource(permissions?: ReadonlySet<string>) {
  const server = await startStripe({
    store: createStore(company),
    now: () => now,
    ...(permissions && { permissions }),
  });
  open.push(server);
  return sourceOf('billing', 'stripe', { base_url: server.url, api_key: 'sandbox_live_key' });
}

function sourceOf(name: string, connector: string, options: object) {
  const { scopes: _, ...given } = options as { scopes?: unknown };
  return { ...connectorSchemas[connector]!.parse(given), name, connector };
}

async function failureOf(sources: ReturnType<typeof sourceOf>[], more: object = {}) {
  const landing = await VendorLanding.open({ now, sources });
  open.push(landing);
  const error = await landing.load(more).then(
    () => undefined,
    (reason: unknown) => reason as SourceError,
  );
  return { error, words: describeError(error).split('\n'), landing };
}

test('a missing scope: its objects, the scope to add, and what is missing until then; the others are read', async () => {
  const { source } = await hubspotSource({ scopes: hubspotScopes.filter((scope) => !scope.includes('contacts')) });
  const { words, landing } = await failureOf([source]);
  expect(words).toEqual([
    'sourced: crm: contacts, deals, activities: HubSpot: GET /crm/properties/2026-09/contacts was refused with 403: This app hasn’t been granted all required scopes to make this call.',
    '  → give the service key the scope crm.objects.contacts.read (Settings → Integrations → Service keys)',
    '  → until then touches that name only a contact find no account; nothing is sourced, influenced or booked; these touches are missing from journeys, and so from influence',
  ]);
  expect((await landing.current('hubspot', 'accounts')).size).toBeGreaterThan(0);
});

test('a scope that only the links of records need is the one that HubSpot names', async () => {
  const { source } = await hubspotSource({ scopes: hubspotScopes.filter((scope) => !scope.includes('companies')) });
  const { words } = await failureOf([source]);
  expect(words[0]).toMatch(/^sourced: crm: companies, deals, activities: HubSpot: /);
  expect(words[1]).toContain('the scope crm.objects.companies.read');
  expect(words).toHaveLength(3);
});

test('two causes in two systems: each with its own line below it', async () => {
  const { source } = await hubspotSource({ scopes: hubspotScopes.filter((scope) => scope !== 'sales-email-read') });
  const permissions = [
    'customers',
    'subscriptions',
    'invoices',
    'invoice_payments',
    'charges',
    'credit_notes',
    'disputes',
    'events',
  ];
  const { error, words } = await failureOf([source, await stripeSource(new Set(permissions))]);
  expect(error).toBeInstanceOf(SourceErrors);
  expect(words).toEqual([
    expect.stringMatching(/^sourced: crm: activities: HubSpot: .* 403/),
    expect.stringMatching(/scope sales-email-read .*, or leave `emails` out under `activities`/),
    expect.stringContaining('until then these touches are missing'),
    expect.stringMatching(
      /^sourced: billing: refunds: Stripe: GET \/v1\/refunds was refused with 403: The provided key/,
    ),
    expect.stringContaining('the permission rak_refund_read'),
    expect.stringContaining('until then refunds'),
  ]);
});

test('wrong keys are one failure of the source, and nothing more is asked', async () => {
  const { server, source } = await hubspotSource();
  const { words } = await failureOf([{ ...source, access_token: 'wrong-token-canary' } as typeof source]);
  expect(words).toEqual([
    expect.stringMatching(/^sourced: crm: HubSpot: GET \S+ was refused with 401: Authentication credentials not found/),
    expect.stringContaining('make a new service key'),
    '  → until then nothing of crm is read',
  ]);
  expect(server.requests()).toHaveLength(1);
});

test('an address where nobody answers is one failure, of all sources that are there the other is read', async () => {
  const { server, source } = await hubspotSource();
  await server.close();
  const { words, landing } = await failureOf([source, await stripeSource()]);
  expect(words).toEqual([
    expect.stringMatching(/^sourced: crm: HubSpot: GET \S+: the connection is refused \(3 attempts\)$/),
    expect.stringContaining(`is ${server.url} reachable from this machine?`),
    '  → until then nothing of crm is read',
  ]);
  expect((await landing.current('stripe', 'invoices')).size).toBeGreaterThan(0);
});

test('a reading anew names the object that failed it', async () => {
  const { source } = await hubspotSource({ scopes: hubspotScopes.filter((scope) => !scope.includes('deals')) });
  const { words } = await failureOf([source], { resync: 'crm' });
  expect(words).toEqual([
    expect.stringMatching(/^sourced: crm: deals: HubSpot: .* 403/),
    expect.stringContaining('the scope crm.objects.deals.read'),
    '  → until then what is known of crm stays as it is',
  ]);
});

test('half of a pair of keys', async () => {
  const server = await startPartnerStack({ store: createStore(company), now: () => now });
  open.push(server);
  const keys = { base_url: `${server.url}/api/v2`, public_key: 'pk_sandbox', secret_key: 'sk_wrong_canary' };
  const { words } = await failureOf([sourceOf('prm', 'partnerstack', keys)]);
  expect(words).toEqual([
    'sourced: prm: PartnerStack: GET /api/v2/partnerships was refused with 401: Invalid public or secret key',
    expect.stringContaining('check `public_key` and `secret_key`'),
    '  → until then nothing of prm is read',
  ]);
});

test.each([
  ['{"error":{"message":"No such key","type":"x"}}', 'No such key'],
  ['[{"message":"Session expired","errorCode":"INVALID_SESSION_ID"}]', 'Session expired'],
  ['{"error":"invalid_grant","error_description":"expired token"}', 'expired token'],
  ['{"type":"about:blank","title":"Forbidden","detail":"not for you"}', 'not for you'],
  ['{"errors":[{"detail":"a\\n  b"}]}', 'a b'],
  ['{"status":403}', ''],
  ['{"message":', ''],
  ['<html><body>no</body></html>', ''],
  ['Unauthorized', 'Unauthorized'],
])('of %s people are told: %s', (body, words) => {
  expect(wordsOf(body)).toBe(words);
});
