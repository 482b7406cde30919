-- Grain: account that is not merged into another.
with

accounts as (
    select * from {{ ref('accounts') }}
)

select
    account_id,
    name,
    domain,
    country,
    segment,
    created_at
from accounts
