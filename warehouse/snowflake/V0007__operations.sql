-- One row for each object that a pipe has loaded, or refused.
create table ops.load_history (
    file_name   varchar          comment 'the object''s key in the lake',
    table_name  varchar          comment 'gitlab_events or gitlab_bad_events',
    status      varchar          comment 'LOADED, PARTIALLY_LOADED or LOAD_FAILED',
    rows_parsed number(38, 0),
    rows_loaded number(38, 0),
    loaded_at   timestamp_ntz(3)
);

-- COPY_HISTORY forgets after 14 days and is a function: what it says is kept, but for the messages of errors, which
-- quote the data. Its file_name is relative to the stage.
create task ops.keep_load_history
    schedule = '10 minutes'
    user_task_managed_initial_warehouse_size = 'XSMALL'
    as
merge into ops.load_history kept
using (
    select
        regexp_replace(stage_location, '^s3://[^/]+/', '') || file_name as file_name,
        'gitlab_events' as table_name,
        upper(replace(status, ' ', '_')) as status,
        row_parsed as rows_parsed,
        row_count as rows_loaded,
        last_load_time::timestamp_ntz as loaded_at
    from table(information_schema.copy_history(
        table_name => 'snowplow.gitlab_events', start_time => dateadd(day, -1, current_timestamp())))
    union all
    select
        regexp_replace(stage_location, '^s3://[^/]+/', '') || file_name as file_name,
        'gitlab_bad_events' as table_name,
        upper(replace(status, ' ', '_')) as status,
        row_parsed as rows_parsed,
        row_count as rows_loaded,
        last_load_time::timestamp_ntz as loaded_at
    from table(information_schema.copy_history(
        table_name => 'snowplow.gitlab_bad_events', start_time => dateadd(day, -1, current_timestamp())))
) now
on kept.file_name = now.file_name and kept.table_name = now.table_name and kept.loaded_at = now.loaded_at
when not matched then insert (file_name, table_name, status, rows_parsed, rows_loaded, loaded_at)
    values (now.file_name, now.table_name, now.status, now.rows_parsed, now.rows_loaded, now.loaded_at);

-- What `make warehouse-check` saw in the lake: an object without a load is missing.
create table ops.lake_objects (
    file_name varchar          comment 'the object''s key in the lake',
    bytes     number(38, 0),
    modified  timestamp_ntz(3),
    lines     number(38, 0)    comment 'lines in the object; null when it was not read',
    seen_at   timestamp_ntz(3)
);

-- What the pseudonymizers and Firehose counted, by hour of arrival.
create table ops.delivered (
    prefix    varchar comment 'output, enriched-bad or raw-bad',
    hour      timestamp_ntz(3),
    delivered number(38, 0) comment 'Snowveil/Pseudonymizer Delivered',
    written   number(38, 0) comment 'AWS/Firehose DeliveryToS3.Records'
);

-- For each rotation of the pseudonym key: which pseudonym a person had before it (operations fill it).
create table ops.pseudonym_epochs (
    domain    varchar,
    key_id    varchar comment 'the key of `pseudonym`',
    pseudonym varchar,
    next_key_id    varchar,
    next_pseudonym varchar
);

-- Pseudonyms of persons who were erased: what arrives later under one of them is not shown.
create table ops.tombstones (
    domain    varchar,
    key_id    varchar,
    pseudonym varchar,
    erased_at timestamp_ntz(3)
);

-- Retention by whole load days; the lake keeps its objects as long (retention.warehouse_days of the environment).
create task ops.delete_old_events
    schedule = 'USING CRON 30 2 * * * UTC'
    user_task_managed_initial_warehouse_size = 'XSMALL'
    as
delete from snowplow.gitlab_events where load_tstamp < dateadd(day, -{{ retention_days }}, current_date());
create task ops.delete_old_bad_events
    schedule = 'USING CRON 45 2 * * * UTC'
    user_task_managed_initial_warehouse_size = 'XSMALL'
    as
delete from snowplow.gitlab_bad_events where load_tstamp < dateadd(day, -{{ retention_days }}, current_date());
alter task ops.keep_load_history resume;
alter task ops.delete_old_events resume;
alter task ops.delete_old_bad_events resume;
