-- Current record versions of `touchpoints` from PartnerStack as types; references stay native ids, amounts decimal text.
{{ staged_touchpoints('partnerstack') }}
