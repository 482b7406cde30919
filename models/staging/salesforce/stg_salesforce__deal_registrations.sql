-- Current record versions of `deal_registrations` from Salesforce as types; references stay native ids, amounts decimal text.
{{ staged_deal_registrations('salesforce') }}
