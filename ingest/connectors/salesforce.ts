// The `salesforce` connector: accounts, contacts, leads, opportunities with their history, contact roles and partners, campaign
// responses and a custom object for deal registrations, by the REST and Bulk 2.0 APIs of one pinned version.
import { SourceError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { VendorObject } from '../api.ts';
import type { ApiConnector, CheckLine, ConnectorContext } from '../connector.ts';
import { untilThen } from '../failures.ts';
import { losses } from '../losses.ts';
import { type Connection, connect, type Field, hasField } from './salesforce/connection.ts';
import type { Mapped } from './salesforce/mapped.ts';
import { mappedObjects } from './salesforce/mapping.ts';
import { delivers, options, type SalesforceOptions } from './salesforce/options.ts';
import { nameOf, readStream } from './salesforce/reading.ts';

type Context = ConnectorContext<SalesforceOptions>;

/** Objects that an organization can do without: the feature is off, or the user may not see it. */
const optional: ReadonlySet<string> = new Set([
  'CampaignMember',
  'OpportunityPartner',
  'OpportunityContactRole',
  'OpportunityHistory',
  'Lead',
]);

export const salesforce: ApiConnector<SalesforceOptions> = {
  name: 'salesforce',
  options,
  delivers,

  async check(context) {
    const connection = connect(context.options, context.world);
    const known = await connection.objects();
    const lines: CheckLine[] = [];
    for (const mapped of mappedObjects(context)) lines.push(await checkObject(connection, known, mapped));
    const usage = connection.usage();
    if (usage)
      lines.push({ subject: 'requests', ok: true, detail: `${usage.used} of the day's ${usage.limit} are used` });
    if (!context.options.registrations && context.options.streams.includes('deal_registrations'))
      lines.push({
        subject: 'deal_registrations',
        ok: true,
        detail:
          'not read: no custom object is named under `registrations`, so no deal is sourced by `deal_registration` from here',
      });
    return lines;
  },

  async objects(context) {
    const connection = connect(context.options, context.world);
    const known = await connection.objects();
    const objects: VendorObject[] = [];
    for (const mapped of Map.groupBy(mappedObjects(context), ({ stream }) => stream).values()) {
      const described: Described[] = [];
      for (const entry of mapped.filter(({ object }) => known.has(object) || !optional.has(object)))
        described.push({
          mapped: entry,
          fields: known.has(entry.object) ? await connection.fieldsOf(entry.object) : undefined,
        });
      if (described.length) objects.push(vendorObject(context, connection, mapped, described));
    }
    return objects;
  },
};

/** An object with its fields, where the user may query it. */
type Described = { readonly mapped: Mapped; readonly fields: readonly Field[] | undefined };

function vendorObject(
  { source, options, world, warehouse }: Context,
  connection: Connection,
  all: readonly Mapped[],
  described: readonly Described[],
): VendorObject {
  const { api_version, start_date, lookback_minutes, bulk_above } = options;
  const parts = described.map(({ mapped, fields = [] }) => ({
    mapped,
    fields: mapped.fields.filter((name) => hasField(fields, name)),
    types: new Map(fields.map(({ name, type }) => [name, type ?? 'string'])),
  }));
  return {
    object: nameOf(all),
    records: parts.map(({ mapped }) => mapped.mapping),
    query: { version: api_version, fields: parts.map(({ fields }) => fields), start_date },
    async *read(reading) {
      for (const { mapped, fields } of described) {
        const missing = missingIn(mapped, fields);
        if (missing) throw new SourceError(`${source}: ${missing.problem}`, { hint: missing.hint });
      }
      yield* readStream(
        {
          connection,
          world,
          warehouse,
          source,
          parts,
          is_whole: parts.length === all.length,
          version: api_version,
          start: Date.parse(start_date),
          lookback_ms: lookback_minutes * 60_000,
          bulk_above,
        },
        reading,
      );
    },
  };
}

/** What an object lacks of what is needed, or of what sourced.yaml names. */
function missingIn(
  { object, required, configured }: Mapped,
  described: readonly Field[] | undefined,
): { problem: string; hint: string } | undefined {
  if (!described)
    return {
      problem: `there is no object ${object} that this user may query`,
      hint: 'give the user of the integration read access to it (a permission set), or leave its stream out under `streams`',
    };
  const lost = [...required, ...Object.keys(configured)].filter((name) => !hasField(described, name));
  const [first] = lost;
  if (!first) return undefined;
  const names = described.map(({ name }) => name);
  const key = configured[first];
  return {
    problem: `${object} has no field ${lost.join(', ')} that this user may read${didYouMean(first, names)}`,
    hint: key
      ? `check \`${key}\` of this source in sourced.yaml, and that the user of the integration may read the field (field-level security)`
      : 'give the user of the integration read access to the field (field-level security)',
  };
}

async function checkObject(connection: Connection, known: ReadonlySet<string>, mapped: Mapped): Promise<CheckLine> {
  const { object, stream, fields } = mapped;
  if (!known.has(object) && optional.has(object))
    return { subject: object, ok: true, detail: `is off, or this user may not see it: ${losses[stream]}` };
  const described = known.has(object) ? await connection.fieldsOf(object) : undefined;
  const missing = missingIn(mapped, described);
  if (missing)
    return {
      subject: object,
      ok: false,
      detail: `${missing.problem}; ${missing.hint}; ${untilThen([losses[stream]])}`,
    };
  const absent = fields.filter((name) => !hasField(described!, name));
  return {
    subject: object,
    ok: true,
    detail: `${stream} can be read${absent.length ? `, without ${absent.join(', ')}` : ''}`,
  };
}
