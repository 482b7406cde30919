// Explains figures that have no id of their own: a partner's month, the company's month, a liability, a party's credit.
import { splitCanonicalId } from '../../core/ids.ts';
import { dealCredits } from '../deal-credits.ts';
import { ApiProblem } from '../errors.ts';
import { moneyAnswer } from '../faces.ts';
import { addToMonth } from '../filters.ts';
import { liabilityAccounts } from '../ledger-sql.ts';
import {
  basisRule,
  type ExplainContext,
  type Explained,
  entryRule,
  facts,
  figure,
  nothing,
  PARTS_MAX,
  type Part,
  recordsOf,
} from './parts.ts';

function missing(what: string): ApiProblem {
  return new ApiProblem('not_found', `The release has no figure for ${what}.`);
}

/** What a partner brought in a month, down to its deals, on the paid basis. */
export async function explainPartnerMonth(
  context: ExplainContext,
  partner_id: string,
  month: string,
): Promise<Explained> {
  const { release } = context;
  const { reporting_currency } = release.manifest;
  const [partner] = await release.rows<{ name: string }>(
    'SELECT name FROM dim_partner WHERE partner_id = $partner_id',
    { partner_id },
  );
  if (!partner) throw missing(`${partner_id}/${month}`);
  const totals = await release.rows<{ basis: string; sourced: bigint; influenced: bigint }>(
    `SELECT basis, CAST(sum(reporting_sourced_minor) AS BIGINT) AS sourced,
       CAST(sum(reporting_influenced_gross_minor) AS BIGINT) AS influenced
     FROM fct_partner_revenue_monthly WHERE partner_id = $partner_id AND month = CAST($month || '-01' AS DATE)
     GROUP BY basis ORDER BY basis <> 'paid', basis`,
    { partner_id, month },
  );
  const deals = await release.rows<{ deal_id: string; name: string | null; role: string; amount: bigint }>(
    `SELECT deal_id, dim_deal.name, if(sourcing.partner_id = $partner_id, 'sourced', 'influenced') AS role,
       CAST(sum(reporting_amount_minor) AS BIGINT) AS amount
     FROM fct_deal_money JOIN dim_deal USING (deal_id) LEFT JOIN fct_deal_sourcing AS sourcing USING (deal_id)
     WHERE basis = 'paid' AND month = CAST($month || '-01' AS DATE) AND (sourcing.partner_id = $partner_id
       OR deal_id IN (SELECT deal_id FROM fct_deal_influence WHERE partner_id = $partner_id))
     GROUP BY ALL ORDER BY role DESC, amount DESC, deal_id LIMIT ${PARTS_MAX}`,
    { partner_id, month },
  );
  const paid = totals.find(({ basis }) => basis === 'paid');
  const sumOf = (role: string) =>
    deals.filter((deal) => deal.role === role).reduce((sum, { amount }) => sum + amount, 0n);
  return {
    ...nothing,
    id: `${partner_id}/${month}`,
    kind: 'partner_month',
    title: `${partner.name}, ${month}`,
    statement: paidFor(deals.length),
    figures: totals.flatMap(({ basis, sourced, influenced }) => [
      ...figure(`${basis}: sourced`, sourced, reporting_currency),
      ...figure(`${basis}: influenced`, influenced, reporting_currency),
    ]),
    rules: [basisRule('paid')],
    parts: deals.map(({ deal_id, name, role, amount }) => ({
      id: deal_id,
      kind: 'deal',
      label: `${role}: ${name ?? deal_id}`,
      amount: moneyAnswer(amount, reporting_currency),
      explain_id: deal_id,
    })),
    parts_match: sumOf('sourced') === (paid?.sourced ?? 0n) && sumOf('influenced') === (paid?.influenced ?? 0n),
    ...(await recordsOf(context, { keys: { [`partners/${partner_id}`]: 'partner' } })),
  };
}

function paidFor(count: number): string {
  if (count === 0) return 'No deal that it sourced or influenced was paid for in that month.';
  return `${count === 1 ? 'One deal was' : `${count} deals were`} paid for in that month, of those it sourced and those it influenced while another partner or nobody sourced them. They add up to what was paid.`;
}

