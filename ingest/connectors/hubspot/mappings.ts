// How HubSpot's records become canonical ones: SQL over the fetched pages of objects, associations, owners and stages.
import { literal } from '../../../core/sql.ts';
import { type StreamName, streams } from '../../../core/streams.ts';
import type { RecordMapping } from '../../api.ts';
import { contactTouchMappings } from './contact-touches.ts';
import { expressionOf, type FieldSource, type FieldSources, pathsOf, propertiesOf } from './fields.ts';
import type { ActivityType, CustomStream, HubspotOptions } from './options.ts';
import { own, versioned } from './record.ts';

const MERGED = 'hs_merged_object_ids';

/** Canonical column → property, where HubSpot has one of its own. */
const ownFields: Partial<Record<StreamName, FieldSources>> = {
  accounts: { name: ['name', 'domain'], domain: 'domain', country: 'country', created_at: 'createdate' },
  contacts: { account_id: 'associatedcompanyid', email: 'email', created_at: 'createdate' },
  deals: {
    name: 'dealname',
    created_at: 'createdate',
    closed_at: 'closedate',
    is_closed: 'hs_is_closed',
    is_won: 'hs_is_closed_won',
    amount: 'amount',
    currency: 'deal_currency_code',
  },
  touchpoints: { occurred_at: 'hs_timestamp' },
};

export function sourcesOf(
  stream: 'accounts' | 'contacts' | 'deals' | 'touchpoints',
  { fields }: HubspotOptions,
): FieldSources {
  return { ...ownFields[stream], ...defined(fields?.[stream]) };
}

/** A custom object's columns: the property of the column's name, unless `fields` names another. */
export function customSourcesOf(stream: CustomStream, { objects }: HubspotOptions): FieldSources {
  const given = defined(objects?.[stream]?.fields);
  const columns = streams[stream].columns.filter(
    ({ name, references }) => name !== streams[stream].key[0] && !(references && references !== 'partners'),
  );
  const same = Object.fromEntries(columns.map(({ name }): [string, FieldSource] => [name, name]));
  const times = stream === 'leads' ? { submitted_at: ['submitted_at', 'hs_createdate'] } : {};
  return { ...same, ...times, ...given };
}

function defined(sources: FieldSources | undefined): Record<string, FieldSource> {
  return Object.fromEntries(
    Object.entries(sources ?? {}).filter((entry): entry is [string, FieldSource] => entry[1] !== undefined),
  );
}

function mapped(sources: FieldSources): { fields: Record<string, string>; columns: Record<string, string> } {
  const entries = Object.entries(defined(sources));
  return {
    fields: { ...own, ...pathsOf([...new Set(entries.flatMap(([, source]) => propertiesOf(source)))]) },
    columns: Object.fromEntries(entries.map(([name, source]) => [name, expressionOf(source)])),
  };
}

export function companyMappings(options: HubspotOptions): RecordMapping[] {
  const { fields, columns } = mapped(sourcesOf('accounts', options));
  return [
    { stream: 'accounts', fields, columns: { ...columns, account_id: 'id' }, ...versioned },
    alias('accounts', 'companies', { fields, columns: { account_id: 'loser', name: `coalesce(${columns.name}, id)` } }),
  ];
}

export function contactMappings(options: HubspotOptions): RecordMapping[] {
  const { fields, columns } = mapped(sourcesOf('contacts', options));
  return [
    { stream: 'contacts', fields, columns: { ...columns, contact_id: 'id' }, ...versioned },
    alias('contacts', 'contacts', { fields, columns: { contact_id: 'loser' } }),
    ...(options.contact_touches ? contactTouchMappings : []),
  ];
}

/** One row per merged id: HubSpot hides the loser and names it in the survivor. */
function alias(
  stream: 'accounts' | 'contacts' | 'deals',
  kind: string,
  { fields, columns }: Pick<RecordMapping, 'fields' | 'columns'>,
): RecordMapping {
  return {
    stream,
    relation: `(SELECT position, record, loser FROM ${losers(kind)})`,
    fields,
    columns: { ...columns, merged_into: 'id' },
    other: `json_object('hs_object_id', id, '${MERGED}', loser)`,
    source_time: 'updated',
  };
}

