// Programme analytics (domain.md §11) worked out a second time, from the sheets alone, beside what the release says: pairs of
// queries that must have the same rows. `sheet.<name>` is a sheet without repeats and refused rows, `instant_of(x)` an instant.

export interface Pair {
  readonly what: string;
  readonly sheets: string;
  readonly release: string;
}

const minutes = (from: string, to: string) => `greatest(0, (epoch_us(${to}) - epoch_us(${from})) // 60000000)`;

/** Partner leads with the minutes to their answer, or nothing where they have none by the clock. */
const leads = `
  SELECT 'sheets:' || partner_id AS partner_id, owner, status,
    CASE WHEN instant_of(first_response_at) <= business_clock() THEN ${minutes('instant_of(submitted_at)', 'instant_of(first_response_at)')} END AS answer
  FROM sheet.leads WHERE partner_id IS NOT NULL AND instant_of(submitted_at) <= business_clock()`;

const spread = `count(*) AS leads, count(answer) AS answered, quantile_disc(answer, 0.5) AS median, quantile_disc(answer, 0.9) AS p90,
  count(*) FILTER (answer IS NULL AND status IN ('new', 'working')) AS waiting`;

/** Approved, or expired after a decision (fine-print 8); what is decided later is pending yet. */
const registrations = `
  SELECT 'sheets:' || partner_id AS partner_id, instant_of(submitted_at) AS submitted, instant_of(decided_at) AS decided,
    CASE WHEN instant_of(decided_at) > business_clock() THEN 'pending'
      WHEN status = 'expired' AND decided_at IS NOT NULL THEN 'approved' ELSE status END AS state
  FROM sheet.deal_registrations WHERE instant_of(submitted_at) <= business_clock()`;

/** The survivor of each account: merges followed for as many steps as any chain of the sandbox has. */
const survivors = `
  SELECT first.account_id, coalesce(third.account_id, second.account_id, first.account_id) AS survivor_id, first.domain
  FROM sheet.accounts AS first LEFT JOIN sheet.accounts AS second ON second.account_id = first.merged_into
  LEFT JOIN sheet.accounts AS third ON third.account_id = second.merged_into`;

/** Each account that a partner knows, with both populations. A domain that several accounts share names none. */
const overlaps = `
  WITH survivor AS (${survivors}),
  domain AS (
    SELECT regexp_replace(lower(domain), '^www\\.', '') AS domain, min(survivor_id) AS survivor_id FROM survivor
    WHERE domain IS NOT NULL GROUP BY 1 HAVING count(DISTINCT survivor_id) = 1),
  ours AS (
    SELECT survivor_id, bool_or(is_won = 'true') AS is_customer, bool_or(is_closed <> 'true') AS has_open
    FROM sheet.deals JOIN survivor USING (account_id)
    WHERE sheet.deals.merged_into IS NULL AND coalesce(instant_of(sheet.deals.created_at) <= business_clock(), true) GROUP BY 1)
  SELECT DISTINCT 'sheets:' || partner_id AS partner_id, coalesce(named.survivor_id, domain.survivor_id) AS account,
    CASE WHEN is_customer THEN 'customer' WHEN has_open THEN 'open_opportunity' ELSE 'prospect' END AS our_population,
    partner_population
  FROM sheet.account_overlaps AS overlap
  LEFT JOIN survivor AS named ON named.account_id = overlap.account_id
  LEFT JOIN domain ON overlap.account_id IS NULL AND domain.domain = regexp_replace(lower(overlap.domain), '^www\\.', '')
  LEFT JOIN ours ON ours.survivor_id = coalesce(named.survivor_id, domain.survivor_id)
  WHERE coalesce(named.survivor_id, domain.survivor_id) IS NOT NULL AND instant_of(first_seen_at) <= business_clock()`;

/** Accepted registrations, deals that the partner sourced, payments on them. Who sourced a deal is tested elsewhere. */
const events = `
  SELECT partner_id, 'registration' AS kind, coalesce(decided, submitted) AS event FROM (${registrations}) WHERE state = 'approved'
  UNION ALL
  SELECT sourcing.partner_id, 'deal', instant_of(created_at) FROM {fct_deal_sourcing} AS sourcing
  JOIN sheet.deals ON 'sheets:' || sheet.deals.deal_id = sourcing.deal_id WHERE sourcing.partner_id IS NOT NULL AND created_at IS NOT NULL
  UNION ALL
  SELECT sourcing.partner_id, 'paid_invoice', instant_of(paid_at) FROM sheet.payments
  JOIN {fct_invoice} AS invoice ON invoice.invoice_id = 'sheets:' || sheet.payments.invoice_id AND invoice.status <> 'void'
  JOIN {fct_deal_sourcing} AS sourcing USING (deal_id)
  WHERE sheet.payments.status = 'succeeded' AND instant_of(paid_at) <= business_clock() AND sourcing.partner_id IS NOT NULL`;

