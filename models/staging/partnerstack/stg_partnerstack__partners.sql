-- Current record versions of `partners` from PartnerStack as types; references stay native ids, amounts decimal text.
{{ staged_partners('partnerstack') }}
