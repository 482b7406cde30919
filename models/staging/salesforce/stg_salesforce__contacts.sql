-- Current record versions of `contacts` from Salesforce as types; references stay native ids, amounts decimal text.
{{ staged_contacts('salesforce') }}
