-- Current record versions of `contacts` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_contacts('airbyte_api') }}
