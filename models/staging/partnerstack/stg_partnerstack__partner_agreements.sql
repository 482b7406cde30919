-- Current record versions of `partner_agreements` from PartnerStack as types; references stay native ids, amounts decimal text.
{{ staged_partner_agreements('partnerstack') }}
