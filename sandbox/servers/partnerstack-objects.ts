// The company's partner programme as PartnerStack holds it: groups, partnerships, leads, deals, customers and rewards. Times are
// epoch milliseconds, amounts whole cents; what PartnerStack has no field for stands in custom fields. Pure.
import { at, dayOfDate } from '../calendar.ts';
import type { CompanyRow, Store, StoredRecord } from './company.ts';

/** A vendor object; `key` names it, `created_at` and `updated_at` are epoch milliseconds. */
export type PartnerStackObject = { readonly key: string; readonly [field: string]: unknown };

/** Collections by the last part of their path. */
export type Programme = Readonly<
  Record<'groups' | 'partnerships' | 'leads' | 'deals' | 'customers' | 'rewards', readonly PartnerStackObject[]>
>;

/** Everything a programme holds; leads without a partner are the CRM's own and not here. */
export function programmeOf(store: Store): Programme {
  const live = (stream: StoredRecord['stream']) => store.records(stream).filter(({ deletedAt }) => !deletedAt);
  const agreements = new Map(live('partner_agreements').map(({ row }) => [row.partner_id, row]));
  const partnerships = live('partners').map((record) => partnership(record, agreements.get(record.row.partner_id)));
  return {
    groups: distinct(partnerships.map(({ group }) => group as PartnerStackObject)),
    partnerships,
    leads: live('leads')
      .filter(({ row }) => row.partner_id)
      .map(lead),
    deals: live('deal_registrations').map(deal),
    customers: [...live('touchpoints').filter(isReferral).map(customer), trial(Date.parse(store.asOf))],
    rewards: live('payouts').map((record) => reward(record, Date.parse(store.asOf))),
  };
}

/** A partner's group is its plan where an agreement names one, else its motion. */
function groupSlug(partner: CompanyRow, agreement: CompanyRow | undefined): string {
  return agreement?.plan ?? (partner.motion ?? 'referral').replaceAll('_', '-');
}

function partnership({ row, updatedAt }: StoredRecord, agreement: CompanyRow | undefined): PartnerStackObject {
  const slug = groupSlug(row, agreement);
  const joined = milliseconds(row.joined_at) ?? 0;
  const [first = '', ...rest] = (row.manager ?? '').split(' ');
  return {
    key: `part_${row.partner_id}`,
    partner_key: row.partner_id,
    email: row.domain ? `partners@${row.domain}` : null,
    first_name: row.name,
    last_name: null,
    team: { name: row.name },
    group: {
      key: `grup_${slug}`,
      name: slug.replaceAll('-', ' '),
      slug,
      archived: false,
      default: slug === 'referral',
    },
    manager: row.manager ? { first_name: first, last_name: rest.join(' '), name: row.manager } : null,
    approved_status: 'approved',
    archived: row.status === 'ended',
    tags: [],
    joined_at: joined,
    created_at: joined,
    updated_at: updatedAt,
    field_data: fields({
      tier: row.tier,
      programme_status: row.status,
      ended_on: row.ended_at,
      website: row.domain,
      country: row.country,
      payout_currency: row.currency,
      agreement_id: agreement?.agreement_id,
      agreement_starts_on: agreement?.starts_on,
      agreement_ends_on: agreement?.ends_on,
    }),
  };
}

/** PartnerStack's own words for what became of a lead. */
const leadStatuses: Readonly<Record<string, string>> = {
  new: 'pending',
  working: 'qualified',
  converted: 'closed_won',
  rejected: 'declined',
};

function lead({ row, updatedAt }: StoredRecord): PartnerStackObject {
  return {
    key: row.lead_id ?? '',
    partner_key: row.partner_id,
    status: leadStatuses[row.status ?? ''] ?? row.status,
    approved: row.status !== 'rejected',
    amount: null,
    external_key: row.deal_id ?? null,
    created_at: milliseconds(row.submitted_at),
    updated_at: updatedAt,
    field_data: fields({
      email: row.email,
      company_domain: row.domain,
      crm_account_id: row.account_id,
      sales_owner: row.owner,
      first_response_at: row.first_response_at,
    }),
  };
}

