-- Current record versions of `leads` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_leads('airbyte_source') }}
