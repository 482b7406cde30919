-- Current record versions of `partners` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_partners('airbyte_source') }}
