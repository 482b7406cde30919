// One deal in full: what it brought, how each method weighs its parties, and the credit in money that follows.
import type { z } from 'zod';
import { allocate } from '../core/money.ts';
import type { FlatPage } from './answers.ts';
import { type Columns, integer, optional } from './columns.ts';
import { byParty } from './deal-credits.ts';
import { conflicts, deals } from './deal-lists.ts';
import { ApiProblem } from './errors.ts';
import { evidenceKey, touchKey } from './explain/source-record.ts';
import { jsonRow, moneyAnswer } from './faces.ts';
import { instantText, type ListPage, type PageRequest, readAll, readPage } from './lists.ts';
import type { DataRow, Release } from './release-store.ts';
import { Conflict, Deal, type DealDetail, type Journey, Touch } from './schemas.ts';

type Detail = z.infer<typeof DealDetail>;
type Unstamped<Document> = Omit<Document, 'release_id' | 'as_of'>;

/** Throws `not_found` for a deal that the release does not have. */
async function requireDeal(release: Release, deal_id: string): Promise<z.infer<typeof Deal.schema>> {
  const [row] = await readAll(release, Deal.columns, deals({ deal_id }));
  if (!row) throw new ApiProblem('not_found', `There is no deal ${deal_id}.`);
  return jsonRow(Deal, row, release.manifest.reporting_currency) as z.infer<typeof Deal.schema>;
}

/** A deal with its money, weights, credit and commission. Throws `not_found`. */
export async function dealDetail(release: Release, deal_id: string): Promise<Unstamped<Detail>> {
  const deal = await requireDeal(release, deal_id);
  const money = await moneyOf(release, deal_id);
  const parties = await weightsOf(release, deal_id);
  return {
    deal,
    influence: await influenceOf(release, deal_id),
    weights: parties,
    money: money.map(({ basis, month, currency, amount_minor, reporting_amount_minor }) => ({
      basis,
      month,
      amount: moneyAnswer(amount_minor, currency),
      reporting_amount:
        reporting_amount_minor === null
          ? null
          : moneyAnswer(reporting_amount_minor, release.manifest.reporting_currency),
    })),
    credits: creditsOf(release.manifest.methods, parties, money),
    conflicts: await conflictsOf(release, deal_id),
    commission: await commissionOf(release, deal_id),
    exceptions: await exceptionsOf(release, deal_id),
  };
}

/** A page of its touches, and what sourced it. Throws `not_found`, and as `readPage` for a cursor. */
export async function dealJourney(
  release: Release,
  deal_id: string,
  page: PageRequest,
  question: string,
): Promise<Unstamped<z.infer<typeof Journey>>> {
  const deal = await requireDeal(release, deal_id);
  const { rows, next_cursor } = await journeyTouches(release, deal_id, page, question);
  const { sourcing_partner_id, sourcing_rule, sourcing_evidence_id, sourcing_evidence_at } = deal;
  return {
    deal_id,
    state: deal.state,
    window_starts_at: windowStart(deal.created_at, release.manifest.lookback_days),
    lead_created_at: deal.lead_created_at,
    created_at: deal.created_at,
    closed_at: deal.closed_at,
    sourcing:
      sourcing_partner_id === null ||
      sourcing_rule === null ||
      sourcing_evidence_id === null ||
      sourcing_evidence_at === null
        ? null
        : {
            partner_id: sourcing_partner_id,
            partner_name: deal.sourcing_partner_name,
            rule: sourcing_rule,
            evidence_id: sourcing_evidence_id,
            evidence_explain_id: await evidenceKeyOf(release, deal_id),
            evidence_at: sourcing_evidence_at,
          },
    conflicts: await conflictsOf(release, deal_id),
    weights: await weightsOf(release, deal_id),
    touches: rows.map((row) => touchOf(release, row)),
    next_cursor,
  };
}

async function evidenceKeyOf(release: Release, deal_id: string): Promise<string> {
  const [row] = await release.rows<{ key: string }>(
    `SELECT ${evidenceKey('rule', 'evidence_id')} AS key FROM fct_deal_sourcing WHERE deal_id = $deal_id`,
    { deal_id },
  );
  return row!.key;
}

