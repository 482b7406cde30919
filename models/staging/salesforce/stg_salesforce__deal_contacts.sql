-- Current record versions of `deal_contacts` from Salesforce as types; references stay native ids, amounts decimal text.
{{ staged_deal_contacts('salesforce') }}