function losers(kind: string): string {
  return `(SELECT position, record, id, trim(loser) AS loser FROM (
    SELECT position, record, record ->> '$.id' AS id, unnest(string_split(record ->> '$.properties.${MERGED}', ';')) AS loser
    FROM fetched WHERE kind = ${literal(kind)} AND coalesce(record ->> '$.archived', 'false') = 'false')
    WHERE trim(loser) NOT IN ('', id))`;
}

export function dealMappings(options: HubspotOptions): RecordMapping[] {
  const { fields, columns } = mapped(sourcesOf('deals', options));
  const parents = `SELECT record ->> '$.id' FROM fetched WHERE kind = 'deals' UNION SELECT loser FROM ${losers('deals')}`;
  const closed = `coalesce(${columns.is_closed}, 'false')`;
  return [
    {
      stream: 'deals',
      relation: `(SELECT fetched.position, fetched.record, company.company_id, owner.owner_name, stage.stage_label, portal.portal_currency
        FROM fetched
        LEFT JOIN ${dealCompany} AS company ON company.from_id = (fetched.record ->> '$.id')
        LEFT JOIN ${owners} AS owner ON owner.owner_id = (fetched.record ->> '$.properties.hubspot_owner_id')
        LEFT JOIN ${stages} AS stage ON stage.stage_id = (fetched.record ->> '$.properties.dealstage')
        LEFT JOIN ${portal} AS portal ON true
        WHERE fetched.kind = 'deals')`,
      fields: { ...fields, stage_id: '$.properties.dealstage', owner_id: '$.properties.hubspot_owner_id' },
      columns: {
        account_id: 'company_id',
        owner: 'coalesce(owner_name, owner_id)',
        stage: 'coalesce(stage_label, stage_id)',
        ...columns,
        deal_id: 'id',
        // HubSpot keeps the expected close of an open deal in the same property.
        closed_at: `CASE WHEN ${closed} = 'true' THEN ${columns.closed_at} END`,
        is_closed: closed,
        is_won: `coalesce(${columns.is_won}, 'false')`,
        // A portal with one currency leaves the code of a deal empty.
        currency: `coalesce(nullif(${columns.currency}, ''), portal_currency)`,
      },
      ...versioned,
    },
    alias('deals', 'deals', { fields, columns: { deal_id: 'loser', is_closed: `'false'`, is_won: `'false'` } }),
    {
      stream: 'deal_stages',
      relation: `(SELECT entry.position, entry.deal_id, entry.record, stage.stage_label FROM (
          SELECT position, record ->> '$.id' AS deal_id, unnest(json_extract(record, '$.propertiesWithHistory.dealstage[*]')) AS record
          FROM fetched WHERE kind = 'deals' AND coalesce(record ->> '$.archived', 'false') = 'false') AS entry
        LEFT JOIN ${stages} AS stage ON stage.stage_id = (entry.record ->> '$.value'))`,
      fields: { stage_id: '$.value', entered: '$.timestamp' },
      columns: { deal_id: 'deal_id', stage: 'coalesce(stage_label, stage_id)', entered_at: 'entered' },
      skip: `coalesce(stage_id, '') = ''`,
      replaces: { column: 'deal_id', parents },
    },
    {
      stream: 'deal_contacts',
      relation: links('deals', 'contacts'),
      fields: { contact_id: '$.toObjectId' },
      columns: {
        deal_id: 'from_id',
        contact_id: 'contact_id',
        role: `list_sort(list_filter(link_labels, lambda label: label IS NOT NULL AND label <> ${literal(options.primary_contact_label)}))[1]`,
        is_primary: `list_contains(link_labels, ${literal(options.primary_contact_label)})::VARCHAR`,
      },
      replaces: { column: 'deal_id', parents },
    },
  ];
}

/** One row per associated record: from_id, record (the link), its labels and types. */
function links(type: string, to: string): string {
  return `(SELECT position, from_id, record, (record ->> '$.associationTypes[*].label')::VARCHAR[] AS link_labels,
      (record ->> '$.associationTypes[*].typeId')::VARCHAR[] AS link_types
    FROM (SELECT position, record ->> '$.from.id' AS from_id, unnest(json_extract(record, '$.to[*]')) AS record
      FROM fetched WHERE kind = ${literal(linkKind(type, to))}))`;
}

export function linkKind(type: string, to: string): string {
  return `${type}_to_${to}`;
}

/** HubSpot's association type of a deal's primary company. */
const PRIMARY_COMPANY = '5';