/** created_at − lookback, in whole days of 24 hours (fine-print 3). */
function windowStart(created_at: string | null, lookback_days: number | null): string | null {
  if (created_at === null || lookback_days === null) return null;
  const start = Temporal.Instant.from(created_at).subtract({ hours: 24 * lookback_days });
  return start.toString({ fractionalSecondDigits: 6 });
}

/** The touches of a deal as flat rows, one page of them, with a column `weight_<method>` for each method. */
export async function touchRows(
  release: Release,
  deal_id: string,
  page: PageRequest,
  question: string,
): Promise<FlatPage> {
  await requireDeal(release, deal_id);
  return { columns: touchColumns(release), ...(await journeyTouches(release, deal_id, page, question)) };
}

function touchColumns({ manifest }: Release): Columns {
  const weight = optional(integer('What it earned under the method, in parts of 1 000 000 000'));
  return { ...Touch.columns, ...Object.fromEntries(manifest.methods.map((method) => [`weight_${method}`, weight])) };
}

function journeyTouches(release: Release, deal_id: string, page: PageRequest, question: string): Promise<ListPage> {
  return readPage(
    release,
    touchColumns(release),
    {
      sql: `
        SELECT touchpoint.*, ${weightColumns(release.manifest.methods)},
          coalesce(dim_partner.name, if(party_kind = 'channel', party_id, NULL)) AS party_name,
          ${touchKey('touchpoint_id')} AS explain_id
        FROM fct_touchpoint AS touchpoint
        LEFT JOIN fct_touch_weight USING (deal_id, touchpoint_id)
        LEFT JOIN dim_partner ON party_kind = 'partner' AND dim_partner.partner_id = party_id
        WHERE deal_id = $deal_id`,
      parameters: { deal_id },
      order: [{ name: 'occurred_at' }, { name: 'touchpoint_id' }],
    },
    page,
    question,
  );
}

/** A touch as the document says it; one that does not count has no weights. */
function touchOf({ manifest }: Release, row: DataRow): z.infer<typeof Journey>['touches'][number] {
  const { methods, reporting_currency } = manifest;
  const touch = jsonRow(Touch, row, reporting_currency) as z.infer<typeof Touch.schema>;
  const has = methods.some((method) => row[`weight_${method}`] !== null);
  return { ...touch, weights: has ? weightsIn(row, methods) : null };
}

function weightColumns(methods: readonly string[]): string {
  return methods.map((method) => `CAST("${method}" AS BIGINT) AS "weight_${method}"`).join(', ');
}

function weightsIn(row: DataRow, methods: readonly string[]): Record<string, number> {
  return Object.fromEntries(methods.map((method) => [method, Number(row[`weight_${method}`] ?? 0n)]));
}

async function influenceOf(release: Release, deal_id: string): Promise<Detail['influence']> {
  const rows = await release.rows<{ touchpoint_count: bigint } & Omit<Detail['influence'][number], 'touchpoint_count'>>(
    `SELECT partner_id, dim_partner.name AS partner_name, touchpoint_count,
       ${instantText('first_touch_at')} AS first_touch_at, ${instantText('last_touch_at')} AS last_touch_at
     FROM fct_deal_influence LEFT JOIN dim_partner USING (partner_id)
     WHERE deal_id = $deal_id ORDER BY partner_id`,
    { deal_id },
  );
  return rows.map((row) => ({ ...row, touchpoint_count: Number(row.touchpoint_count) }));
}

async function conflictsOf(release: Release, deal_id: string): Promise<Detail['conflicts']> {
  const rows = await readAll(release, Conflict.columns, conflicts({ deal_id }));
  return rows.map((row) => jsonRow(Conflict, row, release.manifest.reporting_currency)) as Detail['conflicts'];
}

const earningTypes = `('accrual', 'clawback', 'true_up', 'prior_period_adjustment')`;
const expenseAccounts = `('commission_expense', 'contract_cost_asset')`;

