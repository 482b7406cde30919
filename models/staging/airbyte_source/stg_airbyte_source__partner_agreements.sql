-- Current record versions of `partner_agreements` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_partner_agreements('airbyte_source') }}
