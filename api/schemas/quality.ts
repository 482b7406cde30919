// Answers about the release itself: audits, freshness, reconciliation, what was refused, where attribution breaks.
import { z } from 'zod';
import {
  boolean,
  choice,
  defineRow,
  Instant,
  instant,
  integer,
  Month,
  minorUnits,
  money,
  number,
  optional,
  reportingMoney,
  text,
} from '../columns.ts';
import { bases, motions, Stamp } from './common.ts';

export const Release = z
  .strictObject({
    ...Stamp,
    created_at: Instant,
    previous_release_id: z.string().nullable(),
    company: z.string(),
    reporting_currency: z.string(),
    time_zone: z.string(),
    fiscal_year_start_month: z.int(),
    months: z.array(Month).describe('Months with money, first to last, without gaps'),
    last_complete_month: Month.nullable(),
    bases: z.array(z.enum(bases)),
    methods: z.array(z.string()),
    motions: z.array(z.enum(motions)),
    currencies: z.array(z.string()),
    audits: z.strictObject({ total: z.int(), passed: z.int(), warned: z.int(), failed: z.int() }),
    freshness: z.strictObject({
      oldest_source: z.string().nullable(),
      oldest_load_at: Instant.nullable(),
      age_hours: z.number().nullable(),
    }),
    code_digest: z.string(),
    config_digest: z.string(),
    ledger_head: z.string().nullable(),
    tables: z.array(z.strictObject({ name: z.string(), rows: z.int(), sha256: z.string() })),
  })
  .meta({ id: 'Release' });

export const AuditResult = defineRow('AuditResult', 'A check that ran before this release was published', {
  name: text('Name'),
  level: choice(['block', 'warn'], 'block: publishing stops where it fails'),
  status: text('pass or fail'),
  detail: optional(text('What was compared')),
});

export const Audit = defineRow('Audit', 'The same with its query', {
  ...AuditResult.columns,
  query: optional(text('The SQL that decides it, as it ran')),
});

export const Freshness = defineRow('Freshness', 'The last complete load of a source stream', {
  source: text('Source'),
  stream: text('Stream'),
  last_load_at: optional(instant('Last complete load')),
  age_hours: optional(number('Its age at the business clock')),
  max_age_hours: optional(number('The age above which it is stale')),
  is_stale: optional(boolean('Older than allowed')),
  level: optional(choice(['block', 'warn'], 'block: publishing stops where it is stale')),
  status: optional(text('pass or fail')),
  detail: optional(text('In words')),
  fetched: optional(integer('Records read')),
  accepted: optional(integer('New versions')),
  repeats: optional(integer('Identical repeats')),
  quarantined: optional(integer('Refused')),
});

export const Quarantined = defineRow('Quarantined', 'A record refused, with its reason', {
  quarantine_id: optional(text('What `sourced quarantine` calls it')),
  source: optional(text('Source')),
  stream: text('Stream'),
  record_id: optional(text('Native id of the record')),
  record: optional(integer('Its number in the file; the header is 1')),
  reason: text('Published reason code'),
  field: optional(text('Field')),
  detail: optional(text('What is wrong with it')),
  state: optional(text('open, waived, or pending: tried again by each run')),
});

export const Reconciliation = defineRow('Reconciliation', 'Two sides that must agree, and every difference named', {
  check: text('What is compared'),
  scope: optional(text('Where: month, basis, currency, …')),
  currency: optional(text('ISO 4217')),
  left: minorUnits('Left side'),
  right: minorUnits('Right side'),
  difference: minorUnits('Left − right'),
  is_exact: optional(boolean('The difference must be 0; otherwise the row explains a part of one')),
  explanation: optional(text('Why they differ')),
});

export const Gap = defineRow('Gap', 'Where attribution breaks: the money at stake and what to do next', {
  kind: text('unlinked money, deal without touches, contested deal, …'),
  reason: optional(text('Why')),
  record_count: integer('Records'),
  at_stake: optional(reportingMoney('Money at stake')),
  oldest_at: optional(instant('Since when the oldest of them is so')),
  oldest_days: optional(integer('Its age in days at the business clock')),
  next_action: optional(text('What to do')),
});

export const Quality = z
  .strictObject({
    ...Stamp,
    audits: z.array(AuditResult.schema),
    freshness: z.array(Freshness.schema),
    reconciliation: z.array(Reconciliation.schema),
    quarantine: z.strictObject({
      total: z.int().describe('Refused and still to be looked at'),
      waived_count: z.int().describe('Refused, and a person said why they may stay out'),
      by_reason: z.array(
        z.strictObject({
          stream: z.string(),
          reason: z.string(),
          record_count: z.int(),
          examples: z.array(
            z.strictObject({
              quarantine_id: z.string().nullable(),
              record_id: z.string().nullable(),
              record: z.int().nullable(),
              field: z.string().nullable(),
              detail: z.string().nullable(),
            }),
          ),
        }),
      ),
    }),
    exceptions: z.array(Gap.schema),
  })
  .meta({ id: 'Quality' });

export const Exception = defineRow(
  'Exception',
  'A record that needs a person, with the money at stake and what to do',
  {
    kind: text('ambiguous_link, over_payment, fx_rate_missing, …'),
    stream: text('Stream'),
    record_id: text('The record, as <source>:<native id>'),
    reason: text('Why'),
    detail: optional(text('In words')),
    currency: optional(text('ISO 4217')),
    amount: optional(money('Amount of the record')),
    at_stake: optional(reportingMoney('Money at stake')),
    since_at: optional(instant('Since when it is so, by the dates of the records')),
    age_days: optional(integer('Its age in days at the business clock')),
    next_action: optional(text('What to do')),
  },
);
