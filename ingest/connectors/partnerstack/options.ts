// The keys of a PartnerStack source in sourced.yaml.
import { z } from 'zod';
import { timeZone } from '../../../core/time-zone.ts';
import { address } from '../../address.ts';
import { secret } from '../../secret.ts';

export const delivers = [
  'partners',
  'partner_agreements',
  'leads',
  'deal_registrations',
  'touchpoints',
  'payouts',
] as const;
export type Delivered = (typeof delivers)[number];

const columns = {
  partners: ['tier', 'status', 'motion', 'ended_at', 'domain', 'country', 'currency'],
  partner_agreements: ['agreement_id', 'starts_on', 'ends_on'],
  leads: ['account_id', 'deal_id', 'email', 'domain', 'owner', 'first_response_at'],
  deal_registrations: ['account_id', 'deal_id', 'domain', 'status', 'decided_at', 'protection_ends_at'],
  touchpoints: ['account_id', 'contact_id', 'deal_id', 'campaign'],
  payouts: [],
} as const satisfies Record<Delivered, readonly string[]>;

/** Canonical columns that a custom field of PartnerStack may fill. */
export const customColumns: Readonly<Record<Delivered, readonly string[]>> = columns;

const motion = z.enum(['referral', 'co_sell', 'reseller']);
const named = (stream: Delivered) =>
  z.strictObject(Object.fromEntries(columns[stream].map((name) => [name, z.string().min(1).optional()]))).optional();
const lists = z.record(z.string(), z.array(z.string().min(1))).describe('canonical status: list of theirs');

export const options = z.object({
  public_key: z.string().min(1).describe('Settings → Integrations → PartnerStack API keys'),
  secret_key: secret('Settings → Integrations → PartnerStack API keys'),
  base_url: address().default('https://api.partnerstack.com/api/v2'),
  streams: z
    .array(z.enum(delivers))
    .min(1)
    .default([...delivers])
    .describe('what is read here and not from another source'),
  groups: z
    .record(z.string(), z.strictObject({ motion: motion.optional(), plan: z.string().min(1).optional() }))
    .default({})
    .describe('slug of a group: the motion of its partners, and the plan that they are paid by'),
  motion: motion.default('referral').describe('of partners whose group names none'),
  fields: z
    .strictObject(Object.fromEntries(delivers.map((stream) => [stream, named(stream)])))
    .default({})
    .describe('stream: {canonical column: custom field}; default is a custom field of the name of the column'),
  lead_statuses: lists.default({}),
  registration_statuses: lists.default({}),
  time_zone: timeZone.default('UTC').describe('in which the day of an agreement begins'),
  start_date: z.iso.date().default('2015-01-01').describe('rewards created before it are not read'),
  rescan_days: z
    .int()
    .min(1)
    .max(3650)
    .default(180)
    .describe('rewards this old are read again, since they change in silence'),
  page_size: z.int().min(1).max(250).default(250),
});

type FieldNames = Readonly<Record<string, string | undefined>>;
export type PartnerStackOptions = Omit<z.output<typeof options>, 'fields'> & {
  readonly fields: Readonly<Partial<Record<Delivered, FieldNames | undefined>>>;
};