/** A registered deal. Its stage is the registration's state; the CRM's deal is its external key. */
function deal({ row, updatedAt }: StoredRecord): PartnerStackObject {
  return {
    key: row.registration_id ?? '',
    partner_key: row.partner_id,
    account_name: null,
    amount: null,
    source: 'partner',
    stage: row.status === 'rejected' ? 'declined' : row.status,
    external_key: row.deal_id ?? null,
    archived: false,
    created_at: milliseconds(row.submitted_at),
    updated_at: updatedAt,
    field_data: fields({
      crm_account_id: row.account_id,
      company_domain: row.domain,
      decided_at: row.decided_at,
      protection_ends_at: row.protection_ends_at,
    }),
  };
}

/** A partner's link that brought somebody; other touches of partners are not in PartnerStack. */
function isReferral({ row }: StoredRecord): boolean {
  return row.kind === 'referral_click' && row.partner_id !== undefined;
}

function customer({ row, updatedAt }: StoredRecord): PartnerStackObject {
  return {
    key: row.touchpoint_id ?? '',
    customer_key: null,
    partner_key: row.partner_id,
    partnership_key: `part_${row.partner_id}`,
    email: `${row.touchpoint_id?.toLowerCase()}@customer.example`,
    name: null,
    provider_key: null,
    source_type: 'link',
    source_key: null,
    sub_id: null,
    test: false,
    created_at: milliseconds(row.occurred_at),
    updated_at: updatedAt,
    meta: fields({ crm_account_id: row.account_id, crm_contact_id: row.contact_id, crm_deal_id: row.deal_id }),
  };
}

/** Every programme has somebody with whom its links were tried out. */
function trial(asOf: number): PartnerStackObject {
  const row = { touchpoint_id: 'cus_trial', partner_id: 'PartnerStackTest' };
  const at = asOf - 86_400_000;
  const tried = customer({ stream: 'touchpoints', key: 'cus_trial', row, updatedAt: at });
  return { ...tried, test: true, created_at: at };
}

/** A reward that was withdrawn or paid outside is money that left; `updated_at` is when. */
function reward({ row, updatedAt }: StoredRecord, asOf: number): PartnerStackObject {
  const paid = milliseconds(row.paid_at);
  return {
    key: row.payout_id ?? '',
    partnership_key: `part_${row.partner_id}`,
    partnership: { key: `part_${row.partner_id}`, partner_key: row.partner_id },
    transaction_key: null,
    invoice: row.statement_id ? { key: row.statement_id } : null,
    amount: cents(row.amount),
    currency: row.currency,
    description: 'Partner commission',
    decline_reason: null,
    reward_status: 'approved',
    payment_status: row.payment_status ?? 'withdrawn',
    created_at: typeof paid === 'number' ? paid - 3_600_000 : paid,
    updated_at: updatedAt > asOf ? updatedAt : paid,
  };
}

/** Epoch milliseconds of an instant or of a local day's start; text that is neither goes through as it is. */
function milliseconds(text: string | undefined): number | string | undefined {
  if (!text) return undefined;
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year) return at(dayOfDate(Number(year), Number(month), Number(day)), 0) * 1000;
  const moment = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? text : moment;
}

/** Whole cents of decimal text; text that is no amount goes through as it is. */
function cents(text: string | undefined): number | string | undefined {
  const match = /^(-?\d+)(?:\.(\d{1,2}))?$/.exec(text ?? '');
  return match ? Number(`${match[1]}${(match[2] ?? '').padEnd(2, '0')}`) : text;
}

function fields(values: Readonly<Record<string, string | undefined>>): CompanyRow {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

function distinct(objects: readonly PartnerStackObject[]): PartnerStackObject[] {
  return [...new Map(objects.map((object) => [object.key, object])).values()];
}
