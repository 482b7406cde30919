// The company's records as HubSpot would hold them: objects with properties, property history and associations.
// Ids are numbers, as HubSpot's are. Merged records are gone; the survivor lists them.
import type { StreamName } from '../../core/streams.ts';
import type { CompanyRow, Store, StoredRecord } from './company.ts';
import type { Survivors } from './hubspot-merges.ts';
import { type PortalOptions, relationsOf } from './hubspot-relations.ts';
import {
  type Association,
  activity,
  chosen,
  dealContacts,
  dealProperties,
  isSales,
  keyFor,
  linked,
  primaryCompany,
  type Shape,
  stamp,
  timeOf,
} from './hubspot-shapes.ts';

export type HubspotObject = {
  readonly id: string;
  readonly properties: Record<string, string | null>;
  readonly history: NonNullable<Shape['history']>;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly archivedAt?: number;
  readonly associations: Record<string, Association[]>;
};

/** Object types by the name in paths; the registrations are a custom object, known by its id as well. */
export const objectTypes = [
  'companies',
  'contacts',
  'deals',
  'calls',
  'meetings',
  'emails',
  'leads',
  'partner_registrations',
] as const;
export type ObjectType = (typeof objectTypes)[number];
export const registrationTypeId = '2-4410023';

/** The property that tells when an object was last changed. */
export function modifiedProperty(type: string): string {
  return type === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate';
}

type Built = {
  archived: Set<string>;
  byType: Record<ObjectType, HubspotObject[]>;
  survivors: Record<string, Survivors>;
};

export type Portal = {
  objects(type: ObjectType): readonly HubspotObject[];
  /** The id that a merged record lives on under. */
  survivorOf(type: ObjectType, id: string): string;
  isArchived(type: ObjectType, id: string): boolean;
  readonly owners: ReadonlyMap<string, string>;
  readonly stages: ReadonlyMap<string, string>;
};

/** Derives the objects when they are asked for, anew whenever the store has changed. */
export function createPortal(store: Store, optionsNow: () => PortalOptions, edits: Edits): Portal {
  const owners = new Map<string, string>();
  const stages = new Map<string, string>();
  let built: Built | undefined;
  let version = '';
  const current = (): Built => {
    const options = optionsNow();
    const wanted = `${store.version()} ${edits.version()} ${JSON.stringify(options)}`;
    if (!built || version !== wanted) built = build(store, options, { owners, stages, edits });
    version = wanted;
    return built;
  };
  return {
    objects: (type) => current().byType[type],
    survivorOf: (type, id) => current().survivors[type]?.get(id)?.into ?? id,
    isArchived: (type, id) => current().archived.has(`${type} ${id}`),
    get owners() {
      current();
      return owners;
    },
    get stages() {
      current();
      return stages;
    },
  };
}

/** Changes of properties and associations that the canonical rows cannot express. */
export type Edits = {
  version(): number;
  properties(
    type: string,
    id: string,
  ): { readonly at: number; readonly values: Record<string, string | null> } | undefined;
};

type Names = { owners: Map<string, string>; stages: Map<string, string>; edits: Edits };

