// /v1/quality: whether this release can be trusted: audits with their query, freshness, reconciliation, refused records, work to do.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { staff } from '../access.ts';
import { type ApiServices, documentRoute, listRoute } from '../answers.ts';
import { type Row, without } from '../columns.ts';
import { jsonRow } from '../faces.ts';
import { ageDaysSql, clockOf, conditions, id } from '../filters.ts';
import { type ListQuery, type OrderColumn, readAll } from '../lists.ts';
import type { Release } from '../release-store.ts';
import { Audit, AuditResult, Exception, Freshness, Gap, Quality, Quarantined, Reconciliation } from '../schemas.ts';

const shared = { roles: staff, tag: 'Trust', query: {} };

export function qualityRoutes(app: FastifyInstance, services: ApiServices): void {
  checkRoutes(app, services);
  workRoutes(app, services);
}

/** What was checked of the whole release. */
function checkRoutes(app: FastifyInstance, services: ApiServices): void {
  documentRoute(app, services, {
    ...shared,
    url: '/v1/quality',
    summary: 'Audits, freshness, reconciliation, refused records and exceptions of the release',
    schema: Quality,
    answer: ({ release }) => quality(release),
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/quality/audits',
    summary: 'Audits, each with the SQL that decides it',
    row: Audit,
    query: { name: z.string().min(1).max(200).optional() },
    ask({ query }) {
      const { where, parameters } = conditions(['name = $name', { name: query.name }]);
      return { ...audits, sql: `${audits.sql} ${where}`, parameters };
    },
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/quality/freshness',
    summary: 'Last loads',
    row: Freshness,
    ask: () => freshness,
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/quality/reconciliation',
    summary: 'Two sides that must agree, and their differences',
    row: Reconciliation,
    query: { check: z.string().max(400).optional().describe('One check, or several with commas between them') },
    ask({ query }) {
      const { where, parameters } = conditions([
        `list_contains(string_split($check, ','), "check")`,
        { check: query.check },
      ]);
      return { ...reconciliation, sql: `${reconciliation.sql} ${where}`, parameters };
    },
  });
}

/** Records that need a person, one by one and summed. */
function workRoutes(app: FastifyInstance, services: ApiServices): void {
  listRoute(app, services, {
    ...shared,
    url: '/v1/quality/gaps',
    summary: 'Where attribution breaks: records, money at stake and age by kind and reason',
    row: Gap,
    ask: ({ release }) => gaps(release),
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/exceptions',
    summary: 'The work list: records that need a person, with the money at stake, their age and what to do',
    row: Exception,
    table: 'fct_exception',
    query: {
      kind: z.string().max(400).optional().describe('One kind, or several with commas between them'),
      reason: z.string().max(60).optional(),
      stream: z.string().max(60).optional(),
      sort: z.enum(['at_stake', 'age']).default('at_stake').describe('Most at stake first, or the oldest first'),
    },
    ask({ release, query }) {
      const { where, parameters } = conditions(
        [`list_contains(string_split($kind, ','), kind)`, { kind: query.kind }],
        ['reason = $reason', { reason: query.reason }],
        ['stream = $stream', { stream: query.stream }],
      );
      return {
        sql: exceptionsSql(where),
        parameters: { ...parameters, ...clockOf(release) },
        order: [...exceptionsOrder[query.sort], ...exceptionKey],
      };
    },
  });
  listRoute(app, services, {
    ...shared,
    url: '/v1/quality/quarantine',
    summary: 'Refused records with their reason',
    row: Quarantined,
    query: { stream: z.string().max(60).optional(), reason: z.string().max(60).optional(), record_id: id.optional() },
    ask({ query }) {
      const { where, parameters } = conditions(
        ['stream = $stream', { stream: query.stream }],
        ['reason = $reason', { reason: query.reason }],
        ['record_id = $record_id', { record_id: query.record_id }],
      );
      return { sql: quarantineSql(where), parameters, order: quarantineOrder };
    },
  });
}

const audits: ListQuery = {
  sql: `SELECT *, CASE status WHEN 'pass' THEN '2' ELSE '1' END AS order_status FROM audit_check`,
  order: [{ name: 'order_status' }, { name: 'name' }],
};

