-- Current record versions of `deal_stages` from Salesforce as types; references stay native ids, amounts decimal text.
{{ staged_deal_stages('salesforce') }}
