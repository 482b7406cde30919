-- Current record versions of `partner_agreements` from files as types; references stay native ids, amounts decimal text.
{{ staged_partner_agreements('files') }}