export const pairs: readonly Pair[] = [
  ...(['company', 'owner', 'partner'] as const).map((scope) => ({
    what: `speed to lead by ${scope}`,
    sheets: `SELECT ${{ company: "''", owner: 'owner', partner: 'partner_id' }[scope]} AS id, ${spread} FROM (${leads}) GROUP BY 1`,
    release: `SELECT scope_id AS id, lead_count, responded_count, median_minutes, p90_minutes, waiting_count
      FROM {fct_lead_response_summary} WHERE scope_kind = '${scope}'`,
  })),
  {
    what: 'registrations by partner and month: volume, decisions, time to them',
    sheets: `SELECT partner_id, date_trunc('month', timezone(company_zone(), submitted))::DATE AS month, count(*) AS registrations,
        count(*) FILTER (state = 'approved') AS approved, count(*) FILTER (state = 'rejected') AS rejected,
        count(*) FILTER (state = 'expired') AS expired, count(*) FILTER (state = 'pending') AS pending,
        quantile_disc(${minutes('submitted', 'decided')}, 0.5) FILTER (decided <= business_clock()) AS median
      FROM (${registrations}) GROUP BY 1, 2`,
    release: `SELECT partner_id, month, registration_count, approved_count, rejected_count, expired_count, pending_count,
      median_decision_minutes FROM {fct_registration_health}`,
  },
  {
    what: 'overlap of accounts by partner',
    sheets: `SELECT partner_id, our_population, partner_population, count(*) FROM (${overlaps}) GROUP BY 1, 2, 3`,
    release:
      'SELECT partner_id, our_population, partner_population, account_count FROM {fct_account_overlap} WHERE account_count > 0',
  },
  {
    what: 'overlap of accounts, each once however many partners know it',
    sheets: `SELECT our_population, partner_population, count(DISTINCT account) FROM (${overlaps}) GROUP BY 1, 2`,
    release:
      'SELECT our_population, partner_population, account_count FROM {fct_account_overlap_summary} WHERE account_count > 0',
  },
  {
    what: 'activation of each partner',
    sheets: `SELECT partner_id, min(event), arg_min(kind, (event, kind)), max(event),
        max(event) >= business_clock() - INTERVAL 2160 HOURS, min(event) FILTER (kind = 'deal')
      FROM (${events}) GROUP BY 1`,
    release: `SELECT partner_id, first_event_at, first_event_kind, last_event_at, is_active, first_deal_at
      FROM {fct_partner_activation} WHERE first_event_at IS NOT NULL`,
  },
  {
    what: 'window sensitivity under the own windows is what is published',
    sheets: `SELECT month, basis, currency, sourced_minor, influenced_distinct_minor FROM {fct_revenue_monthly}
      WHERE sourced_minor <> 0 OR influenced_distinct_minor <> 0`,
    release: `SELECT month, basis, currency, sourced_minor, influenced_distinct_minor FROM {fct_window_sensitivity}
      WHERE is_configured AND (sourced_minor <> 0 OR influenced_distinct_minor <> 0)`,
  },
  {
    what: 'influenced, each deal once: Σ of distinct deals, not of partners',
    sheets: `SELECT month, basis, currency, sum(amount_minor)::BIGINT AS amount FROM {fct_deal_money}
      WHERE deal_id IN (SELECT deal_id FROM {fct_deal_influence}) GROUP BY ALL HAVING amount <> 0`,
    release: `SELECT month, basis, currency, influenced_distinct_minor FROM {fct_revenue_monthly} WHERE influenced_distinct_minor <> 0`,
  },
  {
    what: 'influenced by each partner: all of what it touched and did not source',
    sheets: `SELECT partner_id, month, basis, currency, sum(amount_minor)::BIGINT AS amount
      FROM {fct_deal_money} JOIN {fct_deal_influence} USING (deal_id) GROUP BY ALL HAVING amount <> 0`,
    release: `SELECT partner_id, month, basis, currency, influenced_gross_minor FROM {fct_partner_revenue_monthly}
      WHERE influenced_gross_minor <> 0`,
  },
];
