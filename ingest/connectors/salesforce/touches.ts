// Touches that Salesforce knows of: responses to campaigns, and partners that were named on opportunities.
import { currentVersions } from '../../raw-schema.ts';
import { instant, type Mapped, object } from './mapped.ts';
import { own, type SalesforceOptions } from './options.ts';

type Context = { readonly source: string; readonly options: SalesforceOptions };

/** A picklist's value as a word of ours: `VAR/Reseller` is `var_reseller`. */
const inWords = (value: string) => `nullif(trim(regexp_replace(lower(${value}), '[^a-z0-9]+', '_', 'g'), '_'), '')`;

/** A campaign member that responded is a touch of its contact; a lead's response counts once the lead is a contact. */
export function responses({ source, options }: Context): Mapped {
  const current = currentVersions('salesforce', 'touchpoints', source);
  return object({
    object: 'CampaignMember',
    stream: 'touchpoints',
    standard: {
      contact_id: 'ContactId',
      has_responded: 'HasResponded',
      occurred_at: 'FirstRespondedDate',
      created_at: 'CreatedDate',
      campaign: 'Campaign.Name',
      channel: 'Campaign.Type',
    },
    own: own(options, 'touchpoints'),
    required: ['ContactId', 'HasResponded', 'CreatedDate'],
    relation: `(SELECT fetched.position, fetched.record, known.record_key IS NOT NULL AS is_known
      FROM fetched LEFT JOIN (SELECT record_key FROM ${current} WHERE NOT is_deleted) AS known ON known.record_key = (fetched.record ->> '$.Id')
      WHERE fetched.kind = 'CampaignMember')`,
    columns: {
      touchpoint_id: 'id',
      occurred_at: instant('coalesce(occurred_at, created_at)'),
      contact_id: 'contact_id',
      channel: `coalesce(${inWords('channel')}, 'campaign')`,
      partner_id: 'partner_id',
      kind: `coalesce(kind, 'campaign_response')`,
      campaign: 'campaign',
    },
    is_deleted: `CASE WHEN has_responded = 'true' AND contact_id IS NOT NULL THEN is_deleted ELSE 'true' END`,
    skip: `NOT is_known AND NOT (coalesce(has_responded, '') = 'true' AND contact_id IS NOT NULL)`,
  });
}

/** A partner that somebody named on an opportunity is a touch of that deal; what it does there is the role. */
export function partnerRoles({ options }: Context): Mapped | undefined {
  const { partner_roles: given } = options;
  if (!given) return undefined;
  return object({
    object: 'OpportunityPartner',
    stream: 'touchpoints',
    standard: {
      deal_id: 'OpportunityId',
      account_to: 'AccountToId',
      role: 'Role',
      is_primary: 'IsPrimary',
      occurred_at: 'CreatedDate',
    },
    own: given,
    key: 'partner_roles',
    required: ['OpportunityId', 'AccountToId', 'CreatedDate'],
    columns: {
      touchpoint_id: 'id',
      occurred_at: instant('occurred_at'),
      deal_id: 'deal_id',
      channel: `'partner'`,
      partner_id: 'partner_id',
      kind: `coalesce(${inWords('role')}, 'partner_role')`,
    },
    refusal: `CASE WHEN coalesce(is_deleted, 'false') = 'false' AND coalesce(partner_id, '') = '' THEN 'missing_partner_id:partner_id' END`,
  });
}
