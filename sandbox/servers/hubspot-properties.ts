// The property definitions of the sandbox portal, HubSpot's own and those that the company made, and its custom object.
import { modifiedProperty, type ObjectType, registrationTypeId } from './hubspot-objects.ts';

export type PropertyDefinition = {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly fieldType: string;
  readonly groupName: string;
  readonly description: string;
  readonly hubspotDefined: boolean;
  readonly options: readonly unknown[];
  readonly archived: boolean;
};

/** `name:type`; a star marks properties that the company made. */
const definitions: Record<ObjectType, string> = {
  companies: 'name domain country industry createdate:datetime hs_merged_object_ids *segment:enumeration',
  contacts:
    'email firstname lastname associatedcompanyid:number createdate:datetime hs_merged_object_ids hs_analytics_source:enumeration hs_analytics_source_data_1 hs_analytics_first_timestamp:datetime first_conversion_date:datetime first_conversion_event_name recent_conversion_date:datetime recent_conversion_event_name',
  deals:
    'dealname amount:number amount_in_home_currency:number deal_currency_code:enumeration dealstage:enumeration pipeline:enumeration closedate:datetime createdate:datetime hs_is_closed:bool hs_is_closed_won:bool hubspot_owner_id:enumeration dealtype:enumeration hs_merged_object_ids *closed_on:date *lead_created_at:datetime *partner_source *reseller *product_line *deal_kind:enumeration',
  calls:
    'hs_timestamp:datetime hs_createdate:datetime hs_call_title hs_call_direction:enumeration hs_activity_type:enumeration',
  meetings: 'hs_timestamp:datetime hs_createdate:datetime hs_meeting_title hs_activity_type:enumeration',
  emails: 'hs_timestamp:datetime hs_createdate:datetime hs_email_subject hs_email_direction:enumeration',
  leads:
    'hs_lead_name hs_createdate:datetime hubspot_owner_id:enumeration *partner_id *email *domain *submitted_at *status:enumeration *first_response_at',
  partner_registrations:
    'hs_createdate:datetime *registration_name *partner_id *domain *submitted_at *decided_at *status:enumeration *protection_ends_at',
};

const cache = new Map<string, PropertyDefinition[]>();

/** The definitions as they are now; `schema_drift` adds one, `property_removed` takes the one with the partner. */
export function propertyDefinitions(type: ObjectType, has: (trap: string) => boolean): readonly PropertyDefinition[] {
  const key = `${type} ${has('schema_drift')} ${has('property_removed')}`;
  const known = cache.get(key);
  if (known) return known;
  const names = [
    ...definitions[type].split(' '),
    `${modifiedProperty(type)}:datetime`,
    'hs_object_id:number',
    ...(has('schema_drift') ? ['*partner_tier_new'] : []),
  ].filter((name) => !(has('property_removed') && name === '*partner_source'));
  const defined = names.map(definition);
  cache.set(key, defined);
  return defined;
}

function definition(text: string): PropertyDefinition {
  const [name = '', type = 'string'] = text.replace('*', '').split(':');
  return {
    name,
    label: name.replaceAll('_', ' '),
    type,
    fieldType: type === 'datetime' || type === 'date' ? 'date' : type === 'enumeration' ? 'select' : 'text',
    groupName: 'information',
    description: '',
    hubspotDefined: !text.startsWith('*'),
    options: [],
    archived: false,
  };
}

export function schemas(): unknown[] {
  return [
    {
      id: registrationTypeId.slice(2),
      name: 'partner_registrations',
      objectTypeId: registrationTypeId,
      fullyQualifiedName: 'p4727653_partner_registrations',
      labels: { singular: 'Partner registration', plural: 'Partner registrations' },
      primaryDisplayProperty: 'registration_name',
      requiredProperties: ['registration_name'],
      archived: false,
    },
  ];
}
