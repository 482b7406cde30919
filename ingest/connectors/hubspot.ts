// The `hubspot` connector: companies, contacts, deals with stages and contacts, activities as touches, and custom objects for
// registrations, leads and partners. Owners and pipelines are read along to give names.
import { type StreamName, streams } from '../../core/streams.ts';
import type { RecordMapping, VendorObject } from '../api.ts';
import type { ApiConnector, ConnectorContext } from '../connector.ts';
import { checkPortal } from './hubspot/check.ts';
import { contactTouchProperties } from './hubspot/contact-touches.ts';
import { type FieldSources, propertiesOf } from './hubspot/fields.ts';
import {
  activityMapping,
  activityProperties,
  companyMappings,
  contactMappings,
  customLinks,
  customMapping,
  customSourcesOf,
  dealMappings,
  sourcesOf,
} from './hubspot/mappings.ts';
import { type CustomStream, customStreams, type HubspotOptions, options } from './hubspot/options.ts';
import { API_VERSION, createPortal, type Portal } from './hubspot/portal.ts';
import { type Part, type ReadOptions, read } from './hubspot/read.ts';
import { assertProperties, type NeededProperty, propertyNames } from './hubspot/verify.ts';

type Context = ConnectorContext<HubspotOptions>;

export const hubspot: ApiConnector<HubspotOptions> = {
  name: 'hubspot',
  options,
  delivers: [
    'partners',
    'accounts',
    'contacts',
    'leads',
    'deals',
    'deal_stages',
    'deal_contacts',
    'deal_registrations',
    'touchpoints',
  ],
  check: (context) =>
    checkPortal(createPortal(context.options, context.world), { objects: wantedOf(context), context }),
  objects: async (context) => {
    const portal = createPortal(context.options, context.world);
    return wantedOf(context).map((wanted) => vendorObject(context, portal, wanted));
  },
};

/** A vendor object as it is to be read. */
export type Wanted = Pick<ReadOptions, 'parts' | 'sides' | 'sweeps'> & {
  readonly object: string;
  readonly records: readonly RecordMapping[];
  readonly needs: readonly NeededProperty[];
};

function wantedOf({ options }: Context): Wanted[] {
  return [
    companies(options),
    contacts(options),
    deals(options),
    ...(options.activities.length ? [activities(options)] : []),
    ...customStreams.flatMap((stream) => (options.objects?.[stream] ? [custom(stream, options)] : [])),
  ];
}

function vendorObject({ source, options }: Context, portal: Portal, wanted: Wanted): VendorObject {
  const { object, records, parts, sides, sweeps, needs } = wanted;
  const origin = `${source}: ${object}`;
  return {
    object,
    records,
    query: { version: API_VERSION, parts },
    read: (reading) =>
      read(
        {
          origin,
          portal,
          parts,
          sides,
          sweeps,
          sweep_ms: options.sweep_hours * 3_600_000,
          verify: async () =>
            assertProperties(origin, needs, await propertyNames(portal, [...new Set(parts.map(({ type }) => type))])),
        },
        reading,
      ),
  };
}

const plain = { modified: 'hs_lastmodifieddate', history: [], links: [] } as const satisfies Partial<Part>;

function companies(options: HubspotOptions): Wanted {
  const sources = sourcesOf('accounts', options);
  const part: Part = {
    ...plain,
    type: 'companies',
    kind: 'companies',
    properties: asked(sources, ['hs_merged_object_ids']),
  };
  return {
    object: 'companies',
    parts: [part],
    sides: [],
    sweeps: ['accounts'],
    records: companyMappings(options),
    needs: needsOf('accounts', sources),
  };
}

function contacts(options: HubspotOptions): Wanted {
  const sources = sourcesOf('contacts', options);
  const more = ['hs_merged_object_ids', ...(options.contact_touches ? contactTouchProperties : [])];
  const part: Part = {
    ...plain,
    type: 'contacts',
    kind: 'contacts',
    modified: 'lastmodifieddate',
    properties: asked(sources, more),
  };
  return {
    object: 'contacts',
    parts: [part],
    sides: [],
    sweeps: ['contacts'],
    records: contactMappings(options),
    needs: needsOf('contacts', sources),
  };
}

function deals(options: HubspotOptions): Wanted {
  const sources = sourcesOf('deals', options);
  const part: Part = {
    ...plain,
    type: 'deals',
    kind: 'deals',
    properties: asked(sources, ['hs_merged_object_ids', 'dealstage', 'pipeline', 'hubspot_owner_id']),
    history: ['dealstage'],
    links: ['companies', 'contacts'],
  };
  return {
    object: 'deals',
    parts: [part],
    sides: ['owners', 'stages', 'portal'],
    sweeps: ['deals', 'deal_stages', 'deal_contacts'],
    records: dealMappings(options),
    needs: needsOf('deals', sources),
  };
}

/** Their stream has touches of other objects too, so that a missing one proves nothing: only archived ones are deleted. */
function activities(options: HubspotOptions): Wanted {
  const sources = sourcesOf('touchpoints', options);
  const parts = options.activities.map(
    (type): Part => ({
      ...plain,
      type,
      kind: type,
      properties: asked(sources, activityProperties[type]),
      links: ['companies', 'contacts', 'deals'],
    }),
  );
  const records = options.activities.map((type) => activityMapping(type, options));
  return { object: 'activities', parts, sides: [], sweeps: [], records, needs: needsOf('touchpoints', sources) };
}

function custom(stream: CustomStream, options: HubspotOptions): Wanted {
  const sources = customSourcesOf(stream, options);
  const type = options.objects![stream]!.object;
  const given = options.objects![stream]!.fields ?? {};
  const required = streams[stream].columns
    .filter((column) => column.required && column.name in sources)
    .map(({ name }) => name);
  const isNeeded = (column: string) =>
    column in given || (required.includes(column) && !Array.isArray(sources[column]));
  const needs = needsOf(stream, Object.fromEntries(Object.entries(sources).filter(([column]) => isNeeded(column))));
  const part: Part = {
    ...plain,
    type,
    kind: stream,
    properties: asked(sources, stream === 'leads' ? ['hubspot_owner_id'] : []),
    links: customLinks[stream],
  };
  const sides = stream === 'leads' ? (['owners'] as const) : [];
  const records = [customMapping(stream, options)];
  return { object: stream, parts: [part], sides, sweeps: [stream], records, needs };
}

function asked(sources: FieldSources, more: readonly string[]): string[] {
  return [...new Set([...Object.values(sources).flatMap(propertiesOf), ...more])].sort();
}

function needsOf(stream: StreamName, sources: FieldSources): NeededProperty[] {
  return Object.entries(sources).flatMap(([column, source]) =>
    propertiesOf(source).map((property) => ({ property, setting: `${stream}.${column}` })),
  );
}
