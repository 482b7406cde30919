// The sandbox company in the systems that a company has: HubSpot, Stripe, PartnerStack and Crossbeam answer over HTTP on
// loopback, spreadsheets hold the rest. The workspace names their addresses; nothing in it says that it is a sandbox.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StreamName, streamNames, streams } from '../core/streams.ts';
import { type Company, createStore, readCompany } from './servers/company.ts';
import { numericCrmIds } from './servers/crm-ids.ts';
import { startCrossbeam } from './servers/crossbeam.ts';
import { hubspotToken, startHubspot } from './servers/hubspot.ts';
import { registrationTypeId } from './servers/hubspot-objects.ts';
import { startPartnerStack } from './servers/partnerstack.ts';
import type { SandboxServer } from './servers/server.ts';
import { startStripe } from './servers/stripe.ts';
import { workspaceYaml } from './workspace.ts';
import { createCsv } from './writers.ts';

/** Where the vendors answer, so that the workspace stays the same from run to run. */
const ports = { hubspot: 4801, stripe: 4802, partnerstack: 4803, crossbeam: 4804 } as const;
type Vendor = keyof typeof ports;

export type Vendors = {
  readonly urls: Readonly<Record<Vendor, string>>;
  readonly servers: Readonly<Record<Vendor, SandboxServer>>;
  close(): Promise<void>;
};

/** What sourced.yaml takes from the environment. */
export const vendorSecrets: Readonly<Record<string, string>> = {
  HUBSPOT_TOKEN: hubspotToken,
  STRIPE_API_KEY: 'sandbox_live_key',
  PARTNERSTACK_PUBLIC_KEY: 'pk_sandbox',
  PARTNERSTACK_SECRET_KEY: 'sk_sandbox',
  CROSSBEAM_CLIENT_SECRET: 'xb-secret',
  CROSSBEAM_REFRESH_TOKEN: 'xb-refresh',
};

/** The company of `generateCompany` with the record ids that HubSpot gives: numbers. */
export function vendorCompany(directory: string): Company {
  return numericCrmIds(readCompany(directory));
}

/** Starts all four over one store of the company's records. A port that is taken is replaced by a free one. */
export async function startVendors({ company, now }: { company: Company; now: () => number }): Promise<Vendors> {
  const store = createStore(company);
  // A sandbox portal has no other users: nobody has to be left a share of its limit.
  const limits = { tenSeconds: 10_000, searchSecond: 5 };
  const servers = {
    hubspot: await onPort(ports.hubspot, (port) => startHubspot({ store, now, port, limits })),
    stripe: await onPort(ports.stripe, (port) => startStripe({ store, now, port })),
    partnerstack: await onPort(ports.partnerstack, (port) => startPartnerStack({ store, now, port })),
    crossbeam: await onPort(ports.crossbeam, (port) => startCrossbeam({ store, now, port })),
  };
  return {
    servers,
    urls: Object.fromEntries(Object.entries(servers).map(([name, { url }]) => [name, url])) as Vendors['urls'],
    close: async () => {
      for (const server of Object.values(servers)) await server.close();
    },
  };
}

async function onPort<Server>(port: number, start: (port: number) => Promise<Server>): Promise<Server> {
  try {
    return await start(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return start(0);
  }
}

/** What a vendor gives; the spreadsheets have the other streams, and the touches that are no activities of HubSpot. */
const fromVendors: ReadonlySet<StreamName> = new Set([
  ...(['accounts', 'contacts', 'leads', 'deals', 'deal_stages', 'deal_contacts', 'deal_registrations'] as const),
  ...(['billing_customers', 'subscriptions', 'invoices', 'invoice_lines', 'payments', 'payment_adjustments'] as const),
  ...(['partners', 'partner_agreements', 'payouts', 'account_overlaps'] as const),
]);

/** Writes the workspace: sourced.yaml with the vendors' addresses, the spreadsheets, the business clock. */
export function writeVendorWorkspace(
  directory: string,
  { company, urls }: { company: Company; urls: Vendors['urls'] },
): void {
  const sheets = join(directory, 'sheets');
  mkdirSync(sheets, { recursive: true });
  for (const stream of streamNames.filter((name) => !fromVendors.has(name))) {
    const file = createCsv(
      join(sheets, `${stream}.csv`),
      streams[stream].columns.map(({ name }) => name),
    );
    for (const row of company.rows(stream)) if (!(stream === 'touchpoints' && row.channel === 'sales')) file.write(row);
    file.close();
  }
  writeFileSync(join(directory, 'sourced.yaml'), workspaceYaml(sources(urls)));
  writeFileSync(join(directory, 'as_of.txt'), `${company.asOf}\n`);
}

function sources(urls: Vendors['urls']): string {
  return `  - name: prm                      # partners, their plans and what they were paid
    connector: partnerstack
    base_url: ${urls.partnerstack}/api/v2
    public_key: "\${PARTNERSTACK_PUBLIC_KEY}"
    secret_key: "\${PARTNERSTACK_SECRET_KEY}"
    time_zone: America/New_York
    streams: [partners, partner_agreements, payouts]
    groups:                        # a group's motion, and its plan where that is not the motion's default
      referral: {motion: referral}
      co-sell: {motion: co_sell}
      reseller: {motion: reseller}
      referral-premier: {motion: referral, plan: referral-premier}
      referral-emea: {motion: referral, plan: referral-emea}
      co-sell-emea: {motion: co_sell, plan: co-sell-emea}
    fields:                        # custom fields of the programme
      partners: {status: programme_status, ended_at: ended_on, domain: website, currency: payout_currency}
      partner_agreements: {starts_on: agreement_starts_on, ends_on: agreement_ends_on}
  - name: crm                      # companies, people, deals, registrations, leads, what sales did
    connector: hubspot
    base_url: ${urls.hubspot}
    access_token: "\${HUBSPOT_TOKEN}"
    fields:                        # the company's own properties
      accounts: {segment: segment}
      deals:
        closed_at: [closed_on, closedate]         # where only the day is known, it stands in closed_on
        lead_created_at: lead_created_at
        source_partner_id: partner_source
        reseller_partner_id: reseller
        product: product_line
        kind: deal_kind
    objects:
      deal_registrations: {object: ${registrationTypeId}}
      leads: {object: leads}
  - name: billing
    connector: stripe
    base_url: ${urls.stripe}
    api_key: "\${STRIPE_API_KEY}"
    time_zone: America/New_York
    requests_per_second: 1000
  - name: mapping                  # which accounts partners know too
    connector: crossbeam
    base_url: ${urls.crossbeam}
    token_url: ${urls.crossbeam}/oauth/token
    client_id: xb-client
    client_secret: "\${CROSSBEAM_CLIENT_SECRET}"
    refresh_token: "\${CROSSBEAM_REFRESH_TOKEN}"
    organization: 3f0c6a52-9d5a-4b1e-8a7e-0d7b9f4a1c11
  - {name: sheets, connector: files, directory: ./sheets}      # marketing and partner touches, training, exchange rates`;
}