const freshness: ListQuery = {
  sql: `SELECT *, coalesce(stream, '') AS order_stream FROM audit_freshness`,
  order: [{ name: 'source' }, { name: 'order_stream' }],
};

const reconciliation: ListQuery = {
  sql: `SELECT *, coalesce(scope, '') AS order_scope, coalesce(currency, '') AS order_currency FROM fct_reconciliation`,
  order: [{ name: 'check' }, { name: 'order_scope' }, { name: 'order_currency' }],
};

function gaps(release: Release): ListQuery {
  return {
    sql: `SELECT *, ${ageDaysSql('oldest_at')} AS oldest_days, coalesce(reason, '') AS order_reason,
      coalesce(at_stake_minor, 0) AS order_minor FROM fct_attribution_gap`,
    parameters: { ...clockOf(release) },
    order: [{ name: 'order_minor', descending: true }, { name: 'kind' }, { name: 'order_reason' }],
  };
}

function exceptionsSql(where: string): string {
  return `SELECT * REPLACE (if(currency IS NULL, NULL, amount_minor) AS amount_minor), ${ageDaysSql('since_at')} AS age_days,
    coalesce(at_stake_minor, 0) AS order_minor, coalesce(since_at, TIMESTAMPTZ '9999-12-31 00:00:00Z') AS order_at,
    coalesce(currency, '') AS order_currency FROM fct_exception ${where}`;
}

/** What has no date comes after everything that has one. */
const exceptionsOrder: Readonly<Record<'at_stake' | 'age', readonly OrderColumn[]>> = {
  at_stake: [{ name: 'order_minor', descending: true }],
  age: [{ name: 'order_at' }],
};

const exceptionKey = ['stream', 'record_id', 'reason', 'order_currency'].map((name) => ({ name }));

function quarantineSql(where: string): string {
  return `SELECT *, coalesce(source, '') AS order_source, coalesce(record_id, '') AS order_record,
    coalesce(quarantine_id, '') || '/' || coalesce(record, 0) AS order_copy FROM audit_quarantine ${where}`;
}

const quarantineOrder = ['stream', 'reason', 'order_source', 'order_record', 'order_copy'].map((name) => ({ name }));

const EXAMPLES = 3;

const isWaived = `coalesce(state = 'waived', false)`;

async function quality(release: Release): Promise<object> {
  const counts = await release.rows<{ stream: string; reason: string; record_count: bigint }>(
    `SELECT stream, reason, count(*) AS record_count FROM audit_quarantine WHERE NOT ${isWaived}
     GROUP BY ALL ORDER BY record_count DESC, stream, reason`,
  );
  const examples = await release.rows<Record<string, string | bigint | null>>(
    `SELECT stream, reason, quarantine_id, record_id, record, field, detail FROM audit_quarantine
     WHERE NOT ${isWaived}
     QUALIFY row_number() OVER (PARTITION BY stream, reason ORDER BY record_id, record) <= ${EXAMPLES} ORDER BY ALL`,
  );
  const [waived] = await release.rows<{ waived_count: bigint }>(
    `SELECT count(*) AS waived_count FROM audit_quarantine WHERE ${isWaived}`,
  );
  return {
    audits: await all(release, AuditResult, audits),
    freshness: await all(release, Freshness, freshness),
    reconciliation: await all(release, Reconciliation, reconciliation),
    quarantine: {
      total: counts.reduce((sum, { record_count }) => sum + Number(record_count), 0),
      waived_count: Number(waived!.waived_count),
      by_reason: counts.map(({ stream, reason, record_count }) => ({
        stream,
        reason,
        record_count: Number(record_count),
        examples: examples
          .filter((example) => example.stream === stream && example.reason === reason)
          .map((example) => ({
            ...without(example, 'stream', 'reason'),
            record: example.record === null ? null : Number(example.record),
          })),
      })),
    },
    exceptions: await all(release, Gap, gaps(release)),
  };
}

async function all(release: Release, row: Row, query: ListQuery): Promise<object[]> {
  const rows = await readAll(release, row.columns, query);
  return rows.map((data) => jsonRow(row, data, release.manifest.reporting_currency));
}
