-- Grain: deal and touch of its journey. One column per configured method, in parts of 10^9: what the touch earned of its
-- party's weight. It explains a deal; money is split by the parties' weights alone (fine-print 14).
with

touch_weight as (
    select * from {{ source('attribution', 'touch_weight') }}
)

select * from touch_weight
