-- Current record versions of `payouts` from PartnerStack as types; references stay native ids, amounts decimal text.
{{ staged_payouts('partnerstack') }}
