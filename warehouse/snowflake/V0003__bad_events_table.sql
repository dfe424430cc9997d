-- One row for each failed event of enriched-bad/ and raw-bad/, as it was delivered.
create table snowplow.gitlab_bad_events (
    jsontext      variant          comment 'the failed event after the pseudonymizer; null when the line is not JSON',
    load_tstamp   timestamp_ntz(3) comment 'when the object was loaded',
    file_name     varchar          comment 'the object''s key in the lake',
    file_row      number(38, 0)    comment 'the line in the object, from 1',
    file_modified timestamp_ntz(3) comment 'when the object was written',
    unread_cells  number(4, 0)     comment '1 when the line is not JSON'
)
cluster by (to_date(load_tstamp))
data_retention_time_in_days = 1;
