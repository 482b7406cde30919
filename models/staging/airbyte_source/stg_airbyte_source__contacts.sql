-- Current record versions of `contacts` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_contacts('airbyte_source') }}
