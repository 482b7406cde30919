// The canonical streams (contract §5) as data: what the files connector reads, what ingest checks, what staging types.

export type ColumnType = 'id' | 'text' | 'instant' | 'date' | 'amount' | 'currency' | 'rate' | 'boolean' | 'enum';

export type Column = {
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
  /** The values of an enum. */
  readonly values?: readonly string[];
  /** The stream that an id points to; absent for the stream's own key. */
  readonly references?: StreamName;
  /** An amount may be negative (invoice lines only, fine-print 2). */
  readonly signed?: boolean;
};

export type Stream = {
  readonly name: StreamName;
  /** The columns that together name one record. */
  readonly key: readonly string[];
  readonly columns: readonly Column[];
};

/**
 * One line a stream: `name*` is required; `:type` defaults to text; `->stream` is a reference; `(a|b)` an enum.
 * `amount` is decimal text in major units; its currency is the row's `currency` column where there is one,
 * else that of the invoice the row belongs to.
 */
const definitions = {
  partners:
    'partner_id*:id name* motion*(referral|co_sell|reseller) tier status(active|inactive|ended) joined_at:instant ended_at:instant domain country currency:currency manager',
  partner_agreements: 'agreement_id*:id partner_id*->partners plan* starts_on*:date ends_on:date',
  accounts: 'account_id*:id name* domain country segment created_at:instant merged_into->accounts',
  contacts: 'contact_id*:id account_id->accounts email created_at:instant merged_into->contacts',
  leads:
    'lead_id*:id partner_id->partners account_id->accounts email domain submitted_at*:instant status(new|working|converted|rejected) first_response_at:instant deal_id->deals owner',
  deals:
    'deal_id*:id account_id->accounts name created_at:instant lead_created_at:instant stage closed_at:instant is_closed*:boolean is_won*:boolean amount:amount currency:currency owner source_partner_id->partners reseller_partner_id->partners product kind(new|renewal|expansion) merged_into->deals',
  deal_stages: 'deal_id*->deals stage* entered_at*:instant',
  deal_contacts: 'deal_id*->deals contact_id*->contacts role is_primary:boolean',
  deal_registrations:
    'registration_id*:id partner_id*->partners account_id->accounts domain deal_id->deals submitted_at*:instant decided_at:instant status*(pending|approved|rejected|expired) protection_ends_at:instant',
  touchpoints:
    'touchpoint_id*:id occurred_at*:instant account_id->accounts contact_id->contacts deal_id->deals channel* partner_id->partners kind* campaign',
  account_overlaps:
    'partner_id*->partners account_id->accounts domain partner_population*(customer|open_opportunity|prospect) first_seen_at*:instant',
  billing_customers:
    'customer_id*:id account_id->accounts partner_id->partners name email domain country created_at:instant',
  subscriptions:
    'subscription_id*:id customer_id*->billing_customers deal_id->deals started_at*:instant cancelled_at:instant mrr_amount:amount currency:currency status',
  invoices:
    'invoice_id*:id customer_id*->billing_customers deal_id->deals subscription_id->subscriptions issued_at*:instant due_at:instant voided_at:instant status*(open|paid|void|uncollectible) currency*:currency',
  invoice_lines:
    'line_id*:id invoice_id*->invoices product amount*:signed tax_amount:signed list_amount:signed period_start:date period_end:date',
  payments:
    'payment_id*:id invoice_id->invoices paid_at*:instant amount*:amount currency*:currency status*(succeeded|pending|failed)',
  payment_adjustments:
    'adjustment_id*:id kind*(refund|credit_note|dispute_opened|dispute_won|dispute_lost|write_off) payment_id->payments invoice_id->invoices line_id->invoice_lines occurred_at*:instant amount*:amount tax_amount:amount currency*:currency',
  fx_rates: 'rate_date*:date base_currency*:currency quote_currency*:currency rate*:rate provider',
  payouts: 'payout_id*:id partner_id*->partners statement_id paid_at*:instant amount*:amount currency*:currency',
  enablement:
    'event_id*:id partner_id*->partners kind*(onboarding_step|training|content) item occurred_at*:instant status(started|completed)',
} as const;

export type StreamName = keyof typeof definitions;

/** Streams whose record is named by more than its first column. */
const keys: Partial<Record<StreamName, readonly string[]>> = {
  deal_stages: ['deal_id', 'stage', 'entered_at'],
  deal_contacts: ['deal_id', 'contact_id'],
  account_overlaps: ['partner_id', 'account_id', 'domain', 'partner_population'],
  payments: ['payment_id', 'invoice_id'],
  fx_rates: ['rate_date', 'base_currency', 'quote_currency', 'provider'],
};

export const streamNames = Object.keys(definitions) as StreamName[];

/** Every canonical stream by name, in the order of contract §5. */
export const streams: Readonly<Record<StreamName, Stream>> = Object.fromEntries(
  streamNames.map((name) => [name, stream(name)]),
) as Record<StreamName, Stream>;

function stream(name: StreamName): Stream {
  const columns = definitions[name].split(' ').map(column);
  return { name, key: keys[name] ?? [columns[0]!.name], columns };
}

function column(text: string): Column {
  const match = /^(\w+)(\*?)(?:->(\w+)|\(([^)]+)\)|:(\w+))?$/.exec(text);
  if (!match) throw new Error(`streams.ts: cannot read the column ${text}`);
  const [, name = '', star, references, values, type] = match;
  const base = { name, required: star === '*' };
  if (references) return { ...base, type: 'id', references: references as StreamName };
  if (values) return { ...base, type: 'enum', values: values.split('|') };
  if (type === 'signed') return { ...base, type: 'amount', signed: true };
  return { ...base, type: (type ?? 'text') as ColumnType };
}
