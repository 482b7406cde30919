// The sandbox company's own sourced.yaml, written as its operations team would: short, with the reasons beside the figures.
import { toDate } from './calendar.ts';
import { CO_SELL_RAISE } from './programme.ts';
import { companyName, sourceName, windows } from './setting.ts';
import { touchKinds } from './touches.ts';

/** What a touch weighs under `custom`: meetings and introductions count more than clicks. */
const customWeights: Readonly<Record<string, number>> = {
  introduction: 5,
  demo: 4,
  partner_meeting: 4,
  co_sell_call: 4,
  meeting: 4,
  event_met: 3,
  webinar_attended: 3,
  quote: 3,
  form_fill: 2,
  referral_click: 2,
};

/** The company's records as spreadsheets, all of them. */
const sheetsOnly = `  - {name: ${sourceName}, connector: files, directory: ./sheets}`;

/** The text of sourced.yaml; `sources` are the lines below its key. */
export function workspaceYaml(sources: string = sheetsOnly): string {
  const weights = [...new Set(touchKinds)].map((kind) => `${kind}: ${customWeights[kind] ?? 1}`);
  return `# ${companyName}: software for companies with people in the field. A sandbox company; every name and figure is invented.
company: ${companyName}
reporting: {currency: USD, time_zone: America/New_York, fiscal_year_start_month: 1}

# Euro amounts become dollars once, at the central bank's rate of the event's own day, or the last working day before it.
fx: {rate_date: payment_date, max_age_days: 7}

sources:
${sources}

attribution:
  scope: account
  lookback_days: ${windows.lookback}
  methods: [first_touch, last_touch, linear, u_shaped, w_shaped, full_path, time_decay, custom]
  time_decay: {half_life_days: 7}
  custom:                          # meetings and introductions count more than clicks
    weights: {${weights.join(', ')}, lead: 5, registration: 5}
  sourcing:                        # the first rule with evidence wins
    - {rule: deal_registration, protection_days: ${windows.protection}, grace_days: ${windows.grace}}
    - {rule: partner_lead, window_days: ${windows.lead}}
    - {rule: crm_field}
    - {rule: first_touch}
  carry_months: ${windows.carryMonths}

motions:
  referral: {default_plan: referral-standard}
  co_sell: {default_plan: co-sell-standard, sourcing: {first_touch: off}}      # a shared call is no sourcing
  reseller: {margin: true, sourcing: {first_touch: off}}                       # keeps its discount, earns no commission

plans:
  - plan: referral-standard        # a fifth of what customers pay for the software in their first year
    starts_on: 2023-01-01
    currency: USD
    trigger: paid
    earns_on: {sourced: true}
    products: [platform, insights, automate, usage]
    components: [{kind: percent, rate: "0.20", months: 12, contract_cost: expense}]
    hold_days: 30
    clawback_days: null            # a refund always takes its share back
    rate_locked_at: close
  - plan: referral-premier         # negotiated with the strongest referrers
    starts_on: 2023-01-01
    currency: USD
    trigger: paid
    earns_on: {sourced: true}
    products: [platform, insights, automate, usage]
    components: [{kind: percent, rate: "0.25", months: 12, contract_cost: expense}]
    hold_days: 30
    clawback_days: null
    rate_locked_at: close
  - plan: referral-emea            # partners in Europe are paid in euro
    starts_on: 2023-01-01
    currency: EUR
    trigger: paid
    earns_on: {sourced: true}
    products: [platform, insights, automate, usage]
    components: [{kind: percent, rate: "0.20", months: 12, contract_cost: expense}]
    hold_days: 30
    clawback_days: null
    rate_locked_at: close
  - plan: co-sell-standard
    starts_on: 2023-01-01
    currency: USD
    trigger: paid
    earns_on: {sourced: true}
    components: [{kind: percent, rate: "0.08", months: 24, contract_cost: expense}]
    hold_days: 45
    clawback_days: 90
    rate_locked_at: close
  - plan: co-sell-standard         # raised for deals closed from this day on; older deals keep their rate
    starts_on: ${toDate(CO_SELL_RAISE)}
    currency: USD
    trigger: paid
    earns_on: {sourced: true}
    components: [{kind: percent, rate: "0.10", months: 24, contract_cost: expense}]
    hold_days: 45
    clawback_days: 90
    rate_locked_at: close
  - plan: co-sell-emea
    starts_on: 2023-01-01
    currency: EUR
    trigger: paid
    earns_on: {sourced: true}
    components: [{kind: percent, rate: "0.10", months: 24, contract_cost: expense}]
    hold_days: 45
    clawback_days: 90
    rate_locked_at: close

contract_cost: {benefit_months: 36, practical_expedient: true}
publish: {max_load_age_hours: 36, max_quarantine_share: 0.01, block_on_stale: []}
`;
}
