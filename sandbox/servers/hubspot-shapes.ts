// The parts of HubSpot's objects: deal properties, activities, association types, times and numbers for names.
import type { CompanyRow, StoredRecord } from './company.ts';

export type AssociationType = {
  readonly category: 'HUBSPOT_DEFINED' | 'USER_DEFINED';
  readonly typeId: number;
  readonly label: string | null;
};
export type Association = { readonly id: string; readonly types: readonly AssociationType[] };

export type Shape = {
  readonly created: string | undefined;
  /** When something of its associated records changed it (epoch milliseconds). */
  readonly touched?: number;
  readonly properties: Readonly<Record<string, string | undefined>>;
  readonly history?: Record<string, { value: string; timestamp: string; sourceType: string }[]>;
  readonly associations?: Record<string, Association[]>;
};

export function dealProperties(
  row: CompanyRow,
  { stageKey, owner }: { stageKey: string | undefined; owner: string | undefined },
) {
  const isDay = row.closed_at?.length === 10;
  return {
    dealname: row.name,
    amount: row.amount,
    deal_currency_code: row.currency,
    dealstage: stageKey,
    pipeline: 'default',
    closedate: stamp(row.closed_at),
    closed_on: isDay ? row.closed_at : undefined,
    hs_is_closed: row.is_closed,
    hs_is_closed_won: row.is_won,
    hubspot_owner_id: owner,
    lead_created_at: stamp(row.lead_created_at),
    partner_source: row.source_partner_id,
    reseller: row.reseller_partner_id,
    product_line: row.product,
    deal_kind: row.kind,
  };
}

export function activity(
  row: CompanyRow,
  about: Pick<Shape, 'associations' | 'touched'>,
  properties: Shape['properties'],
): Shape {
  return {
    created: row.occurred_at,
    properties: { hs_timestamp: stamp(row.occurred_at), ...properties },
    ...about,
  };
}

export function isSales(...kinds: string[]): (row: CompanyRow) => boolean {
  return (row) => row.channel === 'sales' && kinds.includes(row.kind ?? '');
}

const unlabelled: AssociationType = { category: 'HUBSPOT_DEFINED', typeId: 3, label: null };

export function primaryCompany(primary: number, plain: number): AssociationType[] {
  return [
    { category: 'HUBSPOT_DEFINED', typeId: primary, label: 'Primary' },
    { category: 'HUBSPOT_DEFINED', typeId: plain, label: null },
  ];
}

export function linked(id: string | undefined, types: readonly AssociationType[] = [unlabelled]): Association[] {
  return id ? [{ id, types }] : [];
}

/** A contact's role and rank on a deal are labels that the company has defined. */
export function dealContacts(
  rows: readonly CompanyRow[],
  contact: (id: string | undefined) => string | undefined,
): Association[] {
  const links = new Map<string, Association>();
  for (const row of rows) {
    const id = contact(row.contact_id)!;
    const label = (text: string, typeId: number): AssociationType => ({
      category: 'USER_DEFINED',
      typeId,
      label: text,
    });
    links.set(id, {
      id,
      types: [
        unlabelled,
        ...(row.role ? [label(row.role, 40 + row.role.length)] : []),
        ...(row.is_primary === 'true' ? [label('Primary contact', 40)] : []),
      ],
    });
  }
  return [...links.values()];
}

export type Group = { readonly rows: CompanyRow[]; at: number };

/** Live rows by the value of a column, and when one of them last changed or went. */
export function grouped(records: readonly StoredRecord[], column: string): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const { row, updatedAt, deletedAt } of records) {
    const group = groups.get(row[column]!) ?? { rows: [], at: 0 };
    groups.set(row[column]!, group);
    group.at = Math.max(group.at, updatedAt);
    if (!deletedAt) group.rows.push(row);
  }
  return groups;
}

/** A stable number for a name, counted up from `first`. */
export function keyFor(map: Map<string, string>, name: string | undefined, first: number): string | undefined {
  if (!name) return undefined;
  const known = map.get(name);
  if (known) return known;
  const key = String(first + map.size);
  map.set(name, key);
  return key;
}

export function chosen(row: CompanyRow, names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}

export function timeOf(text: string | undefined): number | undefined {
  const time = text ? Date.parse(text) : Number.NaN;
  return Number.isFinite(time) ? time : undefined;
}

/** An instant as HubSpot writes it; what is no time is left out. */
export function stamp(text: string | undefined): string | undefined {
  const time = timeOf(text);
  return time === undefined ? undefined : new Date(time).toISOString();
}
