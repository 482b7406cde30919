-- Current record versions of `leads` from Salesforce as types; references stay native ids, amounts decimal text.
{{ staged_leads('salesforce') }}
