// Vocabulary, the envelope of every answer, and errors.
import { z } from 'zod';
import { roles } from '../access.ts';
import { Instant, optional, type Row, text } from '../columns.ts';

export const bases = ['pipeline', 'booked', 'invoiced', 'paid'] as const;

export const partyKinds = ['partner', 'channel', 'unattributed'] as const;

export const motions = ['referral', 'co_sell', 'reseller'] as const;

export const partner_id = text('The partner, as <source>:<native id>');

export const partner_name = optional(text('Its name'));

export const deal_id = text('The deal, as <source>:<native id>');

export const currency = text('ISO 4217, of the amounts that are not in the reporting currency');

export const explain_id = text('What to ask of /v1/explain for the records behind this row');

export const Stamp = {
  release_id: z.string().describe('The release that every figure of this answer is read from'),
  as_of: Instant.describe('Its business clock'),
};

export const Party = {
  party_kind: z.enum(partyKinds),
  party_id: z.string(),
  party_name: z.string().nullable(),
};

/** The envelope of a list: one page of rows of one release. */
export function listOf<Given extends Row>(row: Given) {
  return z
    .strictObject({
      ...Stamp,
      items: z.array(row.schema as Given['schema']),
      next_cursor: z.string().nullable().describe('Pass it as cursor for the next page; null on the last one'),
    })
    .meta({ id: `${row.id}List` });
}

export const Problem = z
  .looseObject({
    type: z.string().describe('urn:sourced:problem:<code>'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable; programs decide by it'),
    detail: z.string().describe('What is wrong and what to do'),
    instance: z.string().optional(),
    errors: z.array(z.strictObject({ field: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document' });

/** Every refusal, in the description of a route. */
export const problemResponse = { description: 'Problem', content: { 'application/problem+json': { schema: Problem } } };

export const Session = z
  .strictObject({
    person: z.string(),
    role: z.enum(roles),
    partner_id: z.string().nullable(),
    home: z.string().describe('The first page of this role'),
    expires_at: Instant.nullable().describe('Null for a key that was sent as Bearer'),
  })
  .meta({ id: 'Session' });
