// What HubSpot's objects have to do with each other: who survived which merge, what belongs to a deal, what is linked to what.
import type { CompanyRow, Store } from './company.ts';
import { survivorsOf } from './hubspot-merges.ts';
import { grouped, linked } from './hubspot-shapes.ts';

/** Options that bend what the portal holds. */
export type PortalOptions = {
  /** A merge makes a record with a new id; both old ones are listed in it. */
  readonly merges_make_new_id: boolean;
  /** The last bulk edit touched every object at this time (epoch milliseconds): all of them have at least this time of change. */
  readonly bulk_edited_at: number;
  /** What happens to a record's children and associated records leaves its own time of change alone. */
  readonly silent_associations: boolean;
};

/** Who survived which merge, what belongs to a deal, and when either last changed. */
export function relationsOf(store: Store, options: PortalOptions) {
  const survivors = {
    companies: survivorsOf(store.records('accounts'), options),
    contacts: survivorsOf(store.records('contacts'), options),
    deals: survivorsOf(store.records('deals'), options),
  };
  const children = {
    stages: grouped(store.records('deal_stages'), 'deal_id'),
    contacts: grouped(store.records('deal_contacts'), 'deal_id'),
  };
  const company = (id: string | undefined) => id && (survivors.companies.get(id)?.into ?? id);
  const contact = (id: string | undefined) => id && (survivors.contacts.get(id)?.into ?? id);
  const deal = (id: string | undefined) => id && (survivors.deals.get(id)?.into ?? id);
  const mergedAt = (row: CompanyRow) =>
    Math.max(
      survivors.companies.get(row.account_id ?? '')?.at ?? 0,
      survivors.contacts.get(row.contact_id ?? '')?.at ?? 0,
      survivors.deals.get(row.deal_id ?? '')?.at ?? 0,
    );
  const childrenAt = (dealId: string) =>
    Math.max(
      ...[children.stages, children.contacts].map((group) => group.get(dealId)?.at ?? 0),
      ...(children.contacts.get(dealId)?.rows ?? []).map(mergedAt),
    );
  const links = (row: CompanyRow) => ({
    companies: linked(company(row.account_id)),
    contacts: linked(contact(row.contact_id)),
    deals: linked(deal(row.deal_id)),
  });
  return { survivors, children, company, contact, mergedAt, childrenAt, links };
}
