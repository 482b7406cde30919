// What a partner sees first: itself, its months, its commission in steps, and its rank where the cohort is large enough.
import type { z } from 'zod';
import { ApiProblem } from './errors.ts';
import { moneyAnswer } from './faces.ts';
import { addToMonth, lastCompleteMonth } from './filters.ts';
import { instantText } from './lists.ts';
import type { Release } from './release-store.ts';
import type { Me } from './schemas.ts';

type Answer = Omit<z.infer<typeof Me>, 'release_id' | 'as_of'>;

const COHORT_MIN = 5;
const MONTHS = 24;

/** What a partner sees first: itself, its latest months, its commission in steps, its rank. */
export async function me(release: Release, partner_id: string): Promise<Answer> {
  const { company, reporting_currency } = release.manifest;
  const [partner] = await release.rows<Answer['partner']>(
    `SELECT partner_id, name, motion, tier, status, ${instantText('joined_at')} AS joined_at, ${instantText('ended_at')} AS ended_at
     FROM dim_partner WHERE partner_id = $partner_id`,
    { partner_id },
  );
  if (!partner) throw new ApiProblem('not_found', 'Your partner is not in the current release.');
  return {
    company,
    reporting_currency,
    partner,
    months: await monthsOf(release, partner_id),
    steps: await stepsOf(release, partner_id),
    rank: await rankOf(release, partner),
  };
}

async function monthsOf(release: Release, partner_id: string): Promise<Answer['months']> {
  const { reporting_currency } = release.manifest;
  const rows = await release.rows<{ month: string; sourced: bigint; influenced: bigint; deal_count: bigint }>(
    `SELECT strftime(month, '%Y-%m') AS month, CAST(sum(reporting_sourced_minor) AS BIGINT) AS sourced,
       CAST(sum(reporting_influenced_gross_minor) AS BIGINT) AS influenced, CAST(sum(deal_count) AS BIGINT) AS deal_count
     FROM fct_partner_revenue_monthly WHERE partner_id = $partner_id AND basis = 'paid'
     GROUP BY ALL ORDER BY month DESC LIMIT ${MONTHS}`,
    { partner_id },
  );
  return rows.reverse().map(({ month, sourced, influenced, deal_count }) => ({
    month,
    sourced: moneyAnswer(sourced, reporting_currency),
    influenced: moneyAnswer(influenced, reporting_currency),
    deal_count: Number(deal_count),
  }));
}

async function stepsOf(release: Release, partner_id: string): Promise<Answer['steps']> {
  const latest = (name: string, alias: string) => `arg_max(coalesce(${name}_minor, 0), month) AS ${alias}`;
  const rows = await release.rows<Record<string, bigint> & { currency: string }>(
    `SELECT currency, ${latest('contingent', 'expected')}, ${latest('accrued_balance', 'held')},
       ${latest('payable_balance', 'payable')}, ${latest('disputed_balance', 'disputed')},
       ${latest('recoverable_balance', 'recoverable')}, CAST(coalesce(sum(paid_minor), 0) AS BIGINT) AS paid
     FROM fct_commission_liability WHERE partner_id = $partner_id GROUP BY currency ORDER BY currency`,
    { partner_id },
  );
  return rows.map(
    ({ currency, expected = 0n, held = 0n, payable = 0n, disputed = 0n, recoverable = 0n, paid = 0n }) => ({
      currency,
      expected: moneyAnswer(expected, currency),
      held: moneyAnswer(held, currency),
      payable: moneyAnswer(payable, currency),
      disputed: moneyAnswer(disputed, currency),
      recoverable: moneyAnswer(recoverable, currency),
      paid: moneyAnswer(paid, currency),
    }),
  );
}

/** Rank by paid sourced revenue of twelve months among partners of the same motion that have not ended; none for none. */
async function rankOf(release: Release, { partner_id, motion }: Answer['partner']): Promise<Answer['rank']> {
  const to = lastCompleteMonth(release);
  const from = addToMonth(to, -11);
  const [row] = await release.rows<{ position: bigint; cohort_size: bigint; own: bigint | null }>(
    `WITH cohort AS (
       SELECT partner_id FROM dim_partner
       WHERE motion = $motion AND (coalesce(status, '') <> 'ended' OR partner_id = $partner_id)),
     sourced AS (
       SELECT partner_id, coalesce(sum(reporting_sourced_minor), 0) AS amount
       FROM cohort LEFT JOIN (
         FROM fct_partner_revenue_monthly
         WHERE basis = 'paid' AND month BETWEEN CAST($from || '-01' AS DATE) AND CAST($to || '-01' AS DATE)
       ) AS revenue USING (partner_id)
       GROUP BY partner_id)
     SELECT 1 + count(*) FILTER (amount > (SELECT amount FROM sourced WHERE partner_id = $partner_id)) AS position,
       count(*) AS cohort_size, any_value(amount) FILTER (partner_id = $partner_id) AS own
     FROM sourced`,
    { partner_id, motion, from, to },
  );
  if (!row || row.cohort_size < COHORT_MIN || !row.own) return null;
  return { position: Number(row.position), cohort_size: Number(row.cohort_size), motion, from, to };
}
