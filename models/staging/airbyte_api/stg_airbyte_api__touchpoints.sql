-- Current record versions of `touchpoints` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_touchpoints('airbyte_api') }}
