// How sourced.yaml names the custom fields and the registration object of the sandbox's Salesforce.
export const customFields = {
  accounts: { segment: 'Segment__c' },
  leads: {
    partner_id: 'Partner__c',
    account_id: 'Account__c',
    deal_id: 'Opportunity__c',
    first_response_at: 'First_Response__c',
  },
  deals: {
    source_partner_id: 'Partner_Source__c',
    reseller_partner_id: 'Reseller__c',
    product: 'Product__c',
    lead_created_at: 'Lead_Created__c',
  },
} as const;

export const registrations = {
  object: 'Deal_Registration__c',
  fields: {
    partner_id: 'Partner__c',
    account_id: 'Account__c',
    domain: 'Domain__c',
    deal_id: 'Opportunity__c',
    submitted_at: 'Submitted__c',
    decided_at: 'Decided__c',
    status: 'Status__c',
    protection_ends_at: 'Protection_Ends__c',
  },
} as const;