/** The company's month on a basis: what each partner sourced, what nobody sourced, what could not be linked. */
export async function explainRevenue({ release }: ExplainContext, month: string, basis: string): Promise<Explained> {
  const { reporting_currency } = release.manifest;
  const sum = (name: string) => `CAST(sum(reporting_${name}_minor) AS BIGINT) AS ${name}`;
  const names = ['total', 'sourced', 'influenced_distinct', 'partner_involved', 'unlinked'];
  const [total] = await release.rows<Record<string, bigint>>(
    `SELECT ${names.map(sum).join(', ')} FROM fct_revenue_monthly
     WHERE basis = $basis AND month = CAST($month || '-01' AS DATE) HAVING count(*) > 0`,
    { month, basis },
  );
  if (!total) throw missing(`revenue/${month}/${basis}`);
  const partners = await release.rows<{ partner_id: string; name: string | null; amount: bigint }>(
    `SELECT partner_id, dim_partner.name, ${sum('sourced').replace('AS sourced', 'AS amount')}
     FROM fct_partner_revenue_monthly LEFT JOIN dim_partner USING (partner_id)
     WHERE basis = $basis AND month = CAST($month || '-01' AS DATE)
     GROUP BY ALL HAVING sum(reporting_sourced_minor) <> 0 ORDER BY amount DESC, partner_id`,
    { month, basis },
  );
  const rest = (total.total ?? 0n) - (total.sourced ?? 0n) - (total.unlinked ?? 0n);
  const amount = (minor: bigint) => moneyAnswer(minor, reporting_currency);
  return {
    ...nothing,
    id: `revenue/${month}/${basis}`,
    kind: 'revenue',
    title: `${basis} revenue, ${month}`,
    statement: 'What partners sourced, what nobody sourced and what no deal could be found for add up to the total.',
    figures: names.flatMap((name) => figure(name.replaceAll('_', ' '), total[name] ?? 0n, reporting_currency)),
    rules: [basisRule(basis)],
    parts: [
      ...partners.map(
        (row): Part => ({
          id: `${row.partner_id}/${month}`,
          kind: 'partner_month',
          label: `Sourced by ${row.name ?? row.partner_id}`,
          amount: amount(row.amount),
          explain_id: `${row.partner_id}/${month}`,
        }),
      ),
      {
        id: 'not_sourced',
        kind: 'remainder',
        label: 'Deals that no partner sourced',
        amount: amount(rest),
        explain_id: null,
      },
      {
        id: 'unlinked',
        kind: 'unlinked',
        label: 'Money that no deal could be found for',
        amount: amount(total.unlinked ?? 0n),
        explain_id: null,
      },
    ],
    parts_match: partners.reduce((sum, row) => sum + row.amount, 0n) === total.sourced,
  };
}

/** What is owed at the end of a month, partner by partner. */
export async function explainLiability({ release }: ExplainContext, month: string): Promise<Explained> {
  const { reporting_currency } = release.manifest;
  const rows = await release.rows<{
    partner_id: string;
    name: string | null;
    currency: string;
    closing: bigint;
    reporting: bigint | null;
  }>(
    `SELECT partner_id, dim_partner.name, liability.currency, closing_minor AS closing, reporting_closing_minor AS reporting
     FROM fct_commission_liability AS liability LEFT JOIN dim_partner USING (partner_id)
     WHERE month = CAST($month || '-01' AS DATE) ORDER BY reporting DESC NULLS LAST, partner_id, liability.currency`,
    { month },
  );
  if (rows.length === 0) throw missing(`liability/${month}`);
  const closing = rows.reduce((sum, { reporting }) => sum + (reporting ?? 0n), 0n);
  return {
    ...nothing,
    id: `liability/${month}`,
    kind: 'liability',
    title: `Commission owed at the end of ${month}`,
    statement:
      'The sum of what is owed to each partner in each currency, converted to the reporting currency at the month end.',
    figures: figure('Owed', closing, reporting_currency),
    rules: [
      {
        name: 'roll_forward',
        text: 'Opening + accrued − clawed back ± true-up ± prior period − paid ± written off = closing.',
        source: 'built in',
      },
    ],
    parts: rows.slice(0, PARTS_MAX).map(({ partner_id, name, currency, closing, reporting }) => ({
      id: `liability/${partner_id}/${month}/${currency}`,
      kind: 'liability',
      label: `${name ?? partner_id}${currency === reporting_currency ? '' : `, converted from ${currency}`}`,
      amount: reporting === null ? moneyAnswer(closing, currency) : moneyAnswer(reporting, reporting_currency),
      explain_id: `liability/${partner_id}/${month}/${currency}`,
    })),
    parts_match: rows.every(({ reporting }) => reporting !== null) || null,
  };
}

interface LiabilityKey {
  readonly partner_id: string;
  readonly month: string;
  readonly currency: string;
}

