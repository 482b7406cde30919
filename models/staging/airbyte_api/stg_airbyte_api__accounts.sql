-- Current record versions of `accounts` from Airbyte destinations as types; references stay native ids, amounts decimal text.
{{ staged_accounts('airbyte_api') }}
