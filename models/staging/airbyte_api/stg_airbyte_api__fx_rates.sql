-- Current record versions of `fx_rates` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_fx_rates('airbyte_api') }}
