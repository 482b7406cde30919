-- Current record versions of `leads` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_leads('airbyte_api') }}
