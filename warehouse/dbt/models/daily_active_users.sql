-- Users of a day, by app: counted by pseudonym, which leaves this table as a number only. A day is counted again while
-- rows of it arrive; groups of fewer than five are not shown.
{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='day') }}

with days as (
    select
        cast(collector_tstamp as date) as day,
        app_id,
        count(*) as events,
        count(distinct user_id) as users,
        count(distinct domain_userid) as devices
    from {{ ref('deduplicated_events') }}
    {% if is_incremental() %}
    where cast(collector_tstamp as date) >= (
        select coalesce(max(day), cast('1970-01-10' as date)) - interval '{{ var("late_days") }} days' from {{ this }}
    )
    {% endif %}
    group by cast(collector_tstamp as date), app_id
)

select
    day,
    app_id,
    events,
    case when users between 1 and 4 then null else users end as users,
    case when devices between 1 and 4 then null else devices end as devices
from days
