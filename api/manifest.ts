// manifest.json of a release: what `publish` writes beside the tables and what the API knows about a release as a whole.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('sha256, hex');

export const Manifest = z.looseObject({
  release_id: z
    .string()
    .regex(/^[0-9a-f]{8,64}$/)
    .describe('Digest of every row, the business clock and the config'),
  created_at: z.iso.datetime().describe('When the release was written; not part of its id'),
  as_of: z.iso.datetime().describe('The business clock'),
  previous_release_id: z.string().nullable().default(null),
  company: z.string(),
  reporting_currency: z.string().regex(/^[A-Z]{3}$/),
  time_zone: z.string(),
  fiscal_year_start_month: z.int().min(1).max(12),
  lookback_days: z.int().nullable().default(null),
  methods: z.array(z.string()).min(1).describe('Attribution methods, in the order of the config'),
  code_digest: z.string(),
  config_digest: z.string(),
  tables: z.record(
    z.string(),
    z.looseObject({
      rows: z.int().nonnegative(),
      sha256: Digest,
      digest: Digest.optional().describe('Of the rows, whatever their order, without what tells when they were read'),
    }),
  ),
  audits: z.looseObject({ total: z.int(), passed: z.int(), warned: z.int(), failed: z.int() }),
  freshness: z.array(
    z.looseObject({
      source: z.string(),
      stream: z.string().nullable().default(null),
      last_load_at: z.iso.datetime().nullable(),
    }),
  ),
  decision_sequence: z
    .int()
    .nonnegative()
    .default(0)
    .describe('The last decision of the books that the figures know of; 0 where none was known'),
  ledger_head: z.string().nullable().describe('The hash that ends the ledger chain; null for an empty ledger'),
});

export type Manifest = z.infer<typeof Manifest>;

/** How many audits there were and how they ended; a manifest may hold more about them. */
export function auditCounts({ audits: { total, passed, warned, failed } }: Manifest) {
  return { total, passed, warned, failed };
}

/** The manifest in a release's directory. Throws where there is none, or it is not one. */
export function readManifest(directory: string): Manifest {
  return Manifest.parse(JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')));
}
