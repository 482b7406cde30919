// The company's account mapping as Crossbeam holds it: partners, populations, and overlaps that carry no date. A change feed
// numbers what changed, so that a bookmark can ask for what is newer. Pure but for the feed's own memory.
import type { CompanyRow, Store } from './company.ts';

export type CrossbeamPartner = {
  readonly id: number;
  readonly name: string;
  readonly domain: string | null;
};

export type CrossbeamPopulation = {
  readonly id: number;
  readonly name: string;
  readonly organization_id: number;
  readonly population_type: 'companies';
  readonly standard_type: 'customers' | 'open_opportunities' | 'prospects';
};

export type Overlap = { readonly key: string; readonly [field: string]: unknown };

/** An overlap with the number of its last change. */
export type FeedEntry = { readonly sequence: number; readonly overlap: Overlap; readonly is_deleted: boolean };

export const OUR_ORGANIZATION = 1;
const standardTypes = {
  customer: 'customers',
  open_opportunity: 'open_opportunities',
  prospect: 'prospects',
} as const;
const names = { customers: 'Customers', open_opportunities: 'Open Opportunities', prospects: 'Prospects' } as const;
const FIRST_PARTNER = 7_001;

/** The company's partners by partner_id, as Crossbeam knows them. */
function partnersById(store: Store): Map<string, CrossbeamPartner> {
  return new Map(
    store
      .records('partners')
      .map(({ row, deletedAt }, index) => ({ row, deletedAt, id: FIRST_PARTNER + index }))
      .filter(({ deletedAt }) => !deletedAt)
      .map(({ row, id }) => [row.partner_id ?? '', { id, name: row.name ?? '', domain: row.domain ?? null }]),
  );
}

export function partnersOf(store: Store): CrossbeamPartner[] {
  return [...partnersById(store).values()];
}

/** The three standard populations of an organization. */
export function populationsOf(organization: number): CrossbeamPopulation[] {
  return Object.values(standardTypes).map((standard_type, index) => ({
    id: organization * 10 + index,
    name: names[standard_type],
    organization_id: organization,
    population_type: 'companies',
    standard_type,
  }));
}

/** All overlaps of now: one for each of our records and partner, with every population of the partner that holds it. */
function overlapsOf(store: Store): Overlap[] {
  const partners = partnersById(store);
  const accounts = new Map(store.records('accounts').map(({ row }) => [row.account_id, row]));
  const groups = new Map<string, CompanyRow[]>();
  for (const { row, deletedAt } of store.records('account_overlaps')) {
    if (deletedAt) continue;
    const key = `${row.partner_id}|${row.account_id ?? row.domain}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups].flatMap(([key, rows]) => {
    const partner = partners.get(rows[0]!.partner_id ?? '');
    return partner ? [overlap(key, rows, partner, accounts.get(rows[0]!.account_id))] : [];
  });
}

function overlap(
  key: string,
  rows: readonly CompanyRow[],
  partner: CrossbeamPartner,
  account: CompanyRow | undefined,
): Overlap {
  const { account_id, domain } = rows[0]!;
  const theirs = new Set(rows.map((row) => standardTypes[row.partner_population as keyof typeof standardTypes]));
  return {
    key,
    crossbeam_record_id: `xbr_${account_id ?? domain}`,
    record_id: account_id ?? null,
    record_name: account?.name ?? null,
    record_website: domain ?? account?.domain ?? null,
    record_type: 'company',
    populations: populationsOf(OUR_ORGANIZATION)
      .slice(0, 1)
      .map(({ id, name }) => ({ id, name })),
    partner_organization_id: partner.id,
    partner_name: partner.name,
    partner_crossbeam_record_id: `xbr_${partner.id}_${account_id ?? domain}`,
    partner_record_id: null,
    partner_record_name: account?.name ?? null,
    partner_record_website: domain ?? account?.domain ?? null,
    // A row with `is_broken` lacks its list.
    partner_populations: rows.some((row) => row.is_broken)
      ? null
      : populationsOf(partner.id)
          .filter(({ standard_type }) => theirs.has(standard_type))
          .map(({ id, name }) => ({ id, name })),
  };
}

export type Feed = {
  /** Every overlap ever seen with the number of its last change, in no order that a reader could use. */
  entries(): readonly FeedEntry[];
  /** The number of the last change. */
  last(): number;
};

/** Compares the overlaps with those of the last look whenever the company changed. */
export function createFeed(store: Store): Feed {
  const entries = new Map<string, FeedEntry>();
  let version = -1;
  let last = 0;
  const refresh = () => {
    if (version === store.version()) return;
    version = store.version();
    const now = new Map(overlapsOf(store).map((overlap) => [overlap.key, overlap]));
    for (const [key, overlap] of now) {
      const known = entries.get(key);
      const isSame = known && !known.is_deleted && JSON.stringify(known.overlap) === JSON.stringify(overlap);
      if (!isSame) entries.set(key, { sequence: ++last, overlap, is_deleted: false });
    }
    for (const [key, entry] of entries)
      if (!entry.is_deleted && !now.has(key)) entries.set(key, { ...entry, sequence: ++last, is_deleted: true });
  };
  return {
    entries() {
      refresh();
      return [...entries.values()];
    },
    last() {
      refresh();
      return last;
    },
  };
}
