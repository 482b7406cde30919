// The `partnerstack` connector: partners, agreements by group, leads, registered deals and paid rewards of PartnerStack's
// vendor API (v2). Revenue comes from billing; PartnerStack's copy of it (customers, transactions) is not read.
import type { RecordMapping, VendorObject } from '../api.ts';
import { checkEach } from '../check.ts';
import type { ApiConnector, CheckLine, ConnectorContext } from '../connector.ts';
import { type HttpClient, httpClient } from '../http.ts';
import { isUnderWay } from '../sweep.ts';
import { agreements, leads, type Mapped, partners, payouts, registrations } from './partnerstack/mapping.ts';
import { type Delivered, delivers, options, type PartnerStackOptions } from './partnerstack/options.ts';
import { type Listing, readChanges, readRewards, readWhole } from './partnerstack/reading.ts';

type Context = ConnectorContext<PartnerStackOptions>;

const DAY_MS = 86_400_000;
const version = 'v2';

type Read = (
  listing: Listing,
  reading: Parameters<VendorObject['read']>[0],
  context: Context,
) => ReturnType<VendorObject['read']>;
/** A collection: the streams cut out of it, how it is read, what its list is asked for. */
type Collection = {
  readonly object: string;
  readonly mappings: Readonly<Partial<Record<Delivered, (mapped: Mapped) => RecordMapping>>>;
  readonly query?: Readonly<Record<string, boolean>>;
  readonly read: (streams: readonly Delivered[]) => Read;
};

const collections: readonly Collection[] = [
  {
    object: 'partnerships',
    mappings: { partners, partner_agreements: agreements },
    query: { include_archived: true },
    read: (streams) => (listing, reading) => readWhole(listing, reading, { streams }),
  },
  {
    object: 'leads',
    mappings: { leads },
    read: (streams) => (listing, reading) => readWhole(listing, reading, { streams }),
  },
  {
    object: 'deals',
    mappings: { deal_registrations: registrations },
    read: (streams) => (listing, reading) => readChanges(listing, reading, { streams, sweep_ms: DAY_MS }),
  },
  {
    object: 'rewards',
    mappings: { payouts },
    read:
      () =>
      (listing, reading, { options: { start_date, rescan_days } }) =>
        readRewards(listing, reading, { start: Date.parse(start_date), rescan_ms: rescan_days * DAY_MS }),
  },
];

export const partnerstack: ApiConnector<PartnerStackOptions> = {
  name: 'partnerstack',
  options,
  delivers,

  async check(context) {
    const client = clientOf(context);
    const needs = wanted(context).map(({ collection: { object }, streams }) => ({
      subject: object,
      without: meaning[object]!,
      streams,
    }));
    const lines = await checkEach(needs, async ({ subject, streams }) => {
      await client.get(subject, { query: { limit: 1 } });
      return `can be read: ${streams.join(', ')}`;
    });
    return lines.some(({ ok }) => ok) ? [...lines, ...(await checkGroups(client, context))] : lines;
  },

  async objects(context) {
    const client = clientOf(context);
    return wanted(context).map(({ collection: { object, mappings, query, read }, streams }) => ({
      object,
      records: streams.map((stream) => mappings[stream]!(context)),
      query: { version, ...query, start_date: context.options.start_date },
      open_fields: ['field_data', 'meta', 'stats'],
      read: (reading) =>
        read(streams)(
          {
            client,
            object,
            origin: `${context.source}: ${object}`,
            query: { ...query, limit: context.options.page_size },
            isUnderWay: (id) => isUnderWay(context.warehouse, context.source, id),
          },
          reading,
          context,
        ),
    }));
  },
};

/** The collections that hold a stream which is asked for. */
function wanted({ options: { streams } }: Context): { collection: Collection; streams: Delivered[] }[] {
  return collections
    .map((collection) => ({ collection, streams: streams.filter((stream) => collection.mappings[stream]) }))
    .filter((entry) => entry.streams.length > 0);
}

function clientOf({ options: { base_url, public_key, secret_key }, world }: Context): HttpClient {
  const basic = Buffer.from(`${public_key}:${secret_key}`).toString('base64');
  return httpClient(world, {
    system: 'PartnerStack',
    base_url,
    secrets: [secret_key, basic],
    headers: { authorization: `Basic ${basic}` },
    limits: [{ requests: 10, per_ms: 1000 }],
    explain: ({ status }) =>
      status === 401
        ? 'check `public_key` and `secret_key`: both are of one pair of production keys in PartnerStack, Settings → Integrations → API keys'
        : undefined,
  });
}

/** What is missing without a collection. */
const meaning: Readonly<Record<string, string>> = {
  partnerships: 'without it no partner is known: nothing can be sourced, influenced or paid',
  leads: 'without it no deal is sourced by `partner_lead`',
  deals: 'without it no deal is sourced by `deal_registration`',
  rewards: 'without it the liability shows nothing as paid',
};

/** Groups say what a partner's motion and plan are; one that sourced.yaml does not name is worth a line. */
async function checkGroups(
  client: HttpClient,
  { options: { groups, motion, streams } }: Context,
): Promise<CheckLine[]> {
  if (!streams.includes('partners') && !streams.includes('partner_agreements')) return [];
  const answer = await client.get('groups', { query: { limit: 250 }, accept: [400, 401, 403, 404] });
  if (answer.status !== 200) return [];
  const { data } = answer.json<{ data?: { items?: readonly { slug?: string }[] } }>();
  const slugs = (data?.items ?? []).flatMap(({ slug }) => slug ?? []);
  const detailOf = (slug: string) => {
    const { motion: own, plan } = groups[slug] ?? {};
    return `${own ?? `${motion} (the default of the source)`}, ${plan ? `paid by ${plan}` : `paid by the motion's default plan`}`;
  };
  return [
    ...slugs.map((slug) => ({ subject: `group ${slug}`, ok: true, detail: detailOf(slug) })),
    ...Object.keys(groups)
      .filter((slug) => !slugs.includes(slug))
      .map((slug) => ({
        subject: `group ${slug}`,
        ok: false,
        detail: `PartnerStack has no such group; it has ${slugs.join(', ') || 'none'}`,
      })),
  ];
}
