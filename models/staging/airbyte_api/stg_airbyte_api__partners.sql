-- Current record versions of `partners` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_partners('airbyte_api') }}
