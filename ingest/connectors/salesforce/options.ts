// The keys of a Salesforce source in sourced.yaml.
import { z } from 'zod';
import { address } from '../../address.ts';
import { secret } from '../../secret.ts';

export const delivers = [
  'accounts',
  'contacts',
  'leads',
  'deals',
  'deal_stages',
  'deal_contacts',
  'deal_registrations',
  'touchpoints',
] as const;
export type Delivered = (typeof delivers)[number];

/** Columns that a field of the company's own may fill; those of registrations stand with their object. */
const mappable = {
  accounts: ['name', 'domain', 'country', 'segment'],
  contacts: ['email'],
  leads: ['partner_id', 'account_id', 'deal_id', 'email', 'domain', 'status', 'first_response_at', 'owner'],
  deals: [
    'amount',
    'closed_at',
    'currency',
    'kind',
    'lead_created_at',
    'name',
    'owner',
    'product',
    'reseller_partner_id',
    'source_partner_id',
    'stage',
  ],
  deal_contacts: ['role'],
  touchpoints: ['campaign', 'channel', 'kind', 'occurred_at', 'partner_id'],
} as const;
type Mappable = keyof typeof mappable;

const registrationColumns = [
  'partner_id',
  'account_id',
  'domain',
  'deal_id',
  'submitted_at',
  'decided_at',
  'status',
  'protection_ends_at',
] as const;

/** Columns that a field of the company's own may fill, by stream. */
export const ownColumns: Readonly<Record<Delivered, readonly string[]>> = {
  ...mappable,
  deal_stages: [],
  deal_registrations: registrationColumns,
};

const field = z
  .string()
  .regex(/^\w+(\.\w+)?$/, 'expected the API name of a field, such as Partner__c or Partner__r.Key__c');
const named = (columns: readonly string[]) =>
  z.strictObject(Object.fromEntries(columns.map((name) => [name, field.optional()])));
const lists = z.record(z.string(), z.array(z.string().min(1))).describe('canonical value: list of theirs');

export const options = z.object({
  base_url: address().describe('your My Domain, such as https://acme.my.salesforce.com'),
  client_id: z.string().min(1).describe('consumer key of the external client app'),
  client_secret: secret('consumer secret of the external client app'),
  refresh_token: secret(
    'of an authorization with the scopes api refresh_token; without it the client credentials flow is used',
  ).optional(),
  api_version: z
    .string()
    .regex(/^\d+\.0$/)
    .default('66.0'),
  streams: z
    .array(z.enum(delivers))
    .min(1)
    .default([...delivers])
    .describe('what is read here and not from another source'),
  fields: z
    .strictObject(
      Object.fromEntries(Object.entries(mappable).map(([stream, columns]) => [stream, named(columns).optional()])),
    )
    .default({})
    .describe('stream: {canonical column: API name of the field}'),
  registrations: z
    .strictObject({
      object: z.string().regex(/^\w+$/),
      fields: named(registrationColumns),
      statuses: lists.default({}),
    })
    .optional()
    .describe('the custom object that holds deal registrations'),
  partner_roles: z
    .strictObject({ partner_id: field.default('AccountToId') })
    .optional()
    .describe(
      'reads the partners of opportunities (OpportunityPartner) as touches; partner_id: the field that holds the id of the partner',
    ),
  lead_statuses: lists.default({}),
  deal_kinds: lists.default({}),
  start_date: z.iso.date().default('2000-01-01').describe('records last changed before it are not read'),
  lookback_minutes: z.int().min(0).max(1440).default(30).describe('changes show up late by this much'),
  bulk_above: z.int().min(0).default(2_000).describe('records of one reading above which the Bulk API is used'),
  max_api_share: z.number().positive().max(1).default(0.9).describe('of the requests of a day, by whomever made'),
});

type FieldNames = Readonly<Record<string, string | undefined>>;
export type SalesforceOptions = Omit<z.output<typeof options>, 'fields' | 'registrations'> & {
  readonly fields: Readonly<Partial<Record<Mappable, FieldNames | undefined>>>;
  readonly registrations?:
    | {
        readonly object: string;
        readonly fields: FieldNames;
        readonly statuses: Readonly<Record<string, readonly string[]>>;
      }
    | undefined;
};

/** The fields of the company's own that sourced.yaml names for a stream. */
export function own({ fields }: SalesforceOptions, stream: Mappable): FieldNames {
  return fields[stream] ?? {};
}
