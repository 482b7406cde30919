-- Current record versions of `deals` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_deals('airbyte_api') }}
