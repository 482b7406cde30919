// The answer of /v1/explain: a figure, the rules and parts behind it, and the records they were made from.
import { z } from 'zod';
import { Instant, Money } from '../columns.ts';
import { Stamp } from './common.ts';

const explainKinds = [
  'deal',
  'invoice',
  'record',
  'ledger_entry',
  'statement',
  'statement_line',
  'partner_month',
  'revenue',
  'liability',
  'party',
] as const;

export const Explanation = z
  .strictObject({
    ...Stamp,
    id: z.string(),
    kind: z.enum(explainKinds),
    title: z.string(),
    statement: z.string().describe('One sentence that says how the figure came about'),
    figures: z.array(z.strictObject({ label: z.string(), amount: Money })),
    facts: z.array(z.strictObject({ label: z.string(), value: z.string() })),
    rules: z.array(
      z.strictObject({ name: z.string(), text: z.string(), source: z.string().describe('Where the rule is written') }),
    ),
    parts: z
      .array(
        z.strictObject({
          id: z.string(),
          kind: z.string(),
          label: z.string(),
          amount: Money.nullable(),
          explain_id: z.string().nullable(),
        }),
      )
      .describe('One level down: what the figure is the sum of'),
    parts_match: z.boolean().nullable().describe('Whether all parts add up to the figure; null where they need not'),
    records: z.array(
      z.strictObject({
        record_key: z.string(),
        source: z.string(),
        stream: z.string(),
        role: z.string().nullable(),
        version_hash: z.string(),
        loaded_at: Instant.nullable(),
        file: z.string().nullable().describe('The file or request that brought it'),
        record: z.int().nullable().describe('Its number there; a header is 1'),
        payload: z.record(z.string(), z.unknown()).nullable().describe('The record as the source sent it'),
      }),
    ),
    record_count: z.int().describe('All of them; `records` holds the first 200'),
  })
  .meta({ id: 'Explanation' });
