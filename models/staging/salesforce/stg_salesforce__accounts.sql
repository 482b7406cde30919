-- Current record versions of `accounts` from Salesforce as types; references stay native ids, amounts decimal text.
{{ staged_accounts('salesforce') }}
