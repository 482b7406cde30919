-- Current record versions of `enablement` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_enablement('airbyte_api') }}