/** A deal's primary company, else the one with the lowest id. */
const dealCompany = `(SELECT from_id, arg_min(record ->> '$.toObjectId',
    {'rank': NOT list_contains(link_types, '${PRIMARY_COMPANY}'), 'id': (record ->> '$.toObjectId')::HUGEINT}) AS company_id
  FROM ${links('deals', 'companies')} GROUP BY from_id)`;

const owners = `(SELECT record ->> '$.id' AS owner_id,
    any_value(coalesce(nullif(trim(concat_ws(' ', record ->> '$.firstName', record ->> '$.lastName')), ''), record ->> '$.email')) AS owner_name
  FROM fetched WHERE kind = 'owners' GROUP BY ALL)`;

const stages = `(SELECT stage ->> '$.id' AS stage_id, any_value(stage ->> '$.label') AS stage_label
  FROM (SELECT unnest(json_extract(record, '$.stages[*]')) AS stage FROM fetched WHERE kind = 'stages') GROUP BY ALL)`;

const portal = `(SELECT any_value(record ->> '$.companyCurrency') AS portal_currency FROM fetched WHERE kind = 'portal')`;

/** What an activity is called as a touch. */
const kinds: Record<ActivityType, string> = {
  calls: `'call'`,
  meetings: `coalesce(nullif(lower(activity_type), ''), 'meeting')`,
  emails: `CASE WHEN direction = 'INCOMING_EMAIL' THEN 'email_reply' ELSE 'email' END`,
};

/** Properties of activities beside the mapped ones. */
export const activityProperties: Record<ActivityType, readonly string[]> = {
  calls: [],
  meetings: ['hs_activity_type'],
  emails: ['hs_email_direction'],
};

export function activityMapping(type: ActivityType, options: HubspotOptions): RecordMapping {
  const { fields, columns } = mapped(sourcesOf('touchpoints', options));
  return {
    stream: 'touchpoints',
    relation: linked(type, ['companies', 'contacts', 'deals']),
    fields: { ...fields, activity_type: '$.properties.hs_activity_type', direction: '$.properties.hs_email_direction' },
    columns: {
      account_id: 'companies_id',
      contact_id: 'contacts_id',
      deal_id: 'deals_id',
      channel: `'sales'`,
      kind: kinds[type],
      ...columns,
      touchpoint_id: 'id',
    },
    ...versioned,
  };
}

/** Records of a kind with the lowest associated id of each type; a record that names several deals names none. */
function linked(kind: string, to: readonly string[]): string {
  const one = (other: string) =>
    `LEFT JOIN (SELECT from_id, ${other === 'deals' ? 'CASE WHEN count(*) = 1 THEN ' : '('}
       arg_min(record ->> '$.toObjectId', (record ->> '$.toObjectId')::HUGEINT) ${other === 'deals' ? 'END' : ')'} AS ${other}_id
     FROM ${links(kind, other)} GROUP BY from_id) AS linked_${other} ON linked_${other}.from_id = (fetched.record ->> '$.id')`;
  return `(SELECT fetched.position, fetched.record, ${to.map((other) => `linked_${other}.${other}_id`).join(', ')}
    FROM fetched ${to.map(one).join(' ')} WHERE fetched.kind = ${literal(kind)})`;
}

const idColumns: Record<CustomStream, string> = {
  deal_registrations: 'registration_id',
  leads: 'lead_id',
  partners: 'partner_id',
};

/** Associations that a custom object's record names, by stream. */
export const customLinks: Record<CustomStream, readonly string[]> = {
  deal_registrations: ['companies', 'deals'],
  leads: ['companies', 'deals'],
  partners: [],
};

export function customMapping(stream: CustomStream, options: HubspotOptions): RecordMapping {
  const { fields, columns } = mapped(customSourcesOf(stream, options));
  const owner = `LEFT JOIN ${owners} AS owner ON owner.owner_id = (linked.record ->> '$.properties.hubspot_owner_id')`;
  const hasOwner = stream === 'leads' && options.objects?.leads?.fields?.owner === undefined;
  const relation = linked(stream, customLinks[stream]);
  return {
    stream,
    relation: hasOwner ? `(SELECT linked.*, owner.owner_name FROM ${relation} AS linked ${owner})` : relation,
    fields,
    columns: {
      ...(customLinks[stream].length ? { account_id: 'companies_id', deal_id: 'deals_id' } : {}),
      [idColumns[stream]]: 'id',
      ...columns,
      ...(hasOwner ? { owner: 'owner_name' } : {}),
    },
    ...versioned,
  };
}
