// The company's CRM as Salesforce holds it: standard objects, one custom object for registrations, custom fields for what
// Salesforce has none. Deleted and merged records stay until they are purged. Pure.
import type { CompanyRow, Store, StoredRecord } from './company.ts';
import { type ObjectName, salesforceId } from './salesforce-ids.ts';
import type { SoqlRecord } from './salesforce-soql.ts';

const leadStatuses: Readonly<Record<string, string>> = {
  new: 'Open - Not Contacted',
  working: 'Working - Contacted',
  converted: 'Closed - Converted',
  rejected: 'Closed - Not Converted',
};
const stageNames: Readonly<Record<string, string>> = { won: 'Closed Won', lost: 'Closed Lost' };

export type RecordOptions = {
  /** What SystemModstamp says. */
  readonly stamp: (record: StoredRecord) => number;
  /** The organization keeps the partners of opportunities, and so an account for each partner. */
  readonly hasPartners?: boolean;
};

/** All records of an object, those that are deleted or merged included. */
export function recordsOf(
  object: ObjectName,
  store: Store,
  { stamp, hasPartners = false }: RecordOptions,
): ReadonlyMap<string, SoqlRecord> {
  // What was merged before the story begins was merged a day ago: Salesforce keeps no older ones.
  const recently = Date.parse(store.asOf) - 86_400_000;
  const all = [...makers[object](store), ...(hasPartners && object === 'Account' ? partnerAccounts(store) : [])];
  const made = all.map(({ id, record, fields, deleted = false }) => ({
    Id: salesforceId(object, id),
    IsDeleted: deleted || record?.deletedAt !== undefined,
    SystemModstamp: instant(record ? Math.max(stamp(record), deleted ? recently : 0) : recently),
    ...fields,
  }));
  return new Map(made.map((record) => [record.Id, record as SoqlRecord]));
}

type Made = {
  readonly id: string;
  readonly record?: StoredRecord;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly deleted?: boolean;
};
type Maker = (store: Store) => Made[];

const reference = (object: ObjectName, text: string | undefined) => (text ? salesforceId(object, text) : null);
const merged = (object: ObjectName, row: CompanyRow) => ({ MasterRecordId: reference(object, row.merged_into) });

const makers: Readonly<Record<ObjectName, Maker>> = {
  Account: (store) =>
    store.records('accounts').map((record) => ({
      id: record.row.account_id ?? '',
      record,
      deleted: record.row.merged_into !== undefined,
      fields: {
        ...merged('Account', record.row),
        Name: record.row.name ?? null,
        Website: record.row.domain ? `https://www.${record.row.domain}/` : null,
        BillingCountryCode: record.row.country ?? null,
        Segment__c: record.row.segment ?? null,
        CreatedDate: moment(record.row.created_at),
      },
    })),
  Contact: (store) =>
    store.records('contacts').map((record) => ({
      id: record.row.contact_id ?? '',
      record,
      deleted: record.row.merged_into !== undefined,
      fields: {
        ...merged('Contact', record.row),
        AccountId: reference('Account', record.row.account_id),
        Email: record.row.email ?? null,
        CreatedDate: moment(record.row.created_at),
      },
    })),
  User: (store) => {
    const names = [...store.records('deals'), ...store.records('leads')].flatMap(({ row }) => row.owner ?? []);
    return [...new Set(names)].map((name) => ({ id: name, fields: { Name: name, CreatedDate: null } }));
  },
  Opportunity: (store) => {
    const touches = new Map(store.records('touchpoints').map(({ row }) => [row.deal_id, row]));
    return store.records('deals').map((record) => {
      const touch = touches.get(record.row.deal_id);
      return {
        id: record.row.deal_id ?? '',
        record,
        deleted: record.row.merged_into !== undefined,
        fields: { ...opportunity(record.row), CampaignId: touch ? salesforceId('Campaign', campaignOf(touch)) : null },
      };
    });
  },
  OpportunityHistory: (store) =>
    store.records('deal_stages').map((record) => ({
      id: record.key,
      record,
      fields: {
        OpportunityId: reference('Opportunity', record.row.deal_id),
        StageName: stageNames[record.row.stage ?? ''] ?? record.row.stage,
        Amount: null,
        CloseDate: null,
        CreatedDate: moment(record.row.entered_at),
      },
    })),
  OpportunityContactRole: (store) =>
    store.records('deal_contacts').map((record) => ({
      id: record.key,
      record,
      fields: {
        OpportunityId: reference('Opportunity', record.row.deal_id),
        ContactId: reference('Contact', record.row.contact_id),
        Role: record.row.role ?? null,
        IsPrimary: record.row.is_primary === 'true',
        CreatedDate: null,
      },
    })),
  OpportunityPartner: (store) =>
    namedPartners(store).map((record) => ({
      id: record.row.touchpoint_id ?? '',
      record,
      fields: {
        OpportunityId: reference('Opportunity', record.row.deal_id),
        AccountToId: reference('Account', record.row.partner_id),
        Role: title(record.row.kind),
        IsPrimary: false,
        ReversePartnerId: null,
        CreatedDate: moment(record.row.occurred_at),
      },
    })),
  Lead: (store) =>
    store.records('leads').map((record) => ({ id: record.row.lead_id ?? '', record, fields: lead(record.row) })),
  Campaign: (store) =>
    [...new Map(store.records('touchpoints').map(({ row }) => [campaignOf(row), row])).entries()].map(([id, row]) => ({
      id,
      fields: {
        Name: row.campaign ?? null,
        Type: row.channel,
        Kind__c: row.kind,
        Partner__c: row.partner_id ?? null,
        CreatedDate: null,
      },
    })),
  CampaignMember: (store) =>
    store
      .records('touchpoints')
      .filter(({ row }) => row.contact_id)
      .map((record) => ({
        id: record.row.touchpoint_id ?? '',
        record,
        fields: {
          CampaignId: salesforceId('Campaign', campaignOf(record.row)),
          ContactId: reference('Contact', record.row.contact_id),
          LeadId: null,
          Status: 'Responded',
          HasResponded: true,
          FirstRespondedDate: day(record.row.occurred_at),
          CreatedDate: moment(record.row.occurred_at),
        },
      })),
  Deal_Registration__c: (store) =>
    store.records('deal_registrations').map((record) => ({
      id: record.row.registration_id ?? '',
      record,
      fields: {
        Name: record.row.registration_id,
        Partner__c: record.row.partner_id ?? null,
        Account__c: reference('Account', record.row.account_id),
        Opportunity__c: reference('Opportunity', record.row.deal_id),
        Domain__c: record.row.domain ?? null,
        Submitted__c: moment(record.row.submitted_at),
        Decided__c: moment(record.row.decided_at),
        Status__c: capital(record.row.status),
        Protection_Ends__c: moment(record.row.protection_ends_at),
        CreatedDate: moment(record.row.submitted_at),
      },
    })),
};

