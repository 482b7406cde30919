// The `partnerstack` connector: partners, agreements by group, leads, registered deals, referred customers and paid rewards of
// PartnerStack's vendor API (v2). Revenue comes from billing; PartnerStack's copy of it (transactions) is not read.
import type { Batch, Reading, RecordMapping } from '../api.ts';
import type { ApiConnector, ConnectorContext } from '../connector.ts';
import { type HttpClient, httpClient } from '../http.ts';
import { isUnderWay } from '../sweep.ts';
import { checkProgramme } from './partnerstack/check.ts';
import {
  agreements,
  leads,
  type MappingContext,
  partners,
  payouts,
  referrals,
  registrations,
} from './partnerstack/mapping.ts';
import { type Delivered, delivers, options, type PartnerStackOptions } from './partnerstack/options.ts';
import { type Listing, readChanges, readRewards, readWhole } from './partnerstack/reading.ts';

type Context = ConnectorContext<PartnerStackOptions>;

const DAY_MS = 86_400_000;
const version = 'v2';

/** A collection: the streams cut out of it, how it is read, what its list is asked for. */
type Collection = {
  readonly object: string;
  readonly mappings: Readonly<Partial<Record<Delivered, (context: MappingContext) => RecordMapping>>>;
  readonly query?: Readonly<Record<string, boolean>>;
  read(listing: Listing, reading: Reading, wanted: Wanted): AsyncIterable<Batch>;
};
type Wanted = { readonly streams: readonly Delivered[]; readonly options: PartnerStackOptions };

const readChangesDaily: Collection['read'] = (listing, reading, { streams }) =>
  readChanges(listing, reading, { streams, sweep_ms: DAY_MS });

const collections: readonly Collection[] = [
  {
    object: 'partnerships',
    mappings: { partners, partner_agreements: agreements },
    query: { include_archived: true },
    read: readWhole,
  },
  {
    object: 'leads',
    mappings: { leads },
    read: readWhole,
  },
  {
    object: 'deals',
    mappings: { deal_registrations: registrations },
    read: readChangesDaily,
  },
  {
    object: 'customers',
    mappings: { touchpoints: referrals },
    read: readChangesDaily,
  },
  {
    object: 'rewards',
    mappings: { payouts },
    read: (listing, reading, { options: { start_date, rescan_days } }) =>
      readRewards(listing, reading, { start: Date.parse(start_date), rescan_ms: rescan_days * DAY_MS }),
  },
];

export const partnerstack: ApiConnector<PartnerStackOptions> = {
  name: 'partnerstack',
  options,
  delivers,

  async check(context) {
    const lists = wanted(context).map(({ collection: { object }, streams }) => ({ object, streams }));
    return checkProgramme(clientOf(context), lists, context.options);
  },

  async objects(context) {
    const client = clientOf(context);
    const { source, options, warehouse } = context;
    return wanted(context).map(({ collection: { object, mappings, query, read }, streams }) => ({
      object,
      records: streams.map((stream) => mappings[stream]!(context)),
      query: { version, ...query, start_date: options.start_date },
      open_fields: ['field_data', 'meta', 'stats'],
      read: (reading) =>
        read(
          {
            client,
            object,
            origin: `${source}: ${object}`,
            query: { ...query, limit: options.page_size },
            isUnderWay: (id) => isUnderWay(warehouse, source, id),
          },
          reading,
          { streams, options },
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
        ? 'check `public_key` and `secret_key`: both are of one pair of production keys in PartnerStack, Settings → Integrations → PartnerStack API keys'
        : undefined,
  });
}
