// The objects of Salesforce that the sandbox has, with their fields and the parents that their references point to.
import type { ObjectName } from './salesforce-ids.ts';

export type FieldType = 'id' | 'reference' | 'string' | 'boolean' | 'double' | 'currency' | 'date' | 'datetime';
type Shape = Readonly<Record<string, FieldType>>;

const common: Shape = { Id: 'id', IsDeleted: 'boolean', CreatedDate: 'datetime', SystemModstamp: 'datetime' };

/** The fields of each object, beside the common ones. */
const own: Readonly<Record<ObjectName, Shape>> = {
  Account: {
    MasterRecordId: 'reference',
    Name: 'string',
    Website: 'string',
    BillingCountryCode: 'string',
    Segment__c: 'string',
    Partner_Key__c: 'string',
  },
  Contact: { MasterRecordId: 'reference', AccountId: 'reference', Email: 'string' },
  User: { Name: 'string' },
  Opportunity: {
    AccountId: 'reference',
    Name: 'string',
    StageName: 'string',
    Amount: 'currency',
    CurrencyIsoCode: 'string',
    CloseDate: 'date',
    IsClosed: 'boolean',
    IsWon: 'boolean',
    Type: 'string',
    OwnerId: 'reference',
    CampaignId: 'reference',
    Partner_Source__c: 'string',
    Reseller__c: 'string',
    Product__c: 'string',
    Lead_Created__c: 'datetime',
    Closed_At__c: 'datetime',
  },
  OpportunityHistory: { OpportunityId: 'reference', StageName: 'string', Amount: 'currency', CloseDate: 'date' },
  OpportunityContactRole: {
    OpportunityId: 'reference',
    ContactId: 'reference',
    Role: 'string',
    IsPrimary: 'boolean',
  },
  OpportunityPartner: {
    OpportunityId: 'reference',
    AccountToId: 'reference',
    Role: 'string',
    IsPrimary: 'boolean',
    ReversePartnerId: 'reference',
  },
  Lead: {
    MasterRecordId: 'reference',
    Email: 'string',
    Website: 'string',
    Status: 'string',
    OwnerId: 'reference',
    IsConverted: 'boolean',
    ConvertedDate: 'date',
    ConvertedAccountId: 'reference',
    ConvertedContactId: 'reference',
    ConvertedOpportunityId: 'reference',
    Partner__c: 'string',
    Account__c: 'reference',
    Opportunity__c: 'reference',
    First_Response__c: 'datetime',
  },
  Campaign: { Name: 'string', Type: 'string', Kind__c: 'string', Partner__c: 'string' },
  CampaignMember: {
    CampaignId: 'reference',
    ContactId: 'reference',
    LeadId: 'reference',
    Status: 'string',
    HasResponded: 'boolean',
    FirstRespondedDate: 'date',
  },
  Deal_Registration__c: {
    Name: 'string',
    Partner__c: 'string',
    Account__c: 'reference',
    Opportunity__c: 'reference',
    Domain__c: 'string',
    Submitted__c: 'datetime',
    Decided__c: 'datetime',
    Status__c: 'string',
    Protection_Ends__c: 'datetime',
  },
};

export const objectNames = Object.keys(own) as ObjectName[];

export function fieldsOf(object: ObjectName): Shape {
  return { ...common, ...own[object] };
}

/** Which object a reference points to, for fields of the parent: `Owner.Name`. */
export const parents: Readonly<Record<string, { readonly field: string; readonly object: ObjectName }>> = {
  Owner: { field: 'OwnerId', object: 'User' },
  Campaign: { field: 'CampaignId', object: 'Campaign' },
  Account: { field: 'AccountId', object: 'Account' },
  AccountTo: { field: 'AccountToId', object: 'Account' },
  Contact: { field: 'ContactId', object: 'Contact' },
  Opportunity: { field: 'OpportunityId', object: 'Opportunity' },
};
