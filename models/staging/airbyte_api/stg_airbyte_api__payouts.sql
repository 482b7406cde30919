-- Current record versions of `payouts` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_payouts('airbyte_api') }}
