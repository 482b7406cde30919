-- Current record versions of `enablement` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_enablement('airbyte_source') }}
