// Writes what dbt must know of sourced.yaml, the business clock and approved overrides into schema `config`.
// Tables, not dbt variables: a changed variable makes dbt parse the whole project again.
import freeMailDomains from 'free-email-domains';
import { programmeOf } from '../attribution/programme.ts';
import type { Config } from '../core/config.ts';
import { currencies } from '../core/currency.ts';
import { localDate } from '../core/month.ts';
import { motionNames } from '../core/programme.ts';
import type { Digests } from './digests.ts';
import type { Warehouse } from './warehouse.ts';

/** An approved override of the books: links a subject to an object, such as a billing customer to an account. */
export type Override = { readonly kind: string; readonly subject_id: string; readonly object_id: string };

export type ConfigTables = {
  readonly config: Config;
  /** The business clock, in epoch microseconds. */
  readonly as_of_us: bigint;
  readonly digests: Digests;
  readonly overrides: readonly Override[];
};

const schema = `
  CREATE SCHEMA IF NOT EXISTS config;
  CREATE OR REPLACE TABLE config.setting (
    company VARCHAR, as_of TIMESTAMPTZ, as_of_date DATE, reporting_currency VARCHAR, time_zone VARCHAR,
    fiscal_year_start_month INTEGER, scope VARCHAR, lookback_days INTEGER, carry_months INTEGER,
    fx_rate_date VARCHAR, fx_max_age_days INTEGER, max_load_age_hours DOUBLE, max_quarantine_share DOUBLE,
    code_digest VARCHAR, config_digest VARCHAR);
  CREATE OR REPLACE TABLE config.currency (currency VARCHAR, exponent INTEGER);
  CREATE OR REPLACE TABLE config.free_mail_domain (domain VARCHAR);
  CREATE OR REPLACE TABLE config.source (source VARCHAR, connector VARCHAR, position INTEGER, block_on_stale BOOLEAN);
  CREATE OR REPLACE TABLE config.plan (plan VARCHAR, starts_on DATE);
  CREATE OR REPLACE TABLE config.motion (motion VARCHAR, protection_days INTEGER);
  CREATE OR REPLACE TABLE config.method (method VARCHAR, position INTEGER);
  CREATE OR REPLACE TABLE config.override (kind VARCHAR, subject_id VARCHAR, object_id VARCHAR);`;

/** Replaces schema `config`, all of it in one transaction. */
export async function writeConfigTables(warehouse: Warehouse, tables: ConfigTables): Promise<void> {
  const { config, as_of_us, digests, overrides } = tables;
  const { attribution, reporting, fx, publish } = config;
  await warehouse.transaction(async () => {
    await warehouse.run(schema);
    await warehouse.run(
      `INSERT INTO config.setting VALUES (?, make_timestamptz(?::BIGINT), ?::DATE, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        config.company,
        as_of_us,
        localDate(as_of_us, reporting.time_zone),
        reporting.currency,
        reporting.time_zone,
        reporting.fiscal_year_start_month,
        attribution.scope,
        attribution.lookback_days,
        attribution.carry_months,
        fx.rate_date,
        fx.max_age_days,
        publish.max_load_age_hours,
        publish.max_quarantine_share,
        digests.code,
        digests.config,
      ],
    );
    for (const [table, rows] of Object.entries(rowsOf(config, overrides))) await fill(warehouse, table, rows);
  });
}

/** The rows of each table but `setting`. */
function rowsOf(config: Config, overrides: readonly Override[]): Record<string, readonly object[]> {
  const { sources, plans, attribution, publish } = config;
  const programme = programmeOf(config);
  return {
    currency: currencies(),
    free_mail_domain: freeMailDomains.map((domain) => ({ domain })),
    source: sources.map(({ name, connector }, position) => ({
      source: name,
      connector,
      position,
      block_on_stale: publish.block_on_stale.includes(name),
    })),
    plan: plans.map(({ plan, starts_on }) => ({ plan, starts_on })),
    motion: motionNames.map((motion) => ({
      motion,
      protection_days: programme.rule(motion, 'deal_registration')?.protection_days ?? null,
    })),
    method: attribution.methods.map((method, position) => ({ method, position })),
    override: overrides,
  };
}

/** Fills a table of `config` from row objects through one JSON parameter: small tables, one statement each. */
async function fill(warehouse: Warehouse, table: string, rows: readonly object[]): Promise<void> {
  if (!rows.length) return;
  const shape = Object.fromEntries(Object.keys(rows[0]!).map((column) => [column, 'VARCHAR']));
  await warehouse.run(
    `INSERT INTO config.${table} BY NAME SELECT unnest(from_json(?, '${JSON.stringify([shape])}'), recursive := true)`,
    [JSON.stringify(rows)],
  );
}