function build(store: Store, options: PortalOptions, names: Names): Built {
  const { survivors, children, company, contact, mergedAt, childrenAt, links } = relationsOf(store, options);
  const make = (
    stream: StreamName,
    type: ObjectType,
    shape: (row: CompanyRow, record: StoredRecord) => Shape,
    keep: (row: CompanyRow) => boolean = () => true,
  ) =>
    objectsOf(
      store.records(stream).filter(({ row }) => keep(row)),
      { type, shape, options, edits: names.edits, survivors: (survivors as Record<string, Survivors>)[type] },
    );
  const owner = (name: string | undefined) => keyFor(names.owners, name, 70_000_000);
  const byType: Record<ObjectType, HubspotObject[]> = {
    companies: make('accounts', 'companies', (row) => ({
      created: row.created_at,
      properties: { name: row.name, domain: row.domain, country: row.country, segment: row.segment },
    })),
    contacts: make('contacts', 'contacts', (row) => ({
      created: row.created_at,
      touched: mergedAt({ account_id: row.account_id ?? '' }),
      properties: { email: row.email, associatedcompanyid: company(row.account_id) },
      associations: { companies: linked(company(row.account_id), primaryCompany(1, 279)) },
    })),
    deals: make('deals', 'deals', (row) => {
      const stageKey = keyFor(names.stages, row.stage, 90_000_000);
      return {
        created: row.created_at,
        touched: Math.max(mergedAt({ account_id: row.account_id ?? '' }), childrenAt(row.deal_id!)),
        properties: dealProperties(row, { stageKey, owner: owner(row.owner) }),
        history: {
          dealstage: (children.stages.get(row.deal_id!)?.rows ?? [])
            .map((stage) => ({
              value: keyFor(names.stages, stage.stage, 90_000_000)!,
              timestamp: stamp(stage.entered_at)!,
              sourceType: 'CRM_UI',
            }))
            .reverse(),
        },
        associations: {
          companies: linked(company(row.account_id), primaryCompany(5, 341)),
          contacts: dealContacts(children.contacts.get(row.deal_id!)?.rows ?? [], contact),
        },
      };
    }),
    calls: make(
      'touchpoints',
      'calls',
      (row) => activity(row, { associations: links(row), touched: mergedAt(row) }, {}),
      isSales('call'),
    ),
    meetings: make(
      'touchpoints',
      'meetings',
      (row) =>
        activity(
          row,
          { associations: links(row), touched: mergedAt(row) },
          { hs_activity_type: row.kind === 'meeting' ? undefined : row.kind },
        ),
      isSales('meeting', 'demo'),
    ),
    emails: make(
      'touchpoints',
      'emails',
      (row) =>
        activity(row, { associations: links(row), touched: mergedAt(row) }, { hs_email_direction: 'INCOMING_EMAIL' }),
      isSales('email_reply'),
    ),
    leads: make('leads', 'leads', (row) => ({
      created: row.submitted_at,
      touched: mergedAt(row),
      properties: {
        hs_lead_name: row.email ?? row.domain,
        hubspot_owner_id: owner(row.owner),
        ...chosen(row, ['partner_id', 'email', 'domain', 'submitted_at', 'status', 'first_response_at']),
      },
      associations: links(row),
    })),
    partner_registrations: make('deal_registrations', 'partner_registrations', (row) => ({
      created: row.submitted_at,
      touched: mergedAt(row),
      properties: {
        registration_name: row.domain ?? row.registration_id,
        ...chosen(row, ['partner_id', 'domain', 'submitted_at', 'decided_at', 'status', 'protection_ends_at']),
      },
      associations: links(row),
    })),
  };
  return { byType, survivors, archived: archivedIds(byType) };
}

function objectsOf(
  records: readonly StoredRecord[],
  {
    type,
    shape,
    options,
    edits,
    survivors,
  }: {
    type: ObjectType;
    shape: (row: CompanyRow, record: StoredRecord) => Shape;
    options: PortalOptions;
    edits: Edits;
    survivors: Survivors | undefined;
  },
): HubspotObject[] {
  const losers = new Map<string, { ids: string[]; at: number }>();
  for (const record of records) {
    const into = survivors?.get(record.key)?.into;
    if (!into) continue;
    const list = losers.get(into) ?? { ids: [], at: 0 };
    losers.set(into, { ids: [...list.ids, record.key], at: Math.max(list.at, record.updatedAt) });
  }
  const byId = new Map<string, HubspotObject>();
  for (const record of records) {
    if (survivors?.has(record.key) && record.row.merged_into) continue;
    const id = survivors?.get(record.key)?.into ?? record.key;
    const { created, touched = 0, properties, history = {}, associations = {} } = shape(record.row, record);
    const edit = edits.properties(type, id);
    const merged = losers.get(id);
    const updatedAt = Math.max(
      record.updatedAt,
      options.bulk_edited_at,
      merged?.at ?? 0,
      edit?.at ?? 0,
      options.silent_associations ? 0 : touched,
    );
    const createdAt = timeOf(created) ?? record.updatedAt;
    byId.set(id, {
      id,
      properties: {
        ...Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, value ?? null])),
        ...edit?.values,
        [type === 'companies' || type === 'contacts' || type === 'deals' ? 'createdate' : 'hs_createdate']:
          stamp(created) ?? null,
        [modifiedProperty(type)]: new Date(updatedAt).toISOString(),
        hs_object_id: id,
        ...(merged ? { hs_merged_object_ids: merged.ids.join(';') } : {}),
      },
      history,
      createdAt,
      updatedAt,
      associations,
      ...(record.deletedAt ? { archivedAt: record.deletedAt } : {}),
    });
  }
  return [...byId.values()].sort((left, right) => Number(left.id) - Number(right.id));
}

function archivedIds(byType: Record<ObjectType, HubspotObject[]>): Set<string> {
  return new Set(
    objectTypes.flatMap((type) => byType[type].filter(({ archivedAt }) => archivedAt).map(({ id }) => `${type} ${id}`)),
  );
}