/** What each partner earned on the deal so far, and on those that were merged into it: accruals and adjustments, net of clawback. */
async function commissionOf(release: Release, deal_id: string): Promise<Detail['commission']> {
  const rows = await release.rows<{
    partner_id: string;
    partner_name: string | null;
    plan: string | null;
    currency: string;
    amount: bigint;
  }>(
    `SELECT entry.partner_id, dim_partner.name AS partner_name, plan, entry.currency,
       CAST(sum(CASE WHEN debit_account IN ${expenseAccounts} THEN amount_minor ELSE -amount_minor END) AS BIGINT) AS amount
     FROM fct_commission_entry AS entry LEFT JOIN dim_partner USING (partner_id)
     WHERE entry_type IN ${earningTypes} AND (deal_id = $deal_id OR 'deals/' || deal_id IN (
       SELECT target_id FROM lineage_edge WHERE role = 'merged_deal' AND figure_id = $deal_id))
     GROUP BY ALL ORDER BY ALL`,
    { deal_id },
  );
  return rows.map(({ partner_id, partner_name, plan, currency, amount }) => ({
    partner_id,
    partner_name,
    plan,
    amount: moneyAnswer(amount, currency),
  }));
}

async function exceptionsOf(release: Release, deal_id: string): Promise<Detail['exceptions']> {
  const rows = await release.rows<
    Record<'reason' | 'detail' | 'next_action', string> & { amount_minor: bigint | null; currency: string }
  >(
    `SELECT reason, detail, next_action, amount_minor, currency FROM fct_exception
     WHERE stream = 'deals' AND record_id = $deal_id ORDER BY ALL`,
    { deal_id },
  );
  return rows.map(({ amount_minor, currency, ...row }) => ({
    ...row,
    amount: amount_minor === null ? null : moneyAnswer(amount_minor, currency),
  }));
}

export interface DealMoney {
  readonly basis: Detail['money'][number]['basis'];
  readonly month: string;
  readonly currency: string;
  readonly amount_minor: bigint;
  readonly reporting_amount_minor: bigint | null;
}

async function moneyOf(release: Release, deal_id: string): Promise<DealMoney[]> {
  return release.rows<DealMoney>(
    `SELECT basis, strftime(month, '%Y-%m') AS month, currency, amount_minor, reporting_amount_minor
     FROM fct_deal_money WHERE deal_id = $deal_id ORDER BY ALL`,
    { deal_id },
  );
}

type Party = Detail['weights'][number];

/** Parties in the order that `allocate` counts positions by: partners before channels, ids by bytes (fine-print 1). */
async function weightsOf(release: Release, deal_id: string): Promise<Party[]> {
  const { methods } = release.manifest;
  const rows = await release.rows<Record<string, string | bigint | null>>(
    `SELECT party_kind, party_id, name AS party_name, ${weightColumns(methods)}
     FROM fct_attribution_weight LEFT JOIN dim_partner ON party_kind = 'partner' AND partner_id = party_id
     WHERE deal_id = $deal_id`,
    { deal_id },
  );
  const parties = rows.map((row) => ({
    party_kind: row.party_kind as Party['party_kind'],
    party_id: String(row.party_id ?? ''),
    party_name: row.party_name === null ? null : String(row.party_name),
    weights: weightsIn(row, methods),
  }));
  return parties.sort(byParty);
}

/** allocate(fct_deal_money, fct_attribution_weight), summed over months: the same split as the monthly table's. */
function creditsOf(
  methods: readonly string[],
  parties: readonly Party[],
  money: readonly DealMoney[],
): Detail['credits'] {
  const credits = new Map<string, Detail['credits'][number] & { minor: bigint }>();
  for (const method of methods) {
    const weights = parties.map((party) => BigInt(party.weights[method] ?? 0));
    if (weights.every((weight) => weight === 0n)) continue;
    for (const { basis, currency, amount_minor } of money)
      for (const [index, minor] of allocate(amount_minor, weights).entries()) {
        const { party_kind, party_id, party_name } = parties[index]!;
        const key = [method, basis, currency, party_kind, party_id].join('\n');
        const total = (credits.get(key)?.minor ?? 0n) + minor;
        const amount = moneyAnswer(total, currency);
        credits.set(key, { party_kind, party_id, party_name, method, basis, amount, minor: total });
      }
  }
  return [...credits.values()].filter(({ minor }) => minor !== 0n).map(({ minor: _, ...credit }) => credit);
}
