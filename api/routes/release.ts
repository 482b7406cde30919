// /v1/release: what everything else is read from, and the choices that filters offer.
import type { FastifyInstance } from 'fastify';
import { monthsBetween } from '../../core/month.ts';
import { roles } from '../access.ts';
import { type ApiServices, documentRoute } from '../answers.ts';
import { lastCompleteMonth } from '../filters.ts';
import { auditCounts } from '../manifest.ts';
import type { Release } from '../release-store.ts';
import { bases, motions, Release as ReleaseSchema } from '../schemas.ts';

export function releaseRoutes(app: FastifyInstance, services: ApiServices): void {
  documentRoute(app, services, {
    url: '/v1/release',
    roles,
    tag: 'Trust',
    summary: 'The current release',
    description: 'Partners get no list of tables and no sources.',
    schema: ReleaseSchema,
    async answer({ release, principal }) {
      const { manifest } = release;
      const isStaff = principal.role !== 'partner';
      return {
        created_at: manifest.created_at,
        previous_release_id: manifest.previous_release_id,
        company: manifest.company,
        reporting_currency: manifest.reporting_currency,
        time_zone: manifest.time_zone,
        fiscal_year_start_month: manifest.fiscal_year_start_month,
        ...(await choicesOf(release)),
        last_complete_month: lastCompleteMonth(release),
        methods: manifest.methods,
        audits: auditCounts(manifest),
        freshness: freshnessOf(release, isStaff),
        code_digest: manifest.code_digest,
        config_digest: manifest.config_digest,
        ledger_head: manifest.ledger_head,
        tables: isStaff
          ? Object.entries(manifest.tables).map(([name, { rows, sha256 }]) => ({ name, rows, sha256 }))
          : [],
      };
    },
  });
}

async function choicesOf(release: Release) {
  const [span] = await release.rows<{ first: string | null; last: string | null }>(
    `SELECT strftime(min(month), '%Y-%m') AS "first", strftime(max(month), '%Y-%m') AS "last" FROM fct_revenue_monthly`,
  );
  const present = await release.rows<{ kind: string; name: string }>(`
    SELECT DISTINCT 'basis' AS kind, basis AS name FROM fct_revenue_monthly
    UNION SELECT DISTINCT 'currency', currency FROM fct_revenue_monthly
    UNION SELECT DISTINCT 'motion', motion FROM dim_partner ORDER BY ALL`);
  const named = (kind: string) => present.filter((row) => row.kind === kind).map(({ name }) => name);
  return {
    months: span?.first && span.last ? monthsBetween(span.first, span.last) : [],
    bases: bases.filter((basis) => named('basis').includes(basis)),
    motions: motions.filter((motion) => named('motion').includes(motion)),
    currencies: named('currency'),
  };
}

function freshnessOf({ manifest }: Release, isStaff: boolean) {
  const loads = manifest.freshness.flatMap(({ source, last_load_at }) =>
    last_load_at ? [{ source, last_load_at }] : [],
  );
  const oldest = loads.sort((left, right) => Date.parse(left.last_load_at) - Date.parse(right.last_load_at))[0];
  if (!oldest || !isStaff)
    return { oldest_source: null, oldest_load_at: oldest?.last_load_at ?? null, age_hours: null };
  const hours = (Date.parse(manifest.as_of) - Date.parse(oldest.last_load_at)) / 3_600_000;
  return {
    oldest_source: oldest.source,
    oldest_load_at: oldest.last_load_at,
    age_hours: Math.max(0, Math.round(hours * 10) / 10),
  };
}
