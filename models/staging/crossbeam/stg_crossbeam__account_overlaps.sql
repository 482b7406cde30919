-- Current record versions of `account_overlaps` from Crossbeam as types; references stay native ids, amounts decimal text.
{{ staged_account_overlaps('crossbeam') }}
