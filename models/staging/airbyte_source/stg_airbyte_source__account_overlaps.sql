-- Current record versions of `account_overlaps` from Airbyte sources as types; references stay native ids, amounts decimal text.
{{ staged_account_overlaps('airbyte_source') }}
