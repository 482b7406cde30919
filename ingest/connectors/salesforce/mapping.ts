// Salesforce's objects as canonical records: which fields are asked for, and which column each of them becomes.
import { literal } from '../../../core/sql.ts';
import { currentVersions } from '../../raw-schema.ts';
import { inOurWords } from '../../vendor-sql.ts';
import { instant, type Mapped, object } from './mapped.ts';
import { own, type SalesforceOptions } from './options.ts';
import { partnerRoles, responses } from './touches.ts';

type Context = { readonly source: string; readonly options: SalesforceOptions };

const host = (value: string) => `nullif(regexp_replace(lower(${value}), '^https?://(www\\.)?|/.*$', '', 'g'), '')`;
/** A number in its own digits, without zeros that no currency has a place for. */
const amount = (value: string) => {
  const plain = `CASE WHEN contains(upper(${value}), 'E') THEN try_cast(${value} AS DECIMAL(38, 6))::VARCHAR ELSE ${value} END`;
  return `CASE WHEN contains(${plain}, '.') THEN rtrim(rtrim(${plain}, '0'), '.') ELSE ${plain} END`;
};

/** Every object that holds a stream which is asked for. */
export function mappedObjects(context: Context): Mapped[] {
  const { options } = context;
  const all = [accounts, contacts, leads, deals, stages, contactRoles, responses, partnerRoles, registrations];
  return all.flatMap((make) => make(context) ?? []).filter(({ stream }) => options.streams.includes(stream));
}

function accounts({ source, options }: Context): Mapped {
  return object({
    object: 'Account',
    stream: 'accounts',
    standard: {
      name: 'Name',
      domain: 'Website',
      country: 'BillingCountryCode',
      country_text: 'BillingCountry',
      created_at: 'CreatedDate',
      master: 'MasterRecordId',
    },
    own: own(options, 'accounts'),
    required: ['Name', 'CreatedDate'],
    relation: withMerged('Account', 'accounts', source),
    columns: {
      account_id: 'id',
      name: 'name',
      domain: host('domain'),
      // Organizations without lists of countries have a text, in which a code may stand.
      country: `coalesce(country, CASE WHEN length(country_text) = 2 THEN upper(country_text) END)`,
      segment: 'segment',
      created_at: instant('created_at'),
      merged_into: 'master',
    },
    is_deleted: mergedStays,
  });
}

function contacts({ source, options }: Context): Mapped {
  return object({
    object: 'Contact',
    stream: 'contacts',
    standard: { account_id: 'AccountId', email: 'Email', created_at: 'CreatedDate', master: 'MasterRecordId' },
    own: own(options, 'contacts'),
    required: ['AccountId', 'CreatedDate'],
    relation: withMerged('Contact', 'contacts', source),
    columns: {
      contact_id: 'id',
      account_id: 'account_id',
      email: 'email',
      created_at: instant('created_at'),
      merged_into: 'master',
    },
    is_deleted: mergedStays,
  });
}

/** A merged record is deleted, but what refers to it means the survivor. */
const mergedStays = `CASE WHEN master IS NOT NULL THEN 'false' ELSE is_deleted END`;

/**
 * Merged records are purged after two weeks like all deleted ones. A reading of everything then does not hold them any more;
 * what is known of them stays, since older evidence still names them.
 */
function withMerged(kind: string, stream: 'accounts' | 'contacts', source: string): string {
  const current = currentVersions('salesforce', stream, source);
  return `(SELECT position, record FROM fetched WHERE kind = ${literal(kind)}
    UNION ALL
    SELECT 0 AS position, known.payload.other::JSON AS record FROM ${current} AS known
    WHERE NOT known.is_deleted AND known.payload.merged_into IS NOT NULL AND EXISTS (FROM fetched WHERE kind = 'everything')
      AND known.record_key NOT IN (SELECT record ->> '$.Id' FROM fetched WHERE kind = ${literal(kind)}))`;
}

const leadStatuses = {
  new: ['new', 'open', 'open - not contacted'],
  working: ['working', 'working - contacted', 'contacted', 'nurturing', 'qualified'],
  converted: ['converted', 'closed - converted'],
  rejected: ['rejected', 'unqualified', 'disqualified', 'closed - not converted'],
};

function leads({ options }: Context): Mapped {
  return object({
    object: 'Lead',
    stream: 'leads',
    standard: {
      email: 'Email',
      domain: 'Website',
      status: 'Status',
      owner: 'Owner.Name',
      created_at: 'CreatedDate',
      is_converted: 'IsConverted',
      converted_account: 'ConvertedAccountId',
      converted_deal: 'ConvertedOpportunityId',
    },
    own: own(options, 'leads'),
    required: ['CreatedDate', 'IsConverted'],
    columns: {
      lead_id: 'id',
      partner_id: 'partner_id',
      account_id: 'coalesce(converted_account, account_id)',
      email: 'email',
      domain: host('domain'),
      submitted_at: instant('created_at'),
      status: `CASE WHEN is_converted = 'true' THEN 'converted' ELSE ${inOurWords('status', leadStatuses, options.lead_statuses)} END`,
      first_response_at: instant('first_response_at'),
      deal_id: 'coalesce(converted_deal, deal_id)',
      owner: 'owner',
    },
  });
}

