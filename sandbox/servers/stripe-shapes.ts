// The members of Stripe's objects (API version 2026-10-28.endive) with the values they have where nothing was set.
// Names follow Stripe's own SDK and the published fixtures of stripe-mock; tests compare them.

export type Members = Readonly<Record<string, unknown>>;
export type StripeObject = Members & { readonly id: string; readonly object: string; readonly created: number };

/** Currencies that Stripe takes in whole units, and those with three decimals; all others have two, also ISK and UGX. */
const wholeUnits = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ');
const thousandths = 'BHD JOD KWD OMR TND'.split(' ');

export function stripeDecimals(currency: string): number {
  if (wholeUnits.includes(currency)) return 0;
  return thousandths.includes(currency) ? 3 : 2;
}

export function list(url: string, data: readonly unknown[], has_more = false): Members {
  return { object: 'list', data, has_more, url };
}

export const emptyAddress: Members = {
  city: null,
  country: null,
  line1: null,
  line2: null,
  postal_code: null,
  state: null,
};

export const customerShape: Members = {
  object: 'customer',
  address: null,
  balance: 0,
  currency: null,
  default_source: null,
  delinquent: false,
  description: null,
  discount: null,
  email: null,
  invoice_prefix: 'SANDBOX',
  invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
  metadata: {},
  name: null,
  next_invoice_sequence: 1,
  phone: null,
  preferred_locales: [],
  shipping: null,
  tax_exempt: 'none',
  test_clock: null,
};

const automaticTax = { enabled: false, liability: null, status: null, disabled_reason: null, provider: null };

export const subscriptionShape: Members = {
  object: 'subscription',
  application: null,
  application_fee_percent: null,
  automatic_tax: { enabled: false, liability: null, disabled_reason: null },
  billing_cycle_anchor_config: null,
  billing_mode: { type: 'flexible' },
  billing_thresholds: null,
  cancel_at: null,
  cancel_at_period_end: false,
  canceled_at: null,
  cancellation_details: { comment: null, feedback: null, reason: null },
  collection_method: 'send_invoice',
  days_until_due: 30,
  default_payment_method: null,
  default_source: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  ended_at: null,
  invoice_settings: { account_tax_ids: null, issuer: { type: 'self' } },
  latest_invoice: null,
  metadata: {},
  next_pending_invoice_item_invoice: null,
  on_behalf_of: null,
  pause_collection: null,
  payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: 'off' },
  pending_invoice_item_interval: null,
  pending_setup_intent: null,
  pending_update: null,
  schedule: null,
  test_clock: null,
  transfer_data: null,
  trial_end: null,
  trial_settings: { end_behavior: { missing_payment_method: 'create_invoice' } },
  trial_start: null,
};

export const priceShape: Members = {
  object: 'price',
  active: true,
  billing_scheme: 'per_unit',
  custom_unit_amount: null,
  lookup_key: null,
  metadata: {},
  nickname: null,
  tax_behavior: 'exclusive',
  tiers_mode: null,
  transform_quantity: null,
  type: 'recurring',
};

export const invoiceShape: Members = {
  object: 'invoice',
  account_country: 'US',
  account_name: 'Sandbox',
  account_tax_ids: null,
  amount_overpaid: 0,
  amount_shipping: 0,
  application: null,
  attempt_count: 0,
  attempted: true,
  auto_advance: false,
  automatic_tax: automaticTax,
  automatically_finalizes_at: null,
  billing_reason: 'manual',
  collection_method: 'send_invoice',
  custom_fields: null,
  customer_address: null,
  customer_email: null,
  customer_name: null,
  customer_phone: null,
  customer_shipping: null,
  customer_tax_exempt: 'none',
  customer_tax_ids: [],
  default_payment_method: null,
  default_source: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  due_date: null,
  ending_balance: 0,
  footer: null,
  from_invoice: null,
  hosted_invoice_url: null,
  invoice_pdf: null,
  issuer: { type: 'self' },
  last_finalization_error: null,
  latest_revision: null,
  metadata: {},
  next_payment_attempt: null,
  on_behalf_of: null,
  parent: null,
  payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
  receipt_number: null,
  rendering: null,
  shipping_cost: null,
  shipping_details: null,
  starting_balance: 0,
  statement_descriptor: null,
  test_clock: null,
  total_discount_amounts: [],
  total_pretax_credit_amounts: [],
  total_taxes: [],
  webhooks_delivered_at: null,
};

export const lineShape: Members = {
  object: 'line_item',
  discountable: true,
  discounts: [],
  metadata: {},
  pretax_credit_amounts: [],
  quantity: 1,
  subscription: null,
};

export const chargeShape: Members = {
  object: 'charge',
  amount_refunded: 0,
  application: null,
  application_fee: null,
  application_fee_amount: null,
  balance_transaction: null,
  billing_details: { address: emptyAddress, email: null, name: null, phone: null, tax_id: null },
  calculated_statement_descriptor: 'SANDBOX',
  customer: null,
  description: null,
  disputed: false,
  failure_balance_transaction: null,
  failure_code: null,
  failure_message: null,
  fraud_details: {},
  metadata: {},
  on_behalf_of: null,
  outcome: null,
  payment_method: null,
  payment_method_details: { card: { brand: 'visa', country: 'US', funding: 'credit', last4: '4242' }, type: 'card' },
  receipt_email: null,
  receipt_number: null,
  receipt_url: null,
  refunded: false,
  review: null,
  shipping: null,
  source_transfer: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  transfer_data: null,
  transfer_group: null,
};

export const refundShape: Members = {
  object: 'refund',
  balance_transaction: null,
  destination_details: { card: { type: 'refund' }, type: 'card' },
  metadata: {},
  reason: 'requested_by_customer',
  receipt_number: null,
  source_transfer_reversal: null,
  transfer_reversal: null,
};

export const creditNoteShape: Members = {
  object: 'credit_note',
  amount_shipping: 0,
  customer_balance_transaction: null,
  discount_amount: 0,
  discount_amounts: [],
  memo: null,
  metadata: {},
  out_of_band_amount: null,
  pdf: '',
  pretax_credit_amounts: [],
  reason: null,
  refunds: [],
  shipping_cost: null,
};

export const creditNoteLineShape: Members = {
  object: 'credit_note_line_item',
  description: 'Credit',
  discount_amount: 0,
  discount_amounts: [],
  pretax_credit_amounts: [],
  quantity: 1,
  tax_rates: [],
  unit_amount: null,
  unit_amount_decimal: null,
};

export const disputeShape: Members = {
  object: 'dispute',
  enhanced_eligibility_types: [],
  is_charge_refundable: false,
  metadata: {},
  payment_method_details: {
    card: { brand: 'visa', case_type: 'chargeback', network_reason_code: '13.1' },
    type: 'card',
  },
  reason: 'product_not_received',
};

export const balanceTransactionShape: Members = {
  object: 'balance_transaction',
  balance_type: 'payments',
  description: null,
  exchange_rate: null,
  fee: 0,
  fee_details: [],
  status: 'available',
  type: 'adjustment',
};
