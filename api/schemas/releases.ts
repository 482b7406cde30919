// Answers about releases side by side: the history, and what changed between two of them and why.
import { z } from 'zod';
import { CalendarDate, Instant, Money, Month } from '../columns.ts';
import { bases, partyKinds, Stamp } from './common.ts';

const count = z.int().nonnegative();

export const ReleaseHistory = z
  .strictObject({
    ...Stamp,
    total: count,
    releases: z.array(
      z.strictObject({
        release_id: z.string(),
        as_of: Instant,
        created_at: Instant,
        is_current: z.boolean(),
        previous_release_id: z.string().nullable(),
        code_digest: z.string(),
        config_digest: z.string(),
        audits: z.strictObject({ total: count, passed: count, warned: count, failed: count }),
      }),
    ),
  })
  .meta({ id: 'ReleaseHistory', description: 'Releases, the newest first' });

const recordChanges = ['added', 'changed', 'removed'] as const;

const causeKinds = ['record', 'merge', 'link', 'decision', 'config', 'code', 'clock', 'indirect'] as const;

const Cause = z
  .strictObject({
    kind: z.enum(causeKinds).describe('indirect: nothing behind it changed; other deals did'),
    text: z.string().describe('In words'),
    record_key: z.string().nullable(),
    change: z.enum(recordChanges).nullable(),
    fields: z.array(z.strictObject({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
  })
  .meta({ id: 'Cause', description: 'Why a figure changed between two releases' });

const Sourcing = z
  .strictObject({ partner_id: z.string(), rule: z.string(), evidence_id: z.string() })
  .nullable()
  .describe('null: nobody sourced it, or the release does not have the deal');

const Amounts = { before: Money, after: Money, difference: Money };

const Side = z.strictObject({ release_id: z.string(), as_of: Instant, created_at: Instant });

const dealChanges = ['added', 'removed', 'sourcing', 'money', 'weights', 'commission'] as const;

export const ReleaseDiff = z
  .strictObject({
    ...Stamp,
    before: Side,
    after: Side,
    causes: z.array(Cause).describe('What differs between the releases as a whole'),
    records: z.array(z.strictObject({ stream: z.string(), added: count, changed: count, removed: count })),
    totals: z.array(
      z.strictObject({
        month: Month,
        basis: z.enum(bases),
        currency: z.string(),
        figure: z.string(),
        ...Amounts,
      }),
    ),
    deals: z.strictObject({
      total: count,
      by_change: z.record(z.enum(dealChanges), count),
      items: z
        .array(
          z.strictObject({
            deal_id: z.string(),
            name: z.string().nullable(),
            changes: z.array(z.enum(dealChanges)),
            sourcing: z.strictObject({ before: Sourcing, after: Sourcing }),
            money: z.array(z.strictObject({ basis: z.enum(bases), month: Month, ...Amounts })),
            weights: z.array(
              z.strictObject({
                party_kind: z.enum(partyKinds),
                party_id: z.string(),
                method: z.string(),
                before: z.int(),
                after: z.int(),
              }),
            ),
            causes: z.array(Cause),
          }),
        )
        .describe('Those whose money moved most; at most `limit`'),
    }),
    links: z.strictObject({
      total: count,
      items: z.array(
        z.strictObject({
          invoice_id: z.string(),
          customer_id: z.string().nullable(),
          before: z.string().describe('A deal, an account, or why it is unlinked'),
          after: z.string(),
        }),
      ),
    }),
    ledger: z.strictObject({
      added: count,
      removed: count.describe('Entries that only the release before has: 0, unless the two are given in reverse'),
      sums: z.array(
        z.strictObject({
          entry_type: z.string(),
          debit_account: z.string(),
          credit_account: z.string(),
          entries: count,
          amount: Money,
        }),
      ),
      items: z.array(
        z.strictObject({
          entry_id: z.string(),
          entry_type: z.string(),
          debit_account: z.string(),
          credit_account: z.string(),
          partner_id: z.string(),
          deal_id: z.string().nullable(),
          effective_date: CalendarDate,
          amount: Money,
        }),
      ),
    }),
    tables: z.array(z.strictObject({ name: z.string(), rows_before: count, rows_after: count })),
  })
  .meta({ id: 'ReleaseDiff', description: 'What changed between two releases, and why' });