const dealKinds = {
  new: ['new', 'new business', 'new customer'],
  renewal: ['renewal', 'existing customer - renewal'],
  expansion: ['expansion', 'existing business', 'upsell', 'cross-sell', 'existing customer - upgrade'],
};

function deals({ options }: Context): Mapped {
  return object({
    object: 'Opportunity',
    stream: 'deals',
    standard: {
      account_id: 'AccountId',
      name: 'Name',
      stage: 'StageName',
      amount: 'Amount',
      currency: 'CurrencyIsoCode',
      closed_at: 'CloseDate',
      is_closed: 'IsClosed',
      is_won: 'IsWon',
      kind: 'Type',
      owner: 'Owner.Name',
      created_at: 'CreatedDate',
    },
    own: own(options, 'deals'),
    required: ['AccountId', 'StageName', 'CloseDate', 'IsClosed', 'IsWon', 'CreatedDate'],
    columns: {
      deal_id: 'id',
      account_id: 'account_id',
      name: 'name',
      created_at: instant('created_at'),
      lead_created_at: instant('lead_created_at'),
      stage: 'stage',
      closed_at: instant('closed_at'),
      is_closed: 'is_closed',
      is_won: 'is_won',
      amount: amount('amount'),
      currency: 'currency',
      owner: 'owner',
      source_partner_id: 'source_partner_id',
      reseller_partner_id: 'reseller_partner_id',
      product: 'product',
      kind: `CASE WHEN ${inOurWords('kind', dealKinds, options.deal_kinds)} IN ('new', 'renewal', 'expansion') THEN ${inOurWords('kind', dealKinds, options.deal_kinds)} END`,
    },
  });
}

/**
 * Salesforce writes a line of history for every change of amount, date or stage. A stage is entered where it differs from the
 * line before, in this batch or in the log.
 */
function stages({ source }: Context): Mapped {
  const current = currentVersions('salesforce', 'deal_stages', source);
  const entered = instant(`(record ->> '$.CreatedDate')`);
  return object({
    object: 'OpportunityHistory',
    stream: 'deal_stages',
    standard: { deal_id: 'OpportunityId', stage: 'StageName', entered_at: 'CreatedDate' },
    own: {},
    required: ['OpportunityId', 'StageName', 'CreatedDate'],
    relation: `(
      WITH line AS (
        SELECT position, record, record ->> '$.OpportunityId' AS deal, record ->> '$.StageName' AS entered_stage, ${entered} AS moment,
          record ->> '$.Id' AS line_id, (record ->> '$.IsDeleted') = 'true' AS is_gone
        FROM fetched WHERE kind = 'OpportunityHistory'),
      known AS (
        SELECT payload.deal_id AS deal, payload.stage AS entered_stage, payload.entered_at AS moment FROM ${current}
        WHERE NOT is_deleted AND payload.deal_id IN (SELECT deal FROM line)),
      either AS (
        SELECT position, record, deal, entered_stage, moment, line_id, is_gone, true AS is_new FROM line
        UNION ALL
        SELECT NULL, NULL, deal, entered_stage, moment, '', false, false FROM known ANTI JOIN line USING (deal, entered_stage, moment))
      SELECT position, record, is_gone FROM either
      QUALIFY is_new AND (is_gone OR lag(entered_stage) OVER (PARTITION BY deal, is_gone ORDER BY moment, line_id) IS DISTINCT FROM entered_stage))`,
    columns: { deal_id: 'deal_id', stage: 'stage', entered_at: instant('entered_at') },
  });
}

function contactRoles({ options }: Context): Mapped {
  return object({
    object: 'OpportunityContactRole',
    stream: 'deal_contacts',
    standard: { deal_id: 'OpportunityId', contact_id: 'ContactId', role: 'Role', is_primary: 'IsPrimary' },
    own: own(options, 'deal_contacts'),
    required: ['OpportunityId', 'ContactId'],
    columns: { deal_id: 'deal_id', contact_id: 'contact_id', role: 'role', is_primary: 'is_primary' },
  });
}

const registrationStatuses = {
  pending: ['pending', 'submitted', 'new', 'draft'],
  approved: ['approved', 'accepted'],
  rejected: ['rejected', 'declined'],
  expired: ['expired'],
};

function registrations({ options }: Context): Mapped | undefined {
  const { registrations: given } = options;
  if (!given) return undefined;
  return object({
    object: given.object,
    stream: 'deal_registrations',
    standard: { created_at: 'CreatedDate' },
    own: given.fields,
    key: 'registrations.fields',
    required: ['CreatedDate'],
    columns: {
      registration_id: 'id',
      partner_id: 'partner_id',
      account_id: 'account_id',
      domain: host('domain'),
      deal_id: 'deal_id',
      submitted_at: instant('coalesce(submitted_at, created_at)'),
      decided_at: instant('decided_at'),
      status: inOurWords('status', registrationStatuses, given.statuses),
      protection_ends_at: instant('protection_ends_at'),
    },
  });
}
