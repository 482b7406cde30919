-- Current record versions of `payouts` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_payouts('airbyte_source') }}