/** Touches of a partner that name a deal and nobody: somebody put the partner on the opportunity. */
function namedPartners(store: Store): StoredRecord[] {
  return store
    .records('touchpoints')
    .filter(({ row }) => row.channel === 'partner' && row.partner_id && row.deal_id && !row.contact_id);
}

function partnerAccounts(store: Store): Made[] {
  const ids = new Set(namedPartners(store).map(({ row }) => row.partner_id!));
  return [...ids].map((id) => ({
    id,
    fields: { Name: `Partner ${id}`, Partner_Key__c: id, CreatedDate: instant(Date.parse(store.asOf) - 86_400_000) },
  }));
}

function opportunity(row: CompanyRow): Record<string, unknown> {
  return {
    AccountId: reference('Account', row.account_id),
    Name: row.name ?? null,
    StageName: stageNames[row.stage ?? ''] ?? row.stage ?? null,
    Amount: number(row.amount),
    CurrencyIsoCode: row.currency ?? null,
    CloseDate: day(row.closed_at),
    IsClosed: row.is_closed === 'true',
    IsWon: row.is_won === 'true',
    Type: row.kind === 'new' ? 'New Business' : row.kind === 'renewal' ? 'Renewal' : row.kind ? 'Expansion' : null,
    OwnerId: reference('User', row.owner),
    Partner_Source__c: row.source_partner_id ?? null,
    Reseller__c: row.reseller_partner_id ?? null,
    Product__c: row.product ?? null,
    Lead_Created__c: moment(row.lead_created_at),
    Closed_At__c: moment(row.closed_at),
    CreatedDate: moment(row.created_at),
  };
}

function lead(row: CompanyRow): Record<string, unknown> {
  const isConverted = row.status === 'converted';
  return {
    MasterRecordId: null,
    Email: row.email ?? null,
    Website: row.domain ?? null,
    Status: leadStatuses[row.status ?? ''] ?? row.status ?? null,
    OwnerId: reference('User', row.owner),
    IsConverted: isConverted,
    ConvertedDate: isConverted ? day(row.first_response_at ?? row.submitted_at) : null,
    ConvertedAccountId: isConverted ? reference('Account', row.account_id) : null,
    ConvertedContactId: null,
    ConvertedOpportunityId: isConverted ? reference('Opportunity', row.deal_id) : null,
    Partner__c: row.partner_id ?? null,
    Account__c: reference('Account', row.account_id),
    Opportunity__c: reference('Opportunity', row.deal_id),
    First_Response__c: moment(row.first_response_at),
    CreatedDate: moment(row.submitted_at),
  };
}

/** Touches of one channel, kind, campaign and partner are responses to one campaign. */
function campaignOf({ channel, kind, campaign, partner_id }: CompanyRow): string {
  return [channel, kind, campaign, partner_id].map((part) => part ?? '').join('|');
}

/** As Salesforce writes instants: milliseconds and an offset without a colon. Text that is no instant stays. */
function moment(text: string | undefined): string | null {
  if (!text) return null;
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? text : instant(time);
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '+0000');
}

/** The company's local day of an instant. */
function day(text: string | undefined): string | null {
  if (!text || text.length === 10) return text ?? null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : localDay.format(time);
}

const localDay = new Intl.DateTimeFormat('sv-SE', { timeZone: 'America/New_York' });

function number(text: string | undefined): number | string | null {
  if (text === undefined) return null;
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** `partner_meeting` as a picklist's value: `Partner Meeting`. */
function title(text: string | undefined): string | null {
  return text ? text.split('_').map(capital).join(' ') : null;
}

function capital(text: string | undefined): string | null {
  return text ? text[0]!.toUpperCase() + text.slice(1) : null;
}
