-- What monitoring, the summary page and `make warehouse-check` read. No event is in it, and no count of fewer than
-- five events of an app on a day.

-- One row for each object that was seen in the lake, loaded, or left rows in a table. The verdict:
-- missing: in the lake and not loaded; failed: could not be loaded; gone: loaded, and no longer in the lake;
-- short: fewer rows than lines; shortened: the object has fewer lines than when it was loaded; doubled: loaded twice.
create or replace view ops.load_ledger as
with loaded as (
    select file_name, table_name, status, rows_parsed, rows_loaded, loaded_at
    from ops.load_history
    qualify row_number() over (partition by file_name order by loaded_at desc) = 1
),
in_table as (
    select file_name, count(*) as rows_in_table, min(load_tstamp) as first_loaded
    from snowplow.gitlab_events
    group by file_name
    union all
    select file_name, count(*) as rows_in_table, min(load_tstamp) as first_loaded
    from snowplow.gitlab_bad_events
    group by file_name
),
names as (
    select file_name from ops.lake_objects
    union
    select file_name from loaded
    union
    select file_name from in_table
)
select
    n.file_name,
    split_part(n.file_name, '/', 1) as prefix,
    try_to_timestamp_ntz(
        split_part(n.file_name, '/', 2) || '-' || split_part(n.file_name, '/', 3) || '-'
        || split_part(n.file_name, '/', 4) || ' ' || split_part(n.file_name, '/', 5) || ':00:00'
    ) as hour,
    o.bytes,
    o.modified,
    o.lines as lines_in_lake,
    o.seen_at,
    l.status,
    l.loaded_at,
    l.rows_parsed,
    coalesce(t.rows_in_table, 0) as rows_in_table,
    case
        when l.status = 'LOAD_FAILED' then 'failed'
        when l.status is null and t.rows_in_table is null then 'missing'
        when o.file_name is null and exists (select 1 from ops.lake_objects) then 'gone'
        when t.rows_in_table > l.rows_parsed then 'doubled'
        when o.lines < l.rows_parsed then 'shortened'
        when coalesce(t.rows_in_table, 0) < coalesce(o.lines, l.rows_parsed, 0) then 'short'
        else 'ok'
    end as verdict
from names n
left join ops.lake_objects o on o.file_name = n.file_name
left join loaded l on l.file_name = n.file_name
left join in_table t on t.file_name = n.file_name;

-- The four counts of each hour; a difference names where records are missing.
create or replace view ops.completeness as
with by_hour as (
    select
        prefix,
        hour,
        count(*) as objects,
        sum(iff(verdict = 'ok', 0, 1)) as objects_in_doubt,
        sum(rows_in_table) as rows_in_table
    from ops.load_ledger
    group by prefix, hour
)
select
    coalesce(b.prefix, d.prefix) as prefix,
    coalesce(b.hour, d.hour) as hour,
    d.delivered,
    d.written,
    coalesce(b.objects, 0) as objects,
    coalesce(b.objects_in_doubt, 0) as objects_in_doubt,
    coalesce(b.rows_in_table, 0) as rows_in_table,
    iff(d.delivered > 0, coalesce(b.rows_in_table, 0) / d.delivered, null) as completeness
from by_hour b
full outer join ops.delivered d on d.prefix = b.prefix and d.hour = b.hour;

create or replace view ops.freshness as
select 'gitlab_events' as table_name, max(load_tstamp) as last_load, max(collector_tstamp) as last_event
from snowplow.gitlab_events
union all
select 'gitlab_bad_events' as table_name, max(load_tstamp) as last_load, null::timestamp_ntz as last_event
from snowplow.gitlab_bad_events;

-- Each test: what was measured, the greatest value that is in order, and how bad more is (docs/warehouse.md).
create or replace view ops.quality as
with events as (
    select
        count(*) as total,
        sum(iff(event_id is null or collector_tstamp is null or event is null or startswith(app_id, '{'), 1, 0))
            as whole_row,
        sum(iff(unread_cells > 0, 1, 0)) as unread,
        sum(iff(collector_tstamp < dateadd(day, -3, load_tstamp), 1, 0)) as late,
        sum(iff(derived_tstamp > dateadd(minute, 5, load_tstamp), 1, 0)) as future
    from snowplow.gitlab_events
),
copies as (
    select event_id, count(*) as copies, count(distinct coalesce(event_fingerprint, '')) as contents
    from snowplow.gitlab_events
    where event_id is not null
    group by event_id
),
doubles as (
    select
        sum(copies - contents) as doubled,
        sum(iff(contents > 1, 1, 0)) as two_fingerprints
    from copies
),
entities as (
    select
        sum(iff(startswith(schema_key, 'iglu:'), 0, 1)) as unknown,
        count(distinct iff(
            schema_key like 'iglu:io.snowveil/pseudonymization/%' and entity_source = 'derived_contexts',
            file_name || ' ' || file_row, null)) as stamped
    from linked.entities
),
bad as (
    select sum(iff(unread_cells > 0, 1, 0)) as not_json from snowplow.gitlab_bad_events
),
objects as (
    select sum(iff(verdict in ('ok', 'gone'), 0, 1)) as in_doubt from ops.load_ledger
),
delivered as (
    select count(*) as total from linked.events
)
select 'whole_row' as test, coalesce(whole_row, 0) as measured, 0 as threshold, 'P0' as severity from events
union all
select 'readable_identity', rows_found, 0, 'P0' from ops.readable_identities
union all
select 'pseudonym_form', rows_found, 0, 'P0' from ops.malformed_pseudonyms
union all
select 'not_stamped', delivered.total - coalesce(stamped, 0), 0, 'P0' from entities, delivered
union all
select 'unread_cells', coalesce(unread, 0), 0, 'P1' from events
union all
select 'bad_events_not_json', coalesce(not_json, 0), 0, 'P1' from bad
union all
select 'objects_in_doubt', coalesce(in_doubt, 0), 0, 'P1' from objects
union all
select 'duplicate_share_percent', iff(total > 0, 100 * coalesce(doubled, 0) / total, 0), 1, 'P3' from doubles, events
union all
select 'two_fingerprints', coalesce(two_fingerprints, 0), 0, 'P3' from doubles
union all
select 'late_share_percent', iff(total > 0, 100 * coalesce(late, 0) / total, 0), 1, 'P3' from events
union all
select 'future_clock_share_percent', iff(total > 0, 100 * coalesce(future, 0) / total, 0), 1, 'P3' from events
union all
select 'unknown_schemas', coalesce(unknown, 0), 0, 'P3' from entities;

create or replace view ops.daily_summary as
with counted as (
    select to_date(collector_tstamp) as day, app_id, count(*) as good, 0 as bad
    from events.events
    group by to_date(collector_tstamp), app_id
    union all
    select to_date(failed_at) as day, app_id, 0 as good, count(*) as bad
    from events.failures
    group by to_date(failed_at), app_id
)
select
    day,
    coalesce(app_id, 'unknown') as app_id,
    iff(sum(good) between 1 and 4, null, sum(good)) as good,
    iff(sum(bad) between 1 and 4, null, sum(bad)) as bad
from counted
group by day, coalesce(app_id, 'unknown');
