-- Current record versions of `deals` from Salesforce as types; references stay native ids, amounts decimal text.
{{ staged_deals('salesforce') }}
