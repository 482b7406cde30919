-- Current record versions of `leads` from PartnerStack as types; references stay native ids, amounts decimal text.
{{ staged_leads('partnerstack') }}
