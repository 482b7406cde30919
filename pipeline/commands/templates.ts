// What `sourced init` writes: a commented sourced.yaml, over files or over the systems that are named.
import type { z } from 'zod';
import { connectorSchemas } from '../../ingest/registry.ts';
import { unwrapped } from '../../ingest/secret.ts';

/** What a connector is called in a new sourced.yaml, and its keys there. */
type Template = { readonly name: string; readonly keys: string };

const files = `
  # Every stream that has a file of its name in the directory is read: partners.csv, deals.csv, invoices.csv, …
  - {name: sheets, connector: files, directory: ./sheets}
  # Files of another shape are mapped by column (canonical: theirs), constants and value maps:
  # - name: crm
  #   connector: files
  #   directory: ./crm-export
  #   streams:
  #     deals:
  #       file: sales_pipeline.csv
  #       columns: {deal_id: opportunity_id, account_id: account, created_at: engage_date, closed_at: close_date, amount: close_value}
  #       constants: {currency: USD}
  #       values: {is_won: {from: deal_stage, true: [Won]}, is_closed: {from: deal_stage, true: [Won, Lost]}}
  # A secret is never written here: name an environment variable, "\${LIKE_THIS}".`;

const besideSystems = `
  # What no system delivers, as files with the name of their stream: fx_rates.csv for other currencies, enablement.csv, …
  # - {name: sheets, connector: files, directory: ./sheets}`;

/** By connector, in the order in which they are read: partners before what refers to them. */
const systems: Readonly<Record<string, Template>> = {
  partnerstack: {
    name: 'prm',
    keys: `
    public_key: "\${PARTNERSTACK_PUBLIC_KEY}"
    secret_key: "\${PARTNERSTACK_SECRET_KEY}"
    time_zone: America/New_York                  # as in \`reporting\`: where days begin
    # groups:                                    # a group's motion; \`sourced check\` lists the groups
    #   resellers: {motion: reseller}
    # fields:                                    # canonical column: custom field
    #   deal_registrations: {account_id: crm_account_id}`,
  },
  hubspot: {
    name: 'crm',
    keys: `
    access_token: "\${HUBSPOT_TOKEN}"
    # activities: []                             # without calls, meetings and e-mails as touches
    # fields:                                    # canonical column: your own property
    #   deals: {source_partner_id: partner_source, product: product_line}
    # objects:
    #   deal_registrations: {object: 2-4410023}  # Settings → Objects → Custom objects shows the id`,
  },
  salesforce: {
    name: 'crm',
    keys: `
    base_url: "\${SALESFORCE_URL}"
    client_id: "\${SALESFORCE_CLIENT_ID}"
    client_secret: "\${SALESFORCE_CLIENT_SECRET}"
    refresh_token: "\${SALESFORCE_REFRESH_TOKEN}" # take the line out for the client credentials flow
    # fields:                                    # canonical column: API name; a parent's field is dotted
    #   deals: {source_partner_id: Partner__r.Partner_Key__c}
    # registrations:
    #   object: Deal_Registration__c
    #   fields: {partner_id: Partner__r.Partner_Key__c, account_id: Account__c, status: Status__c}`,
  },
  stripe: {
    name: 'billing',
    keys: `
    api_key: "\${STRIPE_API_KEY}"
    time_zone: America/New_York                  # as in \`reporting\`: whose days periods are
    # live: false                                # for an account in test mode
    # fields: {account_id: crm_company_id}       # metadata keys that link customers and deals to the CRM`,
  },
  chargebee: {
    name: 'billing',
    keys: `
    site: "\${CHARGEBEE_SITE}"
    api_key: "\${CHARGEBEE_API_KEY}"
    time_zone: America/New_York                  # as in \`reporting\`: whose days periods are
    # live: false                                # for a test site
    # fields: {account_id: cf_crm_company}       # custom fields that link customers and deals to the CRM`,
  },
  crossbeam: {
    name: 'mapping',
    keys: `
    client_id: "\${CROSSBEAM_CLIENT_ID}"
    client_secret: "\${CROSSBEAM_CLIENT_SECRET}"
    refresh_token: "\${CROSSBEAM_REFRESH_TOKEN}"
    organization: "\${CROSSBEAM_ORGANIZATION}"`,
  },
};

export const systemNames: readonly string[] = Object.keys(systems);

/** The text of sourced.yaml; without connectors it reads files alone. */
export function configText(connectors: readonly string[]): string {
  return settings(connectors.length ? `${sourcesText(connectors)}${besideSystems}` : files);
}

function sourcesText(connectors: readonly string[]): string {
  const wanted = systemNames.filter((connector) => connectors.includes(connector));
  const nameOf = (connector: string) => {
    const { name } = systems[connector]!;
    const isShared = wanted.some((other) => other !== connector && systems[other]!.name === name);
    return isShared ? connector : name;
  };
  return wanted
    .map(
      (connector) => `
  - name: ${nameOf(connector)}
    ${`connector: ${connector}`.padEnd(44)} # docs/connectors/${connector}.md${systems[connector]!.keys}`,
    )
    .join('');
}

/** The environment variables that the connectors' keys name, and where a person finds the value. */
export function variablesOf(connectors: readonly string[]): { readonly variable: string; readonly where: string }[] {
  return systemNames
    .filter((connector) => connectors.includes(connector))
    .flatMap((connector) =>
      [...systems[connector]!.keys.matchAll(/^ {4}(\w+): "\$\{(\w+)\}"/gm)].map(([, option, variable]) => ({
        variable: variable!,
        where: unwrapped(connectorSchemas[connector]!.shape[option!] as z.ZodType).description ?? option!,
      })),
    );
}

const settings = (sources: string) => `# yaml-language-server: $schema=./sourced.schema.json
# What this company's partners are worth, and what it owes them. Every key is explained in sourced.schema.json.
company: Example Inc
reporting: {currency: USD, time_zone: America/New_York, fiscal_year_start_month: 1}
fx: {rate_date: payment_date, max_age_days: 7}      # or booking_date, month_end

sources:${sources}

attribution:
  scope: account              # a deal's journey: the account's touches, or deal_contacts
  lookback_days: 180
  methods: [first_touch, last_touch, linear]   # for reporting; a method never decides what is paid
  sourcing:                   # one order for the company; the first rule with evidence wins
    - {rule: deal_registration, protection_days: 90, grace_days: 0}
    - {rule: partner_lead, window_days: 90}
    - {rule: crm_field}
    - {rule: first_touch}
  carry_months: 12            # renewals inherit the sourcing partner for so long

motions:                      # a partner's programme is its motion
  referral: {default_plan: referral}
  co_sell: {default_plan: co-sell}
  reseller: {margin: true}

plans:                        # rates are decimal strings: 20 % is "0.20"
  - plan: referral
    starts_on: 2024-01-01
    currency: USD
    trigger: paid
    earns_on: {sourced: true}
    components: [{kind: percent, rate: "0.20", months: 12}]
    hold_days: 30
  - plan: co-sell
    starts_on: 2024-01-01
    currency: USD
    trigger: paid
    earns_on: {sourced: true}
    components: [{kind: percent, rate: "0.10", months: 12}]
    hold_days: 30

publish: {max_load_age_hours: 36, max_quarantine_share: 0.01, block_on_stale: []}
`;
