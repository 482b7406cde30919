-- Grain: deal and party. One column per configured method, in parts of 10^9; they split the deal's money (fine-print 14).
with

weight as (
    select * from {{ source('attribution', 'weight') }}
)

select * from weight
