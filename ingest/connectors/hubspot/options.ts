// What sourced.yaml says about a HubSpot portal.
import { z } from 'zod';
import { address } from '../../address.ts';
import { secret } from '../../secret.ts';
import { fieldOptions } from './fields.ts';

const activityTypes = ['calls', 'meetings', 'emails'] as const;
export type ActivityType = (typeof activityTypes)[number];

/** Streams that a company keeps in a custom object (or in HubSpot's leads). */
export const customStreams = ['deal_registrations', 'leads', 'partners'] as const;
export type CustomStream = (typeof customStreams)[number];

const customObject = (stream: CustomStream) =>
  z
    .strictObject({
      object: z
        .string()
        .regex(/^[\w-]+$/)
        .describe('object type: `leads`, or the id of a custom object such as 2-4410023'),
      fields: fieldOptions(stream).optional(),
    })
    .describe(
      `the object that holds ${stream}; a column takes the property of its own name unless \`fields\` names another`,
    );

export const options = z.object({
  access_token: secret('HubSpot → Settings → Integrations → Service keys'),
  base_url: address().default('https://api.hubapi.com').describe('address of the API'),
  fields: z
    .strictObject({
      accounts: fieldOptions('accounts').optional(),
      contacts: fieldOptions('contacts').optional(),
      deals: fieldOptions('deals').optional(),
      touchpoints: fieldOptions('touchpoints').optional(),
    })
    .optional()
    .describe('your own properties: which of them says who sourced a deal, and so on'),
  objects: z
    .strictObject(Object.fromEntries(customStreams.map((stream) => [stream, customObject(stream).optional()])))
    .optional()
    .describe('where registrations, leads and partners are kept'),
  activities: z
    .array(z.enum(activityTypes))
    .default([...activityTypes])
    .describe('activities that are touches'),
  contact_touches: z
    .boolean()
    .default(true)
    .describe("a contact's first visit and form conversions are touches (from its analytics properties)"),
  primary_contact_label: z
    .string()
    .default('Primary contact')
    .describe('association label of the main contact of a deal'),
  sweep_hours: z
    .number()
    .positive()
    .default(24)
    .describe('after so many hours everything is read anew: associations can change without a trace'),
});

type CustomObject = { readonly object: string; readonly fields?: Fields };
type Fields = z.infer<ReturnType<typeof fieldOptions>>;
export type HubspotOptions = Omit<z.infer<typeof options>, 'objects' | 'fields'> & {
  readonly fields?: Readonly<Partial<Record<'accounts' | 'contacts' | 'deals' | 'touchpoints', Fields>>>;
  readonly objects?: Readonly<Partial<Record<CustomStream, CustomObject>>>;
};
