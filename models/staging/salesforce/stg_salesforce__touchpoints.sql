-- Current record versions of `touchpoints` from Salesforce as types; references stay native ids, amounts decimal text.
{{ staged_touchpoints('salesforce') }}
