-- Current record versions of `deals` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_deals('airbyte_source') }}
