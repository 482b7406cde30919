-- Current record versions of `touchpoints` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_touchpoints('airbyte_source') }}