/** What is owed to one partner in one currency: the opening and every entry of the month. */
export async function explainPartnerLiability({ release }: ExplainContext, key: LiabilityKey): Promise<Explained> {
  const { partner_id, month, currency } = key;
  const [row] = await release.rows<{ name: string | null; opening: bigint; closing: bigint }>(
    `SELECT dim_partner.name, opening_minor AS opening, closing_minor AS closing
     FROM fct_commission_liability AS liability LEFT JOIN dim_partner USING (partner_id)
     WHERE partner_id = $partner_id AND month = CAST($month || '-01' AS DATE) AND liability.currency = $currency`,
    { ...key },
  );
  const id = `liability/${partner_id}/${month}/${currency}`;
  if (!row) throw missing(id);
  const entries = await release.rows<{
    entry_id: string;
    entry_type: string;
    date: string;
    invoice_id: string | null;
    amount: bigint;
  }>(
    `SELECT entry_id, entry_type, CAST(effective_date AS VARCHAR) AS date, invoice_id,
       CASE WHEN credit_account IN ${liabilityAccounts} THEN amount_minor ELSE -amount_minor END AS amount
     FROM fct_commission_entry
     WHERE partner_id = $partner_id AND posted_month = CAST($month || '-01' AS DATE) AND currency = $currency
       AND (credit_account IN ${liabilityAccounts}) <> (debit_account IN ${liabilityAccounts})
     ORDER BY effective_date, entry_id`,
    { ...key },
  );
  const before = addToMonth(month, -1);
  const types = [...new Set(entries.map(({ entry_type }) => entry_type))];
  return {
    ...nothing,
    id,
    kind: 'liability',
    title: `Owed to ${row.name ?? partner_id} at the end of ${month}, ${currency}`,
    statement: `Opening, then ${entries.length} entries of the month.`,
    figures: figure('Owed', row.closing, currency),
    facts: facts({ Partner: partner_id, Entries: entries.length }),
    rules: types.map(entryRule),
    parts: [
      {
        id: `liability/${partner_id}/${before}/${currency}`,
        kind: 'liability',
        label: 'Opening',
        amount: moneyAnswer(row.opening, currency),
        explain_id: row.opening === 0n ? null : `liability/${partner_id}/${before}/${currency}`,
      },
      ...entries.slice(0, PARTS_MAX).map(({ entry_id, entry_type, date, invoice_id, amount }) => ({
        id: entry_id,
        kind: 'ledger_entry',
        label: `${entry_type} of ${date}${invoice_id === null ? '' : `, ${splitCanonicalId(invoice_id).native_id}`}`,
        amount: moneyAnswer(amount, currency),
        explain_id: entry_id,
      })),
    ],
    parts_match: row.opening + entries.reduce((sum, { amount }) => sum + amount, 0n) === row.closing,
  };
}

interface CreditKey {
  readonly party_kind: string;
  readonly party_id: string;
  readonly month: string;
  readonly basis: string;
  readonly method: string;
}

/** A party's credit of a month under a method: deal by deal, each split by the same weights as the monthly table. */
export async function explainCredit({ release }: ExplainContext, key: CreditKey): Promise<Explained> {
  const { reporting_currency } = release.manifest;
  const id = ['party', key.party_kind, key.party_id, key.month, key.basis, key.method].join('/');
  const [total] = await release.rows<{ amount: bigint }>(
    `SELECT CAST(sum(reporting_amount_minor) AS BIGINT) AS amount FROM fct_attribution_monthly
     WHERE party_kind = $party_kind AND party_id = $party_id AND month = CAST($month || '-01' AS DATE)
       AND basis = $basis AND method = $method HAVING count(*) > 0`,
    { ...key },
  );
  if (!total) throw missing(id);
  const credits = await dealCredits(release, key);
  return {
    ...nothing,
    id,
    kind: 'party',
    title: `${key.party_id || key.party_kind} under ${key.method}, ${key.basis}, ${key.month}`,
    statement: `${credits.length} deals: the money of each, split by the weights of ${key.method}.`,
    figures: figure('Credit', total.amount, reporting_currency),
    rules: [
      basisRule(key.basis),
      {
        name: key.method,
        text: 'Weights per deal in parts of 1 000 000 000; money is split by largest remainder.',
        source: 'built in',
      },
    ],
    parts: credits.slice(0, PARTS_MAX).map(({ deal_id, name, amount_minor, weight }) => ({
      id: deal_id,
      kind: 'deal',
      label: `${name ?? deal_id}, weight ${weight} of 1000000000`,
      amount: moneyAnswer(amount_minor, reporting_currency),
      explain_id: deal_id,
    })),
    parts_match: credits.reduce((sum, { amount_minor }) => sum + amount_minor, 0n) === total.amount,
  };
}
