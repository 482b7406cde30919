// Who is who in Crossbeam: its partners as partners of ours, its populations as what they stand for.
import { SourceError } from '../../../core/errors.ts';
import { identifier, literal } from '../../../core/sql.ts';
import type { IngestWarehouse } from '../../connector.ts';
import type { HttpClient } from '../../http.ts';
import { tokenGuard } from '../../window.ts';
import type { CrossbeamOptions } from './options.ts';

export type Partner = { readonly id: number | string; readonly name?: string | null; readonly domain?: string | null };
export type Population = {
  readonly id: number | string;
  readonly name?: string;
  readonly standard_type?: string | null;
};
export type Listed<Item> = {
  readonly items?: readonly Item[];
  readonly data?: readonly Item[];
  readonly partner_orgs?: readonly Item[];
  readonly pagination?: {
    readonly has_more?: boolean;
    readonly next_cursor?: string | null;
    readonly next_href?: string | null;
  };
};

export type Directory = {
  /** Partners of other sources that have a domain of their own; none before they were first read. */
  readonly our_partner_count: number;
  /** Crossbeam's id of a partner → our partner_id; partners that nothing identifies are left out. */
  readonly partners: ReadonlyMap<string, string>;
  readonly unknown_partners: readonly Partner[];
  /** Id of a partner's population → what it stands for. */
  readonly populations: ReadonlyMap<string, string>;
  readonly unknown_populations: readonly Population[];
};

const standardTypes: Readonly<Record<string, string>> = {
  customers: 'customer',
  customer: 'customer',
  open_opportunities: 'open_opportunity',
  open_opportunity: 'open_opportunity',
  prospects: 'prospect',
  prospect: 'prospect',
};

/** Reads both lists and says what each entry is to us. */
export async function readDirectory(
  client: HttpClient,
  { options, warehouse, origin }: { options: CrossbeamOptions; warehouse: IngestWarehouse; origin: string },
): Promise<Directory> {
  const partners = await allOf<Partner>(client, '/v1/partners', origin);
  const populations = await allOf<Population>(client, '/v1/partner-populations', origin);
  const byDomain = await partnersByDomain(warehouse);
  const idOf = ({ id, name, domain }: Partner) =>
    options.partners[String(id)] ??
    options.partners[domain ?? ''] ??
    options.partners[name ?? ''] ??
    byDomain.get(plainDomain(domain));
  const kindOf = ({ id, name, standard_type }: Population) =>
    options.populations[String(id)] ?? options.populations[name ?? ''] ?? standardTypes[standard_type ?? ''];
  return {
    our_partner_count: byDomain.size,
    partners: known(partners, idOf),
    unknown_partners: partners.filter((partner) => idOf(partner) === undefined),
    populations: known(populations, kindOf),
    unknown_populations: populations.filter((population) => kindOf(population) === undefined),
  };
}

function known<Item extends { readonly id: number | string }>(
  items: readonly Item[],
  meaning: (item: Item) => string | undefined,
): Map<string, string> {
  return new Map(
    items.flatMap((item) => {
      const found = meaning(item);
      return found === undefined ? [] : [[String(item.id), found] as const];
    }),
  );
}

/** Every entry of a list, whichever name its array has. */
async function allOf<Item>(client: HttpClient, path: string, origin: string): Promise<Item[]> {
  const isNew = tokenGuard(`${origin}: ${path}`);
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = (await client.get(path, { query: { cursor } })).json<Listed<Item>>();
    items.push(...itemsOf(page, `${origin}: ${path}`));
    cursor = page.pagination?.has_more ? cursorOf(page) : undefined;
    if (cursor) isNew(cursor);
  } while (cursor);
  return items;
}

export function itemsOf<Item>({ items, data, partner_orgs }: Listed<Item>, origin: string): readonly Item[] {
  const found = items ?? data ?? partner_orgs;
  if (Array.isArray(found)) return found;
  throw new SourceError(`${origin}: the answer is no page of a list`, {
    hint: 'run again; if it stays, check `base_url` of this source in sourced.yaml',
  });
}

/** The bookmark of a page, given alone or inside the link to the next page. */
export function cursorOf({ pagination }: Listed<unknown>): string | undefined {
  if (pagination?.next_cursor) return pagination.next_cursor;
  return pagination?.next_href ? (new URL(pagination.next_href).searchParams.get('cursor') ?? undefined) : undefined;
}

/** Domains that exactly one partner of any source has, in the log as it stands. */
async function partnersByDomain(warehouse: IngestWarehouse): Promise<Map<string, string>> {
  const tables = await warehouse.rows<{ table_name: string }>(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw' AND table_name LIKE '%\\_partners' ESCAPE '\\' ORDER BY table_name`,
  );
  if (!tables.length) return new Map();
  const current = tables.map(
    ({ table_name }) =>
      `SELECT payload.partner_id AS partner_id, payload.domain AS domain FROM raw.${identifier(table_name)}
       WHERE NOT is_deleted AND payload.domain IS NOT NULL AND sequence NOT IN (SELECT sequence FROM raw.superseded)`,
  );
  const rows = await warehouse.rows<{ domain: string; partner_id: string }>(
    `SELECT regexp_replace(lower(domain), ${literal('^www\\.')}, '') AS domain, min(partner_id) AS partner_id
     FROM (${current.join(' UNION ALL ')}) GROUP BY 1 HAVING count(DISTINCT partner_id) = 1`,
  );
  return new Map(rows.map(({ domain, partner_id }) => [domain, partner_id]));
}

function plainDomain(domain: string | null | undefined): string {
  return (domain ?? '').toLowerCase().replace(/^www\./, '');
}
